"""Several servers behind one queue or none.

Arguments come in the order arrival rate, mean service time, servers, the rest, share; times are in any one unit. The
offered load is arrival rate times mean service time, in erlangs.
"""

import math

import numpy as np
from numpy.typing import NDArray

from simulator.theory.numerics import Floats, erlang_mixture_tail, percentile, poisson_weights, stationary
from simulator.theory.queues import utilization
from simulator.theory.refusals import (
    require_not_negative,
    require_percentile,
    require_positive,
    require_stable,
    require_whole,
)

_MOST_STATES = 4000


def erlang_b(offered_load: float, servers: int) -> float:
    """The share refused when nobody can wait; only the mean service time matters.

    Erlang 1917; insensitivity: Sevastyanov, Theory of Probability 2, 1957.
    """
    require_positive(offered_load=offered_load)
    require_whole(servers=servers)
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = offered_load * blocked / (busy + offered_load * blocked)
    return blocked


def erlang_c(offered_load: float, servers: int) -> float:
    """The share that waits in an M/M/c. Erlang 1917; Gross et al., Fundamentals of Queueing Theory, 5th ed., 2018."""
    blocked = erlang_b(offered_load, servers)
    require_stable(offered_load / servers)
    return blocked / (1 - offered_load / servers * (1 - blocked))


def mmc_mean_wait(arrival_rate: float, service_time: float, servers: int) -> float:
    """Mean time in the queue of an M/M/c. Erlang 1917."""
    rho = utilization(arrival_rate, service_time, servers)
    return erlang_c(rho * servers, servers) * service_time / (servers * (1 - rho))


def mmc_mean_sojourn(arrival_rate: float, service_time: float, servers: int) -> float:
    """Mean time from arrival to departure of an M/M/c. Erlang 1917."""
    return mmc_mean_wait(arrival_rate, service_time, servers) + service_time


def mmc_wait_percentile(arrival_rate: float, service_time: float, servers: int, share: float) -> float:
    """The time in the queue of an M/M/c at a share; 0 for those who do not wait. Erlang 1917."""
    require_percentile(share)
    rho = utilization(arrival_rate, service_time, servers)
    waits = erlang_c(rho * servers, servers)
    if waits <= 1 - share:
        return 0.0
    return math.log(waits / (1 - share)) * service_time / (servers * (1 - rho))


def mmc_sojourn_percentile(arrival_rate: float, service_time: float, servers: int, share: float) -> float:
    """The time from arrival to departure of an M/M/c at a share. Gross et al., 5th ed., 2018."""
    require_percentile(share)
    rho = utilization(arrival_rate, service_time, servers)
    waits, serve = erlang_c(rho * servers, servers), 1 / service_time
    drain = servers * (1 - rho) * serve  # a wait, if there is one, is exponential with this rate

    def tail(t: float) -> float:
        apart = abs(drain - serve)
        both = math.exp(-min(drain, serve) * t) * (-math.expm1(-apart * t) / apart if apart > 0 else t)
        return math.exp(-serve * t) + waits * serve * both

    return percentile(tail, share, service_time)


class BoundedPool:
    """M/M/c/K: at most `places` requests in the system, served ones too; an arrival that finds it full is refused.

    Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory, 5th ed., 2018. Any load will do.
    """

    def __init__(self, arrival_rate: float, service_time: float, servers: int, places: int):
        require_positive(arrival_rate=arrival_rate, service_time=service_time)
        require_whole(servers=servers)
        require_whole(at_least=servers, places=places)
        self._rate, self._service, self._servers = arrival_rate, service_time, servers
        present = np.arange(1, places + 1)
        ratios = np.log(arrival_rate * service_time / np.minimum(present, servers))
        logs = np.concatenate(([0.0], np.cumsum(ratios)))
        weights: Floats = np.exp(logs - logs.max())
        self._number: Floats = weights / weights.sum()

    def refused_share(self) -> float:
        return float(self._number[-1])

    def utilization(self) -> float:
        return self._rate * (1 - self.refused_share()) * self._service / self._servers

    def mean_sojourn(self) -> float:
        """Of the accepted."""
        accepted_rate = self._rate * (1 - self.refused_share())
        return float(self._number @ np.arange(len(self._number))) / accepted_rate

    def sojourn_percentile(self, share: float) -> float:
        """Of the accepted: an Erlang wait for each who must leave first, and an exponential service."""
        require_percentile(share)
        known = self._still_here((1 - share) * 1e-6)

        def surviving(events: NDArray[np.int64]) -> Floats:
            return known[np.minimum(events, len(known) - 1)]

        rate = self._servers / self._service
        return percentile(lambda t: erlang_mixture_tail(surviving, rate, t), share, self._service)

    def _still_here(self, negligible: float) -> Floats:
        """The chance that an accepted request has not left after 0, 1, 2, ... ends of service of c busy servers."""
        found = self._number[:-1] / (1 - self._number[-1])
        enter = np.bincount(np.maximum(np.arange(len(found)) - self._servers + 1, 0), weights=found)
        queued = 1 - np.cumsum(enter)
        chances, in_service = [1.0], float(enter[0])
        while chances[-1] > negligible:
            event = len(chances)
            in_service *= 1 - 1 / self._servers
            if event < len(enter):
                in_service += float(enter[event])
            chances.append(in_service + (float(queued[event]) if event < len(enter) else 0.0))
        return np.array(chances)


class DeterministicPool:
    """M/D/c: every service takes exactly `service_time`.

    The numbers in system one service time apart form a Markov chain (Crommelin, Post Office Electrical Engineers'
    Journal 25, 1932); from it follow the waits (Franx, Operations Research Letters 29, 2001).
    """

    def __init__(self, arrival_rate: float, service_time: float, servers: int = 1):
        rho = utilization(arrival_rate, service_time, servers)
        self._rate, self._service, self._servers = arrival_rate, service_time, servers
        offered = rho * servers
        size = servers + int(25 / (1 - rho) + 12 * math.sqrt(offered) + 40)
        if size > _MOST_STATES:
            raise ValueError(
                f"the load rho is {rho:.4g} and servers is {servers}, which needs {size:,} states and "
                f"{_MOST_STATES:,} is the most; take a smaller pool or a load further below 1"
            )
        arrivals = poisson_weights(offered, size)
        rows = np.zeros((size, size))
        for present in range(size):
            left = max(0, present - servers)
            rows[present, left:] = arrivals[: size - left]
        rows[:, -1] += 1 - rows.sum(axis=1)
        number = stationary(rows)
        self._in_queue = np.concatenate(([number[: servers + 1].sum()], number[servers + 1 :]))
        self._at_most = np.cumsum(self._in_queue)

    def mean_wait(self) -> float:
        return float(self._in_queue @ np.arange(len(self._in_queue))) / self._rate

    def waiting_share(self) -> float:
        return self._wait_tail(0.0)

    def wait_percentile(self, share: float) -> float:
        require_percentile(share)
        return percentile(self._wait_tail, share, self._service)

    def _wait_tail(self, x: float) -> float:
        """P(W > x)."""
        services = int(x / self._service) + 1
        most = services * self._servers
        weights = poisson_weights(self._rate * (services * self._service - x), most)
        queue = np.minimum(np.arange(most - 1, -1, -1), len(self._at_most) - 1)
        return max(0.0, 1 - float(weights @ self._at_most[queue]))  # sums may round to a little more than 1


def allen_cunneen_wait(
    arrival_rate: float, service_time: float, servers: int, arrival_scv: float, service_scv: float
) -> float:
    """Approximate mean wait of a G/G/c: that of the M/M/c times the mean of both SCVs.

    Allen, Probability, Statistics and Queueing Theory, 1990; Whitt, Production and Operations Management 2, 1993.
    """
    require_not_negative(arrival_scv=arrival_scv, service_scv=service_scv)
    return mmc_mean_wait(arrival_rate, service_time, servers) * (arrival_scv + service_scv) / 2


class FiniteSource:
    """M/M/c//N: `sources` clients think, then ask and wait for the answer; or machines run, break and wait for repair.

    Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory, 5th ed., 2018.
    """

    def __init__(self, sources: int, think_time: float, service_time: float, servers: int):
        require_whole(sources=sources, servers=servers)
        require_positive(think_time=think_time, service_time=service_time)
        self._sources, self._think, self._service, self._servers = sources, think_time, service_time, servers
        present = np.arange(1, sources + 1)
        ratios = np.log((sources - present + 1) / think_time * service_time / np.minimum(present, servers))
        logs = np.concatenate(([0.0], np.cumsum(ratios)))
        weights: Floats = np.exp(logs - logs.max())
        self.waiting_or_served: Floats = weights / weights.sum()  # P(0 of them), P(1), ...

    def mean_present(self) -> float:
        """How many wait or are served; for machines, how many are down."""
        return float(self.waiting_or_served @ np.arange(self._sources + 1))

    def throughput(self) -> float:
        """Answers per time unit."""
        return (self._sources - self.mean_present()) / self._think

    def mean_response(self) -> float:
        """The mean time from question to answer, which is N / X - Z. Little, Operations Research 9, 1961."""
        return self.mean_present() / self.throughput()

    def utilization(self) -> float:
        return self.throughput() * self._service / self._servers

    def at_least_up(self, least: int) -> float:
        """The share of time in which at least so many are not waiting: machines that run."""
        require_whole(at_least=0, least=least)
        return float(self.waiting_or_served[: max(0, self._sources - least + 1)].sum())
