"""The requests that count: those that arrive after the warm-up, pooled over replications."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.design import Design
from simulator.distributions import Floats
from simulator.results.run import Ending, Integers, Run


class Outcome(IntEnum):
    """How a request ended for the person who waits. Every request is exactly one of these."""

    IN_TIME = 0
    LATE = 1  # answered after the deadline, by the full answer or by a fallback
    DEGRADED = 2  # a fallback answered, in time
    REFUSED = 3
    FAILED = 4


@dataclass(frozen=True)
class Counted:
    """Counted requests; every array has shape (n_counted,). `index` is the request's place in its run."""

    index: Integers
    replication: Integers
    arrived_s: Floats
    latency_ms: Floats  # from the intended arrival to the end, whatever the end
    outcome: NDArray[np.uint8]

    @property
    def n(self) -> int:
        return len(self.index)

    @property
    def answered(self) -> NDArray[np.bool_]:
        return self.outcome <= Outcome.DEGRADED

    @cached_property
    def of_replication(self) -> dict[int, "Counted"]:
        """Those of each replication by themselves, in the order of their numbers."""
        counts = np.bincount(self.replication) if self.n else np.zeros(0, dtype=np.int64)
        return {int(one): self.only(self.replication == one) for one in np.flatnonzero(counts)}

    @cached_property
    def answered_ones(self) -> "Counted":
        """Those that were answered."""
        return self.only(self.answered)

    @cached_property
    def answers_ms(self) -> Floats:
        """The latencies of those that were answered, in order."""
        return np.sort(self.latency_ms[self.answered])

    @cached_property
    def ended(self) -> Integers:
        """How many ended in each way, by `Outcome`."""
        return np.bincount(self.outcome, minlength=len(Outcome))

    def around(self, rank: float, reach: float) -> Integers:
        """The places of the answered ones, among themselves, whose latencies have ranks within `reach` of `rank`; the
        quickest first and, of equals, the first first.
        """
        latency_ms, ordered = self.answered_ones.latency_ms, self.answers_ms
        first, last = int(max(0, rank - reach)), min(int(rank + reach), len(ordered) - 1)
        near = np.flatnonzero((latency_ms >= ordered[first]) & (latency_ms <= ordered[last]))
        near = near[np.argsort(latency_ms[near], kind="stable")]
        begins = first - int(np.searchsorted(ordered, ordered[first]))
        return near[begins : begins + last - first + 1]

    def between(self, from_s: float | None, to_s: float | None) -> "Counted":
        """Those that arrived in [from_s, to_s)."""
        return self.only((self.arrived_s >= (from_s or 0.0)) & (self.arrived_s < (np.inf if to_s is None else to_s)))

    def only(self, these: NDArray[np.bool_] | Integers) -> "Counted":
        """Those that a mask or a list of places picks."""
        return Counted(
            self.index[these],
            self.replication[these],
            self.arrived_s[these],
            self.latency_ms[these],
            self.outcome[these],
        )

    def share(self, *outcomes: Outcome) -> float:
        """The share that ended so; nan if there is nothing to count."""
        return float(self.ended[list(outcomes)].sum() / self.n) if self.n else nan


def counted(design: Design, runs: list[Run], warm_up_s: float) -> Counted:
    """Pool the requests of all replications that arrived at or after `warm_up_s`."""
    parts = [_counted(run, warm_up_s, design.promise.late_after_ms()) for run in runs]
    return Counted(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _counted(
    run: Run, warm_up_s: float, deadline_ms: float | None
) -> tuple[Integers, Integers, Floats, Floats, NDArray[np.uint8]]:
    index = np.flatnonzero(run.arrived_s >= warm_up_s)
    latency_ms = (run.ended_s - run.arrived_s)[index] * 1000
    replication = np.full(len(index), run.replication, dtype=np.int64)
    outcome = _outcomes(run.ending[index], latency_ms, deadline_ms)
    return index, replication, run.arrived_s[index], latency_ms, outcome


def _outcomes(ending: NDArray[np.uint8], latency_ms: Floats, deadline_ms: float | None) -> NDArray[np.uint8]:
    names = {
        Ending.ANSWERED: Outcome.IN_TIME,
        Ending.DEGRADED: Outcome.DEGRADED,
        Ending.REFUSED: Outcome.REFUSED,
        Ending.FAILED: Outcome.FAILED,
    }
    found = np.array([names[end] for end in Ending], dtype=np.uint8)[ending]
    if deadline_ms is not None:
        found[(latency_ms > deadline_ms) & (found <= Outcome.DEGRADED)] = Outcome.LATE
    return found
