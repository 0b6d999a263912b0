"""Where a round stands: time spent, left and over, from the moments of its events. Moments are seconds since the epoch.

A mock round runs on the wall: nothing that happens on the screen, no absence and no restart stops it. In self-study the
clock can be paused, and time in which nobody was there is not counted.
"""

from collections.abc import Iterable
from typing import Literal

from practice.clock import ClockEvent, times
from practice.phases import phase
from practice.rounds import Action, Round, close, phase_end
from rubrics.schema import PHASES, PhaseId
from simulator.spec import Spec

_STOPS = ("pause", "resume")


class RoundClock(Spec):
    """The time of a round, in seconds; `phase_left_s` and `round_left_s` are negative in overtime."""

    phase: PhaseId
    is_running: bool
    is_finished: bool
    spent_s: dict[PhaseId, float]
    phase_left_s: float
    round_s: float
    round_left_s: float

    @property
    def round_share(self) -> float:
        """How much of the round is over; above 1 in overtime."""
        return self.round_s / (self.round_s + self.round_left_s)

    def overtime_s(self) -> float:
        """Time beyond the end of the round; recorded, and taken off nowhere."""
        return max(0.0, -self.round_left_s)


class Notice(Spec):
    """What the clock has to say now: softly before the end of a phase, or at its end with an action."""

    kind: Literal["soft", "hard", "close", "over"]
    phase: PhaseId
    text: str
    action: Action | None = None


def round_clock(round_: Round, events: Iterable[ClockEvent], now: float) -> RoundClock:
    """The clock of a round at a moment. Events are in order; the first enters a phase."""
    listed = list(events)
    counted = listed if round_.may_pause else _on_the_wall(listed)
    found = times(counted, now)
    total = sum(found.spent_s.values())
    return RoundClock(
        phase=found.phase,
        is_running=found.is_running,
        is_finished=any(one.kind == "finish" for one in listed),
        spent_s=found.spent_s,
        phase_left_s=round_.phase_minutes[found.phase] * 60 - found.spent_s[found.phase],
        round_s=total,
        round_left_s=round_.minutes * 60 - total,
    )


def _on_the_wall(events: list[ClockEvent]) -> list[ClockEvent]:
    """The events without pauses; what comes after the end, such as looking through the answer, takes no time."""
    end = next((number for number, one in enumerate(events) if one.kind == "finish"), len(events) - 1)
    return [one for one in events[: end + 1] if one.kind not in _STOPS]


def notices(round_: Round, clock: RoundClock) -> tuple[Notice, ...]:
    """What the clock has to say at this moment, the most pressing first; the screen or the interviewer says it once."""
    if clock.round_left_s <= 0:
        return (Notice(kind="over", phase=clock.phase, text=close().over),)
    end = phase_end(clock.phase)
    found = []
    if clock.phase == PHASES[-1] and clock.phase_left_s <= 0:
        found.append(Notice(kind="close", phase=clock.phase, text=close().warning))
    if clock.phase_left_s <= 0:
        found.append(Notice(kind="hard", phase=clock.phase, text=_over(clock.phase), action=end.action))
    elif clock.phase_left_s <= warn_left_s(round_, clock.phase):
        found.append(Notice(kind="soft", phase=clock.phase, text=end.warning))
    return tuple(found)


def _over(phase_id: PhaseId) -> str:
    return f"The time planned for {phase(phase_id).title.lower()} is over."


def warn_left_s(round_: Round, phase_id: PhaseId) -> float:
    """How long before its end a phase is softly warned, in seconds: at most its last third."""
    return min(phase_end(phase_id).warn_left_min * 60, round_.phase_minutes[phase_id] * 60 / 3)


def phase_overtime_s(round_: Round, clock: RoundClock) -> dict[PhaseId, float]:
    """How long each phase has taken beyond its plan."""
    return {one: max(0.0, clock.spent_s[one] - round_.phase_minutes[one] * 60) for one in PHASES}
