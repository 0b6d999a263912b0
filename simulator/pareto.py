"""Which of several designs no other one beats in everything that counts."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

Costs = tuple[float, ...]  # each the better the smaller


def frontier(points: Sequence[Costs]) -> list[int]:
    """The places of the points that no other point dominates, in order; equal points stay together.

    A point dominates another if it is nowhere worse and somewhere better. After sorting, only earlier points can
    dominate a later one, and those that are dominated themselves need not be asked (Kung, Luccio and Preparata,
    Journal of the ACM 22, 1975, whose recursion is not needed for a thousand points).
    """
    kept: list[int] = []
    for place in sorted(range(len(points)), key=lambda one: points[one]):
        mine = points[place]
        if not any(_dominates(points[other], mine) for other in kept):
            kept.append(place)
    return sorted(kept)


def _dominates(one: Costs, other: Costs) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def cheapest(candidates: Sequence[T], costs: Callable[[T], Costs]) -> T | None:
    """The candidate with the smallest first cost, then the second, and so on; the first of equals; None of none."""
    return min(candidates, key=costs, default=None)
