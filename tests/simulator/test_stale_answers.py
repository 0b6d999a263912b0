"""Calls that do not use what is too old, worked out by hand."""

import pytest

from simulator.design_file import DesignProblem
from simulator.results.run import Ending
from simulator.results.summary import summarize
from simulator.text_report import text_report
from tests.simulator.designs import a_design, constant, front, latencies_s, replications_of, run_of, store, wide

LATE = {"kind": "delay_features", "component": "x", "at_s": 2.5, "lag_s": 3.0}  # ages of 1, 1, then 1.5, 2.5, 3.5, 4
AGES = {"lag_s": 1.0}


def _run(call, arrivals=6, read_s=0.0, faults=(LATE,), **parts):
    return run_of(_design(call, read_s, faults, **parts), arrivals)


def _design(call, read_s=0.0, faults=(LATE,), **parts):
    components = {"front": front([{"to": "x", **call}]), "x": store(read_s, freshness=AGES), **parts}
    return a_design(components, faults=list(faults))


def _endings(run):
    return [Ending(end).name.lower() for end in run.ending]


def _ages(run):
    return (run.ended_s - run.oldest_write_s).tolist()


def test_what_is_too_old_goes_to_the_fallback():
    run = _run({"stale_after_s": 2.0, "fallback": [{"answer_ms": 500.0}]})
    assert _endings(run) == ["answered"] * 3 + ["degraded"] * 3
    assert latencies_s(run) == [0, 0, 0, 0.5, 0.5, 0.5]
    counts = run.calls["front.calls.0.0"]
    assert (counts.made, counts.stale, counts.fallbacks, counts.failures) == (6, 3, 3, 0)


def test_without_a_fallback_the_call_fails():
    run = _run({"stale_after_s": 2.0})
    assert _endings(run) == ["answered"] * 3 + ["failed"] * 3
    assert (run.calls["front.calls.0.0"].stale, run.calls["front.calls.0.0"].failures) == (3, 3)


@pytest.mark.parametrize(("stale_after_s", "used"), [(0.5, 0), (1.0, 2), (1.5, 3), (3.5, 5), (4.0, 6)])
def test_data_of_just_that_age_are_used(stale_after_s, used):
    assert _endings(_run({"stale_after_s": stale_after_s})).count("answered") == used


def test_the_age_counts_when_the_answer_comes():
    # a second store answers three quarters of a second after the first was read
    inner = {"inner": front([{"to": "x"}], [{"to": "slow"}]), "slow": wide(0.75), "x": store(0, freshness=AGES)}
    for stale_after_s, ending in ((1.5, "failed"), (1.75, "answered")):
        parts = {"front": front([{"to": "inner", "stale_after_s": stale_after_s}]), **inner}
        assert _endings(run_of(a_design(parts), 2)) == [ending] * 2


def test_what_was_not_used_makes_nobody_old():
    run = _run({"stale_after_s": 2.0, "fallback": [{"to": "y"}]}, y=store(0, freshness={"lag_s": 0.25}))
    assert _ages(run) == [1, 1, 1.5, 0.25, 0.25, 0.25]


def test_what_is_used_makes_the_request_as_old_as_without_the_limit():
    assert _ages(_run({"stale_after_s": 9.0})) == _ages(_run({})) == [1, 1, 1.5, 2.5, 3.5, 4]


def test_only_what_this_call_has_read_counts():
    parts = {
        "front": front([{"to": "old"}], [{"to": "x", "stale_after_s": 2.0}]),
        "old": store(0, freshness={"lag_s": 9.0}),
    }
    run = run_of(a_design({**parts, "x": store(0, freshness=AGES)}), 3)
    assert _endings(run) == ["answered"] * 3
    assert _ages(run) == [9, 9, 9]


def test_the_fallback_is_taken_at_any_age():
    run = _run({"stale_after_s": 2.0, "fallback": [{"to": "y"}]}, y=store(0, freshness={"lag_s": 99.0}))
    assert _endings(run) == ["answered"] * 3 + ["degraded"] * 3


def test_a_stale_answer_is_not_tried_again():
    call = {"stale_after_s": 2.0, "retries": {"attempts": 3, "backoff": "none"}, "timeout_ms": 9000.0}
    run = _run({**call, "circuit_breaker": {"window": 1, "failure_share": 1.0}})
    counts = run.calls["front.calls.0.0"]
    assert (counts.stale, counts.retries, counts.circuit_refusals) == (3, 0, 0)
    assert len(run.components["x"].visits.request) == 6


@pytest.mark.parametrize(
    "policy", [{"timeout_ms": 5000.0}, {"hedge": {"after_ms": 9.0}}, {"fan_out": {"copies": 1}}, {"deadline_ms": 900.0}]
)
def test_every_way_to_ask_tells_the_age(policy):
    assert _endings(_run({"stale_after_s": 2.0, **policy})) == ["answered"] * 3 + ["failed"] * 3


@pytest.mark.parametrize("read_s", [0.0, 0.5])
def test_a_limit_that_nothing_reaches_changes_nothing(read_s):
    plain, limited = (
        _run(call, 40, read_s) for call in ({"timeout_ms": 700.0}, {"timeout_ms": 700.0, "stale_after_s": 99.0})
    )
    assert latencies_s(limited) == latencies_s(plain)
    assert _ages(limited) == _ages(plain)


def test_what_has_no_age_is_never_too_old():
    run = run_of(a_design({"front": front([{"to": "x", "stale_after_s": 0.001}]), "x": store(1)}), 3)
    assert _endings(run) == ["answered"] * 3


def test_a_cache_that_holds_old_answers_is_asked_in_vain():
    cache = {
        "kind": "cache",
        "lookup_time": constant(0),
        "contents": {"kind": "ttl", "ttl_s": 3.0},
        "on_miss": [[{"to": "x"}]],
    }
    parts = {"front": front([{"to": "cache", "stale_after_s": 2.5}]), "cache": cache, "x": store(0, freshness=AGES)}
    empty = {"kind": "flush_cache", "component": "cache", "at_s": 0}
    run = run_of(a_design(parts, keys={"count": 1}, faults=[empty]), 6)  # ages of 1, 2, 3 and again
    assert _endings(run) == ["answered", "answered", "failed"] * 2


def test_the_report_says_how_often_it_was_too_old():
    summary = summarize(replications_of(_design({"stale_after_s": 2.0}), 6))
    assert summary.calls[0].stale == 500.0
    assert "front.calls.0.0: 500.0 too old to use, 500.0 failures" in text_report(summary, "old")


def test_a_forgotten_call_has_no_answer_to_judge():
    with pytest.raises(DesignProblem) as refused:
        _design({"stale_after_s": 2.0, "fire_and_forget": True})
    [said] = refused.value.problems
    assert said.startswith("components.front.calls.0.0.stale_after_s is 2, but with fire_and_forget nobody looks")
