"""Numbers with the interval they deserve."""

from collections.abc import Callable
from math import inf

import numpy as np

from simulator import special
from simulator.distributions import Floats
from simulator.results.counted import Counted
from simulator.spec import Spec

ENOUGH_FOR_P99 = 2_000  # counted requests
ENOUGH_FOR_P999 = 100_000
ENOUGH_REPLICATIONS = 5  # for a number that is shown as a fact


class Estimate(Spec):
    """A measured value and, from two replications on, the interval that holds the true one in about 95% of runs.

    The interval is Student's, from the values of the single replications: requests of one run depend on each other,
    so an interval that took them as independent would be far too narrow. For the same reason the interval of a share
    is Student's too and not Wilson's, cut off at 0 and 1, which loses nothing, as the true share lies between them.
    """

    value: float
    low: float | None = None
    high: float | None = None


def nearest_rank(values: Floats, share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed; nan of nothing."""
    if not len(values):
        return float("nan")
    rank = _rank(share, len(values))
    return float(np.partition(values, rank)[rank])


def nearest_rank_of(ordered: Floats, share: float) -> float:
    """The same of values that are in order."""
    return float(ordered[_rank(share, len(ordered))]) if len(ordered) else float("nan")


def _rank(share: float, of: int) -> int:
    return max(0, int(np.ceil(share * of - 1e-9)) - 1)


def estimate(counted: Counted, statistic: Callable[[Counted], float], at_most: float = inf) -> Estimate | None:
    """The statistic over the pooled requests, with an interval from the replications; None if there is nothing to
    count.
    """
    value = statistic(counted)
    if np.isnan(value):
        return None
    singles = [statistic(one) for one in counted.of_replication.values()]
    return around(value, [single for single in singles if not np.isnan(single)], at_most)


def around(value: float, singles: list[float], at_most: float = inf) -> Estimate:
    """An interval around `value` from what single replications gave; nothing here can be below 0 or above `at_most`."""
    if len(singles) < 2:
        return Estimate(value=value)
    half = float(special.stdtrit(len(singles) - 1, 0.975)) * float(np.std(singles, ddof=1)) / len(singles) ** 0.5
    return Estimate(value=value, low=max(0.0, value - half), high=max(value, min(at_most, value + half)))


def percentile(share: float) -> Callable[[Counted], float]:
    """The statistic 'percentile of the latency of answered requests, in ms'."""
    return lambda some: nearest_rank_of(some.answers_ms, share)


def mean_latency(some: Counted) -> float:
    """The mean latency of answered requests in ms."""
    latency_ms = some.latency_ms[some.answered]
    return float(latency_ms.mean()) if len(latency_ms) else float("nan")
