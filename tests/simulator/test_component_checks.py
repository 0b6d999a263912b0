"""Checks of single classes and single components, each worked out by hand, and what single replications say."""

from math import inf

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.results.checks import Check, interval, judge, measure, measure_each
from simulator.results.summary import summarize
from simulator.text_report import text_report
from tests.simulator.designs import (
    a_design,
    constant,
    dead_end,
    exponential,
    front,
    kill,
    replications_of,
    service,
    store,
    wide,
)

CLASSES = [{"name": "quick", "share": 0.6}, {"name": "long", "share": 0.4}]
LLM = {"kind": "llm_server", "step_ms": 1000.0, "per_running_ms": 1000.0, "queue": {"limit": "unlimited"}}


def _of(metric, replications, **more):
    return measure(Check(metric=metric, at_most=1.0, **more), replications)


def _said(metric, replications, at_most, **more):
    verdict = judge(Check(metric=metric, at_most=at_most, **more), replications)
    return verdict.met, verdict.sentence


def _stream(consumer_s=2.0, **more):
    return {"kind": "stream", "append_time": constant(0), "consumer_time": constant(consumer_s), **more}


# ---- classes -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_classes():
    """Quick requests take a second; long ones two, and from second 3,000 on they fail."""
    calls = [{"to": "x", "classes": ["quick"]}, {"to": "y", "classes": ["long"]}], [{"to": "dead", "classes": ["long"]}]
    parts = {"front": front(*calls), "x": wide(1), "y": wide(2), **dead_end()}
    parts["corpse"] |= {"service_time": constant(0)}
    more = {"faults": [kill("corpse", 3000.2)], "promise": {"deadline_ms": 1500.0}}
    return replications_of(a_design(parts, classes=CLASSES, **more), 6000)


@pytest.mark.parametrize(("name", "latency_ms"), [("quick", 1000.0), ("long", 2000.0)])
def test_latencies_of_one_class_are_its_own(two_classes, name, latency_ms):
    assert _of("mean_ms", two_classes, class_name=name) == pytest.approx(latency_ms)


def test_shares_of_one_class_are_its_own_in_its_window(two_classes):
    late = {"class_name": "long", "from_s": 3000.0}
    assert _of("failed_share", two_classes, **late) == 1.0
    assert _of("failed_share", two_classes, class_name="quick") == 0.0
    assert _of("in_time_share", two_classes, class_name="quick") == 1.0
    assert _of("in_time_share", two_classes, class_name="long") == 0.0
    assert _of("availability", two_classes, class_name="long", to_s=2998.0) == 1.0


def test_the_shares_of_the_classes_add_up_to_that_of_all(two_classes):
    run = two_classes.runs[0]
    share = (run.class_index == 0).mean()
    parts = [_of("failed_share", two_classes, class_name=name) for name in ("quick", "long")]
    assert share * parts[0] + (1 - share) * parts[1] == pytest.approx(_of("failed_share", two_classes))


def test_a_class_that_is_not_there_is_unknown(two_classes):
    for metric in ("failed_share", "mean_ms", "p99_ms"):
        assert _of(metric, two_classes, class_name="ghost") is None


def test_a_verdict_names_the_class(two_classes):
    said = _said("failed_share", two_classes, 0.01, class_name="long", from_s=3000.0)
    assert said == (False, "long requests failed 100%, wanted at most 1% from second 3000")
    unknown = _said("p99_ms", two_classes, 50.0, class_name="long", to_s=100.0)
    assert unknown == (None, "long requests p99: the run cannot tell; wanted at most 50.0 ms in seconds 0 to 100")


def test_the_summary_and_the_report_tell_the_classes_apart(two_classes):
    summary = summarize(two_classes)
    quick, long = summary.classes
    assert (quick.name, long.name, quick.requests + long.requests) == ("quick", "long", 6000)
    assert (quick.p50_ms.value, quick.p99_ms.value) == (1000.0, 1000.0)
    assert long.p99_ms is None  # fewer than 2,000 were answered
    assert (quick.in_time_share.value, long.in_time_share.value) == (1.0, 0.0)
    assert long.failed_share.value == pytest.approx(_of("failed_share", two_classes, class_name="long"))
    report = text_report(summary, "two")
    assert f"  quick: {quick.requests:,} requests, p50 1,000.0 ms, p99 1,000.0 ms, 100.00% answered in time" in report


def test_a_report_on_a_single_class_does_not_repeat_itself():
    summary = summarize(replications_of(a_design({"x": wide(0)}), 50))
    assert [one.requests for one in summary.classes] == [50]
    assert "\nclasses\n" not in text_report(summary, "one")


# ---- tokens --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokens():
    """A request of three tokens every ten seconds; alone, each token takes two seconds."""
    return replications_of(a_design({"x": LLM}, 0.1, classes=[{"items": 3}]), 2000)


@pytest.mark.parametrize("metric", ["ttft_p99_ms", "ttft_p95_ms", "time_per_token_p99_ms"])
def test_times_of_tokens_are_percentiles_in_ms(tokens, metric):
    assert _of(metric, tokens, component="x") == pytest.approx(2000)


def test_tokens_per_second_are_those_made_in_the_window(tokens):
    assert _of("tokens_per_s", tokens, component="x") == pytest.approx((3 * 1999 + 2.5) / 20_005)
    assert _of("tokens_per_s", tokens, component="x", from_s=10.0, to_s=20.0) == pytest.approx(0.3)
    assert _of("tokens_per_s", tokens, component="x", from_s=20.0, to_s=26.0) == pytest.approx(0.5)


def test_percentiles_of_too_few_answers_are_unknown(tokens):
    short = {"component": "x", "to_s": 19_990.0}
    assert _of("ttft_p99_ms", tokens, **short) is None
    assert _of("time_per_token_p99_ms", tokens, **short) is None
    assert _of("ttft_p95_ms", tokens, component="x", to_s=2001.0) == pytest.approx(2000)
    assert _of("ttft_p95_ms", tokens, component="x", to_s=1999.0) is None


def test_single_tokens_have_no_time_per_token():
    single = replications_of(a_design({"x": LLM}, 0.1, classes=[{"items": 1}]), 2000)
    assert _of("time_per_token_p99_ms", single, component="x") is None
    assert _of("ttft_p99_ms", single, component="x") == pytest.approx(2000)


def test_verdicts_on_tokens_read_like_sentences(tokens):
    assert _said("ttft_p99_ms", tokens, 500.0, component="x")[1] == (
        "x p99 time to first token 2.00 s, wanted at most 500.0 ms"
    )
    said = _said("tokens_per_s", tokens, 2000.0, component="x")[1]
    assert said == "x makes 0.2999 tokens/s, wanted at most 2,000 tokens/s"


# ---- streams -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lagging():
    """Messages appended at 1, 2, 3 and 4 are read at 1, 3, 5 and 7."""
    return replications_of(a_design({"x": _stream()}), 4)


def test_the_peak_lag_is_the_greatest_age_of_an_unread_message(lagging):
    assert _of("peak_lag_s", lagging, component="x") == 3.0


@pytest.mark.parametrize(
    ("from_s", "to_s", "age_s"), [(0, 4.0, 1), (4.5, 4.75, 1.75), (0, 1.5, 0), (8, 9, 0), (3, 6.5, 2.5)]
)
def test_the_peak_lag_of_a_window_is_what_is_seen_in_it(lagging, from_s, to_s, age_s):
    assert _of("peak_lag_s", lagging, component="x", from_s=float(from_s), to_s=float(to_s)) == pytest.approx(age_s)


def test_a_log_drains_from_its_peak(lagging):
    assert _of("drain_s", lagging, component="x") == 3.0
    assert _said("drain_s", lagging, 2.0, component="x") == (False, "x drained after 3 s, wanted at most 2 s")


def test_a_log_that_never_drains_misses_its_bound_and_says_why():
    replications = replications_of(a_design({"x": _stream()}, faults=[kill("x", 2.5)]), 4)
    assert _of("drain_s", replications, component="x") == inf
    verdict = judge(Check(metric="drain_s", at_most=1e9, component="x"), replications)
    assert (verdict.met, verdict.value) == (False, None)
    assert verdict.sentence == "x never drained, as some messages wait for ever; wanted at most 1e+09 s"


def test_a_log_without_messages_has_nothing_to_drain():
    parts = {"front": front([{"to": "x", "share": 0.0}]), "x": _stream()}
    assert _of("drain_s", replications_of(a_design(parts), 4), component="x") is None


# ---- routers -------------------------------------------------------------------------------------------------------


def _canary(at_s=None, **more):
    """All requests go to the canary, from `at_s` on all of them fail; twenty answers of the last 40 s are judged."""
    routes = [{"to": "old", "share": 0.0}, {"to": "new", "share": 1.0}]
    undo = {"metric": "failure_share", "above": 0.5, "window_s": 40.0}
    parts = {"x": {"kind": "router", "routes": routes, "undo": undo}, "old": wide(0), "new": wide(0)}
    bad = {"kind": "bad_canary", "component": "x", "failure_share": 1.0}
    return replications_of(a_design(parts, faults=[{**bad, "at_s": at_s}] if at_s else [], **more), 30)


def test_an_undo_counts_from_the_first_bad_canary():
    assert _of("undone_after_s", _canary(5.5), component="x") == 14.5  # 15 of 20 have failed at second 20
    assert _said("undone_after_s", _canary(5.5), 20.0, component="x") == (
        True,
        "x took the canary back after 14.5 s, wanted at most 20 s",
    )


def test_a_canary_that_is_never_taken_back_misses_its_bound():
    assert _said("undone_after_s", _canary(), 60.0, component="x") == (
        False,
        "x never took the canary back; wanted at most 60 s",
    )


def test_the_canary_share_counts_what_it_answered():
    replications = _canary(5.5)
    assert _of("canary_share", replications, component="x") == pytest.approx(5 / 30)
    assert _of("canary_share", replications, component="x", to_s=5.25) == 1.0
    assert _of("canary_share", replications, component="x", from_s=20.5) == 0.0
    assert _of("canary_share", replications, component="x", from_s=30.2) is None


def test_shadow_copies_are_nobodys_requests():
    routes = [{"to": "old", "share": 1.0}, {"to": "new", "share": 1.0, "shadow": True}]
    parts = {"x": {"kind": "router", "routes": routes}, "old": wide(0), "new": wide(0)}
    assert _of("canary_share", replications_of(a_design(parts), 30), component="x") == 0.0


# ---- caches, queues and ages ---------------------------------------------------------------------------------------


def test_the_hit_ratio_is_that_of_the_run():
    contents = {"kind": "ttl", "ttl_s": 3.0}
    cache = {"kind": "cache", "lookup_time": constant(0), "contents": contents, "on_miss": [[{"to": "x"}]]}
    empty = {"kind": "flush_cache", "component": "cache", "at_s": 0}
    design = a_design({"cache": cache, "x": wide(0)}, keys={"count": 1}, faults=[empty])
    replications = replications_of(design, 6)  # fetched at 1 and at 4
    assert _of("hit_ratio", replications, component="cache") == pytest.approx(4 / 6)
    assert _said("hit_ratio", replications, 0.5, component="cache")[1] == "cache hit ratio 66.7%, wanted at most 50%"


def test_the_mean_wait_is_in_the_queue_only():
    replications = replications_of(a_design({"x": service(1.5)}), 4)  # they wait 0, 0.5, 1 and 1.5 s
    assert _of("mean_wait_ms", replications, component="x") == pytest.approx(750)
    assert _of("mean_wait_ms", replications, component="x", from_s=2.5) == pytest.approx(1250)
    assert _of("mean_wait_ms", replications, component="x", from_s=4.2) is None


def test_the_messages_of_a_log_wait(lagging):
    assert _of("mean_wait_ms", lagging, component="x") == pytest.approx(1500)


def test_the_stale_share_counts_answers_older_than_promised():
    # ages of 1 five times, then 1.5, 2.5, 3.5, 4.5, six times 5 and three times 1
    part = store(0, freshness={"lag_s": 1.0})
    late = {"kind": "delay_features", "component": "x", "at_s": 5.5, "for_s": 10.0, "lag_s": 4.0}
    replications = replications_of(a_design({"x": part}, faults=[late], promise={"freshness_s": 3.0}), 18)
    assert _of("stale_share", replications) == pytest.approx(8 / 18)
    assert _of("stale_share", replications, to_s=8.5) == pytest.approx(1 / 8)
    assert _of("stale_share", replications, from_s=18.2) is None
    assert _said("stale_share", replications, 0.1)[1] == "answers that rest on stale data 44.4%, wanted at most 10%"


def test_without_a_promise_or_an_age_nothing_is_stale_or_fresh():
    old = store(0, freshness={"lag_s": 1.0})
    assert _of("stale_share", replications_of(a_design({"x": old}), 5)) is None
    assert _of("stale_share", replications_of(a_design({"x": wide(0)}, promise={"freshness_s": 1.0}), 5)) is None


COMPONENT_METRICS = [
    "ttft_p99_ms",
    "ttft_p95_ms",
    "time_per_token_p99_ms",
    "tokens_per_s",
    "peak_lag_s",
    "drain_s",
    "undone_after_s",
    "canary_share",
    "hit_ratio",
    "mean_wait_ms",
]


@pytest.mark.parametrize("metric", COMPONENT_METRICS)
def test_what_a_component_does_not_have_is_unknown(metric):
    replications = replications_of(a_design({"x": store(0)}), 5)
    assert judge(Check(metric=metric, below=1.0, component="x"), replications).met is None
    assert judge(Check(metric=metric, below=1.0, component="ghost"), replications).met is None


@pytest.mark.parametrize(
    "wrong",
    [{"metric": metric} for metric in COMPONENT_METRICS]
    + [{"metric": metric, "component": "x", "class_name": "a"} for metric in ("utilization", "mean_wait_ms")]
    + [{"metric": metric, "component": "x", "from_s": 1.0} for metric in ("drain_s", "undone_after_s", "hit_ratio")]
    + [{"metric": "stale_share", "component": "x"}, {"metric": "usd_per_month", "class_name": "a"}],
    ids=str,
)
def test_a_check_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValidationError):
        Check(below=1.0, **wrong)


# ---- single replications -------------------------------------------------------------------------------------------

WAIT = Check(metric="mean_wait_ms", component="x", at_most=1.0)


def _noisy(replications):
    part = service(0, service_time=exponential(0.7))
    return replications_of(a_design({"x": part}, arrivals={"kind": "poisson"}), 200, replications=replications)


def test_each_replication_is_measured_by_itself():
    several = _noisy(3)
    alone = [replications_of(several.design, 200, replications=k).runs[-1] for k in (1, 2, 3)]
    waits_ms = []
    for run in alone:
        visits = run.components["x"].visits
        inside = visits.entered_s < run.duration_s
        waits_ms.append(float((visits.started_s - visits.entered_s)[inside].mean()) * 1000)
    assert measure_each(WAIT, several) == pytest.approx(waits_ms)
    assert len(set(waits_ms)) == 3


def test_the_interval_is_students():
    several = _noisy(3)
    values = np.array(measure_each(WAIT, several))
    mean, half = interval(WAIT, several)
    assert mean == pytest.approx(values.mean())
    assert half == pytest.approx(4.302653 * values.std(ddof=1) / 3**0.5, rel=1e-6)  # Student's t for two degrees


def test_fewer_than_three_known_values_have_no_interval():
    assert interval(WAIT, _noisy(2)) is None
    assert interval(Check(metric="p99_ms", at_most=1.0), _noisy(3)) is None
    assert measure_each(Check(metric="p99_ms", at_most=1.0), _noisy(3)) == [None] * 3


def test_what_never_happens_has_no_interval():
    design = a_design({"x": _stream()}, faults=[kill("x", 2.5)])
    never = Check(metric="drain_s", component="x", at_most=1.0)
    assert interval(never, replications_of(design, 4, replications=3)) is None
