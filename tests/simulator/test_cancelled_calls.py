"""A request that is withdrawn takes along what it has started, and nothing else is disturbed."""

import pytest

from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    constant,
    front,
    latencies_s,
    log,
    model_server,
    run_of,
    service,
    store,
    wide,
)


def _withdrawn_after_2s(components):
    """One request whose caller gives up at second 3 and withdraws it from `mid`, the first of `components`."""
    call = {"to": next(iter(components)), "timeout_ms": 2000.0, "cancel": True}
    run = run_of(a_design({"front": front([call]), **components}), 1)
    assert latencies_s(run) == [2]
    assert run.ending.tolist() == [Ending.FAILED]
    return run


def test_work_ends_when_it_is_withdrawn():
    assert log(_withdrawn_after_2s({"x": wide(5)}), "x") == [(0, 1, 1, 3)]


def test_a_request_withdrawn_while_it_waits_gives_its_place_back():
    calls = [{"to": "x"}, {"to": "x", "timeout_ms": 500.0, "cancel": True}]
    run = run_of(a_design({"front": front(calls), "x": service(5, queue={"limit": 1})}), 2)
    assert log(run, "x") == [(0, 1, 1, 6), (0, 1, None, 1.5), (1, 2, 6, 11), (1, 2, None, 2)]


def test_withdrawing_reaches_through_ordered_calls():
    run = _withdrawn_after_2s({"mid": wide(1, calls=[[{"to": "x"}], [{"to": "y"}]]), "x": wide(5), "y": wide(1)})
    assert (log(run, "x"), log(run, "y")) == ([(0, 2, 2, 3)], [])


def test_withdrawing_reaches_through_parallel_calls():
    run = _withdrawn_after_2s({"mid": front([{"to": "x"}, {"to": "y"}]), "x": wide(5), "y": wide(7)})
    assert log(run, "x") == log(run, "y") == [(0, 1, 1, 3)]


def test_withdrawing_reaches_through_a_call_with_a_timeout_of_its_own():
    run = _withdrawn_after_2s({"mid": front([{"to": "x", "timeout_ms": 9000.0}]), "x": wide(5)})
    assert log(run, "x") == [(0, 1, 1, 3)]


def test_withdrawing_reaches_both_copies_of_a_hedged_call():
    run = _withdrawn_after_2s({"mid": front([{"to": "x", "hedge": {"after_ms": 1000.0}}]), "x": wide(5)})
    assert log(run, "x") == [(0, 1, 1, 3), (0, 2, 2, 3)]


def test_withdrawing_reaches_all_copies_of_a_fan_out():
    fan_out = {"copies": 3, "need": 2}
    run = _withdrawn_after_2s({"mid": front([{"to": "x", "fan_out": fan_out}]), "x": wide(5)})
    assert log(run, "x") == [(0, 1, 1, 3)] * 3


def test_withdrawing_ends_a_pause_between_two_attempts():
    retries = {"attempts": 3, "backoff": "exponential", "base_ms": 1500.0, "cap_ms": 9000.0}
    run = _withdrawn_after_2s({"mid": front([{"to": "x", "timeout_ms": 1000.0, "retries": retries}]), "x": wide(9)})
    assert len(log(run, "x")) == 1


def test_a_withdrawn_read_is_written_down():
    run = _withdrawn_after_2s({"x": store(5)})
    assert (log(run, "x"), run.components["x"].visits.answered.tolist()) == ([(0, 1, 1, 3)], [False])


def test_a_withdrawn_lookup_is_written_down():
    cache = {"kind": "cache", "lookup_time": constant(5), "contents": {"hit_ratio": 1.0, "kind": "fixed"}}
    run = _withdrawn_after_2s({"x": {**cache, "on_miss": [[{"to": "y"}]]}, "y": wide(1)})
    assert (log(run, "x"), run.components["x"].visits.answered.tolist()) == ([(0, 1, 1, 3)], [False])


def test_a_request_withdrawn_at_the_balancer_is_written_down():
    balancer = {"kind": "load_balancer", "targets": ["y"], "overhead_ms": 5000.0}
    run = _withdrawn_after_2s({"x": balancer, "y": service(1)})
    assert (log(run, "x"), run.components["x"].visits.answered.tolist()) == ([(0, 1, 1, 3)], [False])


def test_a_batch_that_runs_goes_on_without_the_withdrawn_request():
    run = _withdrawn_after_2s({"x": model_server(4, 5)})
    assert log(run, "x") == [(0, 1, 1, 3)]
    assert run.components["x"].batches.ended_s.tolist() == [6]


def test_a_request_withdrawn_from_a_batch_that_fills_up_leaves_its_place():
    call = {"to": "x", "timeout_ms": 1500.0, "cancel": True}
    run = run_of(a_design({"front": front([call]), "x": model_server(3, 0.25, max_wait_s=60)}), 6)
    assert run.components["x"].batches.items.tolist() == []
    assert [row[3] - row[1] for row in log(run, "x")] == [1.5] * 6


@pytest.mark.parametrize("target", [service(2), model_server(1, 2)], ids=["service", "model_server"])
def test_a_request_may_be_dropped_and_withdrawn_at_the_same_instant(target):
    calls = [{"to": "x"}, {"to": "x"}, {"to": "x", "timeout_ms": 4000.0, "cancel": True}]
    x = {**target, "queue": {"limit": 2, "drop_older_than_ms": 3000.0}}
    run = run_of(a_design({"front": front(calls), "x": x}, rate_per_s=1 / 64), 2)
    served = [(0, 64, 64, 66), (0, 64, 66, 68), (0, 64, None, 68)]
    assert log(run, "x") == [*served, (1, 128, 128, 130), (1, 128, 130, 132), (1, 128, None, 132)]
