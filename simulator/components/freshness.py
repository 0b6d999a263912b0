"""How old what a store returns is."""

from array import array
from collections.abc import Callable
from math import floor, inf

import numpy as np

from simulator.clock import Clock
from simulator.components.request import Request
from simulator.design import Freshness
from simulator.results.run import Ages

ALWAYS_S = 1e-9  # what is written more often than that is written all the time


class FreshnessLog:
    """A store that is written every `update_every_s`, or by the consumers of a stream, visible `lag_s` later, and the
    age of every read.

    The age is the time from the last visible write to the answer. Writes happen at `phase` updates after second 0 and
    so on, before it too. While a delay lasts, writes become visible later by its seconds: nothing new is seen at first,
    so that the age grows as real time does, until it has grown by the whole delay. When it ends, all that was held back
    is visible at once.

    With `fed_until_s` writes are no further than that moment, which never goes back.
    """

    def __init__(self, env: Clock, freshness: Freshness, phase: float, fed_until_s: Callable[[], float] | None = None):
        self._fed_until_s = fed_until_s
        self._env, self._every_s, self._lag_s = env, freshness.update_every_s, freshness.lag_s
        self._first_s = phase * self._every_s
        self._seen_until_s = -inf  # writes until then were visible before the last change of the lag
        self._request, self._read, self._age = array("q"), array("d"), array("d")

    def delay(self, by_s: float) -> None:
        """From now on writes become visible so much later; a negative number takes a delay back."""
        self._seen_until_s = max(self._seen_until_s, self._written_until_s() - self._lag_s)
        self._lag_s += by_s

    def note(self, request: Request) -> None:
        """The store answers a read now."""
        now_s = self._env.now
        written_s = self._last_write_s(max(self._seen_until_s, self._written_until_s() - self._lag_s))
        request.oldest_write_s = min(request.oldest_write_s, written_s)
        self._request.append(request.index)
        self._read.append(now_s)
        self._age.append(now_s - written_s)

    def _written_until_s(self) -> float:
        return self._env.now if self._fed_until_s is None else self._fed_until_s()

    def _last_write_s(self, until_s: float) -> float:
        if self._every_s < ALWAYS_S:
            return until_s
        return self._first_s + self._every_s * floor((until_s - self._first_s) / self._every_s)

    def ages(self) -> Ages:
        return Ages(np.array(self._request), np.array(self._read), np.array(self._age))
