"""The numerical tools under the closed forms: roots, percentiles, Poisson weights, Markov chains, transforms."""

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

Z99 = NormalDist().inv_cdf(0.99)  # the 99th percentile of the standard normal
_HALVINGS = 200


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that changes its sign once between `low` and `high` is 0, by bisection to the last digit."""
    rises = function(high) > 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if (function(middle) > 0) == rises else (middle, high)
    return (low + high) / 2


def percentile(tail: Callable[[float], float], share: float, scale: float) -> float:
    """The smallest t with tail(t) <= 1 - share, for a falling `tail`; `scale` is a time of about the right size."""
    if tail(0.0) <= 1 - share:
        return 0.0
    high = scale
    while tail(high) > 1 - share:
        high *= 2
    return root(lambda t: (1 - share) - tail(t), 0.0, high)


def poisson_weights(mean: float, below: int | None = None) -> Floats:
    """P(N = 0), P(N = 1), ... of a Poisson number, `below` of them or as many as are not negligible."""
    if below is None:
        below = int(mean + 12 * math.sqrt(mean) + 30)
    if mean == 0:
        certain: Floats = np.eye(1, below)[0]
        return certain
    counts = np.arange(below)
    log_factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, max(below, 1))))))[:below]
    weights: Floats = np.exp(counts * math.log(mean) - mean - log_factorials)
    return weights


def erlang_mixture_tail(surviving: Callable[[NDArray[np.int64]], Floats], rate: float, t: float) -> float:
    """P(T > t) of a time that ends at some event of a Poisson process; `surviving` says after which with what chance.

    Uniformization (Jensen, Skandinavisk Aktuarietidskrift 36, 1953): the chances of having survived m events, weighed.
    """
    weights = poisson_weights(rate * t)
    return float(weights @ surviving(np.arange(len(weights))))


def stationary(transitions: Floats) -> Floats:
    """The stationary distribution of a Markov chain with these rows of transition probabilities."""
    size = len(transitions)
    balance = transitions.T - np.eye(size)
    balance[-1] = 1.0
    solved: Floats = np.linalg.solve(balance, np.eye(1, size, size - 1)[0])
    shares: Floats = np.clip(solved, 0.0, None)
    return shares


def repeating_levels(up: Floats, local: Floats, down: Floats) -> Floats:
    """The matrix R of a quasi-birth-death process, by logarithmic reduction (Latouche and Ramaswami, JAP 30, 1993)."""
    eye, inverse = np.eye(len(local)), np.linalg.inv(-local)
    rises, falls = inverse @ up, inverse @ down
    first_passage, path = falls.copy(), rises.copy()
    for _ in range(_HALVINGS):
        if np.abs(path).max() <= 1e-15:
            break
        both = np.linalg.inv(eye - rises @ falls - falls @ rises)
        rises, falls = both @ rises @ rises, both @ falls @ falls
        first_passage += path @ falls
        path = path @ rises
    r: Floats = up @ np.linalg.inv(-(local + up @ first_passage))
    return r


def quasi_birth_death(
    empty: Floats, arrive: Floats, leave: Floats, up: Floats, local: Floats, down: Floats
) -> tuple[Floats, Floats, Floats]:
    """Steady state of phases at level 0 and at level 1, and R: level n + 1 is level n times R, from 1 on.

    `empty` is the generator within level 0, `arrive` leads from it to level 1 and `leave` back; `up`, `local` and
    `down` are the generator from level 1 on (Neuts, Matrix-Geometric Solutions in Stochastic Models, 1981).
    """
    r = repeating_levels(up, local, down)
    lowest = len(empty)
    balance = np.block([[empty, arrive], [leave, local + r @ down]])
    total = np.concatenate((np.ones(lowest), np.linalg.inv(np.eye(len(r)) - r).sum(axis=1)))
    balance[:, 0] = total
    solved = np.linalg.solve(balance.T, np.eye(1, len(balance))[0])
    return solved[:lowest], solved[lowest:], r


def tail_from_transform(transform: Callable[[complex], complex], t: float) -> float:
    """P(T > t) from E[exp(-s T)], good to about 1e-8 (Euler summation; Abate and Whitt, ORSA J. Computing 7, 1995)."""
    if t <= 0:
        return 1.0
    first, averaged, precision = 15, 11, 18.4
    terms = np.array(
        [
            (-1) ** k * ((1 - transform(s)) / s).real
            for k in range(first + averaged + 1)
            for s in [complex(precision, 2 * math.pi * k) / (2 * t)]
        ]
    )
    terms[0] /= 2
    sums = np.cumsum(terms)[first:]
    binomial = np.array([math.comb(averaged, k) for k in range(averaged + 1)]) / 2**averaged
    return float(math.exp(precision / 2) / t * (binomial @ sums))


def normal_cdf(x: Floats) -> Floats:
    """P(Z <= x) of a standard normal Z, for each x."""
    values: Floats = 0.5 * _erfc(-x / math.sqrt(2))
    return values


_erfc: Callable[[Floats], Floats] = np.vectorize(math.erfc, otypes=[float])


def lognormal_parameters(mean: float, scv: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a lognormal with this mean and squared variation."""
    variance = math.log1p(scv)
    return math.log(mean) - variance / 2, math.sqrt(variance)
