"""Before, during and after the faults of a run, from its timeline."""

from collections.abc import Iterator, Sequence
from typing import Literal

from simulator.design import FaultSpec
from simulator.results.timeline import Timeline
from simulator.spec import Spec


class Stage(Spec):
    """A part of a run; the share is of the requests that arrived in it, the p95 that of its worst step, in ms."""

    name: Literal["before", "during", "after"]
    from_s: float
    to_s: float
    in_time_share: float | None
    worst_p95_ms: float | None


def stages(line: Timeline, faults: Sequence[FaultSpec], *, warm_up_s: float, duration_s: float) -> list[Stage]:
    """The stages from the end of the warm-up, the first fault and the last end; those that do not exist are left out.

    A step counts for the stage that holds its middle. Faults without an end last to the end of the run, and those that
    come after it are none.
    """
    struck = [one for one in faults if one.at_s < duration_s]
    if not struck:
        return []
    begins_s = min(one.at_s for one in struck)
    ends_s = min(duration_s, max(duration_s if one.for_s is None else one.at_s + one.for_s for one in struck))
    cuts: tuple[tuple[Literal["before", "during", "after"], float, float], ...] = (
        ("before", min(warm_up_s, begins_s), begins_s),
        ("during", begins_s, ends_s),
        ("after", ends_s, duration_s),
    )
    return [_stage(line, name, a, b) for name, a, b in cuts if any(True for _ in _steps(line, a, b))]


def _steps(line: Timeline, from_s: float, to_s: float) -> Iterator[int]:
    for i, start in enumerate(line.starts_s):
        if from_s <= start + line.step_s / 2 < to_s:
            yield i


def _stage(line: Timeline, name: Literal["before", "during", "after"], from_s: float, to_s: float) -> Stage:
    steps = list(_steps(line, from_s, to_s))
    known = [(line.arrivals_per_s[i], share) for i in steps if (share := line.in_time_share[i]) is not None]
    total = sum(weight for weight, _ in known)
    slow = [p95 for i in steps if (p95 := line.p95_ms[i]) is not None]
    return Stage(
        name=name,
        from_s=from_s,
        to_s=to_s,
        in_time_share=sum(weight * share for weight, share in known) / total if total else None,
        worst_p95_ms=max(slow, default=None),
    )
