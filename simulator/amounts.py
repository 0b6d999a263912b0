"""How much requests carry, each and on average, when what varies is rounded to a whole number of at least 1."""

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from simulator import special
from simulator.design import Amount, Spread
from simulator.distributions import Exponential, Floats, Gamma, Lognormal

ONE_BY_ONE = 10_000  # beyond it, sums over whole numbers are integrals


def drawn_amounts(amount: Amount, uniforms: Floats) -> NDArray[np.int64]:
    """The amount for each draw in [0, 1)."""
    if not isinstance(amount, Spread):
        return np.full(len(uniforms), amount, dtype=np.int64)
    match amount.shape:
        case "exponential":
            sizes = Exponential(mean_ms=amount.mean).inverse_ms(uniforms)
        case "gamma":
            sizes = Gamma(mean_ms=amount.mean, scv=amount.scv).inverse_ms(uniforms)
        case "lognormal":
            sizes = Lognormal(mean_ms=amount.mean, scv=amount.scv).inverse_ms(uniforms)
        case "geometric":
            stop = 1 / max(amount.mean, 1 + 1e-12)
            sizes = np.ceil(np.log1p(-uniforms) / np.log1p(-stop))
    return np.maximum(1, np.rint(sizes)).astype(np.int64)


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
