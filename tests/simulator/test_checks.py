"""What a scenario demands of a run, and what the run says to it."""

import pytest
from pydantic import TypeAdapter, ValidationError

from simulator.results.checks import AnyOf, Check, CheckSpec, judge, measure
from simulator.results.estimates import nearest_rank
from simulator.results.summary import promise_checks, promise_verdicts
from tests.simulator.designs import a_design, exponential, front, replications_of, service, wide

PROMISE = {"deadline_ms": 1500.0}


@pytest.fixture(scope="module")
def refusing():
    """Every second of twenty requests is refused at once; the others take a second and a half."""
    part = service(1.5, queue={"limit": 0}, usd_per_replica_hour=2.0)
    return replications_of(a_design({"x": part}, promise=PROMISE), 20)


@pytest.fixture(scope="module")
def plenty():
    """A thousand seconds with four requests in each."""
    part = wide(service_time=exponential(1))
    return replications_of(a_design({"x": part}, rate_per_s=4.0), 4000)


@pytest.fixture(scope="module")
def falling_back():
    call = {"to": "x", "timeout_ms": 1000.0, "share": 0.5, "fallback": [{"answer_ms": 0.0}]}
    return replications_of(a_design({"front": front([call]), "x": wide(9)}, promise=PROMISE), 200)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("in_time_share", 0.5),
        ("availability", 0.5),
        ("late_or_failed_share", 0.5),
        ("refused_share", 0.5),
        ("failed_share", 0.0),
        ("fallback_share", 0.0),
        ("mean_ms", 1500.0),
        ("usd_per_month", 2 * 730.0),
    ],
)
def test_each_metric_is_what_its_name_says(refusing, metric, value):
    assert measure(Check(metric=metric, at_most=1.0), refusing) == pytest.approx(value)


@pytest.mark.parametrize(("metric", "share"), [("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)])
def test_percentiles_are_nearest_rank_over_all_counted_requests(plenty, metric, share):
    latencies = (plenty.runs[0].ended_s - plenty.runs[0].arrived_s) * 1000
    assert measure(Check(metric=metric, at_most=1.0), plenty) == nearest_rank(latencies, share)


def test_a_check_may_look_at_a_window_only(plenty):
    run = plenty.runs[0]
    inside = (run.arrived_s >= 100) & (run.arrived_s < 700)
    found = measure(Check(metric="p99_ms", below=1.0, from_s=100.0, to_s=700.0), plenty)
    assert found == nearest_rank((run.ended_s - run.arrived_s)[inside] * 1000, 0.99)


def test_a_percentile_of_too_few_requests_is_unknown(plenty):
    check = Check(metric="p99_ms", below=9e9, to_s=400.0)
    assert judge(check, plenty).met is None
    assert judge(check, plenty).sentence == "p99: the run cannot tell; wanted below 9,000,000.00 s in seconds 0 to 400"


def test_a_percentile_of_too_few_answers_is_unknown_however_many_were_refused():
    mostly_refused = service(100.0, queue={"limit": 0})
    replications = replications_of(a_design({"x": mostly_refused}), 4000)
    assert measure(Check(metric="p99_ms", below=9e9), replications) is None


def test_utilization_is_that_of_the_window(refusing):
    found = measure(Check(metric="utilization", component="x", at_most=1.0, from_s=1.0, to_s=19.0), refusing)
    assert found == pytest.approx(0.75)


def test_utilization_of_what_can_never_be_full_is_unknown():
    design = a_design({"x": {"kind": "store", "read_time": exponential(1)}})
    assert judge(Check(metric="utilization", component="x", below=1.0), replications_of(design, 5)).met is None


def test_utilization_of_a_component_that_is_not_there_is_unknown(refusing):
    assert judge(Check(metric="utilization", component="ghost", below=1.0), refusing).met is None


def test_shares_count_fallbacks_as_answers_in_time(falling_back):
    share = measure(Check(metric="fallback_share", below=1.0), falling_back)
    assert share == pytest.approx(0.5, abs=4 * 0.5 / 200**0.5)
    assert measure(Check(metric="in_time_share", below=1.0), falling_back) == 1.0


@pytest.mark.parametrize(
    ("word", "just_met", "just_missed"),
    [("below", 0.51, 0.5), ("at_most", 0.5, 0.49), ("at_least", 0.5, 0.51), ("above", 0.49, 0.5)],
)
def test_each_bound_is_met_on_its_own_side(refusing, word, just_met, just_missed):
    assert judge(Check(metric="refused_share", **{word: just_met}), refusing).met is True
    assert judge(Check(metric="refused_share", **{word: just_missed}), refusing).met is False


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (Check(metric="refused_share", at_most=0.01), "refused 50%, wanted at most 1%"),
        (Check(metric="in_time_share", at_least=0.9995), "answered in time 50%, wanted at least 99.95%"),
        (Check(metric="mean_ms", below=50.0), "mean latency 1.50 s, wanted below 50.0 ms"),
        (Check(metric="usd_per_month", at_most=350_000.0), "cost per month 1,460 USD, wanted at most 350,000 USD"),
        (
            Check(metric="utilization", component="x", above=0.5, from_s=1.0, to_s=19.0),
            "x busy 75%, wanted above 50% in seconds 1 to 19",
        ),
        (Check(metric="failed_share", at_most=0.0, from_s=5.0), "failed 0%, wanted at most 0% from second 5"),
    ],
)
def test_a_verdict_says_what_was_found_and_what_was_wanted(refusing, check, sentence):
    assert judge(check, refusing).sentence == sentence


YES, NO = Check(metric="refused_share", at_most=0.9), Check(metric="refused_share", at_most=0.1)
UNKNOWN = Check(metric="p99_ms", below=1.0)


@pytest.mark.parametrize(
    ("checks", "met"),
    [((NO, YES), True), ((NO, UNKNOWN), None), ((UNKNOWN, YES), True), ((NO, NO), False), ((UNKNOWN,), None)],
)
def test_one_of_several_checks_is_enough(refusing, checks, met):
    verdict = judge(AnyOf(any_of=checks), refusing)
    assert (verdict.met, verdict.value) == (met, None)
    assert verdict.sentence == " or ".join(judge(check, refusing).sentence for check in checks)


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": "p99_ms"},
        {"metric": "p99_ms", "below": 1.0, "above": 0.0},
        {"metric": "p90_ms", "below": 1.0},
        {"metric": "utilization", "below": 1.0},
        {"metric": "p99_ms", "component": "x", "below": 1.0},
        {"metric": "p99_ms", "below": "fast"},
    ],
    ids=str,
)
def test_a_check_that_says_too_little_or_too_much_is_refused(wrong):
    with pytest.raises(ValidationError):
        Check(**wrong)


@pytest.mark.parametrize("check", [YES, AnyOf(any_of=(YES, UNKNOWN))], ids=["check", "any of"])
def test_checks_survive_json(check):
    adapter = TypeAdapter(CheckSpec)
    assert adapter.validate_json(adapter.dump_json(check, exclude_none=True)) == check


def test_every_part_of_a_promise_is_judged():
    promise = {
        "p99_ms": 50.0,
        "in_time_share": 0.99,
        "availability": 0.999,
        "fallback_share": 0.1,
        "usd_per_month": 100.0,
        "freshness_s": 60.0,
    }
    replications = replications_of(a_design({"x": wide(0)}, promise=promise), 5)
    assert len(promise_verdicts(replications)) == len(promise)


def test_a_part_of_the_promise_that_no_run_can_measure_is_unknown_and_not_kept():
    replications = replications_of(a_design({"x": wide(0)}, promise={"freshness_s": 60.0}), 5)
    assert [verdict.met for verdict in promise_verdicts(replications)] == [None]


def test_what_was_not_promised_is_not_judged():
    assert promise_checks(a_design({"x": wide(0)})) == []
    assert [check.bound() for check in promise_checks(a_design({"x": wide(0)}, promise={"p99_ms": 5.0}))] == [
        ("at_most", 5.0)
    ]
