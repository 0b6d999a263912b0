"""Reads from shards and caches: which draws count, which shard is asked, and what a miss does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.distributions import Exponential
from simulator.draws import Draws
from tests.simulator import oracles
from tests.simulator.designs import (
    a_design,
    constant,
    exponential,
    front,
    latencies_s,
    log,
    run_of,
    service,
    slow,
    store,
    wide,
)

READ = Exponential(mean_ms=1000.0)


def _fan_out(shards, arrivals=60, rate_per_s=1.0, store_more=None, **call):
    call = {"to": "x", "fan_out": {"copies": "all"}, **call}
    part = {**store(shards=shards, read_time=exponential(1)), **(store_more or {})}
    return run_of(a_design({"front": front([call]), "x": part}, rate_per_s=rate_per_s), arrivals)


def _together(run, shards, visit=0):
    """The read times that a fan-out has drawn, in seconds, shape (requests, shards)."""
    draws = Draws(run.seed, run.replication, len(run.arrived_s))
    columns = [draws.uniforms(f"x/together/{shard}", visit) for shard in range(shards)]
    return READ.inverse_ms(np.stack(columns, axis=1)) / 1000


def test_a_read_takes_its_own_time_whatever_the_load():
    run = run_of(a_design({"x": store(read_time=exponential(1))}, rate_per_s=1000), 200)
    drawn_s = Draws(1, 0, 200).durations_s("x", READ)
    assert latencies_s(run) == pytest.approx(drawn_s, abs=1e-12)


@pytest.mark.parametrize("need", [1, 5, 8, "all"])
def test_a_fan_out_takes_as_long_as_the_last_answer_that_is_needed(need):
    run = _fan_out(8, fan_out={"copies": 8, "need": need})
    rank = 7 if need == "all" else need - 1
    assert latencies_s(run) == pytest.approx(np.sort(_together(run, 8), axis=1)[:, rank], abs=1e-12)


@pytest.mark.parametrize("shards", [1, 8, 64])
def test_asking_all_shards_takes_as_long_as_the_slowest(shards):
    run = _fan_out(shards)
    assert latencies_s(run) == pytest.approx(_together(run, shards).max(axis=1), abs=1e-12)


def test_each_late_shard_is_asked_twice_and_its_first_answer_counts():
    run = _fan_out(8, hedge={"after_ms": 1500.0})
    first, counts = _together(run, 8), run.calls["front.calls.0.0"]
    assert counts.backup_requests == (first > 1.5).sum()
    assert (np.array(latencies_s(run)) <= first.max(axis=1) + 1e-12).all()
    unhelped = (first > 1.5).sum(axis=1) == 0
    assert np.array(latencies_s(run))[unhelped] == pytest.approx(first.max(axis=1)[unhelped], abs=1e-12)


def test_no_shard_is_asked_twice_when_enough_have_answered_in_time():
    run = _fan_out(8, fan_out={"copies": 8, "need": 4}, hedge={"after_ms": 1500.0})
    first = np.sort(_together(run, 8), axis=1)
    still_missing = first[first[:, 3] > 1.5]
    assert 0 < len(still_missing) < 60
    assert run.calls["front.calls.0.0"].backup_requests == (still_missing > 1.5).sum()


def test_a_hedged_shard_answers_at_the_earlier_of_both_answers():
    call = {"to": "x", "fan_out": {"copies": "all"}, "hedge": {"after_ms": 2000.0}}
    slowly_at_first = {"faults": [slow("x", 10, 0, 2)]}
    run = run_of(a_design({"front": front([call]), "x": store(1, shards=4)}, **slowly_at_first), 1)
    assert latencies_s(run) == [3]  # asked at 1 and slow, asked again at 3 and quick


def test_hedging_a_fan_out_has_the_law_of_the_smaller_of_two_draws():
    after_s, shards, requests = 1.0, 4, 4000
    run = _fan_out(shards, arrivals=requests, hedge={"after_ms": after_s * 1000})
    # one shard takes longer than t > after with probability e^-t * e^-(t - after)
    beyond_s = 2.0
    one = 1 - np.exp(-beyond_s) * np.exp(-(beyond_s - after_s))
    expected = one**shards
    measured = (np.array(latencies_s(run)) <= beyond_s).mean()
    assert measured == pytest.approx(expected, abs=4 * (expected * (1 - expected) / requests) ** 0.5)


def test_a_longer_fan_out_keeps_the_luck_of_the_shards_it_had():
    few, many = _fan_out(4), _fan_out(8)
    assert (np.array(latencies_s(few)) <= np.array(latencies_s(many)) + 1e-12).all()


@given(seed=st.integers(0, 2**31), concurrency=st.integers(1, 3), load=st.floats(0.3, 1.3))
@settings(deadline=None, max_examples=30)
def test_a_store_of_one_shard_that_can_be_full_is_first_come_first_served(seed, concurrency, load):
    part = store(read_time=exponential(1), replicas=2, concurrency=concurrency)
    run = run_of(a_design({"x": part}, rate_per_s=load * 2 * concurrency), 200, seed=seed)
    read_s = Draws(seed, 0, len(run.arrived_s)).durations_s("x", READ).tolist()
    expected = oracles.first_come_first_served(run.arrived_s.tolist(), read_s, 2 * concurrency)
    assert run.ended_s.tolist() == expected.ended_s


def test_every_shard_has_a_queue_of_its_own():
    part = store(read_time=exponential(1), shards=4, concurrency=1)
    run = run_of(a_design({"x": part}, rate_per_s=3), 400)
    draws = Draws(1, 0, 400)
    shard, read_s = (draws.uniforms("x/shard") * 4).astype(int), draws.durations_s("x", READ)
    for one in range(4):
        mine = shard == one
        expected = oracles.first_come_first_served(run.arrived_s[mine].tolist(), read_s[mine].tolist(), 1)
        assert run.ended_s[mine].tolist() == expected.ended_s


def test_keys_are_spread_evenly_over_the_shards():
    run = run_of(a_design({"x": store(10_000, shards=4, concurrency=1, queue={"limit": 0})}), 400)
    assert (run.ending == 0).sum() == 4  # one read in each shard, and no place to wait


def test_asking_all_shards_asks_each_of_them_once():
    call = {"to": "x", "fan_out": {"copies": "all"}}
    run = run_of(a_design({"front": front([call]), "x": store(0.5, shards=8, concurrency=1)}), 20)
    assert latencies_s(run) == [0.5] * 20


def test_asking_some_shards_asks_different_ones():
    call = {"to": "x", "fan_out": {"copies": 5}}
    run = run_of(a_design({"front": front([call]), "x": store(0.5, shards=8, concurrency=1)}), 20)
    assert latencies_s(run) == [0.5] * 20


def _seconds_until_the_second_visit_begins(call):
    run = run_of(a_design({"front": front([call]), "x": store(0.5, shards=8, concurrency=1)}), 20)
    return [began - request - 1 for request, entered, began, _ in log(run, "x") if entered != request + 1]


def test_a_backup_read_goes_to_the_shard_of_its_key():
    call = {"to": "x", "hedge": {"after_ms": 100.0, "cancel_loser": False}}
    assert _seconds_until_the_second_visit_begins(call) == pytest.approx([0.5] * 20)  # behind its own first copy


def test_a_read_that_is_tried_again_goes_to_the_shard_of_its_key():
    call = {"to": "x", "timeout_ms": 100.0, "retries": {"attempts": 2, "backoff": "none"}}
    assert _seconds_until_the_second_visit_begins(call) == pytest.approx([0.5] * 20)


def test_more_replicas_of_a_shard_answer_side_by_side():
    part = store(1.5, replicas=2, concurrency=1)
    assert latencies_s(run_of(a_design({"x": part}), 4)) == [1.5] * 4


def _cache(hit_ratio, **more):
    contents = {"kind": "fixed", "hit_ratio": hit_ratio}
    return {"kind": "cache", "lookup_time": constant(0.25), "contents": contents, "on_miss": [[{"to": "x"}]], **more}


def test_a_hit_takes_the_lookup_and_a_miss_the_rest_too():
    run = run_of(a_design({"cache": _cache(0.5), "x": wide(2)}), 50)
    missed = {row[0] for row in log(run, "x")}
    assert 0 < len(missed) < 50
    assert latencies_s(run) == [2.25 if i in missed else 0.25 for i in range(50)]


def test_hits_are_a_fixed_share_of_all_lookups():
    run = run_of(a_design({"cache": _cache(0.8), "x": wide(0)}), 5000)
    counts = run.components["cache"].counts
    assert counts["hits"] + counts["misses"] == 5000
    assert counts["hits"] / 5000 == pytest.approx(0.8, abs=4 * (0.8 * 0.2 / 5000) ** 0.5)


@pytest.mark.parametrize(("hit_ratio", "asked"), [(0.0, 40), (1.0, 0)])
def test_a_cache_that_always_or_never_hits(hit_ratio, asked):
    assert len(log(run_of(a_design({"cache": _cache(hit_ratio), "x": wide(0)}), 40), "x")) == asked


def test_a_better_cache_only_turns_misses_into_hits():
    missed = [
        {row[0] for row in log(run_of(a_design({"cache": _cache(h), "x": wide(0)}), 300), "x")} for h in (0.3, 0.6)
    ]
    assert missed[1] < missed[0]


def test_misses_of_a_cache_wait_for_what_is_behind_it():
    run = run_of(a_design({"cache": _cache(0.0), "x": service(2)}), 2)
    assert log(run, "x") == [(0, 1.25, 1.25, 3.25), (1, 2.25, 3.25, 5.25)]
