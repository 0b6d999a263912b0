"""What strikes a system while it runs: replicas that die and come back, slowness and spikes, at exact times."""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    constant,
    front,
    kill,
    latencies_s,
    log,
    model_server,
    run_of,
    service,
    slow,
    store,
    wide,
)

ANSWERED, REFUSED, FAILED = Ending.ANSWERED, Ending.REFUSED, Ending.FAILED


def test_a_replica_dies_with_the_work_it_holds():
    run = run_of(a_design({"x": service(5)}, faults=[kill("x", 3.5, 2)]), 1)
    assert log(run, "x") == [(0, 1, 1, 3.5)]
    assert (latencies_s(run), run.ending.tolist()) == ([2.5], [FAILED])


def test_what_waits_before_a_shared_queue_outlives_its_replicas():
    run = run_of(a_design({"x": service(5)}, faults=[kill("x", 3.5, 2)]), 3)
    assert log(run, "x") == [(0, 1, 1, 3.5), (1, 2, 5.5, 10.5), (2, 3, 10.5, 15.5)]
    assert run.ending.tolist() == [FAILED, ANSWERED, ANSWERED]


def test_what_waits_at_a_replica_behind_a_balancer_dies_with_it():
    run = run_of(a_design({"lb": balancer("x"), "x": service(5)}, faults=[kill("x", 3.5, 2)]), 4)
    assert log(run, "x") == [(0, 1, 1, 3.5), (1, 2, None, 3.5), (2, 3, None, 3.5)]
    assert run.ended_s.tolist() == [3.5, 3.5, 3.5, 4]
    assert run.ending.tolist() == [FAILED] * 4


def test_the_last_replicas_die_and_the_others_work_on():
    run = run_of(a_design({"x": service(5, replicas=3)}, faults=[kill("x", 4.5, 3, replicas=2)]), 5)
    ended = sorted((ended, request) for request, _, _, ended in log(run, "x"))
    assert [at for at, _ in ended[:2]] == [4.5, 4.5]
    assert run.ending.tolist().count(FAILED) == 2


def test_every_slot_of_a_dead_replica_is_lost():
    run = run_of(a_design({"x": service(9, replicas=2, concurrency=3)}, faults=[kill("x", 6.5)]), 6)
    assert sorted(run.ending.tolist()) == [ANSWERED] * 3 + [FAILED] * 3
    assert run.components["x"].capacity == ((0.0, 6), (6.5, 3))


def test_a_repaired_replica_takes_what_waits_at_once():
    run = run_of(a_design({"x": service(2, replicas=2)}, faults=[kill("x", 0.5, 4, replicas=2)]), 3)
    assert log(run, "x") == [(0, 1, 4.5, 6.5), (1, 2, 4.5, 6.5), (2, 3, 6.5, 8.5)]


def test_two_faults_never_kill_more_replicas_than_are_alive():
    faults = [kill("x", 1.5, 4, replicas=2), kill("x", 2.5, 4, replicas=3)]
    run = run_of(a_design({"x": service(1, replicas=4)}, faults=faults), 2)
    assert run.components["x"].capacity == ((0.0, 4), (1.5, 2), (2.5, 0), (5.5, 2), (6.5, 4))


def test_two_faults_kill_different_replicas_behind_a_balancer():
    parts = {"lb": balancer("x"), "x": service(1, replicas=4)}
    run = run_of(a_design(parts, faults=[kill("x", 1.5, 4, replicas=2), kill("x", 2.5, 4, replicas=3)]), 2)
    assert run.components["x"].capacity == tuple(
        (at, slots) for at, slots in _one_by_one([(1.5, -2), (2.5, -2), (5.5, 2), (6.5, 2)])
    )


def _one_by_one(changes, slots=4):
    steps = [(0.0, slots)]
    for at_s, by in changes:
        for _ in range(abs(by)):
            slots += by // abs(by)
            steps.append((at_s, slots))
    return steps


@pytest.mark.parametrize("target", [service(5), model_server(1, 5)], ids=["service", "model_server"])
def test_every_request_ends_though_its_replicas_never_come_back(target):
    run = run_of(a_design({"x": target}, faults=[kill("x", 3.5)]), 5)
    assert not np.isnan(run.ended_s).any()
    assert run.ending.tolist() == [FAILED] * 5


def test_a_queue_outlives_its_replicas_when_only_some_of_them_come_back():
    faults = [kill("x", 1.5, 3), kill("x", 2.5)]
    run = run_of(a_design({"x": service(5, replicas=2)}, faults=faults), 4)
    assert log(run, "x") == [(0, 1, 1, 1.5), (1, 2, 2, 2.5), (2, 3, 4.5, 9.5), (3, 4, 9.5, 14.5)]


def test_a_queue_whose_replicas_are_dead_is_still_bounded():
    run = run_of(a_design({"x": service(1, queue={"limit": 2})}, faults=[kill("x", 0.5, 9)]), 4)
    assert run.ending.tolist() == [ANSWERED, ANSWERED, REFUSED, REFUSED]


def test_work_that_ends_at_the_instant_of_the_fault_is_lost_or_done_but_never_both():
    run = run_of(a_design({"x": service(2)}, faults=[kill("x", 3, 1)]), 3)
    assert len(log(run, "x")) == 3
    assert run.ended_s.tolist() == [3, 6, 8]


@pytest.mark.parametrize("target", [service(2), model_server(1, 2)], ids=["service", "model_server"])
def test_a_repair_at_the_instant_of_an_arrival_changes_nothing_for_it(target):
    run = run_of(a_design({"x": target}, faults=[kill("x", 0.5, 0.5)]), 1)
    assert log(run, "x") == [(0, 1, 1, 3)]


def test_a_dead_device_loses_its_batch_and_only_that():
    run = run_of(a_design({"x": model_server(2, 5, replicas=1)}, faults=[kill("x", 3.5, 2)]), 3)
    assert log(run, "x") == [(0, 1, 1, 3.5), (1, 2, 5.5, 10.5), (2, 3, 5.5, 10.5)]
    batches = run.components["x"].batches
    assert list(zip(batches.fired_s.tolist(), batches.ended_s.tolist(), strict=True)) == [(1, 3.5), (5.5, 10.5)]


def test_a_device_that_comes_back_before_its_lost_batch_would_have_ended_starts_afresh():
    run = run_of(a_design({"x": model_server(1, 5)}, faults=[kill("x", 1.5, 1)]), 3)
    assert log(run, "x") == [(0, 1, 1, 1.5), (1, 2, 2.5, 7.5), (2, 3, 7.5, 12.5)]


def test_a_device_dies_after_a_caller_of_its_batch_has_gone():
    call = {"to": "x", "timeout_ms": 1000.0, "cancel": True, "retries": {"attempts": 2, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), "x": model_server(1, 5)}, faults=[kill("x", 2.5)]), 1)
    assert run.ending.tolist() == [FAILED]
    assert run.ended_s.tolist() == [2.5]


def test_devices_behind_a_balancer_lose_their_queue_too():
    run = run_of(a_design({"lb": balancer("x"), "x": model_server(1, 5)}, faults=[kill("x", 3.5, 1)]), 5)
    assert run.ending.tolist() == [FAILED, FAILED, FAILED, FAILED, ANSWERED]


def test_every_shard_of_a_store_loses_a_replica():
    parts = {"x": store(9, shards=3, replicas=2, concurrency=1)}
    assert run_of(a_design(parts, faults=[kill("x", 1.5, 2)]), 1).components["x"].capacity == (
        (0.0, 6),
        (1.5, 5),
        (1.5, 4),
        (1.5, 3),
        (3.5, 4),
        (3.5, 5),
        (3.5, 6),
    )


def test_a_failed_attempt_on_a_dead_replica_may_be_tried_again():
    call = {"to": "x", "retries": {"attempts": 2, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), "x": service(5, replicas=2)}, faults=[kill("x", 3.5)]), 1)
    assert log(run, "x") == [(0, 1, 1, 3.5), (0, 3.5, 3.5, 8.5)]


def test_slowness_counts_for_work_that_begins_meanwhile_and_for_all_of_it():
    run = run_of(a_design({"x": wide(1.5)}, faults=[slow("x", 3, 1.75, 2)]), 4)
    assert latencies_s(run) == [1.5, 4.5, 4.5, 1.5]


def test_slowness_counts_for_work_that_begins_out_of_the_queue():
    run = run_of(a_design({"x": service(2)}, faults=[slow("x", 2, 2.5)]), 2)
    assert log(run, "x") == [(0, 1, 1, 3), (1, 2, 3, 7)]


def test_two_slownesses_multiply_and_end_each_at_its_time():
    run = run_of(a_design({"x": wide(1)}, faults=[slow("x", 2, 1.5, 3), slow("x", 4, 2.5, 1)]), 5)
    assert latencies_s(run) == [1, 2, 8, 2, 1]


@pytest.mark.parametrize(
    "part",
    [
        store(1),
        store(1, shards=2, concurrency=4),
        model_server(1, 1),
        {"kind": "cache", "lookup_time": constant(1), "contents": {"kind": "fixed", "hit_ratio": 1.0}},
        balancer("y", overhead_ms=1000.0),
    ],
    ids=["store", "pooled store", "model_server", "cache", "load_balancer"],
)
def test_every_kind_can_be_slow(part):
    if part["kind"] == "cache":
        part = {**part, "on_miss": [[{"to": "y"}]]}
    run = run_of(a_design({"x": part, "y": wide(0)}, rate_per_s=0.25, faults=[slow("x", 3, 0, 5)]), 2)
    assert latencies_s(run) == [3, 1]


def test_a_spike_brings_arrivals_closer_together():
    spike = {"kind": "traffic_spike", "at_s": 2, "for_s": 2, "factor": 2.0}
    run = run_of(a_design({"x": wide(0)}, faults=[spike]), 6)
    assert run.arrived_s.tolist() == [1, 2, 2.5, 3, 3.5, 4, 5, 6]


def test_two_spikes_multiply():
    spikes = [
        {"kind": "traffic_spike", "at_s": 2, "for_s": 2, "factor": 2.0},
        {"kind": "traffic_spike", "at_s": 3, "factor": 2.0},
    ]
    run = run_of(a_design({"x": wide(0)}, faults=spikes), 5)
    assert run.arrived_s.tolist() == [1, 2, 2.5, 3, 3.25, 3.5, 3.75, 4, 4.5, 5]


def test_a_fault_after_the_last_answer_changes_nothing():
    plain, struck = (
        run_of(a_design({"x": service(1)}, faults=faults), 3) for faults in ([], [kill("x", 99), slow("x", 9, 99)])
    )
    assert plain.ended_s.tolist() == struck.ended_s.tolist()
