"""Who the requests are: classes by their shares, and how many items each carries."""

import numpy as np
import pytest
from scipy import stats

from tests.simulator.designs import a_design, run_of, wide


def _run(classes, arrivals=4000, seed=1):
    return run_of(a_design({"x": wide(0)}, classes=classes), arrivals, seed=seed)


def _items(spread, arrivals=4000):
    return _run([{"items": spread}], arrivals).items


def test_classes_have_their_shares():
    run = _run([{"name": "feed", "share": 0.5}, {"name": "search", "share": 0.3}, {"name": "mail", "share": 0.2}])
    for kind, share in enumerate((0.5, 0.3, 0.2)):
        assert (run.class_index == kind).mean() == pytest.approx(share, abs=4 * (share * (1 - share) / 4000) ** 0.5)


def test_a_class_without_a_share_gets_no_request():
    assert (_run([{"name": "all", "share": 1.0}, {"name": "none", "share": 0.0}]).class_index == 0).all()


def test_each_class_carries_its_own_number_of_items():
    run = _run([{"name": "one", "share": 0.5, "items": 1}, {"name": "many", "share": 0.5, "items": 300}], 50)
    assert run.items.tolist() == [300 if kind else 1 for kind in run.class_index]


def test_a_larger_share_only_moves_requests_to_the_class():
    small, large = (_run([{"name": "a", "share": s}, {"name": "b", "share": 1 - s}]).class_index for s in (0.3, 0.6))
    assert (large[small == 0] == 0).all()


@pytest.mark.parametrize("shape", ["exponential", "geometric", "gamma", "lognormal"])
def test_every_request_carries_at_least_one_whole_item(shape):
    items = _items({"shape": shape, "mean": 1.2})
    assert items.dtype == np.int64
    assert items.min() == 1


def test_geometric_items_of_mean_one_are_one():
    assert set(_items({"shape": "geometric", "mean": 1.0})) == {1}


@pytest.mark.parametrize("mean", [1.5, 4.0, 50.0])
def test_geometric_items_follow_the_geometric_law(mean):
    items = _items({"shape": "geometric", "mean": mean})
    for most in (1, 2, int(mean), int(2 * mean)):
        expected = stats.geom.cdf(most, 1 / mean)
        standard_error = (expected * (1 - expected) / 4000) ** 0.5
        assert (items <= most).mean() == pytest.approx(expected, abs=max(4 * standard_error, 1e-9))


@pytest.mark.parametrize(
    ("spread", "scv"),
    [
        ({"shape": "exponential", "mean": 300.0}, 1.0),
        ({"shape": "gamma", "mean": 300.0, "scv": 0.25}, 0.25),
        ({"shape": "lognormal", "mean": 300.0, "scv": 0.5}, 0.5),
    ],
)
def test_items_have_their_mean_and_spread(spread, scv):
    items = _items(spread, 20_000) / 300
    assert items.mean() == pytest.approx(1, abs=4 * (scv / 20_000) ** 0.5 + 0.01)  # a percent for rounding up to one
    influence = (items - items.mean()) ** 2
    assert items.var() == pytest.approx(scv, abs=4 * influence.std() / 20_000**0.5)


def test_items_do_not_depend_on_the_class_shares():
    alone = _run([{"items": {"shape": "exponential", "mean": 20.0}}], 200)
    spread = {"shape": "exponential", "mean": 20.0}
    shared = _run([{"name": "a", "share": 0.5, "items": spread}, {"name": "b", "share": 0.5, "items": spread}], 200)
    assert alone.items.tolist() == shared.items.tolist()
