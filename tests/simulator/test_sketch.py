"""The quantile sketch, held against the values themselves."""

from math import inf, nan

import numpy as np
import pytest

from simulator.distributions import Floats
from simulator.results.estimates import nearest_rank
from simulator.results.sketch import RELATIVE_ERROR, Sketch

LUCK = np.random.default_rng(7)
RATIO = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
NASTY = {
    "one value": np.array([123.456]),
    "all equal": np.full(1_000, 7.0),
    "heavy tail": LUCK.pareto(0.3, 50_000) + 1e-9,
    "two far apart": np.where(LUCK.random(9_999) < 0.99, 1e-3, 1e9),
    "mostly zeros": np.where(LUCK.random(9_999) < 0.985, 0.0, LUCK.exponential(size=9_999)),
    "ends of bins": RATIO ** np.arange(-300, 300.0),
    "beside the ends": np.nextafter(RATIO ** np.arange(-300, 300.0), inf),
    "all sizes of floats": 10.0 ** LUCK.uniform(-307, 308, 20_000),
    "smallest and largest": np.array([5e-324, 2.2e-308, 1.7e308]),
    "lattice of ties": np.round(LUCK.exponential(20, 30_000)),
}
SHARES = (1e-6, 0.01, 0.5, 0.9, 0.985, 0.99, 0.999, 1.0)
ROUNDING = 1e-9  # of logarithms and powers, far below the error that is promised


@pytest.mark.parametrize("values", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("share", SHARES)
def test_every_percentile_is_within_the_stated_error(values: Floats, share: float) -> None:
    exact = nearest_rank(values, share)
    assert abs(Sketch.of(values).nearest_rank(share) - exact) <= RELATIVE_ERROR * exact * (1 + ROUNDING)


def test_the_stated_error_is_used_up() -> None:
    share = 1.0
    errors = [abs(Sketch.of(np.array([one])).nearest_rank(share) / one - 1) for one in np.linspace(1, 1.01, 2_000)]
    assert max(errors) > 0.98 * RELATIVE_ERROR


@pytest.mark.parametrize("pieces", [1, 2, 7, 50])
def test_parts_in_any_order_merge_to_the_sketch_of_the_whole(pieces: int) -> None:
    values = np.concatenate(list(NASTY.values()))
    parts = [Sketch.of(part) for part in np.array_split(values, pieces)]
    merged, whole = Sketch.merged([*parts[::-1], Sketch.of(np.zeros(0))]), Sketch.of(values)
    assert (merged.zeros, merged.first, merged.n) == (whole.zeros, whole.first, len(values))
    assert np.array_equal(merged.bins, whole.bins)


def test_memory_depends_on_the_spread_of_the_values_and_not_on_their_number() -> None:
    decades = {n: len(Sketch.of(10 ** np.linspace(0, 3, n)).bins) for n in (10_000, 1_000_000)}
    assert decades[1_000_000] == decades[10_000] == 3_455
    assert Sketch.of(np.array([5e-324, 1.7e308])).bins.nbytes < 5.9e6


def test_nothing_has_no_percentile() -> None:
    for nothing in (Sketch.of(np.zeros(0)), Sketch.merged([])):
        assert nothing.n == 0
        assert np.isnan(nothing.nearest_rank(0.99))


@pytest.mark.parametrize("wrong", [-1.0, inf, nan])
def test_what_is_no_latency_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="a sketch takes finite ones from 0 on"):
        Sketch.of(np.array([1.0, wrong]))
