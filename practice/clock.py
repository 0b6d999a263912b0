"""Time per phase, from the moments at which things happened; nothing ticks here.

Moments are seconds since the epoch, from the wall clock. Time in which nobody was there is not counted: the screen
gives a sign of life every minute, and a silence longer than `AWAY_S` is a pause.
"""

from collections.abc import Iterable
from typing import Literal

from practice.phases import planned_minutes
from rubrics.schema import PHASES, PhaseId
from simulator.spec import NonNegative, Spec

AWAY_S = 150.0


class ClockEvent(Spec):
    """Something that starts or stops the time of a phase."""

    at: NonNegative
    kind: Literal["enter", "pause", "resume", "finish"]
    phase: PhaseId | None = None


class Times(Spec):
    """How long each phase has had, in seconds; `phase` is the one that is open, and `is_running` says whether its
    time runs.
    """

    spent_s: dict[PhaseId, float]
    phase: PhaseId
    is_running: bool

    def left_s(self, phase: PhaseId, round_minutes: int) -> float:
        """Time that is left of what a round of so many minutes plans, in seconds; negative when the phase is over its
        time.
        """
        return planned_minutes(round_minutes)[phase] * 60 - self.spent_s[phase]


def times(events: Iterable[ClockEvent], now: float) -> Times:
    """Add up the time of every phase until `now`. Events are in order; the first enters a phase.

    A finished attempt can be looked through without its time running, until somebody resumes it.
    """
    spent: dict[PhaseId, float] = dict.fromkeys(PHASES, 0.0)
    phase, since, is_over = PHASES[0], None, False
    for event in events:
        if since is not None:
            spent[phase] += max(0.0, event.at - since)
        is_over = event.kind == "finish" or (is_over and event.kind != "resume")
        since = event.at if event.kind in ("enter", "resume") and not is_over else None
        if event.kind == "enter" and event.phase is not None:
            phase = event.phase
    if since is not None:
        spent[phase] += max(0.0, now - since)
    return Times(spent_s=spent, phase=phase, is_running=since is not None)


def absence(events: list[ClockEvent], last_seen: float, now: float) -> list[ClockEvent]:
    """The events that a silence from `last_seen` until `now` adds: a pause and its end, or none if it was short."""
    if now - last_seen <= AWAY_S or not times(events, now).is_running:
        return []
    return [ClockEvent(at=last_seen, kind="pause"), ClockEvent(at=now, kind="resume")]
