"""A deadline is for the whole request and travels along; the first request arrives at second 1."""

import pytest

from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    dead_end,
    front,
    kill,
    latencies_s,
    log,
    model_server,
    run_of,
    service,
    wide,
)

PLACE = "front.calls.0.0"


def _by(seconds, to="x", **more):
    return {"to": to, "deadline_ms": seconds * 1000, **more}


def test_the_caller_gives_up_at_exactly_the_deadline():
    run = run_of(a_design({"front": front([_by(1.75)]), "x": wide(5)}), 2)
    assert (latencies_s(run), run.ending.tolist()) == ([1.75] * 2, [Ending.FAILED] * 2)
    assert (run.calls[PLACE].deadlines, run.calls[PLACE].timeouts) == (2, 0)


def test_an_answer_before_the_deadline_is_an_answer():
    run = run_of(a_design({"front": front([_by(1.75)]), "x": wide(1.5)}), 2)
    assert (latencies_s(run), run.ending.tolist()) == ([1.5] * 2, [Ending.ANSWERED] * 2)


@pytest.mark.parametrize(("cancel", "ends_s"), [(False, 6), (True, 2)])
def test_work_that_has_begun_goes_on_unless_it_is_cancelled(cancel, ends_s):
    run = run_of(a_design({"front": front([_by(1, cancel=cancel)]), "x": service(5)}), 1)
    assert log(run, "x") == [(0, 1, 1, ends_s)]


@pytest.mark.parametrize("target", [service(5), model_server(1, 5)], ids=["service", "model_server"])
def test_work_whose_deadline_has_passed_is_dropped_when_its_turn_comes(target):
    run = run_of(a_design({"front": front([_by(3)]), "x": target}, rate_per_s=0.5), 3)
    assert log(run, "x") == [(0, 2, 2, 7), (1, 4, None, 7), (2, 6, 7, 12)]
    assert run.ended_s.tolist() == [5, 7, 9]
    assert run.components["x"].counts["past_deadline"] == 1


def test_a_batch_leaves_out_what_is_too_late():
    calls = [{"to": "x"}, {"to": "x"}, _by(2), {"to": "later"}]
    parts = {"front": front(calls), "later": wide(0.5, calls=[[{"to": "x"}]]), "x": model_server(2, 5)}
    run = run_of(a_design(parts), 1)
    assert log(run, "x") == [(0, 1, 1, 6), (0, 1, 6, 11), (0, 1, None, 6), (0, 1.5, 6, 11)]
    assert run.components["x"].batches.items.tolist() == [1, 2]


def test_retries_share_the_deadline():
    call = _by(2.5, timeout_ms=1000.0, retries={"attempts": 9, "backoff": "none"})
    run = run_of(a_design({"front": front([call]), "x": wide(50)}), 1)
    assert [row[1] for row in log(run, "x")] == [1, 2, 3]
    assert latencies_s(run) == [2.5]
    assert (run.calls[PLACE].timeouts, run.calls[PLACE].deadlines, run.calls[PLACE].retries) == (2, 1, 2)


def test_a_retry_that_could_begin_only_after_the_deadline_is_not_made_and_not_waited_for():
    retries = {"attempts": 3, "backoff": "exponential", "base_ms": 1000.0, "cap_ms": 9000.0}
    run = run_of(a_design({"front": front([_by(4, timeout_ms=1000.0, retries=retries)]), "x": wide(50)}), 1)
    assert [row[1] for row in log(run, "x")] == [1, 3]
    assert run.ended_s.tolist() == [4]


def test_the_deadline_travels_along_the_path():
    parts = {
        "front": front([_by(3, to="mid")]),
        "mid": wide(1, calls=[[{"to": "low"}]]),
        "low": front([{"to": "x"}]),
        "x": service(2.5),
    }
    run = run_of(a_design(parts), 3)
    assert log(run, "x") == [(0, 2, 2, 4.5), (1, 3, 4.5, 7), (2, 4, None, 7)]
    assert run.components["x"].counts["past_deadline"] == 1


def test_an_inner_deadline_cannot_outlast_an_outer_one():
    parts = {"front": front([_by(3, to="mid")]), "mid": front([_by(9)]), "x": service(5)}
    run = run_of(a_design(parts), 2)
    assert [run.calls[f"{name}.calls.0.0"].deadlines for name in ("front", "mid")] == [2, 2]
    assert latencies_s(run) == [3, 3]
    assert log(run, "x") == [(0, 1, 1, 6), (1, 2, None, 6)]


def test_an_inner_deadline_may_be_earlier_and_its_fallback_then_answers():
    inner = _by(1, fallback=[{"answer_ms": 500.0}])
    run = run_of(a_design({"front": front([_by(3, to="mid")]), "mid": front([inner]), "x": wide(50)}), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([1.5], [Ending.DEGRADED])


def test_inner_retries_stop_at_the_outer_deadline():
    inner = {"to": "dead", "retries": {"attempts": 9, "backoff": "exponential", "base_ms": 1000, "cap_ms": 1000.0}}
    parts = {"front": front([_by(3.5, to="mid")]), "mid": front([inner]), **dead_end()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0)]), 1)
    assert [row[1] for row in log(run, "dead")] == [1, 2, 3, 4]
    assert latencies_s(run) == [3]


def test_no_step_begins_after_the_deadline():
    mid = front([{"to": "x"}], [{"to": "y"}])
    run = run_of(a_design({"front": front([_by(2, to="mid")]), "mid": mid, "x": wide(3), "y": wide(1)}), 1)
    assert (log(run, "x"), log(run, "y")) == ([(0, 1, 1, 4)], [])


def test_a_fallback_below_is_not_asked_after_the_deadline():
    inner = {"to": "x", "timeout_ms": 5000.0, "fallback": [{"to": "y"}]}
    run = run_of(a_design({"front": front([_by(2, to="mid")]), "mid": front([inner]), "x": wide(9), "y": wide(1)}), 1)
    assert (log(run, "y"), run.calls["mid.calls.0.0"].fallbacks, latencies_s(run)) == ([], 0, [2])


def test_the_fallback_of_the_call_that_set_the_deadline_is_outside_it():
    run = run_of(a_design({"front": front([_by(2, fallback=[{"to": "y"}])]), "x": wide(9), "y": wide(4)}), 1)
    assert (log(run, "y"), run.ending.tolist()) == ([(0, 3, 3, 7)], [Ending.DEGRADED])


def test_a_balancer_sends_nothing_on_after_the_deadline():
    parts = {"front": front([_by(2, to="lb")]), "lb": balancer("x", overhead_ms=3000.0), "x": service(1)}
    run = run_of(a_design(parts), 1)
    assert (log(run, "x"), run.components["lb"].visits.answered.tolist()) == ([], [False])


def test_each_call_of_a_request_has_a_deadline_of_its_own():
    run = run_of(a_design({"front": front([_by(2)], [_by(2)]), "x": wide(1.5)}), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([3], [Ending.ANSWERED])


def test_a_timeout_before_the_deadline_is_a_timeout():
    run = run_of(a_design({"front": front([_by(2, timeout_ms=1000.0)]), "x": wide(9)}), 1)
    assert (run.calls[PLACE].timeouts, run.calls[PLACE].deadlines) == (1, 0)
