"""Moments and durations in words."""

from datetime import UTC, datetime


def ago(moment: float, now: float) -> str:
    """How long ago a moment was, such as `12 minutes ago`."""
    seconds = max(0.0, now - moment)
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def on_day(moment: float) -> str:
    """The day of a moment, in UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def minutes(seconds: float) -> str:
    """A duration as minutes and seconds, such as `6:05`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def at_minute(moment: float) -> str:
    """The day and minute of a moment, in UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"
