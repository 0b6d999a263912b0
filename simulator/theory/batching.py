"""Servers that take several requests at once. Times are in any one unit, rates per that unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.theory.numerics import Floats, percentile, poisson_weights, root, stationary
from simulator.theory.refusals import (
    require_not_negative,
    require_percentile,
    require_positive,
    require_stable,
    require_whole,
)

Counts = NDArray[np.int64]

_MOST_STATES = 3000
_MOMENTS = 100  # of arrival within a batch, for the percentile with a largest batch


@dataclass(frozen=True)
class BulkService:
    """What an exponential batch server gives."""

    mean_sojourn: float
    mean_batch: float
    utilization: float


def bulk_service(arrival_rate: float, batch_time: float, max_items: int) -> BulkService:
    """M/M^[1,K]/1: whenever idle it takes up to K of those waiting; a batch takes an exponential time of any size.

    Bailey, JRSS B 16, 1954; Chaudhry and Templeton, A First Course in Bulk Queues, 1983.
    """
    require_positive(arrival_rate=arrival_rate, batch_time=batch_time)
    require_whole(max_items=max_items)
    load = arrival_rate * batch_time
    require_stable(load / max_items)

    def excess(r: float) -> float:  # r^(K+1) - (1 + load) r + load, without its root at 1
        return load - sum(r**power for power in range(1, max_items + 1))

    r = root(excess, 0.0, 1.0)
    alone = 1 / (1 / (1 - r) + 1 / load)  # busy and nobody waits; P(busy, n wait) = alone r^n
    busy = alone / (1 - r)
    return BulkService(alone * r / (1 - r) ** 2 / arrival_rate + batch_time, load / busy, busy)


@dataclass(frozen=True)
class BatchWindow:
    """What a size-or-time window gives."""

    mean_wait: float
    mean_batch: float
    full_share: float
    mean_window: float


def batch_window(arrival_rate: float, max_items: int, max_wait: float) -> BatchWindow:
    """A window opens at a first request and closes at the K-th or after `max_wait`; a server is always free.

    From the Poisson process: the integral of P(N(t) = j) up to T is P(N(T) > j) / rate.
    """
    require_positive(arrival_rate=arrival_rate)
    require_not_negative(max_wait=max_wait)
    require_whole(max_items=max_items)
    others = np.arange(max_items - 1)
    more_than = 1 - np.cumsum(poisson_weights(arrival_rate * max_wait, max_items))[: max_items - 1]
    mean_batch = 1 + float(more_than.sum())
    return BatchWindow(
        mean_wait=float(((1 + others) * more_than).sum()) / arrival_rate / mean_batch,
        mean_batch=mean_batch,
        full_share=float(more_than[-1]) if max_items > 1 else 1.0,
        mean_window=float(more_than.sum()) / arrival_rate,
    )


class GreedyBatching:
    """One device that takes all who wait, or `max_items` of them, whenever it is idle.

    A batch of b takes `fixed_time` + `time_per_item` * b. The numbers waiting when batches start form a Markov chain.
    Inoue, Performance Evaluation 147, 2021, arXiv:1912.06322.
    """

    def __init__(self, arrival_rate: float, fixed_time: float, time_per_item: float, max_items: int | None = None):
        require_positive(arrival_rate=arrival_rate)
        require_not_negative(fixed_time=fixed_time, time_per_item=time_per_item)
        require_positive(batch_time=fixed_time + time_per_item)
        if max_items is not None:
            require_whole(max_items=max_items)
        self.load = arrival_rate * (time_per_item + (fixed_time / max_items if max_items else 0.0))  # of full batches
        require_stable(self.load)
        self._rate, self._fixed, self._per_item, self._most = arrival_rate, fixed_time, time_per_item, max_items
        self._waiting = self._at_starts()  # P(0 wait when a batch starts), which is 0, P(1), ...
        self._batch = self._taken(np.arange(len(self._waiting)))
        self._time = self._batch_time(self._batch)
        left = np.arange(len(self._waiting)) - self._batch
        self._then_idle = float(self._waiting @ np.where(left == 0, np.exp(-arrival_rate * self._time), 0.0))

    def _taken(self, waiting: Counts) -> Counts:
        return waiting if self._most is None else np.minimum(waiting, self._most)

    def _batch_time(self, items: Counts) -> Floats:
        times: Floats = self._fixed + self._per_item * items
        return times

    def _at_starts(self) -> Floats:
        size = 64 if self._most is None else max(64, 4 * self._most)
        while size <= _MOST_STATES:
            waiting = stationary(self._transitions(size))
            if waiting[-size // 8 :].sum() < 1e-12:
                return waiting
            size *= 2
        raise ValueError(
            f"the load is {self.load:.4g} of what full batches can do, which needs more than {_MOST_STATES:,} states; "
            "take a load further below 1 or smaller batches"
        )

    def _transitions(self, size: int) -> Floats:
        rows = np.zeros((size, size))
        taken = self._taken(np.arange(size))
        for waiting in range(1, size):
            left = waiting - int(taken[waiting])
            come = poisson_weights(self._rate * (self._fixed + self._per_item * int(taken[waiting])), size - left)
            rows[waiting, left:] = come
        rows[:, 1] += rows[:, 0]
        rows[:, 0], rows[0] = 0.0, np.eye(1, size, 1)[0]
        rows[:, -1] += 1 - rows.sum(axis=1)
        return rows

    def mean_batch(self) -> float:
        return float(self._waiting @ self._batch)

    def mean_batch_seen(self) -> float:
        """The mean size of the batch that a request is in: larger batches hold more requests."""
        return float(self._waiting @ self._batch**2) / self.mean_batch()

    def utilization(self) -> float:
        return min(1.0, self._rate * float(self._waiting @ self._time) / self.mean_batch())

    def mean_sojourn(self) -> float:
        """From the mean number in system, by Little's law."""
        area = np.arange(len(self._waiting)) * self._time + self._rate * self._time**2 / 2
        return float(self._waiting @ area) / self.mean_batch()

    def mean_sojourn_bound(self) -> float:
        """What the mean sojourn does not exceed without a largest batch; close when busy. Inoue 2021."""
        if self._most is not None:
            raise ValueError(f"max_items is {self._most}, but the bound is for batches of any size; leave it out")
        a, fixed, rate = self._per_item, self._fixed, self._rate
        return 1.5 * fixed / (1 - rate * a) + a / 2 * (rate * a + 2) / (1 - (rate * a) ** 2)

    def sojourn_percentile(self, share: float) -> float:
        """The time from arrival to the end of the request's batch, at a share."""
        require_percentile(share)
        return self._percentile_of_any_size(share) if self._most is None else self._percentile_with_largest(share)

    def _percentile_of_any_size(self, share: float) -> float:
        """Who arrives in a batch with n - 1 others waits for its rest, which is uniform, and for a batch of n."""
        size = len(self._waiting)
        come, time = np.arange(1, size), self._time[1:]
        own_time = self._batch_time(come)
        arriving = np.array([poisson_weights(self._rate * one, size)[1:] * come for one in time])

        def tail(t: float) -> float:
            rest_is_longer = np.clip(1 - (t - own_time[None, :]) / time[:, None], 0.0, 1.0)
            started = self._waiting[1:] @ (arriving * rest_is_longer).sum(axis=1)
            return float(started + self._then_idle * (own_time[0] > t)) / self.mean_batch()

        return percentile(tail, share, self.mean_sojourn())

    def _percentile_with_largest(self, share: float) -> float:
        """As above, but a request may have to let full batches go first; moments of arrival are spread over slots."""
        sojourn, slot, mass = self._sojourns

        def tail(t: float) -> float:
            return float(mass @ np.clip(0.5 + (sojourn - t) / slot, 0.0, 1.0)) / self.mean_batch()

        return percentile(tail, share, self.mean_sojourn())

    @cached_property
    def _sojourns(self) -> tuple[Floats, Floats, Floats]:
        """Sojourns, the slots of time around them, and how many requests have them in each batch."""
        assert self._most is not None
        alone = self._batch_time(np.array([1]))
        parts = [(alone, 1e-9 * alone, np.array([self._then_idle]))]
        for items in range(1, self._most + 1):
            left = self._waiting[items:] if items == self._most else self._waiting[items : items + 1]
            time = self._fixed + self._per_item * items
            for moment in (np.arange(_MOMENTS) + 0.5) / _MOMENTS * time:
                ahead: Floats = np.convolve(left, poisson_weights(self._rate * moment))
                for sojourns, chances in self._own_batches(ahead, time - moment):
                    slots = np.full(len(sojourns), time / _MOMENTS)
                    parts.append((sojourns, slots, chances * self._rate * time / _MOMENTS))
        sojourn, slot, mass = (np.concatenate(some) for some in zip(*parts, strict=True))
        return sojourn, slot, mass

    def _own_batches(self, ahead: Floats, rest: float) -> Iterator[tuple[Floats, Floats]]:
        """Sojourns and their chances of one who has so many `ahead` in the queue and waits for this `rest` first."""
        assert self._most is not None
        most, full_time = self._most, self._fixed + self._per_item * self._most
        sizes = np.arange(1, most + 1)
        for batches in range(-(-len(ahead) // most)):
            before = ahead[batches * most : (batches + 1) * most]
            if before.sum() < 1e-12:
                continue
            until = rest + batches * full_time
            size = np.convolve(before, poisson_weights(self._rate * until))
            chances = np.zeros(most)
            chances[: len(size[:most])] = size[:most]
            chances[-1] += size[most:].sum()
            yield until + self._batch_time(sizes), chances
