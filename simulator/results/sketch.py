"""Percentiles of any number of values in little memory, each right to a stated share of itself.

The bins are those of DDSketch (Masson, Rim and Lee, PVLDB 12(12), 2019): every value is counted in a bin whose ends are
a fixed ratio apart, so that the middle of the bin is within `RELATIVE_ERROR` of every value in it, whatever the values
are. Nothing is random, and sketches of parts add up to the sketch of the whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simulator.distributions import Floats
from simulator.results.run import Integers

RELATIVE_ERROR = 0.001
_RATIO = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_RATIO = float(np.log(_RATIO))
_TO_MIDDLE = float(np.log((_RATIO + 1) / 2))


@dataclass(frozen=True)
class Sketch:
    """How many values were zero, and how many in each bin from number `first` on; bin k is (ratio^(k-1), ratio^k].

    A decade takes 1,152 bins of 8 bytes; all positive floats together would take 5.8 MB.
    """

    zeros: int
    first: int
    bins: Integers

    @classmethod
    def of(cls, values: Floats) -> "Sketch":
        """Count the values. Raise ValueError if one is negative, infinite or no number."""
        if not (np.isfinite(values) & (values >= 0)).all():
            raise ValueError("a value is negative, infinite or no number, and a sketch takes finite ones from 0 on")
        positive = values[values > 0]
        if not len(positive):
            return cls(len(values), 0, np.zeros(0, dtype=np.int64))
        places = np.ceil(np.log(positive) / _LOG_RATIO).astype(np.int64)
        first = int(places.min())
        return cls(len(values) - len(positive), first, np.bincount(places - first))

    @classmethod
    def merged(cls, parts: Iterable["Sketch"]) -> "Sketch":
        """The sketch of all values of the parts, whatever their order."""
        parts = list(parts)
        some = [part for part in parts if len(part.bins)]
        first = min((part.first for part in some), default=0)
        bins = np.zeros(max((part.first + len(part.bins) for part in some), default=first) - first, dtype=np.int64)
        for part in some:
            bins[part.first - first : part.first - first + len(part.bins)] += part.bins
        return cls(sum(part.zeros for part in parts), first, bins)

    @property
    def n(self) -> int:
        """How many values were counted."""
        return self.zeros + int(self.bins.sum())

    def nearest_rank(self, share: float) -> float:
        """Within `RELATIVE_ERROR` of the smallest value that at least `share` of all values do not exceed; nan of
        nothing.
        """
        if not self.n:
            return float("nan")
        rank = max(1, int(np.ceil(share * self.n - 1e-9)))
        if rank <= self.zeros:
            return 0.0
        place = self.first + int(np.searchsorted(np.cumsum(self.bins), rank - self.zeros))
        return float(np.exp(place * _LOG_RATIO - _TO_MIDDLE))
