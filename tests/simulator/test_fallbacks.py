"""When a call has no answer: the next best one, and how the request then counts. Calls that nobody waits for."""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, dead_end, front, kill, latencies_s, log, run_of, service, slow, wide

LATE = {"timeout_ms": 1000.0}
READY = [{"answer_ms": 500.0}]


def _ending_of(components, **more):
    return Ending(run_of(a_design(components, **more), 1).ending[0]).name


def test_a_ready_answer_takes_its_time_and_counts_as_degraded():
    run = run_of(a_design({"front": front([{"to": "x", **LATE, "fallback": READY}]), "x": wide(9)}), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([1.5], [Ending.DEGRADED])
    assert run.calls["front.calls.0.0"].fallbacks == 1


def test_another_component_may_answer_instead():
    design = a_design({"front": front([{"to": "x", **LATE, "fallback": [{"to": "y"}]}]), "x": wide(9), "y": wide(2)})
    run = run_of(design, 1)
    assert log(run, "y") == [(0, 2, 2, 4)]
    assert run.ending.tolist() == [Ending.DEGRADED]


def test_fallbacks_are_tried_in_order_until_one_answers():
    ladder = [{"to": "dead"}, {"to": "y"}, {"answer_ms": 1.0}]
    parts = {"front": front([{"to": "x", **LATE, "fallback": ladder}]), "x": wide(9), "y": wide(2), **dead_end()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0)]), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([3], [Ending.DEGRADED])


def test_a_request_fails_when_every_fallback_fails():
    parts = {"front": front([{"to": "x", **LATE, "fallback": [{"to": "dead"}]}]), "x": wide(9), **dead_end()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0)]), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([1], [Ending.FAILED])
    assert (run.calls["front.calls.0.0"].fallbacks, run.calls["front.calls.0.0"].failures) == (0, 1)


def test_a_fallback_comes_after_the_last_attempt_only():
    call = {"to": "x", **LATE, "retries": {"attempts": 2, "backoff": "none"}, "fallback": READY}
    run = run_of(a_design({"front": front([call]), "x": wide(9)}), 1)
    assert latencies_s(run) == [2.5]


def test_a_request_is_degraded_by_a_fallback_far_below():
    inner = {"to": "x", **LATE, "fallback": READY}
    outer = {"to": "mid", "timeout_ms": 5000.0, "hedge": {"after_ms": 4000.0}}
    assert (
        _ending_of({"front": front([outer, {"to": "y"}]), "mid": front([inner]), "x": wide(9), "y": wide(1)})
        == "DEGRADED"
    )


def test_a_fallback_in_an_attempt_that_failed_later_does_not_degrade_the_request():
    retry = {"to": "mid", "retries": {"attempts": 2, "backoff": "none"}}
    mid = front([{"to": "x", **LATE, "fallback": READY}], [{"to": "y", **LATE}])
    parts = {"front": front([retry]), "mid": mid, "x": wide(0.5), "y": wide(0.5)}
    assert _ending_of(parts, faults=[slow("x", 9, 0, 2), slow("y", 9, 0, 3)]) == "ANSWERED"


def test_a_fallback_in_a_copy_that_lost_does_not_degrade_the_request():
    hedged = {"to": "mid", "hedge": {"after_ms": 2000.0, "cancel_loser": False}}
    mid = front([{"to": "x", **LATE, "fallback": READY}], [{"to": "y"}])
    parts = {"front": front([hedged]), "mid": mid, "x": wide(0.5), "y": wide(1)}
    assert _ending_of(parts, faults=[slow("x", 9, 0, 2), slow("y", 9, 0, 3)]) == "ANSWERED"


def test_a_fallback_that_comes_after_the_caller_gave_up_does_not_degrade_the_request():
    call = {"to": "mid", **LATE, "retries": {"attempts": 2, "backoff": "none"}}
    mid = front([{"to": "x", "timeout_ms": 2000.0, "fallback": READY}])
    parts = {"front": front([call], [{"to": "y"}]), "mid": mid, "x": wide(0.5), "y": wide(9)}
    assert _ending_of(parts, faults=[slow("x", 9, 0, 2)]) == "ANSWERED"


def test_a_fallback_in_a_forgotten_call_does_not_degrade_the_request():
    mid = front([{"to": "x", **LATE, "fallback": READY}])
    parts = {
        "front": front([{"to": "mid", "fire_and_forget": True}], [{"to": "y"}]),
        "mid": mid,
        "x": wide(9),
        "y": wide(5),
    }
    assert _ending_of(parts) == "ANSWERED"


def test_a_forgotten_call_does_not_delay_the_answer_and_is_done_all_the_same():
    run = run_of(a_design({"front": front([{"to": "x", "fire_and_forget": True}]), "x": wide(9)}), 1)
    assert latencies_s(run) == [0]
    assert log(run, "x") == [(0, 1, 1, 10)]


def test_a_forgotten_call_that_fails_fails_nothing():
    parts = {"front": front([{"to": "dead", "fire_and_forget": True}]), **dead_end()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0)]), 3)
    assert run.ending.tolist() == [Ending.ANSWERED] * 3


def test_a_forgotten_call_is_tried_again_as_its_retries_say():
    call = {"to": "x", "fire_and_forget": True, **LATE, "retries": {"attempts": 3, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), "x": wide(9)}), 1)
    assert [row[1] for row in log(run, "x")] == [1, 2, 3]


def test_a_share_of_the_requests_makes_the_call():
    run = run_of(a_design({"front": front([{"to": "x", "share": 0.25}]), "x": wide(0)}), 4000)
    standard_error = (0.25 * 0.75 / 4000) ** 0.5
    assert len(log(run, "x")) / 4000 == pytest.approx(0.25, abs=4 * standard_error)


def test_a_larger_share_adds_requests_and_takes_none_away():
    few, many = (
        {row[0] for row in log(run_of(a_design({"front": front([{"to": "x", "share": s}]), "x": wide(0)}), 400), "x")}
        for s in (0.25, 0.5)
    )
    assert few < many


def test_only_the_named_classes_make_the_call():
    classes = [{"name": "feed", "share": 0.5}, {"name": "search", "share": 0.5}]
    design = a_design({"front": front([{"to": "x", "classes": ["search"]}]), "x": wide(0)}, classes=classes)
    run = run_of(design, 200)
    assert [row[0] for row in log(run, "x")] == np.flatnonzero(run.class_index == 1).tolist()


def test_a_service_may_be_its_own_fallback():
    call = {"to": "x", **LATE, "cancel": True, "fallback": [{"to": "x"}]}
    run = run_of(a_design({"front": front([call]), "x": service(0.5)}, faults=[slow("x", 9, 0, 1.5)]), 1)
    assert log(run, "x") == [(0, 1, 1, 2), (0, 2, 2, 2.5)]
