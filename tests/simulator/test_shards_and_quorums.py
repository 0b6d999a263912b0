"""Uneven shards, and reads that wait for k of the n replicas of a shard."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.distributions import Exponential
from simulator.draws import Draws
from simulator.keys import key_ranks
from simulator.load import static_load
from simulator.results.bottleneck import measured_load
from simulator.results.run import Ending
from simulator.sharding import busiest_share, shards_of
from tests.simulator import oracles
from tests.simulator.designs import (
    a_design,
    exponential,
    front,
    kill,
    latencies_s,
    log,
    replications_of,
    run_of,
    slow,
    store,
)

ANSWERED, FAILED = Ending.ANSWERED, Ending.FAILED
READ = Exponential(mean_ms=1000.0)


# ---- shards ----------------------------------------------------------------------------------------------------


def _shard_ends(run, shard, shards_hit):
    mine = shards_hit == shard
    draws = Draws(run.seed, 0, len(run.arrived_s))
    read_s = draws.durations_s("x", READ)
    return mine, oracles.first_come_first_served(run.arrived_s[mine].tolist(), read_s[mine].tolist(), 1).ended_s


@pytest.mark.parametrize("share", [0.0, 0.25, 0.7, 1.0])
def test_the_hot_shard_gets_its_share_and_the_others_the_rest_evenly(share):
    part = store(read_time=exponential(1), shards=4, concurrency=1, hot_shard_share=share)
    run = run_of(a_design({"x": part}), 600)
    luck = Draws(1, 0, 600).uniforms("x/shard")
    edges = np.cumsum([share, *[(1 - share) / 3] * 3])
    hit = np.searchsorted(edges, luck, side="right")
    assert set(hit.tolist()) <= {0, 1, 2, 3}
    for shard in range(4):
        mine, ended_s = _shard_ends(run, shard, hit)
        assert run.ended_s[mine].tolist() == pytest.approx(ended_s)


def test_with_keys_every_key_has_its_shard():
    part = store(read_time=exponential(1), shards=4, concurrency=1)
    design = a_design({"x": part}, keys={"count": 30})
    run = run_of(design, 400)
    hit = shards_of(key_ranks(design.traffic.keys, 400, 1, 0), 4)
    for shard in range(4):
        mine, ended_s = _shard_ends(run, shard, hit)
        assert run.ended_s[mine].tolist() == ended_s


def test_keys_spread_evenly_over_shards():
    counts = np.bincount(shards_of(np.arange(100_000), 10), minlength=10)
    assert counts.sum() == 100_000
    assert abs(counts - 10_000).max() < 4 * (100_000 * 0.1 * 0.9) ** 0.5


def test_a_hot_shard_limits_the_store():
    part = store(0.1, shards=4, concurrency=1, hot_shard_share=0.5)
    design = a_design({"x": part}, rate_per_s=10.0)
    assert static_load(design)["x"].load == pytest.approx(10 * 0.5 * 0.1)
    assert measured_load(replications_of(design, 400))["x"].load == pytest.approx(0.5, rel=1 / 400)


@pytest.mark.parametrize(
    ("part", "call", "keys", "share"),
    [
        (store(shards=4), {}, None, 1 / 4),
        (store(shards=4, hot_shard_share=0.7), {}, None, 0.7),
        (store(shards=4, hot_shard_share=0.1), {}, None, 0.3),
        (store(shards=1, hot_shard_share=0.1), {}, None, 1.0),
        (store(shards=4, hot_shard_share=0.7), {"fan_out": {}}, None, 1 / 4),
        (store(shards=2), {}, {"count": 1}, 1.0),
    ],
)
def test_how_much_of_the_reads_the_busiest_shard_gets(part, call, keys, share):
    design = a_design({"front": front([{"to": "x", **call}]), "x": part}, **({"keys": keys} if keys else {}))
    assert busiest_share(design, "x") == pytest.approx(share)


def test_the_busiest_shard_by_key_is_counted_key_by_key():
    design = a_design({"x": store(shards=5)}, keys={"count": 3000, "zipf_exponent": 0.9})
    weights = np.arange(1, 3001) ** -0.9
    per_shard = np.bincount(shards_of(np.arange(3000), 5), weights=weights) / weights.sum()
    assert busiest_share(design, "x") == pytest.approx(per_shard.max())


# ---- quorums ---------------------------------------------------------------------------------------------------


def _quorum(need, replicas, *, concurrency="unlimited", **more):
    return store(replicas=replicas, quorum=need, concurrency=concurrency, **{"read_time": exponential(1), **more})


def _replica_times_s(replicas, n):
    draws = Draws(1, 0, n)
    who = ["x", *(f"x/replica/{replica}" for replica in range(1, replicas))]
    return np.stack([draws.durations_s(one, READ) for one in who], axis=1)


@pytest.mark.parametrize("concurrency", ["unlimited", 1000])
@pytest.mark.parametrize(("need", "replicas"), [(1, 1), (1, 3), (2, 3), (3, 3), (4, 5)])
def test_a_quorum_waits_for_the_last_answer_that_is_needed(need, replicas, concurrency):
    run = run_of(a_design({"x": _quorum(need, replicas, concurrency=concurrency)}), 200)
    expected_s = np.sort(_replica_times_s(replicas, 200), axis=1)[:, need - 1]
    assert latencies_s(run) == pytest.approx(expected_s, abs=1e-9)


@pytest.mark.parametrize("concurrency", ["unlimited", 1])
def test_with_constant_times_a_quorum_costs_no_time(concurrency):
    part = _quorum(2, 3, concurrency=concurrency, read_time={"kind": "constant", "value_ms": 500.0})
    assert latencies_s(run_of(a_design({"x": part}), 10)) == [0.5] * 10


@pytest.mark.parametrize(("need", "replicas"), [(1, 3), (2, 3), (3, 5)])
def test_a_quorum_of_exponentials_takes_the_mean_of_an_order_statistic(need, replicas):
    """Renyi: the k-th of n exponentials has mean 1/n + ... + 1/(n-k+1) and variance 1/n^2 + ..."""
    n = 20_000
    latency_s = np.array(latencies_s(run_of(a_design({"x": _quorum(need, replicas)}), n)))
    left = np.arange(replicas - need + 1, replicas + 1)
    assert latency_s.mean() == pytest.approx((1 / left).sum(), abs=4 * ((1 / left**2).sum() / n) ** 0.5)


def test_every_replica_of_a_quorum_has_a_queue_of_its_own():
    # each replica works two seconds on each read, one read a second: both queues grow by a second a read
    part = _quorum(1, 2, concurrency=1, read_time={"kind": "constant", "value_ms": 2000.0})
    assert latencies_s(run_of(a_design({"x": part}), 4)) == [2, 3, 4, 5]


@given(need=st.integers(1, 4), seed=st.integers(0, 2**31), load=st.floats(0.2, 0.9))
@settings(deadline=None, max_examples=25)
def test_waiting_for_one_answer_more_never_takes_less_time(need, seed, load):
    """Whoever is not waited for works on, so that the queues are the same."""
    fewer, more = (
        run_of(a_design({"x": _quorum(k, 5, concurrency=1)}, rate_per_s=load), 80, seed=seed) for k in (need, need + 1)
    )
    assert (fewer.ended_s <= more.ended_s).all()
    assert sorted(log(fewer, "x")) == sorted(log(more, "x"))


def test_a_quorum_survives_as_many_dead_replicas_as_it_can_miss():
    part = _quorum(2, 3, concurrency=10, shards=2, read_time={"kind": "constant", "value_ms": 250.0})
    one, two = kill("x", 2.5, 2, replicas=1), kill("x", 2.5, 2, replicas=2)
    assert run_of(a_design({"x": part}, faults=[one]), 6).ending.tolist() == [ANSWERED] * 6
    run = run_of(a_design({"x": part}, faults=[two]), 6)
    assert run.ending.tolist() == [ANSWERED, ANSWERED, FAILED, FAILED, ANSWERED, ANSWERED]
    assert latencies_s(run) == [0.25, 0.25, 0, 0, 0.25, 0.25]


def test_a_replica_that_dies_at_work_fails_a_quorum_only_if_it_is_missed():
    part = _quorum(2, 3, concurrency=1, read_time={"kind": "constant", "value_ms": 900.0})
    endings = [run_of(a_design({"x": part}, faults=[kill("x", 1.5, replicas=k)]), 1).ending[0] for k in (1, 2)]
    assert endings == [ANSWERED, FAILED]


def test_a_slow_store_slows_every_replica_of_its_quorums():
    for concurrency in ("unlimited", 5):
        part = _quorum(2, 3, concurrency=concurrency, read_time={"kind": "constant", "value_ms": 250.0})
        assert latencies_s(run_of(a_design({"x": part}, faults=[slow("x", 2, 1.5)]), 2)) == [0.25, 0.5]


def test_a_fan_out_asks_a_quorum_of_every_shard():
    part = _quorum(2, 3, shards=4)
    run = run_of(a_design({"front": front([{"to": "x", "fan_out": {}}]), "x": part}), 50)
    columns = [Draws(1, 0, 50).uniforms(f"x/together/{replica}") for replica in range(12)]
    times_s = READ.inverse_ms(np.stack(columns, axis=1)) / 1000
    second = np.sort(times_s.reshape(50, 4, 3), axis=2)[:, :, 1]
    assert latencies_s(run) == pytest.approx(second.max(axis=1))


def test_a_quorum_counts_the_work_of_all_its_replicas():
    part = _quorum(2, 3, concurrency=1, read_time={"kind": "constant", "value_ms": 250.0})
    design = a_design({"front": front([{"to": "x"}]), "x": part}, rate_per_s=2.0)
    for direct in (design, a_design({"x": part}, rate_per_s=2.0)):
        assert static_load(direct)["x"].load == pytest.approx(0.5)
        assert measured_load(replications_of(direct, 400))["x"].load == pytest.approx(0.5, rel=1 / 400)
