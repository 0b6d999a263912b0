"""Where a request's time went: the path of components that its answer had to wait for, from the end backwards."""

from collections import defaultdict

import numpy as np

from simulator.distributions import Floats
from simulator.results.counted import Counted
from simulator.results.levels import busy_s, capacity_s
from simulator.results.run import Integers, Run
from simulator.spec import Spec

NEIGHBORHOOD = 0.005  # requests within half a percent of the rank stand for the percentile
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
    answered = counted.only(counted.answered)
    if not answered.n:
        return None
    order = np.argsort(answered.latency_ms, kind="stable")
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
    steps: dict[int, list[tuple[float, float, float, str]]] = {int(index): [] for index in wanted}
    for name, record in run.components.items():
        visits = record.visits
        for row in np.flatnonzero(np.isin(visits.request, wanted)):
            left = float(visits.waited_for_until_s[row])
            entered = float(visits.entered_s[row])
            if left > entered:
                steps[int(visits.request[row])].append((left, entered, float(visits.started_s[row]), name))
    idle = {name: _IdleTime(run, name) for name, record in run.components.items() if record.batches is not None}
    for index, visits_of_one in steps.items():
        for name, part, start_s, end_s in _path(run, index, visits_of_one, idle):
            totals[name, part] += end_s - start_s
            firsts[name, part].append(start_s - run.arrived_s[index])


def _path(
    run: Run, index: int, visits: list[tuple[float, float, float, str]], idle: "dict[str, _IdleTime]"
) -> list[tuple[str, str, float, float]]:
    """(component, part, from, to) for one request: each moment belongs to the visit that ended last before what
    follows.
    """
    path, at_s, arrived_s = [], float(run.ended_s[index]), float(run.arrived_s[index])
    for left, entered, started, name in sorted(visits, reverse=True):
        if entered >= at_s:
            continue
        end = min(left, at_s)
        if at_s - end > 1e-9:
            path.append((ELSEWHERE, "lost", end, at_s))
        began = end if np.isnan(started) else min(started, end)
        filled_s = idle[name].between(entered, began) if name in idle else 0.0
        parts = [("waiting for a free slot", entered, began - filled_s)]
        parts += [("waiting for the batch", began - filled_s, began), ("work", began, end)]
        path += [(name, part, a, b) for part, a, b in parts if b > a]
        at_s = entered
    if at_s - arrived_s > 1e-9:
        path.append((ELSEWHERE, "lost", arrived_s, at_s))
    return path


class _IdleTime:
    """How long a model server had an idle device, up to any moment: what is waited then is waited for the batch."""

    def __init__(self, run: Run, name: str):
        record = run.components[name]
        assert record.batches is not None
        edges = np.unique(
            np.concatenate([record.batches.fired_s, record.batches.ended_s, [0.0, float(run.ended_s.max())]])
        )
        free_slots = (capacity_s(record, edges) - busy_s(record, edges)) / np.diff(edges)
        idle: Floats = np.where(free_slots > 0.5, np.diff(edges), 0.0)
        self._edges, self._until = edges, np.concatenate([[0.0], np.cumsum(idle)])

    def between(self, from_s: float, to_s: float) -> float:
        return float(np.diff(np.interp([from_s, to_s], self._edges, self._until))[0])
