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
        places = sorted((_hash(f"{name}/{k}"), i) for i, name in enumerate(names) for k in range(points))
        self._at = [at for at, _ in places]
        self._owner = [owner for _, owner in places]

    def owner(self, key: int, among: Collection[int]) -> int:
        """Which of the names `among`, given by their numbers and not empty, a key belongs to."""
        place, n = bisect_right(self._at, _hash(str(key))), len(self._at)
        while self._owner[place % n] not in among:
            place += 1
        return self._owner[place % n]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
