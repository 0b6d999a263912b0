"""Which shard of a store a key belongs to, and how much of the reads the busiest shard gets."""

import numpy as np
from numpy.typing import NDArray

from simulator import wiring
from simulator.design import Design, Keys, Store
from simulator.hit_ratios import key_groups

_ONE_BY_ONE = 2**53  # a float tells so many fractions apart


def shards_of(ranks: NDArray[np.int64], shards: int) -> NDArray[np.int64]:
    """The shard of each key, by a hash of its rank: splitmix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = ranks.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    fractions = (mixed >> np.uint64(11)).astype(np.float64) / _ONE_BY_ONE
    return (fractions * shards).astype(np.int64)


def busiest_share(design: Design, name: str) -> float:
    """The share of a store's reads that its busiest shard gets; 1 / shards where all of them are asked at once."""
    part = design.components[name]
    assert isinstance(part, Store)
    calls = [call for one in design.components.values() for _, call in wiring.calls_of(one) if call.to == name]
    if part.shards == 1 or (calls and all(call.fan_out and call.fan_out.copies == "all" for call in calls)):
        return 1 / part.shards
    if part.hot_shard_share is not None:
        return max(part.hot_shard_share, (1 - part.hot_shard_share) / (part.shards - 1))
    return _busiest_by_key(design.traffic.keys, part.shards) if design.traffic.keys else 1 / part.shards


def _busiest_by_key(keys: Keys, shards: int) -> float:
    popularity, number = key_groups(keys.count, keys.zipf_exponent)
    singles = popularity[number == 1]
    found = np.bincount(shards_of(np.arange(len(singles)), shards), weights=singles, minlength=shards)
    return float(found.max() + (1 - singles.sum()) / shards)
