"""Where a request's time went: the path of components that its answer had to wait for, from the end backwards."""

from collections import defaultdict
from math import isnan
from typing import NamedTuple

import numpy as np

from simulator.results.counted import Counted
from simulator.results.run import Integers, Run
from simulator.spec import Spec

NEIGHBORHOOD = 0.005  # requests within half a percent of the rank stand for the percentile
SAME_MOMENT_S = 1e-9
ELSEWHERE = "(pauses and time lost)"


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
    steps: dict[int, list[_Step]] = {int(index): [] for index in wanted}
    is_wanted = np.zeros(len(run.arrived_s), dtype=bool)
    is_wanted[wanted] = True
    for name, record in run.components.items():
        visits = record.visits
        rows = np.flatnonzero(is_wanted[visits.request] & (visits.waited_for_until_s > visits.entered_s))
        left_s, started_s = visits.waited_for_until_s[rows], visits.started_s[rows]
        after_s = np.maximum(0.0, np.where(np.isnan(started_s), left_s, started_s) - left_s)
        filled_s = np.maximum(0.0, visits.filled_s[rows] - after_s)
        columns = (visits.request[rows], left_s, visits.entered_s[rows], started_s, filled_s)
        for index, left, entered, started, filled in zip(*(one.tolist() for one in columns), strict=True):
            steps[index].append(_Step(left, entered, started, filled, name))
    for index, visits_of_one in steps.items():
        for name, part, start_s, end_s in _path(run, index, visits_of_one):
            totals[name, part] += end_s - start_s
            firsts[name, part].append(start_s - run.arrived_s[index])


class _Step(NamedTuple):
    left_s: float
    entered_s: float
    started_s: float
    filled_s: float
    name: str


def _path(run: Run, index: int, steps: list[_Step]) -> list[tuple[str, str, float, float]]:
    """(component, part, from, to) for one request, from its end backwards."""
    path, at_s, arrived_s, name = [], float(run.ended_s[index]), float(run.arrived_s[index]), ""
    while (step := _before(at_s, steps, name)) is not None:
        end = min(step.left_s, at_s)
        if at_s - end > SAME_MOMENT_S:
            path.append((ELSEWHERE, "lost", end, at_s))
        began = end if isnan(step.started_s) else min(step.started_s, end)
        filled_from = max(step.entered_s, began - step.filled_s)
        parts = [("waiting for a free slot", step.entered_s, filled_from)]
        parts += [("waiting for the batch", filled_from, began), ("work", began, end)]
        path += [(step.name, part, a, b) for part, a, b in parts if b > a]
        at_s, name = step.entered_s, step.name
    if at_s - arrived_s > SAME_MOMENT_S:
        path.append((ELSEWHERE, "lost", arrived_s, at_s))
    return path


def _before(at_s: float, steps: list[_Step], name: str) -> _Step | None:
    """What the request waited for until `at_s`: the visit that ended last before it or, if none ended just then, the
    earlier copy of a backup request.
    """
    ended = max((one for one in steps if one.left_s <= at_s), default=None)
    if ended is None or at_s - ended.left_s > SAME_MOMENT_S:
        copies = [one for one in steps if one.entered_s < at_s < one.left_s and one.name == name]
        return max(copies, default=ended)
    return ended
