"""Moments in order and their sums: how much time has passed since all of them, at any time."""

import numpy as np

from simulator.distributions import Floats


class Moments:
    """Some moments in seconds, sorted and summed up once however often they are asked about."""

    def __init__(self, moments_s: Floats):
        is_sorted = bool((moments_s[1:] >= moments_s[:-1]).all())
        self._ordered = moments_s if is_sorted else np.sort(moments_s)
        self._sums = np.zeros(len(moments_s) + 1)
        np.cumsum(self._ordered, out=self._sums[1:])

    def passed_s(self, edges_s: Floats) -> Floats:
        """For each edge t the sum of (t - moment) over all moments before t."""
        before = np.searchsorted(self._ordered, edges_s, side="left")
        return np.asarray(edges_s * before - self._sums[before], dtype=np.float64)
