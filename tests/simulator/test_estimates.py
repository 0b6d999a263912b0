"""Percentiles, intervals, and how requests count as in time, late, degraded, refused or failed."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.results.counted import Counted, Outcome, counted
from simulator.results.estimates import around, estimate, mean_latency, nearest_rank, percentile
from simulator.results.run import Ending, Run
from tests.simulator.designs import a_design, wide


@given(values=st.lists(st.floats(0, 1e6), min_size=1, max_size=60), percent=st.integers(0, 1000))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(values, percent):
    share = Fraction(percent, 1000)
    enough = [one for one in values if sum(other <= one for other in values) >= share * len(values)]
    assert nearest_rank(np.array(values), float(share)) == min(enough)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)])
def test_percentiles_of_one_to_a_hundred(share, value):
    assert nearest_rank(np.random.default_rng(1).permutation(np.arange(1.0, 101)), share) == value


def test_nothing_has_no_percentile():
    assert np.isnan(nearest_rank(np.zeros(0), 0.5))


def _pool(*latencies_ms):
    """Requests of several replications, all answered in time."""
    sizes = [len(part) for part in latencies_ms]
    n = sum(sizes)
    return Counted(
        index=np.arange(n),
        replication=np.repeat(np.arange(len(sizes)), sizes),
        arrived_s=np.arange(n) / 10,
        latency_ms=np.concatenate([np.array(part, dtype=float) for part in latencies_ms]),
        outcome=np.zeros(n, dtype=np.uint8),
    )


def test_an_interval_is_students_over_the_replications():
    found = around(10.0, [8.0, 9.0, 10.0, 11.0, 12.0])
    half = 2.7764451 * (2.5 / 5) ** 0.5  # the 97.5% point of Student's t with 4 degrees of freedom
    assert (found.low, found.high) == pytest.approx((10 - half, 10 + half), rel=1e-7)


def test_one_replication_has_no_interval():
    found = around(10.0, [10.0])
    assert (found.value, found.low, found.high) == (10.0, None, None)


def test_the_interval_holds_the_true_value_in_about_95_of_100_cases():
    samples = np.random.default_rng(3).normal(7.0, 2.0, (4000, 5))
    found = [around(float(one.mean()), one.tolist()) for one in samples]
    covered = np.mean([one.low <= 7.0 <= one.high for one in found])
    assert covered == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 4000) ** 0.5)


def test_a_percentile_is_that_of_all_requests_together_and_not_a_mean_of_percentiles():
    some = _pool([1.0] * 99 + [100.0], [1.0] * 50)
    found = estimate(some, percentile(0.99))
    assert found.value == 1.0
    assert found.low is not None


def test_an_estimate_of_nothing_is_none():
    nothing = _pool([], [])
    assert estimate(nothing, mean_latency) is None
    assert estimate(nothing, lambda some: some.share(Outcome.LATE)) is None


ENDINGS = [
    Ending.ANSWERED,
    Ending.ANSWERED,
    Ending.ANSWERED,
    Ending.DEGRADED,
    Ending.DEGRADED,
    Ending.REFUSED,
    Ending.FAILED,
]
LATENCIES_S = [0.04, 0.05, 0.06, 0.05, 0.06, 0.0, 0.09]


def _run_with_all_endings():
    n = len(ENDINGS)
    arrived = np.arange(n, dtype=float)
    return Run(
        seed=1,
        replication=3,
        duration_s=float(n),
        arrived_s=arrived,
        ended_s=arrived + np.array(LATENCIES_S),
        ending=np.array(ENDINGS, dtype=np.uint8),
        class_index=np.zeros(n, dtype=np.uint8),
        items=np.ones(n, dtype=np.int64),
        components={},
        calls={},
    )


@pytest.mark.parametrize(
    "promise", [{"deadline_ms": 55.0}, {"p99_ms": 55.0}, {"p99_ms": 1.0, "deadline_ms": 55.0}], ids=str
)
def test_an_answer_after_the_deadline_is_late_whoever_gave_it(promise):
    some = counted(a_design({"x": wide()}, promise=promise), [_run_with_all_endings()], 0.0)
    assert [Outcome(one).name for one in some.outcome] == [
        "IN_TIME",
        "IN_TIME",
        "LATE",
        "DEGRADED",
        "LATE",
        "REFUSED",
        "FAILED",
    ]


def test_without_a_deadline_no_answer_is_late():
    some = counted(a_design({"x": wide()}), [_run_with_all_endings()], 0.0)
    assert [Outcome(one).name for one in some.outcome].count("LATE") == 0


def test_an_answer_at_the_very_deadline_is_in_time():
    run = _run_with_all_endings()
    deadline_ms = float((run.ended_s[2] - run.arrived_s[2]) * 1000)
    some = counted(a_design({"x": wide()}, promise={"deadline_ms": deadline_ms}), [run], 0.0)
    assert some.outcome[2] == Outcome.IN_TIME


def test_only_requests_that_arrive_after_the_warm_up_count():
    some = counted(a_design({"x": wide()}), [_run_with_all_endings()], 2.0)
    assert some.index.tolist() == [2, 3, 4, 5, 6]
    assert some.replication.tolist() == [3] * 5


def test_a_window_holds_its_beginning_and_not_its_end():
    some = counted(a_design({"x": wide()}), [_run_with_all_endings()], 0.0)
    assert some.between(2.0, 4.0).index.tolist() == [2, 3]
    assert some.between(None, 2.0).index.tolist() == [0, 1]
    assert some.between(5.0, None).index.tolist() == [5, 6]


def test_latencies_are_those_of_answers():
    some = counted(a_design({"x": wide()}, promise={"deadline_ms": 55.0}), [_run_with_all_endings()], 0.0)
    assert some.answered.tolist() == [True] * 5 + [False] * 2
    assert mean_latency(some) == pytest.approx(1000 * sum(LATENCIES_S[:5]) / 5)
    assert some.share(Outcome.REFUSED, Outcome.FAILED) == pytest.approx(2 / 7)


def test_an_interval_of_shares_stays_between_nothing_and_all():
    wide = around(0.9, [1.0, 0.8], at_most=1.0)
    assert (wide.low, wide.high) == (0.0, 1.0)
    narrow = around(0.5, [0.5, 0.51, 0.49], at_most=1.0)
    assert narrow.low == pytest.approx(1 - narrow.high)
    assert narrow.high < 0.53
