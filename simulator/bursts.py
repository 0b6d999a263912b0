"""Bursts: a Poisson process whose rate jumps between calm and burst, each of which lasts exponentially long (MMPP).

It starts in its long-run state. Formulas: Fischer and Meier-Hellstern, Performance Evaluation 18, 1993.
"""

import numpy as np

from simulator.design import Bursts
from simulator.distributions import Floats
from simulator.draws import stream

WHO = "<bursts>"
_AT_ONCE = 4096  # draws; even, so that each of them begins with the same state


def factor_steps(bursts: Bursts, duration_s: float, seed: int, replication: int) -> tuple[Floats, Floats]:
    """When the rate changes, in seconds from 0 on, and its factor from then on; a longer time only adds changes."""
    luck = stream(seed, replication, WHO)
    is_burst = bool(luck.random() < burst_share(bursts))
    means_s = np.resize([bursts.mean_burst_s, bursts.mean_calm_s][:: 1 if is_burst else -1], _AT_ONCE)
    starts_s = [np.zeros(1)]
    while starts_s[-1][-1] < duration_s:
        starts_s.append(starts_s[-1][-1] + np.cumsum(-means_s * np.log1p(-luck.random(_AT_ONCE))))
    starts = np.concatenate(starts_s)
    starts = starts[starts < duration_s]
    factors = np.resize([bursts.burst_factor, bursts.calm_factor][:: 1 if is_burst else -1], len(starts))
    return starts, factors


def burst_share(bursts: Bursts) -> float:
    """The long-run share of time in bursts."""
    return bursts.mean_burst_s / (bursts.mean_burst_s + bursts.mean_calm_s)


def mean_factor(bursts: Bursts) -> float:
    """The long-run mean of the factor."""
    share = burst_share(bursts)
    return share * bursts.burst_factor + (1 - share) * bursts.calm_factor


def dispersion(bursts: Bursts, rate_per_s: float, over_s: float = np.inf) -> float:
    """The index of dispersion: variance over mean of the number of arrivals in `over_s` seconds; 1 is Poisson."""
    change_per_s = 1 / bursts.mean_burst_s + 1 / bursts.mean_calm_s
    share, gap = burst_share(bursts), rate_per_s * (bursts.burst_factor - bursts.calm_factor)
    if not gap:
        return 1.0
    limit = 2 * gap**2 * share * (1 - share) / (change_per_s * rate_per_s * mean_factor(bursts))
    span = change_per_s * over_s
    return 1 + limit * (1 + np.expm1(-span) / span if np.isfinite(span) else 1.0)


def gap_scv(bursts: Bursts, rate_per_s: float) -> float:
    """The squared coefficient of variation of the time between two arrivals."""
    leave_burst, leave_calm = 1 / bursts.mean_burst_s, 1 / bursts.mean_calm_s
    burst, calm = rate_per_s * bursts.burst_factor, rate_per_s * bursts.calm_factor
    change = leave_burst + leave_calm
    below = change**2 * (burst * calm + burst * leave_calm + calm * leave_burst)
    return 1 + 2 * (burst - calm) ** 2 * leave_burst * leave_calm / below
