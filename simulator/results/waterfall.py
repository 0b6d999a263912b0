"""Where the time of an answer went: the mean path of the requests around a percentile."""

import numpy as np

from simulator.results.counted import Counted
from simulator.results.paths import PARTS, paths
from simulator.results.run import Run
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
    answered = counted.answered_ones
    if not answered.n:
        return None
    chosen = counted.around(share * (answered.n - 1), max(1.0, NEIGHBORHOOD * answered.n))
    spans = paths(runs, [answered.index[chosen[answered.replication[chosen] == run.replication]] for run in runs])
    names = [(name, part) for name in runs[0].components for part in PARTS] + [(ELSEWHERE, "lost")]
    total_s = np.bincount(spans.what, spans.lasts_s, minlength=len(names))
    found, first = np.unique(spans.what, return_index=True)
    begins_s = {what: spans.begins_s[spans.what == what].mean() for what in found[np.argsort(first)].tolist()}
    return Waterfall(
        percentile=share,
        latency_ms=float(answered.latency_ms[chosen].mean()),
        requests=len(chosen),
        segments=tuple(
            Segment(component=names[what][0], part=names[what][1], mean_ms=float(total_s[what]) / len(chosen) * 1000)
            for what in sorted(begins_s, key=begins_s.__getitem__)
        ),
    )
