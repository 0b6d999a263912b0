"""Pools of any size and variability at once, and the fewest servers that keep a promise.

Arguments come in the order arrival rate, mean service time, servers, SCVs. Any time unit will do if it is the same in
all arguments; results are in it too.
"""

import math
from collections.abc import Callable

from simulator import special
from simulator.theory.numerics import percentile
from simulator.theory.queues import utilization
from simulator.theory.refusals import (
    require_not_negative,
    require_percentile,
    require_positive,
    require_probability,
    require_stable,
    require_whole,
)

MOST_SERVERS = 10_000_000
_CONSTANT = 1e-6  # below this SCV a service time counts as constant
_SUMMED = 1000  # terms of a harmonic number that are added one by one


def erlang_c_at_once(offered_load: float, servers: int) -> float:
    """As `pools.erlang_c`, in a time that does not grow with the servers: Erlang B is the chance of exactly c over
    that of at most c in a Poisson distribution. Erlang 1917.
    """
    require_positive(offered_load=offered_load)
    require_whole(servers=servers)
    require_stable(offered_load / servers)
    exactly = math.exp(servers * math.log(offered_load) - offered_load - special.gammaln(servers + 1))
    blocked = exactly / float(special.gammaincc(servers + 1, offered_load))
    return blocked / (1 - offered_load / servers * (1 - blocked))


class GeneralPool:
    """G/G/c: Erlang C says how many wait, and a wait is exponential with the mean that Allen and Cunneen give.

    Exact for an M/M/c, where both SCVs are 1; an approximation otherwise, best under heavy load, where a wait is
    exponential whatever the distributions (Kingman 1962; Koellerstroem, J. Applied Probability 11, 1974). The service
    time is gamma. Allen, Probability, Statistics and Queueing Theory, 1990.
    """

    def __init__(
        self, arrival_rate: float, service_time: float, servers: int, arrival_scv: float, service_scv: float
    ) -> None:
        require_not_negative(arrival_scv=arrival_scv, service_scv=service_scv)
        rho = utilization(arrival_rate, service_time, servers)
        self._service, self._scv = service_time, service_scv
        self._waits = erlang_c_at_once(arrival_rate * service_time, servers)
        self._wait = (arrival_scv + service_scv) / 2 * service_time / (servers * (1 - rho))  # of those who wait

    def waiting_share(self) -> float:
        return self._waits

    def mean_wait(self) -> float:
        return self._waits * self._wait

    def wait_percentile(self, share: float) -> float:
        """The time in the queue at a share; 0 for those who do not wait."""
        require_percentile(share)
        return max(0.0, math.log(self._waits / (1 - share))) * self._wait if self._waits > 0 else 0.0

    def sojourn_percentile(self, share: float) -> float:
        """The time from arrival to departure at a share."""
        require_percentile(share)
        return percentile(self.sojourn_tail, share, self._service + self._wait)

    def sojourn_tail(self, t: float) -> float:
        """The chance of more than `t` from arrival to departure."""
        ahead = service_tail(self._service, self._scv, t)
        if self._waits == 0 or self._wait == 0:
            return ahead
        return ahead + self._waits * self._both(t)

    def _both(self, t: float) -> float:
        """P(service <= t < wait + service) of one who waits."""
        drain = 1 / self._wait
        if self._scv < _CONSTANT:
            return math.exp(-drain * (t - self._service)) if t >= self._service else 0.0
        shape, scale = 1 / self._scv, self._scv * self._service
        apart = t * (1 / scale - drain)
        if apart > shape + 1:  # a gamma distribution again, of another scale
            return math.exp(-drain * t - shape * math.log1p(-drain * scale)) * float(special.gammainc(shape, apart))
        # the same integral by Kummer's function, which neither overflows nor cancels here
        density = math.exp(shape * math.log(t / scale) - t / scale - special.gammaln(shape + 1)) if t > 0 else 0.0
        return density * float(special.hyp1f1(1.0, shape + 1, apart))


def service_tail(service_time: float, scv: float, t: float) -> float:
    """The chance that a gamma service takes more than `t`."""
    if scv < _CONSTANT:
        return 1.0 if t < service_time else 0.0
    return float(special.gammaincc(1 / scv, t / (scv * service_time)))


def fewest(least: int, holds: Callable[[int], bool], most: int = MOST_SERVERS) -> int | None:
    """The smallest number from `least` to `most` of which `holds` is true, if it stays true from there on; None if it
    is true of none.
    """
    low, high = least - 1, least
    while high < most and not holds(high):
        low, high = high, min(most, least + 2 * (high - least) + 1)
    if high > most or not holds(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def share_of_hottest(keys: float, hot_share: float, exponent: float) -> float:
    """The share of requests that ask for the most popular `hot_share` of so many Zipf keys.

    What a cache that holds just these answers; no policy does better. Breslau et al., Infocom 1999.
    """
    require_positive(keys=keys)
    require_probability(hot_share=hot_share)
    require_not_negative(exponent=exponent)
    hot = math.floor(keys * hot_share + 1e-9)
    return harmonic(hot, exponent) / harmonic(math.ceil(keys), exponent) if hot else 0.0


def harmonic(count: int, exponent: float) -> float:
    """The sum of rank^-exponent over the ranks 1 to `count`, beyond the first thousand by Euler and Maclaurin."""
    if exponent > 1.5:
        return float(special.zeta(exponent, 1) - special.zeta(exponent, count + 1))
    added = math.fsum(math.pow(rank, -exponent) for rank in range(1, min(count, _SUMMED) + 1))
    if count <= _SUMMED:
        return added
    low, high = float(_SUMMED), float(count)
    if abs(exponent - 1) < 1e-9:
        area = math.log(high / low)
    else:
        area = (math.pow(high, 1 - exponent) - math.pow(low, 1 - exponent)) / (1 - exponent)
    ends = (math.pow(high, -exponent) - math.pow(low, -exponent)) / 2
    slopes = -exponent * (math.pow(high, -exponent - 1) - math.pow(low, -exponent - 1)) / 12
    return added + area + ends + slopes
