"""Which key each request asks for: a stand-in, to be replaced by the sampler for any number of keys."""

import numpy as np
from numpy.typing import NDArray

from simulator.design import Keys
from simulator.draws import stream

MOST_KEYS = 1_000_000


def key_ranks(keys: Keys, n: int, seed: int, replication: int) -> NDArray[np.int64]:
    """The rank of each request's key, 0 for the most popular, shape (n,). Raise ValueError above a million keys."""
    if keys.count > MOST_KEYS:
        raise ValueError(f"traffic.keys.count is {keys.count:,}, and {MOST_KEYS:,} is the most")
    ends = np.cumsum(np.arange(1, keys.count + 1, dtype=np.float64) ** -keys.zipf_exponent)
    uniforms = stream(seed, replication, "<keys>").random(n)
    ranks = np.searchsorted(ends, uniforms * ends[-1], side="right")
    return np.asarray(np.minimum(ranks, keys.count - 1), dtype=np.int64)
