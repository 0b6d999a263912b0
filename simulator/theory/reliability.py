"""Availability of parts and wholes, and a server that breaks down. Times are in any one unit."""

import math
from collections.abc import Sequence

import numpy as np

from simulator.theory.numerics import percentile, quasi_birth_death, tail_from_transform
from simulator.theory.refusals import (
    require_percentile,
    require_positive,
    require_probability,
    require_stable,
    require_whole,
)


def availability(time_to_failure: float, time_to_repair: float) -> float:
    """The share of time in which a part works. Trivedi, Probability and Statistics with Reliability, 2002."""
    require_positive(time_to_failure=time_to_failure, time_to_repair=time_to_repair)
    return time_to_failure / (time_to_failure + time_to_repair)


def k_of_n_availability(k: int, n: int, part: float) -> float:
    """The chance that at least k of n independent parts of this availability work. Trivedi 2002."""
    require_whole(n=n)
    require_whole(at_least=0, k=k)
    require_probability(part=part)
    if k > n:
        raise ValueError(f"k is {k}, but must be at most n, which is {n}")
    working = np.ones(1)  # P(0 work), P(1), ... of the parts so far
    for _ in range(n):
        working = np.convolve(working, [1 - part, part])
    return min(1.0, math.fsum(working[k:]))


def series_availability(parts: Sequence[float]) -> float:
    """The chance that all independent parts work. Trivedi 2002."""
    require_probability(**{f"parts_{k}": part for k, part in enumerate(parts)})
    return math.prod(parts)


class BreakdownServer:
    """M/M/1 whose server works for an exponential time, then is down for one, busy or not; work resumes.

    White and Christie, Operations Research 6, 1958; solved as a quasi-birth-death process (Neuts 1981).
    """

    def __init__(self, arrival_rate: float, service_time: float, time_to_failure: float, time_to_repair: float):
        require_positive(arrival_rate=arrival_rate, service_time=service_time)
        self.load = arrival_rate * service_time / availability(time_to_failure, time_to_repair)
        require_stable(self.load)
        self._rate, self._serve = arrival_rate, 1 / service_time
        self._fail, self._repair = 1 / time_to_failure, 1 / time_to_repair
        change = np.array([[-self._fail, self._fail], [self._repair, -self._repair]])
        arrive, finish = arrival_rate * np.eye(2), np.diag([self._serve, 0.0])
        self._empty, self._one, self._r = quasi_birth_death(
            change - arrive, arrive, finish, arrive, change - arrive - finish, finish
        )

    def mean_sojourn(self) -> float:
        """From the mean number in system, by Little's law."""
        beyond = np.linalg.inv(np.eye(2) - self._r)
        return float((self._one @ beyond @ beyond).sum()) / self._rate

    def sojourn_percentile(self, share: float) -> float:
        require_percentile(share)
        return percentile(lambda t: tail_from_transform(self._sojourn_transform, t), share, self.mean_sojourn())

    def _sojourn_transform(self, s: complex) -> complex:
        """One service with its interruptions for each request found and the own one, after a repair if found down."""
        repair = self._repair / (s + self._repair)
        service = self._serve / (s + self._serve + self._fail * (1 - repair))
        found = self._empty + service * self._one @ np.linalg.inv(np.eye(2) - service * self._r)
        return complex(service * (found @ np.array([1, repair])))
