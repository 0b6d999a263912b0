"""Where a request's time went: the path of components that its answer had to wait for, from the end backwards."""

from collections import defaultdict
from collections.abc import Iterator
from math import isnan
from operator import itemgetter

import numpy as np

from simulator.results.counted import Counted
from simulator.results.run import Integers, Run
from simulator.spec import Spec

NEIGHBORHOOD = 0.005  # requests within half a percent of the rank stand for the percentile
SAME_MOMENT_S = 1e-9
ELSEWHERE = "(pauses and time lost)"


Step = tuple[float, float, float, float, str]
"""A visit: when its caller left, when it entered and started, how long it waited for the batch (s), and where."""

_LEFT = itemgetter(0)


class Segment(Spec):
    """Mean time on the path, in ms: `part` is waiting for a free slot, waiting for the batch to fill, or work."""

    component: str
    part: str
    mean_ms: float


class Waterfall(Spec):
    """The mean path of the requests around one percentile; the segments add up to their mean latency."""

    percentile: float
    latency_ms: float
    requests: int
    segments: tuple[Segment, ...]


def waterfall(runs: list[Run], counted: Counted, share: float) -> Waterfall | None:
    """The path at a percentile, such as 0.99; None if nothing was answered."""
    answered = counted.answered_ones
    if not answered.n:
        return None
    order = answered.by_latency
    middle, reach = share * (answered.n - 1), max(1.0, NEIGHBORHOOD * answered.n)
    chosen = order[int(max(0, middle - reach)) : int(middle + reach) + 1]
    totals: dict[tuple[str, str], float] = defaultdict(float)
    firsts: dict[tuple[str, str], list[float]] = defaultdict(list)
    for run in runs:
        mine = chosen[answered.replication[chosen] == run.replication]
        if len(mine):
            _add_paths(run, answered.index[mine], totals, firsts)
    rank = sorted(totals, key=lambda key: float(np.mean(firsts[key])))
    return Waterfall(
        percentile=share,
        latency_ms=float(answered.latency_ms[chosen].mean()),
        requests=len(chosen),
        segments=tuple(
            Segment(component=name, part=part, mean_ms=totals[name, part] / len(chosen) * 1000) for name, part in rank
        ),
    )


def _add_paths(
    run: Run,
    wanted: Integers,
    totals: dict[tuple[str, str], float],
    firsts: dict[tuple[str, str], list[float]],
) -> None:
    steps: dict[int, list[Step]] = {int(index): [] for index in wanted}
    is_wanted = np.zeros(len(run.arrived_s), dtype=bool)
    is_wanted[wanted] = True
    for name, record in run.components.items():
        visits = record.visits
        rows = np.flatnonzero(is_wanted[visits.request] & (visits.waited_for_until_s > visits.entered_s))
        left_s, started_s = visits.waited_for_until_s[rows], visits.started_s[rows]
        after_s = np.maximum(0.0, np.where(np.isnan(started_s), left_s, started_s) - left_s)
        filled_s = np.maximum(0.0, visits.filled_s[rows] - after_s)
        columns = (visits.request[rows], left_s, visits.entered_s[rows], started_s, filled_s)
        for index, *step in zip(*(one.tolist() for one in columns), strict=True):
            steps[index].append((*step, name))
    for index, visits_of_one in steps.items():
        arrived_s = float(run.arrived_s[index])
        for name, part, start_s, end_s in _path(arrived_s, float(run.ended_s[index]), visits_of_one):
            totals[name, part] += end_s - start_s
            firsts[name, part].append(start_s - arrived_s)


def _path(arrived_s: float, ended_s: float, steps: list[Step]) -> Iterator[tuple[str, str, float, float]]:
    """(component, part, from, to) for one request, from its end backwards."""
    steps.sort(key=_LEFT)
    at_s, name, last = ended_s, "", len(steps) - 1
    while at_s > arrived_s:
        while last >= 0 and steps[last][0] > at_s:
            last -= 1
        step = _before(at_s, steps, last, name)
        if step is None:
            break
        left_s, entered_s, started_s, filled_s, name = step
        end_s = min(left_s, at_s)
        if at_s - end_s > SAME_MOMENT_S:
            yield ELSEWHERE, "lost", end_s, at_s
        began_s = end_s if isnan(started_s) else min(started_s, end_s)
        filled_from_s = max(entered_s, began_s - filled_s)
        if filled_from_s > entered_s:
            yield name, "waiting for a free slot", entered_s, filled_from_s
        if began_s > filled_from_s:
            yield name, "waiting for the batch", filled_from_s, began_s
        if end_s > began_s:
            yield name, "work", began_s, end_s
        at_s = entered_s
    if at_s - arrived_s > SAME_MOMENT_S:
        yield ELSEWHERE, "lost", arrived_s, at_s


def _before(at_s: float, steps: list[Step], last: int, name: str) -> Step | None:
    """What the request waited for until `at_s`: the visit that ended last before it, in place `last`, or, if none ended
    just then, the earlier copy of a backup request.
    """
    ended = None
    if last >= 0:
        ended = steps[last]
        if last and steps[last - 1][0] == ended[0]:
            ended = max(one for one in steps[: last + 1] if one[0] == ended[0])
    if ended is None or at_s - ended[0] > SAME_MOMENT_S:
        return max((one for one in steps if one[1] < at_s < one[0] and one[4] == name), default=ended)
    return ended
