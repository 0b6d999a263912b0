"""Predictions beside the measurement of a run whose numbers are known exactly."""

from functools import cache
from math import inf, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.prediction import CLOSE, Prediction, compare
from simulator.results.summary import Summary, summarize
from tests.simulator.designs import a_design, replications_of, service, wide

P99_MS = 250.0  # a quarter of a second: no rounding in binary
HOURS_A_MONTH = 730


@cache
def a_summary(arrivals: int = 2000, work_s: float = 0.25, usd_per_hour: float = 0.0) -> Summary:
    """One request a second passes `web`, which is a thousandth full, and `free`, which never can be."""
    parts = {"web": wide(work_s, usd_per_replica_hour=usd_per_hour, calls=[[{"to": "free"}]])}
    parts["free"] = {"kind": "store", "read_time": {"kind": "constant", "value_ms": 0.0}, "concurrency": "unlimited"}
    return summarize(replications_of(a_design(parts), arrivals))


def a_prediction(**more):
    return Prediction(**{"bottleneck": "web", "p99_ms": P99_MS, "usd_per_month": 730.0, **more})


def compared(what, summary=None, **more):
    found = compare(a_prediction(**more), a_summary() if summary is None else summary)
    return next(one for one in found if one.what == what)


def test_bottleneck_p99_and_cost_are_compared_in_this_order():
    assert [one.what for one in compare(a_prediction(), a_summary())] == ["bottleneck", "p99", "cost per month"]


def test_the_run_that_the_predictions_are_held_against_is_exact():
    assert a_summary().latency.p99_ms.value == P99_MS
    assert a_summary(usd_per_hour=1.0).cost.usd_per_month == HOURS_A_MONTH
    assert a_summary().bottleneck.component == "web"


def test_a_number_that_is_right_has_no_distance():
    found = compared("p99")
    assert (found.sentence, found.log_ratio) == ("Close.", 0.0)
    assert (found.predicted, found.measured) == ("250.0 ms", "250.0 ms")


@pytest.mark.parametrize(
    ("p99_ms", "sentence"),
    [
        (P99_MS * CLOSE, "Close."),
        (nextafter(P99_MS * CLOSE, inf), "Too high by a factor of 1.3."),
        (P99_MS / CLOSE, "Close."),
        (P99_MS / CLOSE - 1e-6, "Too low by a factor of 1.3."),
        (2 * P99_MS, "Too high by a factor of 2.0."),
        (P99_MS / 4, "Too low by a factor of 4.0."),
        (99 * P99_MS, "Too high by a factor of 99.0."),
        (100 * P99_MS, "Too high by far."),
        (P99_MS / 100, "Too low by far."),
        (1e12, "Too high by far."),
        (1e-9, "Too low by far."),
    ],
)
def test_close_is_within_a_quarter_and_the_boundary_belongs_to_it(p99_ms, sentence):
    assert compared("p99", p99_ms=p99_ms).sentence == sentence


@pytest.mark.parametrize(("p99_ms", "log_ratio"), [(2 * P99_MS, 1.0), (P99_MS / 2, -1.0), (8 * P99_MS, 3.0)])
def test_the_log_ratio_counts_doublings(p99_ms, log_ratio):
    assert compared("p99", p99_ms=p99_ms).log_ratio == log_ratio


@given(factor=st.floats(1.0, 1e6))
def test_too_high_and_too_low_by_the_same_factor_are_as_far_away(factor):
    high, low = compared("p99", p99_ms=P99_MS * factor), compared("p99", p99_ms=P99_MS / factor)
    assert high.log_ratio == pytest.approx(-low.log_ratio, abs=1e-12)
    assert high.log_ratio >= 0


def test_the_cost_is_that_of_the_fleet():
    found = compared("cost per month", a_summary(usd_per_hour=1.0), usd_per_month=1460.0)
    assert (found.predicted, found.measured, found.log_ratio) == ("1,460 USD", "730 USD", 1.0)
    assert found.sentence == "Too high by a factor of 2.0."


@pytest.mark.parametrize(
    ("what", "summary"),
    [("p99", lambda: a_summary(1999)), ("cost per month", a_summary)],
    ids=["too few answers for a p99", "nothing has a price"],
)
def test_without_a_measurement_nothing_is_judged(what, summary):
    found = compared(what, summary())
    assert (found.measured, found.log_ratio) == ("unknown", None)
    assert found.sentence == "The run gave no number to compare with."


def test_a_design_that_takes_no_time_is_compared_too():
    assert compared("p99", a_summary(work_s=0.0)).measured == "0.0 ms"


def test_the_right_bottleneck_is_called_right():
    found = compared("bottleneck")
    assert (found.predicted, found.measured, found.sentence, found.log_ratio) == ("web", "web", "Right.", None)


def test_a_wrong_bottleneck_is_told_its_own_load_and_what_really_limits():
    parts = {"web": wide(0.25, calls=[[{"to": "narrow"}]]), "narrow": service(0.25)}
    summary = summarize(replications_of(a_design(parts, rate_per_s=0.5), 200))
    load = next(one.load for one in summary.components if one.component == "web")
    found = compared("bottleneck", summary)
    assert (found.measured, found.predicted) == ("narrow", "web")
    assert found.sentence == f"web is asked for {load:.0%}; {summary.bottleneck.sentence}"


def test_what_can_never_be_full_is_not_the_bottleneck():
    assert compared("bottleneck", bottleneck="free").sentence.startswith("free can never be full; web is asked for")


def test_a_design_that_cannot_be_full_has_no_bottleneck():
    unlimited = {"kind": "store", "read_time": {"kind": "constant", "value_ms": 1.0}, "concurrency": "unlimited"}
    summary = summarize(replications_of(a_design({"web": unlimited}), 100))
    found = compared("bottleneck", summary)
    assert (found.measured, found.sentence) == ("none", "Nothing in this design can be full.")


@pytest.mark.parametrize(
    "changed",
    [
        {"p99_ms": 0.0},
        {"p99_ms": -1.0},
        {"usd_per_month": 0.0},
        {"p99_ms": float("inf")},
        {"p99_ms": float("nan")},
        {"p99_ms": 1e13},
        {"bottleneck": ""},
        {"bottleneck": "No Name"},
        {"p99_ms": "250"},
    ],
)
def test_a_prediction_that_no_run_could_meet_is_refused(changed):
    with pytest.raises(ValidationError):
        a_prediction(**changed)
