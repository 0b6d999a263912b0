"""What the hands of a person are doing, from what was kept of an attempt and what a browser says."""

from collections.abc import Sequence

from practice.attempt import Attempt
from practice.interviewer.state import Hands, Said
from simulator.spec import NonNegative, Spec


class Pulse(Spec):
    """What a browser says of keyboard and mouse: seconds since the last key (None: none yet), and since anything."""

    key_s: NonNegative | None = None
    idle_s: NonNegative = 0.0


def hands_of(attempt: Attempt, said: Sequence[Said], now: float, pulse: Pulse | None = None) -> Hands:
    """The later of what the browser saw and what was saved counts: somebody may be writing in another tab."""
    keys = [draft.saved_at for draft in attempt.sections.values() if draft.saved_at is not None]
    if pulse is not None and pulse.key_s is not None:
        keys.append(now - pulse.key_s)
    sent = [one.answered_at for one in said if one.answered_at is not None]
    left = [one.at for one in attempt.events if one.kind == "enter"]
    deeds = [attempt.created_at, *keys, *sent, *left, *(one.at for one in attempt.asked)]
    if pulse is not None:
        deeds.append(now - pulse.idle_s)
    return Hands(
        key_s=max(0.0, now - max(keys)) if keys else None,
        idle_s=max(0.0, now - max(deeds)),
        saved=bool(keys) and max([0.0, *sent, *left]) > max(keys),
    )
