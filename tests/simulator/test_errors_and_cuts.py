"""Answers that are errors and links that carry nothing, at exact times; the first request arrives at second 1."""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    exponential,
    front,
    latencies_s,
    log,
    model_server,
    run_of,
    service,
    store,
    wide,
)

ANSWERED, FAILED = Ending.ANSWERED, Ending.FAILED


def _errors(component, share, at_s=0.0, for_s=None):
    return {"kind": "error_rate", "component": component, "share": share, "at_s": at_s, "for_s": for_s}


def _cut(caller, component, at_s, for_s=None):
    return {"kind": "cut_link", "caller": caller, "component": component, "at_s": at_s, "for_s": for_s}


@pytest.mark.parametrize(
    "target", [wide(0.5), store(0.5), store(0.5, concurrency=9), model_server(1, 0.5)], ids=lambda part: part["kind"]
)
def test_an_error_comes_after_the_work_and_while_the_fault_lasts(target):
    run = run_of(a_design({"front": front([{"to": "x"}]), "x": target}, faults=[_errors("x", 1.0, 2.25, 2)]), 5)
    assert latencies_s(run) == [0.5] * 5
    assert run.ending.tolist() == [ANSWERED, FAILED, FAILED, ANSWERED, ANSWERED]
    assert run.components["x"].counts["errors"] == 2


def test_a_component_that_the_traffic_enters_may_err_too():
    run = run_of(a_design({"x": wide(0.5)}, faults=[_errors("x", 1.0, 2.25)]), 3)
    assert run.ending.tolist() == [ANSWERED, FAILED, FAILED]


def test_a_component_behind_a_balancer_may_err_too():
    parts = {"lb": balancer("x"), "x": service(0.5, replicas=3)}
    run = run_of(a_design(parts, faults=[_errors("x", 1.0, 2.25)]), 3)
    assert run.ending.tolist() == [ANSWERED, FAILED, FAILED]


def test_a_balancer_passes_dead_replicas_over_though_the_others_err():
    parts = {"lb": balancer("x"), "x": service(0.5, replicas=3)}
    kill = {"kind": "kill_replicas", "component": "x", "at_s": 0.0, "replicas": 2}
    run = run_of(a_design(parts, faults=[_errors("x", 0.0), kill]), 3)
    assert run.ending.tolist() == [ANSWERED] * 3


def test_the_share_of_errors_is_what_was_asked_for_and_a_larger_one_adds_to_it():
    failed = []
    for share in (0.1, 0.3):
        run = run_of(a_design({"x": wide(0.5)}, faults=[_errors("x", share)]), 4000)
        failed.append(run.ending == FAILED)
        assert failed[-1].mean() == pytest.approx(share, abs=4 * (share * (1 - share) / 4000) ** 0.5)
    assert (failed[0] <= failed[1]).all()


def test_two_faults_strike_independently():
    run = run_of(a_design({"x": wide(0.5)}, faults=[_errors("x", 0.5), _errors("x", 0.5)]), 4000)
    assert (run.ending == FAILED).mean() == pytest.approx(0.75, abs=4 * (0.75 * 0.25 / 4000) ** 0.5)


def test_every_attempt_errs_by_its_own_luck():
    call = {"to": "x", "retries": {"attempts": 3, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), "x": wide(0)}, faults=[_errors("x", 0.5)]), 4000)
    assert (run.ending == FAILED).mean() == pytest.approx(1 / 8, abs=4 * (7 / 64 / 4000) ** 0.5)


def test_the_copies_of_a_read_err_one_by_one():
    call = {"to": "x", "fan_out": {"copies": "all", "need": 2}}
    run = run_of(a_design({"front": front([call]), "x": store(0.5, shards=3)}, faults=[_errors("x", 0.5)]), 4000)
    assert (run.ending == ANSWERED).mean() == pytest.approx(0.5, abs=4 * 0.5 / 4000**0.5)
    assert len(log(run, "x")) == 3 * 4000
    assert latencies_s(run) == pytest.approx([0.5] * 4000)


def test_errors_leave_the_work_of_each_request_as_it_is():
    works = []
    for faults in ([], [_errors("x", 0.5)]):
        run = run_of(a_design({"x": wide(service_time=exponential(1))}, faults=faults), 50)
        works.append([row[3] - row[2] for row in sorted(log(run, "x"))])
    assert works[0] == works[1]


def test_a_caller_with_a_timeout_hears_nothing_until_it_rings():
    call = {"to": "x", "timeout_ms": 1500.0}
    run = run_of(a_design({"front": front([call]), "x": wide(0.25)}, faults=[_cut("front", "x", 1.5, 2)]), 4)
    assert latencies_s(run) == [0.25, 1.5, 1.5, 0.25]
    assert run.ending.tolist() == [ANSWERED, FAILED, FAILED, ANSWERED]
    assert [row[0] for row in log(run, "x")] == [0, 3]
    assert run.components["x"].counts["cut_off"] == 2


def test_a_caller_under_a_deadline_hears_nothing_until_it_passes():
    outer = {"to": "mid", "deadline_ms": 1500.0}
    parts = {"front": front([outer]), "mid": front([{"to": "x"}]), "x": wide(0.25)}
    assert latencies_s(run_of(a_design(parts, faults=[_cut("mid", "x", 0)]), 2)) == [1.5, 1.5]


def test_a_caller_that_would_wait_for_ever_fails_at_once():
    run = run_of(a_design({"front": front([{"to": "x"}]), "x": wide(0.25)}, faults=[_cut("front", "x", 1.5, 2)]), 4)
    assert latencies_s(run) == [0.25, 0, 0, 0.25]
    assert run.ending.tolist() == [ANSWERED, FAILED, FAILED, ANSWERED]


@pytest.mark.parametrize(("for_s", "latency_s", "ending"), [(None, 3, FAILED), (0.5, 2, ANSWERED)])
def test_an_answer_under_way_is_lost_if_the_link_is_cut_when_it_comes(for_s, latency_s, ending):
    call = {"to": "x", "timeout_ms": 3000.0}
    run = run_of(a_design({"front": front([call]), "x": wide(2)}, faults=[_cut("front", "x", 1.5, for_s)]), 1)
    assert (latencies_s(run), run.ending.tolist()) == ([latency_s], [ending])
    assert log(run, "x") == [(0, 1, 1, 3)]


def test_other_callers_still_get_through():
    parts = {"front": front([{"to": "a"}, {"to": "b"}]), "a": front([{"to": "x"}]), "b": front([{"to": "x"}])}
    run = run_of(a_design({**parts, "x": wide(0.25)}, faults=[_cut("a", "x", 0)]), 2)
    assert run.ending.tolist() == [FAILED] * 2
    assert [row[0] for row in log(run, "x")] == [0, 1]


def test_a_fallback_answers_for_a_component_that_is_cut_off_and_may_be_cut_off_itself():
    call = {"to": "x", "fallback": [{"to": "y"}, {"answer_ms": 500.0}]}
    parts = {"front": front([call]), "x": wide(0.25), "y": wide(1)}
    run = run_of(a_design(parts, faults=[_cut("front", "x", 0), _cut("front", "y", 1.5)]), 2)
    assert latencies_s(run) == [1.5, 0.5]  # the answer of y, sent at 2, is lost too
    assert run.ending.tolist() == [Ending.DEGRADED] * 2


def test_a_balancer_cut_off_from_its_replicas_fails_at_once():
    parts = {"lb": balancer("x"), "x": service(0.25)}
    run = run_of(a_design(parts, faults=[_cut("lb", "x", 1.5, 1)]), 3)
    assert (latencies_s(run), run.ending.tolist()) == ([0.25, 0, 0.25], [ANSWERED, FAILED, ANSWERED])


def test_overlapping_cuts_end_with_the_last():
    faults = [_cut("front", "x", 1.5, 2), _cut("front", "x", 2.5, 2)]
    run = run_of(a_design({"front": front([{"to": "x"}]), "x": wide(0.25)}, faults=faults), 5)
    assert np.flatnonzero(run.ending == FAILED).tolist() == [1, 2, 3]
