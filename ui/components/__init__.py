"""Small browser components: text that saves itself, a quiet clock, and an outbox for what was left behind."""

from pathlib import Path


def asset(name: str) -> str:
    """The text of a file beside this module."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
