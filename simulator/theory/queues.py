"""One server, first come first served unless said otherwise.

Arguments come in the order arrival rate, mean service time, the rest, share. Any time unit will do if it is the same in
all arguments; results are in it too. SCV is the squared coefficient of variation: 0 constant, 1 exponential.
"""

import math
from collections.abc import Sequence

import numpy as np

from simulator.theory.numerics import (
    Floats,
    lognormal_parameters,
    normal_cdf,
    percentile,
    quasi_birth_death,
    tail_from_transform,
)
from simulator.theory.refusals import (
    require_not_negative,
    require_percentile,
    require_positive,
    require_stable,
    require_whole,
)

_GRID = 2**18  # points of the discretized waiting time


def utilization(arrival_rate: float, service_time: float, servers: int = 1) -> float:
    """The busy share of the servers, rho. Raise ValueError if it would not stay below 1."""
    require_positive(arrival_rate=arrival_rate, service_time=service_time)
    require_whole(servers=servers)
    rho = arrival_rate * service_time / servers
    require_stable(rho)
    return rho


def mm1_mean_sojourn(arrival_rate: float, service_time: float) -> float:
    """Mean time from arrival to departure, S / (1 - rho). Kleinrock, Queueing Systems 1, 1975."""
    return service_time / (1 - utilization(arrival_rate, service_time))


def mm1_mean_wait(arrival_rate: float, service_time: float) -> float:
    """Mean time in the queue, rho S / (1 - rho). Kleinrock, Queueing Systems 1, 1975."""
    return pollaczek_khinchine_wait(arrival_rate, service_time, 1.0)


def mm1_sojourn_percentile(arrival_rate: float, service_time: float, share: float) -> float:
    """The sojourn time, which is exponential, at a share such as 0.99. Kleinrock, Queueing Systems 1, 1975."""
    require_percentile(share)
    return -math.log1p(-share) * mm1_mean_sojourn(arrival_rate, service_time)


def mm1_wait_percentile(arrival_rate: float, service_time: float, share: float) -> float:
    """The time in the queue at a share; 0 for the 1 - rho who do not wait. Kleinrock, Queueing Systems 1, 1975."""
    require_percentile(share)
    rho = utilization(arrival_rate, service_time)
    return max(0.0, math.log(rho / (1 - share))) * mm1_mean_sojourn(arrival_rate, service_time)


def mm1_mean_wait_from_empty(arrival_rate: float, service_time: float, requests: int) -> float:
    """Mean wait of the first `requests` of an M/M/1 that starts empty, for any load.

    Exact: E[W of request j + 1] is the sum over k <= j of E[max(0, S_k)] / k, where S_k adds up k differences between
    a service and an interarrival time. Spitzer, Trans. AMS 82, 1956. It shows how long a warm-up must be.
    """
    require_positive(arrival_rate=arrival_rate, service_time=service_time)
    require_whole(requests=requests)
    p = arrival_rate * service_time / (1 + arrival_rate * service_time)  # the next event is an arrival
    q = 1 - p
    k = np.arange(1, requests)
    ratios = 2 * (2 * k + 1) / (k + 1) * p * q
    even = p * np.concatenate(([1.0], np.cumprod(ratios)))[: requests - 1]  # P(k arrivals in 2k - 1 events)
    first = p - q * (q - p) * np.concatenate(([0.0], np.cumsum(even)))[: requests - 1]  # P(at least k of them)
    excess = service_time * k * (first - q / p * (first - even))
    waits = np.concatenate(([0.0], np.cumsum(excess / k)))
    return float(waits.mean())


def pollaczek_khinchine_wait(arrival_rate: float, service_time: float, scv: float) -> float:
    """Mean wait of an M/G/1, rho S (1 + SCV) / (2 (1 - rho)). Pollaczek 1930, Khinchine 1932."""
    require_not_negative(scv=scv)
    rho = utilization(arrival_rate, service_time)
    return rho * service_time * (1 + scv) / (2 * (1 - rho))


def mg1_lognormal_wait_percentile(arrival_rate: float, service_time: float, scv: float, share: float) -> float:
    """The wait at a share when service is lognormal: a geometric number of residual services, by FFT.

    Good to about 3e-4. Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing Systems 1, 1975.
    """
    require_percentile(share)
    require_positive(scv=scv)
    rho = utilization(arrival_rate, service_time)
    if share <= 1 - rho:
        return 0.0
    mu, sigma = lognormal_parameters(service_time, scv)
    longest_residual = math.exp(mu + sigma**2 + 4.5 * sigma)  # but for 3 in a million
    mean_wait = pollaczek_khinchine_wait(arrival_rate, service_time, scv)
    step = max(longest_residual, 50 * service_time, 100 * mean_wait) / _GRID
    edges: Floats = (np.arange(_GRID) + 0.5) * step
    residual = np.diff(_residual_cdf(edges, service_time, scv), prepend=0.0)
    transform = np.fft.rfft(residual)
    waits = np.fft.irfft((1 - rho) / (1 - rho * transform), _GRID)
    return float(np.interp(share, np.cumsum(waits), edges))


def _residual_cdf(x: Floats, service_time: float, scv: float) -> Floats:
    """P(what is left of a lognormal service under way <= x), which is E[min(S, x)] / E[S]."""
    mu, sigma = lognormal_parameters(service_time, scv)
    z = (np.log(x) - mu) / sigma
    return normal_cdf(z - sigma) + x / service_time * normal_cdf(-z)


def kingman_upper_bound(arrival_rate: float, service_time: float, arrival_scv: float, service_scv: float) -> float:
    """A mean wait that no G/G/1 exceeds. Kingman, Biometrika 49, 1962."""
    require_not_negative(arrival_scv=arrival_scv, service_scv=service_scv)
    rho = utilization(arrival_rate, service_time)
    variances = arrival_scv / arrival_rate**2 + service_scv * service_time**2
    return arrival_rate * variances / (2 * (1 - rho))


def kingman_wait(arrival_rate: float, service_time: float, arrival_scv: float, service_scv: float) -> float:
    """Approximate mean wait of a G/G/1, "VUT": rho / (1 - rho), mean SCV, service time.

    Kingman, Mathematical Proceedings Cambridge 57, 1961.
    """
    require_not_negative(arrival_scv=arrival_scv, service_scv=service_scv)
    return pollaczek_khinchine_wait(arrival_rate, service_time, 0.0) * (arrival_scv + service_scv)


def hyperexponential_erlang_wait(arrival_rate: float, service_time: float, arrival_scv: float, stages: int) -> float:
    """Exact mean wait when gaps are hyperexponential with balanced means and service is Erlang, with SCV 1 / stages.

    A quasi-birth-death process with Little's law. Neuts, Matrix-Geometric Solutions in Stochastic Models, 1981.
    """
    require_whole(stages=stages)
    if not 1 <= arrival_scv < math.inf:
        raise ValueError(f"arrival_scv is {arrival_scv!r}, but a hyperexponential has an SCV of at least 1")
    utilization(arrival_rate, service_time)
    likely = (1 + math.sqrt((arrival_scv - 1) / (arrival_scv + 1))) / 2
    shares = np.array([likely, 1 - likely])
    rates = 2 * arrival_rate * shares
    next_gap: Floats = np.outer(rates, shares)
    advance: Floats = stages / service_time * (np.eye(stages, k=1) - np.eye(stages))
    finish = np.zeros((stages, stages))
    finish[-1, 0] = stages / service_time
    start = np.eye(1, stages)
    eye_gaps, eye_stages = np.eye(2), np.eye(stages)
    arrive: Floats = np.kron(next_gap, start)
    leave: Floats = np.kron(eye_gaps, finish[:, :1])
    up: Floats = np.kron(next_gap, eye_stages)
    local: Floats = np.kron(-np.diag(rates), eye_stages) + np.kron(eye_gaps, advance)
    down: Floats = np.kron(eye_gaps, finish)
    _, first, r = quasi_birth_death(-np.diag(rates), arrive, leave, up, local, down)
    beyond = np.linalg.inv(np.eye(len(r)) - r)
    in_queue = float((first @ (beyond @ beyond - beyond)).sum())
    return in_queue / arrival_rate


def cobham_wait(
    arrival_rates: Sequence[float], service_times: Sequence[float], service_scvs: Sequence[float]
) -> list[float]:
    """Mean wait of each class, the most important first; service under way is not interrupted.

    Cobham, Operations Research 2, 1954.
    """
    classes = list(zip(arrival_rates, service_times, service_scvs, strict=True))
    for rate, service_time, scv in classes:
        require_positive(arrival_rate=rate, service_time=service_time)
        require_not_negative(service_scv=scv)
    loads = [rate * service_time for rate, service_time, _ in classes]
    require_stable(sum(loads))
    residual = sum(rate * time**2 * (1 + scv) / 2 for rate, time, scv in classes)
    up_to = np.concatenate(([0.0], np.cumsum(loads)))
    return [float(residual / ((1 - up_to[k]) * (1 - up_to[k + 1]))) for k in range(len(classes))]


def processor_sharing_sojourn(arrival_rate: float, service_time: float, work: float | None = None) -> float:
    """Mean sojourn of a request of this much work (default: the mean), whatever the distribution: work / (1 - rho).

    Kleinrock, Queueing Systems 2, 1976.
    """
    require_positive(work=service_time if work is None else work)
    return (service_time if work is None else work) / (1 - utilization(arrival_rate, service_time))


def tandem_mean_sojourn(arrival_rate: float, service_times: Sequence[float]) -> float:
    """Mean time through M/M/1 stations in a row. Jackson, Operations Research 5, 1957."""
    return sum(mm1_mean_sojourn(arrival_rate, service_time) for service_time in service_times)


def tandem_sojourn_percentile(arrival_rate: float, service_times: Sequence[float], share: float) -> float:
    """The time through M/M/1 stations in a row at a share: sojourns are independent. Reich, Ann. Math. Stat. 28, 1957.

    It is less than the sum of the stations' percentiles.
    """
    require_percentile(share)
    means = [mm1_mean_sojourn(arrival_rate, service_time) for service_time in service_times]
    return percentile(
        lambda t: tail_from_transform(lambda s: complex(np.prod([1 / (1 + s * mean) for mean in means])), t),
        share,
        sum(means),
    )
