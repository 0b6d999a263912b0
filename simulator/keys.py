"""Which key each request asks for: Zipf popularity, drawn by the inverse of its distribution function.

The most popular keys are summed one by one. Further down, where popularity hardly changes from one key to the next,
sums are integrals with the ends corrected (Euler and Maclaurin), which is right to a millionth of a key. So a hundred
million keys need no table, one draw is one key, and a longer run begins with the keys of a shorter one.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.design import Keys
from simulator.distributions import Floats
from simulator.draws import stream

WHO = "<keys>"
HEAD = 2**16  # keys that are summed one by one
NO_WEIGHT = 1e-18  # beside the first key's 1; no draw can fall on it


def key_ranks(keys: Keys, n: int, seed: int, replication: int) -> NDArray[np.int64]:
    """The rank of each request's key, 0 for the most popular, shape (n,); at most `keys.count` - 1."""
    return ranks_of(keys, stream(seed, replication, WHO).random(n))


def ranks_of(keys: Keys, uniforms: Floats) -> NDArray[np.int64]:
    """The rank at which the distribution function first exceeds each draw in [0, 1)."""
    head = np.cumsum(np.arange(1, min(keys.count, HEAD) + 1, dtype=np.float64) ** -keys.zipf_exponent)
    tail = _Tail(len(head), keys)
    wanted = uniforms * (head[-1] + tail.weight)
    ranks: NDArray[np.int64] = np.searchsorted(head, wanted, side="right").astype(np.int64)
    beyond = ranks == len(head)
    ranks[beyond] = tail.ranks(wanted[beyond] - head[-1]) if tail.weight else len(head) - 1
    return ranks


class _Tail:
    """The keys after the `first` most popular; weights are powers of ranks counted from 1."""

    def __init__(self, first: int, keys: Keys):
        self._first, self._count, self._exponent = first, keys.count, keys.zipf_exponent
        weight = float(self._sums(np.array([float(keys.count)]))[0]) if keys.count > first else 0.0
        self.weight = weight if weight > NO_WEIGHT else 0.0

    def ranks(self, wanted: Floats) -> NDArray[np.int64]:
        """The rank at which the sum of weights from `first` on exceeds each of `wanted`."""
        last = np.clip(np.rint(self._near(wanted)), self._first + 1, self._count)
        last -= (last > self._first + 1) & (self._sums(last - 1) > wanted)
        last += (last < self._count) & (self._sums(last) <= wanted)
        return last.astype(np.int64) - 1

    def _sums(self, last: Floats) -> Floats:
        """The weights of the keys after `first` up to the `last`th, counted from 1."""
        a, s = float(self._first), self._exponent
        return np.asarray(self._area(last) + (last**-s - a**-s) / 2, dtype=np.float64)

    def _area(self, to: Floats) -> Floats:
        """The integral of x^-s from `first` on, also where s is 1."""
        a, s = float(self._first), self._exponent
        logs = np.log(to / a) * (1 - s)
        flat = np.abs(logs) < 1e-12
        growth = np.where(flat, 1.0, np.expm1(logs) / np.where(flat, 1.0, logs))
        return np.asarray(a ** (1 - s) * np.log(to / a) * growth, dtype=np.float64)

    def _near(self, wanted: Floats) -> Floats:
        """The rank to within one: the integral from half a key after `first`, inverted."""
        a, s = self._first + 0.5, self._exponent
        if abs(1 - s) < 1e-9:
            return np.asarray(a * np.exp(wanted * a ** (s - 1)) + 0.5, dtype=np.float64)
        inside = np.maximum((1 - s) * wanted * a ** (s - 1), -1 + 1e-16)
        return np.asarray(a * np.exp(np.log1p(inside) / (1 - s)) + 0.5, dtype=np.float64)
