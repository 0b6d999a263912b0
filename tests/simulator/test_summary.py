"""The numbers of a run, and what a reader is told before believing them."""

import numpy as np
import pytest

from simulator.results.estimates import around, nearest_rank
from simulator.results.replications import one_by_one, replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from simulator.text_report import text_report
from tests.simulator.designs import (
    a_design,
    balancer,
    constant,
    exponential,
    front,
    kill,
    model_server,
    replications_of,
    service,
    store,
    wide,
)

CALM = wide(0.001)


def _summary(components, arrivals=20, replications=1, **more):
    return summarize(replications_of(a_design(components, **more), arrivals, replications=replications))


def _part(summary, name):
    return next(one for one in summary.components if one.component == name)


@pytest.mark.parametrize(("arrivals", "known"), [(1999, False), (2000, True)])
def test_a_p99_needs_two_thousand_answers(arrivals, known):
    summary = _summary({"x": CALM}, arrivals)
    assert (summary.latency.p99_ms is not None) == known
    assert any("a p99 needs 2,000" in remark for remark in summary.remarks) != known


@pytest.mark.parametrize(("arrivals", "known"), [(99_999, False), (100_000, True)])
def test_a_p999_needs_a_hundred_thousand_answers(arrivals, known):
    assert (_summary({"x": store(0)}, arrivals).latency.p999_ms is not None) == known


def test_outcomes_add_up_to_the_counted_arrivals():
    call = {"to": "x", "timeout_ms": 1000.0, "share": 0.5, "fallback": [{"answer_ms": 0.0}]}
    parts = {"front": service(0.9, queue={"limit": 1}, calls=[[call]]), "x": wide(9)}
    ends = _summary(parts, 200, promise={"deadline_ms": 1500.0}).outcomes
    assert ends.in_time + ends.late + ends.degraded + ends.refused + ends.failed == ends.arrivals == 200
    assert ends.in_time_share.value == pytest.approx((ends.in_time + ends.degraded) / 200)
    assert ends.availability.value == pytest.approx((ends.in_time + ends.degraded + ends.late) / 200)


def test_the_histogram_holds_every_answer():
    summary = _summary({"x": wide(service_time=exponential(1))}, 500)
    edges, counts = summary.latency.histogram_edges_ms, summary.latency.histogram_counts
    assert sum(counts) == 500
    assert len(edges) == len(counts) + 1
    assert list(edges) == sorted(edges)


def test_the_bottleneck_is_what_is_asked_for_the_largest_share_of_its_capacity():
    parts = {
        "front": service(0.5, calls=[[{"to": "x"}, {"to": "y"}]]),
        "x": service(0.8),
        "y": service(1.2, replicas=2),
    }
    found = _summary(parts, 100).bottleneck
    assert (found.component, found.load) == ("x", pytest.approx(0.8, rel=0.02))
    assert found.saturates_at_per_s == pytest.approx(1.25, rel=0.02)
    assert found.sentence.startswith("x is asked for 79% of what it can do at 1 requests/s; it would be full at ")


def test_a_saturation_below_ten_a_second_is_not_rounded_to_a_whole_number():
    assert "full at 1.25" in _summary({"x": service(0.8)}, 2000).bottleneck.sentence


def test_the_rate_at_which_a_design_saturates_is_where_it_stops_keeping_up():
    parts = {"x": model_server(8, 0.1, replicas=2)}
    full_at = _summary(parts, 4000, rate_per_s=64.0).bottleneck.saturates_at_per_s
    assert full_at == pytest.approx(160, rel=0.01)
    below, above = (_summary(parts, 4000, rate_per_s=full_at * factor) for factor in (0.95, 1.05))
    assert _part(below, "x").mean_waiting < 20 < _part(above, "x").mean_waiting


def test_without_anything_that_can_be_full_there_is_no_bottleneck():
    assert _summary({"x": store(1)}).bottleneck is None


def test_retries_count_as_load():
    call = {"to": "x", "timeout_ms": 1.0, "retries": {"attempts": 3, "backoff": "none"}}
    assert _part(_summary({"front": front([call]), "x": service(0.25)}, 100), "x").load == pytest.approx(0.75, rel=0.05)


def test_what_is_turned_away_counts_as_asked_for():
    assert _part(_summary({"x": service(4, queue={"limit": 0})}, 100), "x").load == pytest.approx(4, rel=0.05)


def test_dead_replicas_raise_the_load_of_the_rest():
    assert _part(_summary({"x": service(0.5, replicas=2)}, 100, faults=[kill("x", 0)]), "x").load == pytest.approx(
        0.5, rel=0.05
    )


def test_overload_is_said_in_words():
    summary = _summary({"x": service(2.5)}, 100)
    assert any(
        one.startswith("x is asked for 249%") and "depend on how long the run was" in one for one in summary.remarks
    )
    assert summary.bottleneck.sentence.endswith("it cannot keep up.")


@pytest.mark.parametrize(
    "parts", [{"x": service(1)}, {"lb": balancer("x"), "x": service(1)}], ids=["called", "balanced"]
)
def test_a_component_whose_replicas_are_all_dead_has_no_capacity(parts):
    summary = _summary(parts, 20, faults=[kill("x", 0, 1000)])
    assert any("x has no capacity left" in remark for remark in summary.remarks)
    assert summary.bottleneck.component == "x"


@pytest.mark.parametrize(("replications", "is_preview"), [(1, True), (4, True), (5, False)])
def test_fewer_than_five_replications_are_a_preview(replications, is_preview):
    summary = _summary({"x": CALM}, 100, replications=replications)
    assert summary.is_preview == is_preview
    assert (
        any(remark.startswith(f"A preview: {replications} of at least 5") for remark in summary.remarks) == is_preview
    )


def test_a_short_warm_up_is_said():
    design = a_design({"x": service(0.009)}, rate_per_s=100.0)
    summary = summarize(replicate(design, RunSettings(replications=1, duration_s=20.0)))
    assert any("should not be counted at this load" in remark for remark in summary.remarks)


@pytest.mark.parametrize(
    ("components", "more", "said"),
    [
        ({"x": CALM}, {"cell": {"fraction": 0.01}}, "The cell is 1/100 of the fleet"),
        ({"x": CALM, "y": CALM}, {}, "No request ever comes to y."),
        ({"x": CALM}, {}, "Not priced, and so not in the cost: x."),
        (
            {"x": service(3.5, queue={"limit": 0})},
            {},
            "Latencies are those of answered requests; 75.00% were refused or failed",
        ),
    ],
)
def test_what_a_reader_must_know_is_said(components, more, said):
    assert any(remark.startswith(said) for remark in _summary(components, **more).remarks)


def test_a_component_says_how_long_requests_waited_and_worked():
    part = _part(_summary({"x": service(1.5, replicas=2, queue={"limit": 0})}, 21), "x")
    assert (part.mean_wait_ms, part.mean_work_ms, part.visits_per_request) == (0, 1500, 1)
    assert part.unanswered_share == 0


def test_the_p99_of_waiting_is_nearest_rank_like_every_other():
    replications = replications_of(a_design({"x": service(service_time=exponential(0.8))}), 3000)
    visits = replications.runs[0].components["x"].visits
    waits_ms = (visits.started_s - visits.entered_s) * 1000
    assert _part(summarize(replications), "x").p99_wait_ms == nearest_rank(waits_ms, 0.99)


def test_a_model_server_says_how_full_its_batches_were():
    part = _part(_summary({"x": model_server(8, 0.5, max_wait_s=3.5)}, 40), "x")
    assert (part.mean_batch_items, part.batch_fullness) == (4, 0.5)


def test_batches_before_the_warm_up_is_over_do_not_count():
    quiet_at_first = {"kind": "steps", "points": [[0, 0.25], [50, 1.0]]}
    design = a_design({"x": model_server(8, 0.25, max_wait_s=1)}, rate_per_s=4.0, profile=quiet_at_first)
    replications = replicate(design, RunSettings(replications=1, duration_s=100.0, warm_up_s=50.0))
    batches = replications.runs[0].components["x"].batches
    counted = batches.items[(batches.fired_s >= 50) & (batches.fired_s < 100)]
    assert counted.mean() > 1.25 * batches.items.mean()
    assert _part(summarize(replications), "x").mean_batch_items == pytest.approx(counted.mean())


def test_trimmed_requests_are_told_as_a_share():
    trim = {"when_waiting_items_over": 1, "keep_share": 0.5}
    part = _part(_summary({"x": model_server(100, 4, trim=trim)}, 40, classes=[{"items": 2}]), "x")
    assert 0 < part.trimmed_share < 1


def test_a_cache_says_its_hit_ratio():
    cache = {
        "kind": "cache",
        "lookup_time": constant(0),
        "contents": {"kind": "fixed", "hit_ratio": 1.0},
        "on_miss": [[{"to": "x"}]],
    }
    assert _part(_summary({"cache": cache, "x": CALM}), "cache").hit_ratio == 1.0


def test_calls_are_told_per_thousand():
    call = {
        "to": "x",
        "timeout_ms": 1000.0,
        "retries": {"attempts": 2, "backoff": "none"},
        "fallback": [{"answer_ms": 0.0}],
    }
    [found] = _summary({"front": front([call]), "x": wide(9)}, 20).calls
    counts = (found.made, found.retries, found.timeouts, found.fallbacks, found.failures)
    assert counts == (20, 1000, 2000, 1000, 0)


def test_a_summary_survives_json():
    summary = _summary({"x": service(0.5)}, 300, replications=2)
    assert Summary.model_validate_json(summary.model_dump_json()) == summary


def test_replications_come_one_by_one_and_are_those_of_the_whole():
    design, settings = a_design({"x": CALM}, rate_per_s=100.0), RunSettings(replications=3, duration_s=2.0)
    steps = list(one_by_one(design, settings))
    assert [len(step.runs) for step in steps] == [1, 2, 3]
    assert summarize(steps[-1]) == summarize(replicate(design, settings))


def test_progress_rises_from_nothing_to_one():
    told = []
    replicate(a_design({"x": CALM}, rate_per_s=1000.0), RunSettings(replications=2, duration_s=2.0), told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)
    assert np.diff(told).max() < 0.3


def test_a_run_can_be_stopped_by_its_progress():
    def stop(share):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        replicate(a_design({"x": CALM}, rate_per_s=1000.0), RunSettings(replications=2, duration_s=2.0), stop)


@pytest.mark.parametrize("more", [{"duration_s": 0.5}, {"warm_up_s": 1e6}], ids=["no arrivals", "nothing counted"])
def test_a_run_in_which_nothing_counts_has_a_report_too(more):
    parts = {"x": model_server(8, 1), "y": CALM}
    summary = summarize(replicate(a_design(parts), RunSettings(**{"replications": 2, "duration_s": 20.0, **more})))
    assert summary.outcomes.arrivals == 0
    assert "too few" in text_report(summary, "nothing")


def test_a_spike_counts_in_the_rate_beside_which_the_bottleneck_stands():
    spike = {"kind": "traffic_spike", "factor": 3, "at_s": 0, "for_s": None}
    quiet, busy = (
        summarize(replications_of(a_design({"x": wide(0.001)}, 100.0, faults=faults), 2000)) for faults in ([], [spike])
    )
    assert busy.arrival_rate_per_s == pytest.approx(3 * quiet.arrival_rate_per_s, rel=0.01)


def test_an_interval_never_begins_below_zero():
    assert around(1.0, [0.0, 0.0, 9.0]).low == 0.0


def test_a_design_without_any_price_costs_not_nothing_but_is_not_priced():
    summary = summarize(replications_of(a_design({"x": wide(0.001)}, 100.0), 200))
    assert "cost        not priced" in text_report(summary, "free").splitlines()
    assert not summary.cost.is_priced
