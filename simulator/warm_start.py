"""What a cache holds when a run starts: a draw from its steady state, so that nothing has to warm up.

Under the independent reference model with Poisson arrivals at the design's rate the state is known exactly, but for the
time that fills take and for what a cache in front has already answered. The time since a key was last asked for is
exponential with the key's own rate; an LRU cache holds the keys with the smallest such times (Fill and Holst,
Probability Theory and Related Fields 106, 1996). With expiry a key is renewed by its fills: it is held for the time to
live, then missing until somebody asks.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.design import Keys, Ttl
from simulator.distributions import Floats
from simulator.draws import stream
from simulator.hit_ratios import key_groups

AT_ONCE = 1_000_000  # keys


def lru_ranks(keys: Keys, capacity: int, seed: int, replication: int, who: str) -> list[int]:
    """The ranks of the keys that an LRU cache holds, the least recently used first.

    A larger cache holds what a smaller one does, and more.
    """
    ranks, ages = np.zeros(0, dtype=np.int64), np.zeros(0)
    for some, popularity, uniforms in _pieces(keys, seed, replication, who):
        ranks = np.concatenate([ranks, some])
        ages = np.concatenate([ages, -np.log1p(-uniforms) / popularity])
        if len(ranks) > capacity:
            kept = np.argpartition(ages, capacity - 1)[:capacity]
            ranks, ages = ranks[kept], ages[kept]
    held: list[int] = ranks[np.argsort(-ages, kind="stable")].tolist()
    return held


def ttl_entries(
    keys: Keys, contents: Ttl, visits_per_s: float, seed: int, replication: int, who: str
) -> list[tuple[int, float]]:
    """The ranks of the keys that have not expired at second 0, each with the second at which it will."""
    entries: list[tuple[int, float]] = []
    for ranks, popularity, uniforms in _pieces(keys, seed, replication, who):
        expected = popularity * visits_per_s * contents.ttl_s
        if contents.renewed:
            left_s = contents.ttl_s * (1 + np.log1p(-uniforms) / np.maximum(expected, 1e-300))
        else:
            left_s = contents.ttl_s * (1 - uniforms * (1 + expected) / np.maximum(expected, 1e-300))
        held = left_s > 0
        entries += zip(ranks[held].tolist(), left_s[held].tolist(), strict=True)
    return entries


def _pieces(keys: Keys, seed: int, replication: int, who: str) -> Iterator[tuple[NDArray[np.int64], Floats, Floats]]:
    """Ranks, their probabilities and a draw for each, piece by piece, so that no array holds all keys."""
    luck, top = stream(seed, replication, who), float(key_groups(keys.count, keys.zipf_exponent)[0][0])
    for first in range(0, keys.count, AT_ONCE):
        ranks = np.arange(first, min(first + AT_ONCE, keys.count), dtype=np.int64)
        popularity = np.asarray(top * (ranks + 1.0) ** -keys.zipf_exponent, dtype=np.float64)
        yield ranks, popularity, luck.random(len(ranks))
