"""Many servers, each with a queue of its own, and a balancer before them.

`arrival_rate` is that of all servers together where `servers` is an argument; times are in any one unit.
"""

import math

import numpy as np

from simulator.theory.numerics import Floats, erlang_mixture_tail, percentile, root
from simulator.theory.queues import utilization
from simulator.theory.refusals import require_percentile, require_positive, require_stable, require_whole


def round_robin_mean_sojourn(arrival_rate: float, service_time: float, servers: int) -> float:
    """Mean sojourn when so many exponential servers take turns and each has its own queue.

    Each server is an E_c/M/1, whose sojourn times are exponential. Kleinrock, Queueing Systems 1, 1975, chapter 6.
    """
    rho = utilization(arrival_rate, service_time, servers)
    sigma = root(lambda x: x - (1 + (1 - x) / (rho * servers)) ** -servers, 0.0, (1 + rho) / 2)
    return service_time / (1 - sigma)


def round_robin_sojourn_percentile(arrival_rate: float, service_time: float, servers: int, share: float) -> float:
    """The sojourn time, which is exponential, at a share when exponential servers take turns. Kleinrock 1975."""
    require_percentile(share)
    return -math.log1p(-share) * round_robin_mean_sojourn(arrival_rate, service_time, servers)


def power_of_d_queues(rho: float, choices: int) -> Floats:
    """The share of servers with at least 0, 1, 2, ... requests when each request joins the shortest of d queues.

    The limit of many servers, with Poisson arrivals and exponential service: rho^((d^i - 1) / (d - 1)).
    Vvedenskaya, Dobrushin and Karpelevich 1996; Mitzenmacher, IEEE TPDS 12, 2001.
    """
    require_positive(rho=rho)
    require_stable(rho)
    require_whole(choices=choices)
    shares, exponent = [1.0], 1.0
    while shares[-1] > 1e-18:
        shares.append(rho**exponent)
        exponent = exponent * choices + 1
    return np.array(shares)


def power_of_d_mean_sojourn(rho: float, service_time: float, choices: int) -> float:
    """Mean sojourn with the shortest of d queues, in the limit of many servers. Mitzenmacher, IEEE TPDS 12, 2001."""
    require_positive(service_time=service_time)
    return service_time * float(power_of_d_queues(rho, choices)[1:].sum()) / rho


def power_of_d_sojourn_percentile(rho: float, service_time: float, choices: int, share: float) -> float:
    """The sojourn time with the shortest of d queues at a share, in the limit of many servers.

    A request waits behind at least i others with the chance that all d queues are so long. Mitzenmacher 2001.
    """
    require_percentile(share)
    require_positive(service_time=service_time)
    found = power_of_d_queues(rho, choices) ** choices

    def tail(t: float) -> float:
        return erlang_mixture_tail(lambda events: found[np.minimum(events, len(found) - 1)], 1 / service_time, t)

    return percentile(tail, share, service_time)
