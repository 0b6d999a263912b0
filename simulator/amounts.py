"""How much requests carry on average, when what varies is rounded to a whole number of at least 1."""

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, log1p, sqrt

import numpy as np

from simulator import special
from simulator.design import Amount, Spread
from simulator.distributions import Floats

ONE_BY_ONE = 10_000  # beyond it, sums over whole numbers are integrals


def mean_amount(amount: Amount) -> float:
    """The mean of an amount as it is drawn."""
    return _mean(amount) if isinstance(amount, Spread) else float(amount)


@lru_cache(maxsize=256)
def _mean(spread: Spread) -> float:
    """1 + the sum over k >= 2 of the chance of k or more, which is that of more than k - 1/2 before rounding."""
    if spread.shape == "geometric":
        return max(1.0, spread.mean)
    above, excess = _tails(spread)
    halves: Floats = np.arange(1.5, ONE_BY_ONE)
    return 1.0 + float(above(halves).sum()) + excess


def _tails(spread: Spread) -> tuple[Callable[[Floats], Floats], float]:
    """The chance to be above something, and the mean excess over `ONE_BY_ONE`, E[max(0, X - n)]."""
    mean, scv, n = spread.mean, spread.scv, float(ONE_BY_ONE)
    if spread.shape == "exponential":
        return (lambda x: np.exp(-x / mean)), mean * exp(-n / mean)
    if spread.shape == "gamma":
        shape, scale = 1 / scv, mean * scv
        excess = mean * special.gammaincc(shape + 1, n / scale) - n * special.gammaincc(shape, n / scale)
        return (lambda x: special.gammaincc(shape, x / scale)), max(0.0, float(excess))
    variance = log1p(scv)
    mu, sigma = log(mean) - variance / 2, sqrt(variance)
    excess = mean * special.ndtr((mu + variance - log(n)) / sigma) - n * special.ndtr((mu - log(n)) / sigma)
    return (lambda x: special.ndtr((mu - np.log(x)) / sigma)), max(0.0, float(excess))
