"""Retries, backup requests and copies that go through a load balancer avoid the replicas that were tried."""

import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, balancer, front, kill, latencies_s, log, run_of, service, wide

POLICIES = ["random", "round_robin", "least_outstanding", "power_of_d", "consistent_hash"]
AGE = 2.0**20


def _run(policy, call, replicas, arrivals, rate_per_s=1 / 64, work_s=1.0, **more):
    parts = {"front": front([{"to": "lb", **call}]), "lb": balancer("x", policy, **more)}
    parts["x"] = service(work_s, replicas=replicas)
    return run_of(a_design(parts, rate_per_s=rate_per_s), arrivals)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_copy_of_a_fan_out_goes_to_another_replica(policy):
    assert latencies_s(_run(policy, {"fan_out": {"copies": 4}}, 4, 30)) == [1] * 30


@pytest.mark.parametrize("policy", POLICIES)
def test_when_all_were_tried_any_may_be_tried_again(policy):
    longest = _run(policy, {"fan_out": {"copies": 3}}, 2, 30)
    assert set(latencies_s(longest)) == {2}
    assert len(log(longest, "x")) == 90


@pytest.mark.parametrize("policy", POLICIES)
def test_a_backup_request_goes_to_another_replica(policy):
    run = _run(policy, {"hedge": {"after_ms": 250.0, "cancel_loser": False}}, 2, 30)
    assert [row[2] - row[1] for row in log(run, "x")] == [0] * 60


@pytest.mark.parametrize("policy", POLICIES)
def test_a_retry_goes_to_another_replica(policy):
    call = {"timeout_ms": 250.0, "retries": {"attempts": 3, "backoff": "none"}}
    run = _run(policy, call, 3, 30)
    assert [row[2] - row[1] for row in log(run, "x")] == [0] * 90


def test_without_policies_a_busy_replica_may_be_chosen_again():
    waited = [row[2] - row[1] for row in log(_run("random", {}, 2, 30, rate_per_s=1.0, work_s=1.5), "x")]
    assert max(waited) > 0


def test_another_call_of_the_same_request_may_use_the_same_replica():
    twice = {"to": "lb", "retries": {"attempts": 2}}
    parts = {"front": front([twice], [twice]), "lb": balancer("x", "consistent_hash"), "x": service(replicas=9)}
    run = run_of(a_design({**parts}), 20)
    assert run.ending.tolist() == [Ending.ANSWERED] * 20
    entered = [row[1] for row in log(run, "x")]
    waits = [row[2] - row[1] for row in log(run, "x")]
    assert len(entered) == 40
    alone = run_of(a_design({**parts, "front": front([{"to": "lb"}], [{"to": "lb"}])}), 20)
    assert waits == [row[2] - row[1] for row in log(alone, "x")]


def test_a_later_step_without_policies_does_not_avoid_what_an_earlier_one_tried():
    steps = [{"to": "lb", "retries": {"attempts": 2}}], [{"to": "other"}]
    parts = {"front": front(*steps), "lb": balancer("x"), "x": service(0), "other": balancer("y")}
    run = run_of(a_design({**parts, "y": service(2, replicas=2)}), 4)
    assert [row[2] - row[1] for row in log(run, "y")] == [0] * 4


def test_what_was_tried_at_one_balancer_says_nothing_about_another():
    call = {"to": "lb", "fan_out": {"copies": 2}}
    parts = {
        "front": front([call]),
        "lb": balancer("mid", "round_robin"),
        "mid": wide(0.0, replicas=2, calls=[[{"to": "lower"}]]),
        "lower": balancer("x", "consistent_hash"),
        "x": service(1, replicas=8),
    }
    run = run_of(a_design(parts, rate_per_s=1 / 64), 8)
    assert latencies_s(run) == [2] * 8  # both copies have the same key and so the same replica


def test_a_dead_replica_is_not_tried_again_even_when_all_others_were():
    call = {"timeout_ms": 250.0, "retries": {"attempts": 4, "backoff": "none"}}
    parts = {"front": front([{"to": "lb", **call}]), "lb": balancer("x", "random"), "x": service(AGE, replicas=3)}
    run = run_of(a_design(parts, faults=[kill("x", 0, replicas=1)]), 1)
    began = [row[2] for row in log(run, "x")]
    assert began[:2] == [1, 1.25]
    assert all(at_s > AGE for at_s in began[2:])


def test_without_a_balancer_a_pool_is_one_queue_for_all_copies():
    run = run_of(a_design({"front": front([{"to": "x", "fan_out": {"copies": 3}}]), "x": service(1, replicas=2)}), 1)
    assert log(run, "x") == [(0, 1, 1, 2), (0, 1, 1, 2), (0, 1, 2, 3)]
