"""Retries cost tokens, first tries earn them, and all requests of a call share the bucket; and how pauses grow."""

import pytest

from simulator.components.backoff import Budget, pause_s
from simulator.design import Retries
from simulator.results.run import Ending
from tests.simulator.designs import a_design, dead_end, front, kill, log, run_of, wide

PLACE = "front.calls.0.0"


def _attempts(arrivals, attempts, **budget):
    """(attempts per request, the call's counts) where every attempt fails."""
    call = {"to": "dead", "retries": {"attempts": attempts, "backoff": "none", "budget": budget}}
    run = run_of(a_design({"front": front([call]), **dead_end()}, faults=[kill("corpse", 0)]), arrivals)
    entered = [row[0] for row in log(run, "dead")]
    assert run.ending.tolist() == [Ending.FAILED] * arrivals
    return [entered.count(i) for i in range(arrivals)], run.calls[PLACE]


def test_a_full_bucket_is_spent_first_and_then_what_first_tries_earn():
    each, counts = _attempts(8, 3, ratio=0.5, burst=3.0)
    # 3 tokens: two retries, then 1.5 - 1, then a token with every second request
    assert each == [3, 2, 2, 1, 2, 1, 2, 1]
    assert (counts.retries, counts.retries_refused) == (6, 7)


def test_a_bucket_never_holds_more_than_its_burst():
    assert _attempts(5, 3, ratio=1.0, burst=1.0)[0] == [2] * 5


def test_ten_tenths_are_a_token():
    budget = Budget(0.1, 1.0)
    assert [budget.take(), budget.take()] == [True, False]
    for _ in range(10):
        budget.earn()
    assert [budget.take(), budget.take()] == [True, False]


def test_without_ratio_and_with_less_than_a_token_there_are_no_retries():
    each, counts = _attempts(4, 2, ratio=0.0, burst=0.5)
    assert (each, counts.retries_refused) == ([1] * 4, 4)


def test_in_the_long_run_retries_are_the_budgets_share_of_first_tries():
    each, _ = _attempts(1000, 3, ratio=0.1, burst=10.0)
    assert sum(each) == 1000 + 10 + 100 - 1  # of the first ten tenths, one was earned by a full bucket


def test_a_retry_that_comes_too_late_costs_no_token():
    retries = {"attempts": 2, "backoff": "exponential", "base_ms": 900.0, "budget": {"ratio": 0.0, "burst": 1.0}}
    call = {"to": "x", "timeout_ms": 500.0, "retries": retries, "deadline_ms": 1000.0}
    run = run_of(a_design({"front": front([call]), "x": wide(9)}), 3)
    assert (run.calls[PLACE].retries, run.calls[PLACE].retries_refused) == (0, 0)


def test_without_a_budget_nothing_is_refused():
    call = {"to": "dead", "retries": {"attempts": 3, "backoff": "none"}}
    run = run_of(a_design({"front": front([call]), **dead_end()}, faults=[kill("corpse", 0)]), 5)
    assert (run.calls[PLACE].retries, run.calls[PLACE].retries_refused) == (10, 0)


@pytest.mark.parametrize(
    ("backoff", "at_0", "at_half"),
    [
        ("none", [0, 0, 0, 0], [0, 0, 0, 0]),
        ("exponential", [0.1, 0.2, 0.3, 0.3], [0.1, 0.2, 0.3, 0.3]),
        ("full_jitter", [0, 0, 0, 0], [0.05, 0.1, 0.15, 0.15]),
        ("equal_jitter", [0.05, 0.1, 0.15, 0.15], [0.075, 0.15, 0.225, 0.225]),
    ],
)
def test_pauses_double_up_to_the_cap_and_jitter_spreads_them_as_brooker_says(backoff, at_0, at_half):
    retries = Retries(attempts=5, backoff=backoff, base_ms=100.0, cap_ms=300.0)
    for luck, wanted in ((0.0, at_0), (0.5, at_half)):
        assert [pause_s(retries, k, luck) for k in range(1, 5)] == pytest.approx(wanted)
