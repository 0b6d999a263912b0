"""Luck, drawn before the run and indexed by who uses it: request, component and visit.

A draw never depends on the order in which draws are used. So moving one knob changes nothing but its consequences
(common random numbers), and two engines can be compared request by request. A *visit* is 0 for the first time a request
comes to a component by its first way; retries, backup requests, copies and other ways have visits of their own.
"""

from collections.abc import Callable
from zlib import crc32

import numpy as np

from simulator.distributions import Distribution, Floats
from simulator.remembered import remembered

FURTHER = "<further>"  # the brackets keep it from being part of any component's name


def stream(seed: int, replication: int, who: str, visit: int = 0) -> np.random.Generator:
    """A random stream of one user in one replication; a longer draw from it begins with the shorter one."""
    words = np.random.SeedSequence(seed, spawn_key=(replication, crc32(who.encode()), visit))
    return np.random.Generator(np.random.PCG64(words))


class Draws:
    """All draws of one replication with `n` requests, of which the last `further` have streams of their own: however
    many there are, the others keep their luck.
    """

    def __init__(self, seed: int, replication: int, n: int, further: int = 0):
        self.seed, self.replication, self.n, self._further = seed, replication, n, further

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Equal for equal draws."""
        return self.seed, self.replication, self.n, self._further

    def uniforms(self, who: str, visit: int = 0) -> Floats:
        """A draw in [0, 1) for every request, shape (n,); read-only."""
        return remembered.get((*self.key, who, visit), lambda: self._uniforms(who, visit))

    def _uniforms(self, who: str, visit: int) -> Floats:
        plain = stream(self.seed, self.replication, who, visit).random(self.n - self._further)
        if not self._further:
            return plain
        own = stream(self.seed, self.replication, f"{who}{FURTHER}", visit).random(self._further)
        return np.concatenate([plain, own])

    def durations_s(self, who: str, distribution: Distribution, visit: int = 0) -> Floats:
        """A duration in seconds for every request, shape (n,); read-only."""
        key = (*self.key, who, visit, distribution)
        return remembered.get(key, lambda: distribution.inverse_ms(self._uniforms(who, visit)) / 1000)

    def rows_s(self, who: str, distribution: Distribution, columns: int, visit: int = 0) -> Floats:
        """`columns` durations in seconds for every request, shape (n, columns); a column more leaves the others."""
        names = (f"{who}/{column}" for column in range(columns))
        return np.stack([self.durations_s(name, distribution, visit) for name in names], axis=1)


class PerVisit:
    """One number for each request and visit; the numbers of a visit are drawn, for all requests, when it first
    happens.
    """

    def __init__(self, make: Callable[[int], Floats]):
        self._make = make
        self._visits: dict[int, memoryview[float]] = {}  # read one at a time, a memoryview is faster than an array

    def of(self, index: int, visit: int) -> float:
        try:
            return self._visits[visit][index]
        except KeyError:
            self._visits[visit] = memoryview(self._make(visit))  # type: ignore[arg-type]  # NumPy 2 arrays are buffers
            return self._visits[visit][index]
