"""Attempts beyond the first, and requests that are given up: load that the arrivals alone do not show."""

import math

from simulator.theory.refusals import (
    require_not_negative,
    require_positive,
    require_probability,
    require_stable,
    require_whole,
)


def expected_attempts(failing_share: float, most_attempts: int) -> float:
    """Mean attempts of a request when each fails independently: (1 - p^m) / (1 - p).

    Brooker, Timeouts, Retries and Backoff with Jitter, Amazon Builders' Library, 2019.
    """
    require_probability(failing_share=failing_share)
    require_whole(most_attempts=most_attempts)
    return math.fsum(failing_share**k for k in range(most_attempts))


def success_after_attempts(failing_share: float, most_attempts: int) -> float:
    """The share of requests of which at least one attempt succeeds: 1 - p^m. Brooker 2019."""
    require_probability(failing_share=failing_share)
    require_whole(most_attempts=most_attempts)
    return 1 - failing_share**most_attempts


def nested_attempts(failing_share: float, most_attempts: int, layers: int) -> float:
    """Calls that reach the bottom of so many layers for one request at the top, if each layer retries.

    `failing_share` is that of calls at the bottom; a layer fails when all its attempts have. It is m^L if all fail.
    """
    require_whole(layers=layers)
    calls = 1.0
    for _ in range(layers):
        calls *= expected_attempts(failing_share, most_attempts)
        failing_share **= most_attempts
    return calls


def budgeted_attempts(failing_share: float, most_attempts: int, budget: float) -> float:
    """Mean attempts when retries may not exceed this share of the first attempts. Brooker 2019."""
    require_not_negative(budget=budget)
    return min(expected_attempts(failing_share, most_attempts), 1 + budget)


def queue_timeout_share(arrival_rate: float, service_time: float, patience: float) -> float:
    """The share that leaves an M/M/1 because its service has not begun after a constant `patience`; for any load.

    Barrer, Operations Research 5, 1957.
    """
    require_positive(arrival_rate=arrival_rate, service_time=service_time)
    require_not_negative(patience=patience)
    rho = arrival_rate * service_time
    drift = (1 - rho) * patience / service_time
    if drift > 0:
        reached = math.exp(-drift)
        return (1 - rho) * rho * reached / (1 - rho**2 * reached)
    if drift < 0:
        return (rho - 1) * rho / (rho**2 - math.exp(drift))
    return rho / (1 + rho) if patience == 0 else 1 / (2 + patience / service_time)


def uncancelled_goodput_share(arrival_rate: float, service_time: float, timeout: float) -> float:
    """The share answered in time by an M/M/1 that also works for those who gave up; 0 from capacity on.

    It is P(sojourn <= timeout). Kleinrock, Queueing Systems 1, 1975.
    """
    require_positive(arrival_rate=arrival_rate, service_time=service_time)
    require_not_negative(timeout=timeout)
    return -math.expm1(-timeout * max(0.0, 1 / service_time - arrival_rate))


def retry_storm_threshold(capacity: float, most_attempts: int) -> float:
    """The arrival rate from which an outage stays: capacity / attempts.

    Bronson, Aghayev, Charapko and Zhu, Metastable Failures in Distributed Systems, HotOS 2021.
    """
    require_positive(capacity=capacity)
    require_whole(most_attempts=most_attempts)
    return capacity / most_attempts


def retry_storm_recovery(
    arrival_rate: float, capacity: float, most_attempts: int, timeout: float, outage: float
) -> float:
    """Time from the end of an outage until answers are in time again; infinite if they never are.

    Fluid limit of one unbounded first-come-first-served queue without cancellation, with immediate retries, after
    Bronson et al. 2021. `capacity` and `arrival_rate` are per time unit, all times in that unit.
    """
    require_positive(arrival_rate=arrival_rate, capacity=capacity, timeout=timeout)
    require_not_negative(outage=outage)
    require_whole(most_attempts=most_attempts)
    require_stable(arrival_rate / capacity)
    backlog = arrival_rate * math.fsum(max(0.0, outage - k * timeout) for k in range(most_attempts))
    too_late = backlog - capacity * timeout
    if too_late <= 0:
        return 0.0
    spare = capacity - most_attempts * arrival_rate
    return too_late / spare if spare > 0 else math.inf
