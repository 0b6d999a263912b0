"""What the tests that walk the controls of the wind tunnel share."""

from typing import Any

from simulator.workers import Job
from tests.ui.screen import Screen
from ui.cached import workers
from ui.sources import Start, starts


def running(screen: Screen) -> Job:
    """What the screen has asked to run; it is what is looked at, so that it need not run."""
    job: Job = screen.at.session_state["jobs"]["tunnel"]
    workers().cancel(job)
    return job


def keyed(screen: Screen, kind: str, part: str) -> list[Any]:
    return [one for one in screen.at.get(kind) if part in (one.key or "")]


def another(widget: Any) -> Any:
    """A value that a widget does not have: a step up or, at its end, a step down."""
    if widget.type == "selectbox":
        index = widget.options.index(widget.format_func(widget.value))
        said = widget.options[(index + 1) % len(widget.options)]
        return said if isinstance(widget.value, str) else tuple(said.split(" to "))  # a link
    if widget.type in ("toggle", "checkbox"):
        return not widget.value
    step = widget.step or 1
    return widget.value + step if widget.max is None or widget.value + step <= widget.max else widget.value - step


def offered() -> dict[str, Start]:
    """The templates, and the reference of each question."""
    return {label: start for label, start in starts().items() if label.startswith(("Template", "Senior"))}
