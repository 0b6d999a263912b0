"""How old what a store returns is, what a delay does to it, and what it means for a request and for the promise."""

import numpy as np
import pytest

from simulator.results.checks import Check, measure
from simulator.results.replications import replicate
from simulator.results.summary import promise_verdicts, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, constant, dead_end, front, kill, replications_of, run_of, store, wide


def _fresh(update_every_s=0.0, lag_s=0.0, seconds=0.0, **more):
    return store(seconds, freshness={"update_every_s": update_every_s, "lag_s": lag_s}, **more)


def _delay(at_s, lag_s, for_s=None, component="x"):
    return {"kind": "delay_features", "component": component, "at_s": at_s, "for_s": for_s, "lag_s": lag_s}


def _ages(part, arrivals, *, seed=1, **more):
    return run_of(a_design({"x": part}, **more), arrivals, seed=seed).components["x"].ages


def test_what_is_written_all_the_time_is_as_old_as_its_lag():
    assert _ages(_fresh(0.0, 2.5), 5).age_s.tolist() == [2.5] * 5


def test_the_age_grows_until_the_next_update_is_visible():
    ages = _ages(_fresh(5.0, 2.0), 20).age_s
    first = ages[0]
    assert 2 <= ages.min() < 3
    assert ages.tolist() == pytest.approx([2 + (first - 2 + i) % 5 for i in range(20)])


def test_the_age_is_taken_when_the_answer_comes():
    reads = _ages(_fresh(0.0, 1.0, seconds=0.5), 2)
    assert (reads.read_s.tolist(), reads.request.tolist()) == ([1.5, 2.5], [0, 1])


@pytest.mark.parametrize(("update_every_s", "lag_s"), [(5.0, 2.0), (1.0, 0.0), (4.0, 0.25)])
def test_the_mean_age_is_half_an_update_and_the_lag(update_every_s, lag_s):
    """Evenly spaced reads miss the mean of a sawtooth by half their distance at most."""
    per_update, periods = 40, 25
    rate = per_update / update_every_s
    ages = _ages(_fresh(update_every_s, lag_s), per_update * periods, rate_per_s=rate).age_s
    assert ages.mean() == pytest.approx(lag_s + update_every_s / 2, abs=0.5 / rate + 1e-9)
    assert lag_s <= ages.min() <= ages.max() <= lag_s + update_every_s


def test_the_phase_of_the_updates_is_drawn_once_for_each_replication():
    design = a_design({"x": _fresh(5.0)})
    firsts = [run_of(design, 3, replication=number).components["x"].ages.age_s[0] for number in range(200)]
    assert np.mean(firsts) == pytest.approx(2.5, abs=4 * 5 / (12 * 200) ** 0.5)


def test_a_delay_ages_the_features_as_fast_as_time_passes():
    ages = _ages(_fresh(0.0, 1.0), 18, faults=[_delay(5.5, 4, 10)]).age_s
    grows = [1.5, 2.5, 3.5, 4.5]
    assert ages.tolist() == [1] * 5 + grows + [5] * 6 + [1] * 3


def test_a_delay_without_an_end_lasts():
    assert _ages(_fresh(0.0, 1.0), 8, faults=[_delay(2.5, 3)]).age_s.tolist() == [1, 1, 1.5, 2.5, 3.5, 4, 4, 4]


def test_delays_at_the_same_time_add_up():
    ages = _ages(_fresh(), 9, faults=[_delay(1.5, 2, 6), _delay(2.5, 2, 4)]).age_s
    assert ages.tolist() == [0, 0.5, 1.5, 2.5, 3.5, 4, 2, 0, 0]


def test_no_delay_makes_anything_younger():
    plain, delayed = (_ages(_fresh(3.0, 1.0), 40, faults=faults).age_s for faults in ([], [_delay(7, 5, 11)]))
    assert (delayed >= plain).all()
    assert delayed.max() > plain.max()


def test_a_store_without_a_say_on_freshness_can_still_be_delayed():
    assert _ages(store(0), 4, faults=[_delay(1.5, 9)]).age_s.tolist() == [0, 0.5, 1.5, 2.5]
    assert _ages(store(0), 4) is None


def _oldest_s(components, arrivals=3, **more):
    run = run_of(a_design(components, **more), arrivals)
    return (run.ended_s - run.oldest_write_s).tolist()


def test_a_request_is_as_old_as_the_oldest_that_it_read():
    parts = {"young": _fresh(0.0, 1.0), "old": _fresh(0.0, 4.0)}
    for steps in ([[{"to": "young"}], [{"to": "old"}]], [[{"to": "young"}, {"to": "old"}]]):
        assert _oldest_s({"front": front(*steps), **parts}) == [4, 4, 4]


@pytest.mark.parametrize(
    "policy", [{"timeout_ms": 5000.0}, {"hedge": {"after_ms": 9.0}}, {"fan_out": {"copies": 2}}, {"share": 1.0}]
)
@pytest.mark.parametrize("concurrency", ["unlimited", 10])
def test_every_way_to_ask_brings_the_age_back(policy, concurrency):
    part = _fresh(0.0, 4.0, shards=2, concurrency=concurrency)
    assert _oldest_s({"front": front([{"to": "x", **policy}]), "x": part}) == [4, 4, 4]


def test_an_answer_that_nobody_waits_for_makes_nobody_old():
    late = {"to": "slow", "timeout_ms": 500.0, "fallback": [{"to": "young"}]}
    parts = {"front": front([late]), "slow": _fresh(0.0, 9.0, seconds=0.6), "young": _fresh(0.0, 1.0)}
    assert _oldest_s(parts) == [1, 1, 1]


def test_what_a_cache_holds_grows_older():
    cache = {
        "kind": "cache",
        "lookup_time": constant(0),
        "contents": {"kind": "ttl", "ttl_s": 3.0},
        "on_miss": [[{"to": "x"}]],
    }
    empty = {"kind": "flush_cache", "component": "cache", "at_s": 0}
    # fetched at 1 and at 4, when it was a second old, and then answered from the cache
    assert _oldest_s({"cache": cache, "x": _fresh(0.0, 1.0)}, 6, keys={"count": 1}, faults=[empty]) == [1, 2, 3] * 2


def test_those_who_share_a_fill_share_its_age():
    cache = {
        "kind": "cache",
        "lookup_time": constant(0),
        "contents": {"kind": "lru", "capacity_keys": 1},
        "single_flight": True,
        "on_miss": [[{"to": "x"}]],
    }
    empty = {"kind": "flush_cache", "component": "cache", "at_s": 0}
    parts = {"cache": cache, "x": _fresh(0.0, 1.0, seconds=2.5)}  # answered at 3.5, written at 2.5
    assert _oldest_s(parts, 4, keys={"count": 1}, faults=[empty]) == [1, 1, 1, 1.5]


def test_a_design_without_ages_keeps_none():
    assert run_of(a_design({"x": wide(0)}), 3).oldest_write_s is None


def test_the_promise_of_freshness_holds_for_95_of_100_answers():
    # 20 of 400 answers are 9 s old, all others one: the p95 is the 380th of them
    late = _delay(100.5, 8, 20)
    for faults, value in (([late], 1.0), ([{**late, "for_s": 21.0}], None)):
        design = a_design({"x": _fresh(0.0, 1.0)}, faults=faults, promise={"freshness_s": 1.0})
        [verdict] = promise_verdicts(replications_of(design, 400))
        assert verdict.met == (value is not None)
    assert verdict.value == 1.5
    assert verdict.sentence == "p95 age of what is read 1.5 s, wanted at most 1 s"


def test_what_a_failed_request_had_read_does_not_count():
    parts = {"front": front([{"to": "x"}], [{"to": "dead"}]), "x": _fresh(0.0, 1.0), **dead_end()}
    summary = summarize(replications_of(a_design(parts, faults=[kill("corpse", 2.5)]), 5))
    assert summary.outcomes.failed == 4
    assert summary.freshness.max_s == 2  # the answered ones took a second more
    later = a_design(parts, faults=[kill("corpse", 2.5), _delay(3.5, 99)])
    assert summarize(replications_of(later, 9)).freshness.max_s == 2


def test_freshness_is_judged_in_the_window_of_a_check():
    design = a_design({"x": _fresh(0.0, 1.0)}, faults=[_delay(200.5, 1000)])
    replications = replications_of(design, 400)
    before, after = (
        measure(Check(metric="freshness_s", at_most=1.0, **window), replications)
        for window in ({"to_s": 200.5}, {"from_s": 200.5})
    )
    assert (before, after) == (1.0, 190.5)


def test_the_summary_tells_the_age_of_each_store_and_of_the_answers():
    parts = {"front": front([{"to": "x"}], [{"to": "y"}]), "x": _fresh(0.0, 1.0), "y": _fresh(10.0, 2.0)}
    summary = summarize(replications_of(a_design(parts), 400))
    ages = {one.component: one.age for one in summary.components}
    assert ages["front"] is None
    assert ages["x"].model_dump() == {"mean_s": 1.0, "p95_s": 1.0, "max_s": 1.0}
    assert ages["y"].mean_s == pytest.approx(7, abs=0.5)
    assert summary.freshness == ages["y"]


def test_what_was_read_during_the_warm_up_or_after_the_last_arrival_does_not_count():
    """Reads are a second old, but for those until 3 s, while nothing new is seen."""
    part = store(0.25, freshness={"update_every_s": 0.0, "lag_s": 1.0})
    late = {"kind": "delay_features", "component": "x", "at_s": 0.0, "for_s": 3.0, "lag_s": 9.0}
    settings = RunSettings(seed=1, replications=1, duration_s=6.5, warm_up_s=3.5)
    [summary] = summarize(replicate(a_design({"x": part}, faults=[late]), settings)).components
    assert summary.age.max_s == pytest.approx(1.0)
