"""Hit ratios from numbers alone, and caches that start in their steady state."""

import numpy as np
import pytest

from simulator.design import Cache, Keys, Lru, Ttl
from simulator.design_file import design_from
from simulator.hit_ratios import hit_ratio, key_groups
from simulator.load import static_load, visits_per_request
from simulator.sliders import sliders
from simulator.theory import caching
from simulator.warm_start import lru_ranks, ttl_entries
from tests.simulator.designs import a_design, constant, log, run_of, service, wide

POISSON = {"arrivals": {"kind": "poisson"}}


def _cache(contents, **more):
    return {"kind": "cache", "lookup_time": constant(0), "contents": contents, "on_miss": [[{"to": "x"}]], **more}


def _spec(contents) -> Cache:
    design = a_design({"cache": _cache(contents), "x": wide(0)})
    part = design.components["cache"]
    assert isinstance(part, Cache)
    return part


# ---- estimates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [0.0, 0.7, 1.0, 1.5])
@pytest.mark.parametrize("count", [1, 10, 20_000, 20_001, 500_000])
def test_grouped_keys_stand_for_all_keys(count, exponent):
    popularity, keys = key_groups(count, exponent)
    exact = caching.zipf_popularity(count, exponent)
    assert keys.sum() == count
    assert popularity @ keys == pytest.approx(1)
    assert popularity[0] == pytest.approx(exact[0], rel=1e-6)
    ends = np.cumsum(keys).astype(int)
    assert np.cumsum(popularity * keys) == pytest.approx(np.cumsum(exact)[ends - 1], abs=1e-6)


def test_a_hundred_million_keys_are_few_groups():
    assert len(key_groups(100_000_000, 1.0)[0]) < 30_000


@pytest.mark.parametrize("exponent", [0.8, 1.0])
@pytest.mark.parametrize("count", [5000, 100_000])
@pytest.mark.parametrize("capacity", [1, 100, 4000])
def test_lru_is_estimated_by_che(count, exponent, capacity):
    expected = caching.che_hit_ratio(caching.zipf_popularity(count, exponent), capacity)
    part = _spec({"kind": "lru", "capacity_keys": capacity})
    assert hit_ratio(part, Keys(count=count, zipf_exponent=exponent), 1.0) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("renewed", [False, True])
def test_ttl_is_estimated_by_renewal(renewed):
    expected = caching.ttl_hit_ratio(caching.zipf_popularity(100_000, 1.0), 50.0, 60.0, renewed=renewed)
    part = _spec({"kind": "ttl", "ttl_s": 60.0, "renewed": renewed})
    assert hit_ratio(part, Keys(count=100_000), 50.0) == pytest.approx(expected, abs=1e-6)


def test_a_cache_with_room_for_everything_always_hits():
    assert hit_ratio(_spec({"kind": "lru", "capacity_keys": 10}), Keys(count=10), 1.0) == 1


def test_nothing_is_known_about_hits_without_keys():
    assert hit_ratio(_spec({"kind": "lru", "capacity_keys": 10}), None, 1.0) == 0
    assert hit_ratio(_spec({"kind": "fixed", "hit_ratio": 0.3}), None, 1.0) == 0.3


def test_a_cache_keeps_its_hits_from_what_is_behind_it():
    contents = {"kind": "ttl", "ttl_s": 4.0}
    parts = {"cache": _cache(contents), "x": service(0.5)}
    design = a_design(parts, rate_per_s=2.0, keys={"count": 1})
    # one key, twice a second: a fill, then 8 hits on average
    assert visits_per_request(design)["x"] == pytest.approx(1 / 9)
    assert static_load(design)["x"].load == pytest.approx(2 * 0.5 / 9)


def test_a_second_cache_is_asked_only_for_the_misses_of_the_first():
    parts = {
        "cache": _cache({"kind": "fixed", "hit_ratio": 0.5}),
        "x": {**_cache({"kind": "ttl", "ttl_s": 4.0}), "on_miss": [[{"to": "y"}]]},
        "y": wide(0),
    }
    design = a_design(parts, rate_per_s=2.0, keys={"count": 1})
    assert visits_per_request(design)["y"] == pytest.approx(0.5 / 5)


# ---- the warm start --------------------------------------------------------------------------------------------


def _share_held(held, count):
    found = np.zeros(count)
    for ranks in held:
        found[ranks] += 1
    return found / len(held)


@pytest.mark.parametrize("exponent", [0.0, 1.0])
def test_a_warm_lru_holds_as_many_keys_as_fit_and_each_once(exponent):
    held = lru_ranks(Keys(count=50, zipf_exponent=exponent), 20, 1, 0, "cache/warm")
    assert len(held) == len(set(held)) == 20
    assert lru_ranks(Keys(count=5), 20, 1, 0, "cache/warm") == lru_ranks(Keys(count=5), 5, 1, 0, "cache/warm")


def test_the_most_recently_used_key_of_a_warm_lru_is_drawn_by_popularity():
    n, keys = 4000, Keys(count=6, zipf_exponent=1.0)
    last = [lru_ranks(keys, 3, 1, number, "cache/warm")[-1] for number in range(n)]
    popularity = caching.zipf_popularity(6, 1.0)
    shares = np.bincount(last, minlength=6) / n
    assert (np.abs(shares - popularity) <= 4 * np.sqrt(popularity * (1 - popularity) / n)).all()


def test_the_next_one_before_it_is_drawn_from_the_rest():
    """Sampling without replacement: after key 0, key 1 comes with p1 / (1 - p0)."""
    n, keys = 6000, Keys(count=4, zipf_exponent=1.0)
    held = [lru_ranks(keys, 2, 1, number, "cache/warm") for number in range(n)]
    popularity = caching.zipf_popularity(4, 1.0)
    first, expected = popularity[0], popularity[1] / (1 - popularity[0])
    after = [second for second, last in held if last == 0]
    share = np.mean([second == 1 for second in after])
    assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / (0.9 * first * n)) ** 0.5)


@pytest.mark.parametrize("renewed", [False, True])
def test_a_warm_ttl_cache_holds_each_key_as_often_as_in_steady_state(renewed):
    n, keys, contents = 3000, Keys(count=5, zipf_exponent=1.0), Ttl(ttl_s=2.0, renewed=renewed)
    drawn = [ttl_entries(keys, contents, 1.5, 1, number, "cache/warm") for number in range(n)]
    shares = _share_held([[rank for rank, _ in one] for one in drawn], 5)
    expected = caching.zipf_popularity(5, 1.0) * 1.5 * 2.0
    held = -np.expm1(-expected) if renewed else expected / (1 + expected)
    assert (np.abs(shares - held) <= 4 * np.sqrt(held * (1 - held) / n)).all()
    left_s = np.array([until_s for one in drawn for rank, until_s in one if rank == 0])
    assert 0 < left_s.min() <= left_s.max() <= 2
    if not renewed:  # uniform: the mean of the rest is half of the whole
        assert left_s.mean() == pytest.approx(1, abs=4 * 2 / (12 * len(left_s)) ** 0.5)
    else:  # an exponential age, cut off at 2 s
        rate = expected[0] / 2
        mean_age_s = 1 / rate - 2 * np.exp(-2 * rate) / -np.expm1(-2 * rate)
        assert 2 - left_s.mean() == pytest.approx(mean_age_s, abs=4 * left_s.std() / len(left_s) ** 0.5)


@pytest.mark.parametrize(
    "contents",
    [
        {"kind": "lru", "capacity_keys": 20},
        {"kind": "ttl", "ttl_s": 9.0},
        {"kind": "ttl", "ttl_s": 9.0, "renewed": True},
    ],
)
def test_the_first_requests_hit_as_often_as_the_last(contents):
    """No warm-up: over many short runs the first ten requests have the hit ratio of the long run."""
    runs, first = 400, 10
    design = a_design({"cache": _cache(contents), "x": wide(0)}, rate_per_s=5.0, keys={"count": 200}, **POISSON)
    missed = 0
    asked = 0
    for number in range(runs):
        run = run_of(design, first, replication=number)
        asked += len(run.arrived_s)
        missed += len(log(run, "x"))
    part = design.components["cache"]
    assert isinstance(part, Cache)
    expected = hit_ratio(part, design.traffic.keys, 5.0)
    slack = 0.01 if isinstance(part.contents, Lru) else 0  # Che's approximation for twenty keys
    # requests of one run share their cache: at worst as if each run were one request
    standard_error = (expected * (1 - expected) / asked) ** 0.5 * 1.5
    assert 1 - missed / asked == pytest.approx(expected, abs=4 * standard_error + slack)


def test_the_size_and_the_life_of_a_cache_can_be_turned():
    for contents, field, value in (
        ({"kind": "lru", "capacity_keys": 1000}, "capacity_keys", 1000),
        ({"kind": "lru", "capacity_keys": 1_000_000}, "capacity_keys", 1_000_000),
        ({"kind": "ttl", "ttl_s": 60.0}, "ttl_s", 60.0),
    ):
        design = design_from(a_design({"cache": _cache(contents), "x": wide(0)}).model_dump(mode="json"))
        [slider] = [one for one in sliders(design) if one.path == f"components.cache.contents.{field}"]
        assert slider.low < value <= slider.high
        assert slider.high <= 1_000_000
