"""Consistent hashing: who keeps a key when others come and go."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from hashlib import blake2b


class HashRing:
    """A circle with `points` places for each name; a key belongs to the name at the next place.

    When a name is gone its keys go to those at the next places, and all other keys stay. Karger et al., Consistent
    Hashing and Random Trees, STOC 1997.
    """

    def __init__(self, names: Sequence[str], points: int = 100):
        self._points, self._size = points, 0
        self._places: list[tuple[int, int]] = []
        self.join(*names)

    def join(self, *names: str) -> None:
        """More names, with the next numbers: each takes over the keys before its places, and all others stay."""
        numbered = enumerate(names, start=self._size)
        new = ((_hash(f"{name}/{k}"), i) for i, name in numbered for k in range(self._points))
        self._places = sorted([*self._places, *new])
        self._size += len(names)
        self._at = [at for at, _ in self._places]
        self._owner = [owner for _, owner in self._places]

    def owner(self, key: int, among: Collection[int]) -> int:
        """Which of the names `among`, given by their numbers and not empty, a key belongs to."""
        place, n = bisect_right(self._at, _hash(str(key))), len(self._at)
        while self._owner[place % n] not in among:
            place += 1
        return self._owner[place % n]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
