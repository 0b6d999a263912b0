"""How often a cache of a design hits, from its numbers alone, under the independent reference model.

Che's approximation for LRU (Che, Tung and Wang, IEEE JSAC 20, 2002) and renewal arguments for expiry (Jung, Berger and
Balakrishnan, Infocom 2003), as in `theory/caching.py`, but with rare keys in groups: a hundred million keys take no
longer than thirty thousand. Fills take no time here; while real ones last, more requests miss.
"""

from functools import lru_cache

import numpy as np

from simulator.design import Cache, FixedHits, Keys, Lru
from simulator.distributions import Floats

ONE_BY_ONE = 20_000  # the most popular keys
GROUP_RATIO = 1.002  # of the ranks at both ends of a group


@lru_cache(maxsize=32)
def key_groups(count: int, zipf_exponent: float) -> tuple[Floats, Floats]:
    """Groups of keys, the most popular first: the probability of one of its keys, and how many they are."""
    singles = np.arange(1, min(count, ONE_BY_ONE) + 1, dtype=np.float64)
    if count <= ONE_BY_ONE:
        weights, keys = singles**-zipf_exponent, np.ones(count)
    else:
        steps = int(np.ceil(np.log(count / ONE_BY_ONE) / np.log(GROUP_RATIO))) + 1
        ends = np.unique(np.rint(np.geomspace(ONE_BY_ONE, count, steps)))
        keys = np.concatenate([np.ones(ONE_BY_ONE), np.diff(ends)])
        totals = np.diff(_sum_until(ends + 0.5, zipf_exponent))
        weights = np.concatenate([singles**-zipf_exponent, totals / np.diff(ends)])
    return weights / (weights @ keys), keys


def _sum_until(rank: Floats, exponent: float) -> Floats:
    """The integral of rank^-exponent, which stands for the sum (midpoint rule)."""
    if abs(exponent - 1) < 1e-9:
        return np.log(rank)
    return np.asarray(rank ** (1 - exponent) / (1 - exponent))


def hit_ratio(cache: Cache, keys: Keys | None, visits_per_s: float) -> float:
    """The expected share of hits at so many lookups per second; 0 where the keys are unknown."""
    contents = cache.contents
    if isinstance(contents, FixedHits):
        return contents.hit_ratio
    if keys is None:
        return 0.0
    if isinstance(contents, Lru):
        return _lru(keys.count, keys.zipf_exponent, contents.capacity_keys)
    popularity, number = key_groups(keys.count, keys.zipf_exponent)
    expected = popularity * visits_per_s * contents.ttl_s
    hits = -np.expm1(-expected) if contents.renewed else expected / (1 + expected)
    return float((popularity * number) @ hits)


@lru_cache(maxsize=256)
def _lru(count: int, zipf_exponent: float, capacity: int) -> float:
    if capacity >= count:
        return 1.0
    popularity, number = key_groups(count, zipf_exponent)
    t, step = 0.0, float(capacity)
    while step > 1e-12 * t:  # Newton on a concave function, from below, does not overshoot
        t += step
        gone = np.exp(-popularity * t)
        slope = float((popularity * number) @ gone)
        step = (capacity - float(number @ (1 - gone))) / slope if slope > 0 else 0.0
    return float((popularity * number) @ -np.expm1(-popularity * t))
