"""How a design came through a fault, from the timeline of a run: shares in time before, during and after, and when it
had recovered. Seconds are of the simulated clock; shares are 0-1 of the requests that arrived.
"""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.results.timeline import Timeline
from simulator.spec import Spec

RECOVERED = 0.95  # of the share in time before the fault
STEADY_STEPS = 3  # in a row


class Recovery(Spec):
    """`recovered_after_s` counts from the end of the fault and is known to one step, `step_s`; None if it never came
    about in the run. `lost_answers` are those that would have been in time at the share before.
    """

    before_share: float | None
    during_share: float | None
    after_share: float | None
    lowest_share: float | None
    recovered_after_s: float | None
    step_s: float
    lost_answers: float
    sentence: str


class _Step(NamedTuple):
    start_s: float
    arrivals: float
    share: float


def recovery(line: Timeline, at_s: float, until_s: float) -> Recovery:
    """Read a timeline around a fault from `at_s` until `until_s`. A step belongs where its middle lies."""
    steps = [
        _Step(start, rate * line.step_s, share)
        for start, rate, share in zip(line.starts_s, line.arrivals_per_s, line.in_time_share, strict=True)
        if share is not None
    ]
    middles = [one.start_s + line.step_s / 2 for one in steps]
    before = [one for one, middle in zip(steps, middles, strict=True) if middle < at_s]
    during = [one for one, middle in zip(steps, middles, strict=True) if at_s <= middle < until_s]
    after = [one for one, middle in zip(steps, middles, strict=True) if middle >= until_s]
    normal = _share(before)
    recovered_s = _recovered_after_s(after, until_s, normal)
    struck = [*during, *after]
    return Recovery(
        before_share=normal,
        during_share=_share(during),
        after_share=_share(after),
        lowest_share=min((one.share for one in struck), default=None),
        recovered_after_s=recovered_s,
        step_s=line.step_s,
        lost_answers=sum(max(0.0, (normal or 0.0) - one.share) * one.arrivals for one in struck),
        sentence=_sentence(normal, _share(during), recovered_s, line.step_s),
    )


def _share(steps: Sequence[_Step]) -> float | None:
    """The share in time over several steps, each as heavy as its arrivals."""
    total = sum(one.arrivals for one in steps)
    return sum(one.arrivals * one.share for one in steps) / total if total else None


def _recovered_after_s(after: Sequence[_Step], until_s: float, normal: float | None) -> float | None:
    """When the share was near the one before for some steps in a row, or to the end of the run."""
    if normal is None or not after:
        return None
    good = [one.share >= RECOVERED * normal for one in after]
    for number, step in enumerate(after):
        if all(good[number : number + STEADY_STEPS]):
            return max(0.0, step.start_s - until_s)
    return None


def _sentence(before: float | None, during: float | None, recovered_s: float | None, step_s: float) -> str:
    if before is None or during is None:
        return "The run was too short to see a before and a during."
    shares = f"{before:.1%} in time before the fault, {during:.1%} during it"
    if before == 0:
        return "Nothing was in time even before the fault, so there is nothing to recover."
    if recovered_s is not None and recovered_s <= step_s and during >= RECOVERED * before:
        return f"{shares}; it held."
    if recovered_s is None:
        return f"{shares}; it did not recover while it was watched."
    if recovered_s <= step_s:
        return f"{shares}; it was back at once when the fault was over."
    return f"{shares}; it was back {recovered_s:.3g} s after the fault was over."


def compared(first: Recovery, second: Recovery) -> str:
    """What a changed design gained over the first one under the same fault, in one sentence."""
    parts = []
    if first.during_share is not None and second.during_share is not None:
        parts.append(f"in time during the fault {first.during_share:.1%}, now {second.during_share:.1%}")
    parts.append(f"back {_after(first)}, now {_after(second)}")
    return f"{'; '.join(parts)}.".capitalize()


def _after(one: Recovery) -> str:
    if one.recovered_after_s is None:
        return "not while it was watched"
    return "at once" if one.recovered_after_s <= one.step_s else f"after {one.recovered_after_s:.3g} s"
