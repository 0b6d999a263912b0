"""Hit ratios of caches under the independent reference model: each request picks its key anew.

`popularity` holds one probability for each key; they add up to 1.
"""

import math

import numpy as np

from simulator.theory.numerics import Floats
from simulator.theory.refusals import require_not_negative, require_positive, require_whole


def zipf_popularity(keys: int, exponent: float) -> Floats:
    """The probability of each of so many keys, the most popular first: proportional to 1 / rank^exponent."""
    require_whole(keys=keys)
    require_not_negative(exponent=exponent)
    weights = np.arange(1, keys + 1, dtype=np.float64) ** -exponent
    popularity: Floats = weights / weights.sum()
    return popularity


def che_characteristic_time(popularity: Floats, capacity: int) -> float:
    """How many requests an untouched key survives in an LRU cache. Che, Tung and Wang, IEEE JSAC 20, 2002.

    Raise ValueError unless the capacity is below the number of keys.
    """
    _require_popularity(popularity)
    require_whole(capacity=capacity)
    if capacity >= np.count_nonzero(popularity):
        raise ValueError(
            f"capacity is {capacity}, but there are only {np.count_nonzero(popularity)} keys, so that everything fits; "
            "take a smaller cache"
        )
    t, step = 0.0, float(capacity)
    while step > 1e-14 * t:  # Newton on a concave function, from below, does not overshoot
        t += step
        gone = np.exp(-popularity * t)
        step = (capacity - float((1 - gone).sum())) / float(popularity @ gone)
    return t


def che_hit_ratio(popularity: Floats, capacity: int) -> float:
    """The hit ratio of an LRU cache for so many keys of one size. Che, Tung and Wang, IEEE JSAC 20, 2002.

    An approximation, good to a fraction of a percent for hundreds of keys and more.
    """
    return float(popularity @ -np.expm1(-popularity * che_characteristic_time(popularity, capacity)))


def perfect_hit_ratio(popularity: Floats, capacity: int) -> float:
    """What a cache that always holds the most popular keys reaches; no policy is better. Aho, Denning, Ullman 1971."""
    _require_popularity(popularity)
    require_whole(capacity=capacity)
    return float(np.sort(popularity)[::-1][:capacity].sum())


def ttl_hit_ratio(popularity: Floats, arrival_rate: float, time_to_live: float, *, renewed: bool = False) -> float:
    """The hit ratio without a limit of size, when an entry lives so long after its fill or, `renewed`, its last use.

    Jung, Berger and Balakrishnan, Infocom 2003.
    """
    _require_popularity(popularity)
    require_positive(arrival_rate=arrival_rate)
    require_not_negative(time_to_live=time_to_live)
    expected = popularity * arrival_rate * time_to_live
    return float(popularity @ (-np.expm1(-expected) if renewed else expected / (1 + expected)))


def _require_popularity(popularity: Floats) -> None:
    if popularity.min() < 0 or not math.isclose(float(popularity.sum()), 1.0, rel_tol=1e-6):
        raise ValueError("popularity must hold probabilities that add up to 1; divide it by its sum")
