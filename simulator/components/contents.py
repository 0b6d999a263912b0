"""What a cache holds: how it finds a key, keeps one and is emptied.

The contents are those of the whole tier: replicas of a cache split the keys, so that a capacity is the total. What is
found comes with the second at which it was written at its source; infinity where nobody knows.
"""

from collections import OrderedDict
from collections.abc import Iterable
from math import inf
from typing import Protocol

from simulator.components.request import Request
from simulator.draws import PerVisit


class Contents(Protocol):
    """The contents of one cache. While it is emptied until a later second, it finds and keeps nothing."""

    def find(self, request: Request, now_s: float) -> float | None:
        """When what the request asks for was written, if it is there; this is a use of it."""
        ...

    def keep(self, request: Request, now_s: float) -> None:
        """A fill: hold what the request has brought back."""
        ...

    def empty(self, until_s: float) -> None:
        """Throw everything away."""
        ...


class FixedContents:
    """Hits independently with a fixed probability, so that the misses of Poisson traffic are Poisson too (thinning)."""

    def __init__(self, hit_ratio: float, luck: PerVisit):
        self._hit_ratio, self._luck = hit_ratio, luck
        self._empty_until_s = -inf

    def find(self, request: Request, now_s: float) -> float | None:
        hit = self._luck.of(request.index, request.visit) < self._hit_ratio
        return inf if hit and now_s >= self._empty_until_s else None

    def keep(self, request: Request, now_s: float) -> None:
        """Nothing to remember."""

    def empty(self, until_s: float) -> None:
        self._empty_until_s = max(self._empty_until_s, until_s)


class LruContents:
    """At most `capacity` keys; the least recently used makes room. A find and a fill are uses."""

    def __init__(self, capacity: int, warm: Iterable[int] = ()):
        """Hold the ranks of `warm`, the least recently used first."""
        self._capacity = capacity
        self._written_s = OrderedDict.fromkeys(warm, 0.0)
        self._empty_until_s = -inf

    def find(self, request: Request, now_s: float) -> float | None:  # noqa: ARG002  as every cache's contents
        written_s = self._written_s.get(request.rank)
        if written_s is not None:
            self._written_s.move_to_end(request.rank)
        return written_s

    def keep(self, request: Request, now_s: float) -> None:
        if now_s < self._empty_until_s:
            return
        self._written_s[request.rank] = request.oldest_write_s
        self._written_s.move_to_end(request.rank)
        if len(self._written_s) > self._capacity:
            self._written_s.popitem(last=False)

    def empty(self, until_s: float) -> None:
        self._written_s.clear()
        self._empty_until_s = max(self._empty_until_s, until_s)


class TtlContents:
    """Any number of keys; each is found for `ttl_s` from its fill or, if `renewed`, from its last use.

    A use at exactly that age comes too late.
    """

    def __init__(self, ttl_s: float, *, renewed: bool, warm: Iterable[tuple[int, float]] = ()):
        """Hold the ranks of `warm` until the seconds beside them."""
        self._ttl_s, self._renewed = ttl_s, renewed
        self._entries = {rank: (until_s, 0.0 if renewed else until_s - ttl_s) for rank, until_s in warm}
        self._empty_until_s = -inf

    def find(self, request: Request, now_s: float) -> float | None:
        until_s, written_s = self._entries.get(request.rank, (-inf, 0.0))
        if now_s >= until_s:
            return None
        if self._renewed:
            self._entries[request.rank] = now_s + self._ttl_s, written_s
        return written_s

    def keep(self, request: Request, now_s: float) -> None:
        if now_s >= self._empty_until_s:
            self._entries[request.rank] = now_s + self._ttl_s, request.oldest_write_s

    def empty(self, until_s: float) -> None:
        self._entries.clear()
        self._empty_until_s = max(self._empty_until_s, until_s)
