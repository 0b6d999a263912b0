"""The frontier against brute force, and its laws."""

import numpy as np
import pytest

from simulator.pareto import cheapest, frontier


def by_brute_force(points):
    def beaten(mine):
        return any(
            all(a <= b for a, b in zip(other, mine, strict=True))
            and any(a < b for a, b in zip(other, mine, strict=True))
            for other in points
        )

    return [place for place, mine in enumerate(points) if not beaten(mine)]


@pytest.mark.parametrize("dimensions", [1, 2, 3, 4])
@pytest.mark.parametrize("levels", [2, 4, 1000])
def test_the_frontier_is_that_of_brute_force(dimensions, levels):
    """Few levels make many ties and equal points."""
    luck = np.random.default_rng(dimensions * levels)
    for size in (0, 1, 2, 5, 40, 120):
        points = [tuple(row) for row in luck.integers(0, levels, (size, dimensions)).astype(float).tolist()]
        assert frontier(points) == by_brute_force(points)


def test_equal_points_are_all_on_the_frontier():
    assert frontier([(1.0, 2.0), (1.0, 2.0), (2.0, 3.0)]) == [0, 1]


def test_the_cheapest_has_the_smallest_cost_and_then_the_smallest_rest():
    assert cheapest([(2.0, 1.0), (1.0, 5.0), (1.0, 3.0)], lambda one: one) == (1.0, 3.0)
    assert cheapest([], lambda one: one) is None
