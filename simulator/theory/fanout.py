"""One request, many answers to wait for: all of several leaves, or several stages in a row."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from simulator.theory.numerics import Z99, normal_cdf, percentile
from simulator.theory.queues import mm1_mean_sojourn, utilization
from simulator.theory.refusals import require_percentile, require_positive, require_probability, require_whole

_GRID = 2**17  # points of the discretized sum


def any_slow(slow_share: float, leaves: int) -> float:
    """The chance that at least one of the leaves is slow. Dean and Barroso, The Tail at Scale, CACM 56, 2013."""
    require_probability(slow_share=slow_share)
    require_whole(leaves=leaves)
    if slow_share == 1:
        return 1.0
    return -math.expm1(leaves * math.log1p(-slow_share))


def leaf_share_needed(root_share: float, leaves: int) -> float:
    """The share of answers in time that each leaf must reach for `root_share` at the root. Dean and Barroso 2013."""
    require_probability(root_share=root_share)
    require_whole(leaves=leaves)
    return float(root_share ** (1 / leaves))


def harmonic(n: int) -> float:
    """1 + 1/2 + ... + 1/n."""
    require_whole(at_least=0, n=n)
    return math.fsum(1 / k for k in range(1, n + 1))


def exponential_maximum_mean(leaves: int, mean: float) -> float:
    """The mean of the slowest of independent exponential leaves. David and Nagaraja, Order Statistics, 2003."""
    require_whole(leaves=leaves)
    require_positive(mean=mean)
    return harmonic(leaves) * mean


def exponential_maximum_percentile(leaves: int, mean: float, share: float) -> float:
    """The slowest of independent exponential leaves at a share. David and Nagaraja, Order Statistics, 2003."""
    require_whole(leaves=leaves)
    require_positive(mean=mean)
    require_percentile(share)
    return -math.log(-math.expm1(math.log(share) / leaves)) * mean


def fork_join_mean_sojourn(arrival_rate: float, service_time: float, branches: int) -> float:
    """Mean time until the last of the M/M/1 queues that every request is sent to has answered.

    Exact for 1 and 2 branches (Flatto and Hahn, SIAM J. Applied Mathematics 44, 1984); within 5% beyond (Nelson and
    Tantawi, IEEE Transactions on Computers 37, 1988).
    """
    require_whole(branches=branches)
    rho, alone = utilization(arrival_rate, service_time), mm1_mean_sojourn(arrival_rate, service_time)
    if branches == 1:
        return alone
    of_two, ratio = (12 - rho) / 8 * alone, harmonic(branches) / harmonic(2)
    return (ratio + 4 * rho / 11 * (1 - ratio)) * of_two


def fork_join_upper_bound(arrival_rate: float, service_time: float, branches: int) -> float:
    """The mean if the branches were independent, which the common arrivals keep it below. Nelson and Tantawi 1988."""
    return exponential_maximum_mean(branches, mm1_mean_sojourn(arrival_rate, service_time))


def lognormal_sum_percentile(medians: Sequence[float], p99s: Sequence[float], share: float) -> float:
    """The sum of independent lognormal stages at a share, by FFT: it is not the sum of the stages' percentiles."""
    require_percentile(share)
    for median, p99 in zip(medians, p99s, strict=True):
        require_positive(median=median)
        if not median < p99 < math.inf:
            raise ValueError(f"p99 is {p99!r}, but must be finite and above the median, which is {median!r}")
    sigmas = [math.log(p99 / median) / Z99 for median, p99 in zip(medians, p99s, strict=True)]
    span = sum(median * math.exp(6 * sigma) for median, sigma in zip(medians, sigmas, strict=True))
    edges = (np.arange(_GRID) + 0.5) * span / _GRID
    transform = np.ones(_GRID // 2 + 1, dtype=np.complex128)
    for (median, sigma), stages in Counter(zip(medians, sigmas, strict=True)).items():
        stage = np.diff(normal_cdf(np.log(edges / median) / sigma), prepend=0.0)
        transform *= np.fft.rfft(stage) ** stages
    return float(np.interp(share, np.cumsum(np.fft.irfft(transform, _GRID)), edges))


def exponential_mixture_percentile(shares: Sequence[float], means: Sequence[float], share: float) -> float:
    """A merged stream of exponential times at a share: it is no average of the streams' percentiles."""
    require_percentile(share)
    require_probability(**{f"shares_{k}": one for k, one in enumerate(shares)})
    require_positive(**{f"means_{k}": one for k, one in enumerate(means)})
    if not math.isclose(sum(shares), 1.0):
        raise ValueError(f"the shares add up to {sum(shares):.4g}, but must add up to 1")
    streams = list(zip(shares, means, strict=True))
    return percentile(lambda t: sum(one * math.exp(-t / mean) for one, mean in streams), share, max(means))
