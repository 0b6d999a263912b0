"""The topics of the documents that the bank grew from, and which of them can be practiced."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from simulator.yaml_text import read_own_yaml

SEED_TOPICS = Path(__file__).parent / "seed_topics.yaml"


@cache
def seed_topics() -> dict[str, str]:
    """The topics that the bank as a whole must cover, each with what it is about."""
    topics: dict[str, str] = read_own_yaml(SEED_TOPICS.read_text(encoding="utf-8"))["topics"]
    return topics


def uncovered_topics(covered: Iterable[Iterable[str]]) -> list[str]:
    """The seed topics in none of the `covers_seed` of questions and cards."""
    known = {topic for topics in covered for topic in topics}
    return [topic for topic in seed_topics() if topic not in known]
