"""What a timeline says about a fault: shares before, during and after, and the moment of recovery, worked by hand."""

import pytest

from practice.recovery import compared, recovery
from simulator.results.timeline import Timeline


def line(shares, *, step_s=1.0, rates=None):
    """A timeline with these shares in time, one for a step."""
    n = len(shares)
    return Timeline(
        step_s=step_s,
        starts_s=tuple(i * step_s for i in range(n)),
        arrivals_per_s=tuple(rates or [100.0] * n),
        p50_ms=(None,) * n,
        p95_ms=(None,) * n,
        in_time_share=tuple(shares),
        outcome_shares={},
        components=(),
    )


CALM = [1.0] * 4


def test_shares_are_those_of_the_requests_that_arrived():
    found = recovery(line([*CALM, 0.5, 0.0, 1.0, 1.0], rates=[100.0] * 4 + [300.0, 100.0] + [100.0] * 2), 4, 6)
    assert (found.before_share, found.during_share, found.after_share) == (1.0, 0.375, 1.0)
    assert found.lowest_share == 0.0
    assert found.lost_answers == pytest.approx(150 + 100)


@pytest.mark.parametrize(
    ("after", "recovered_s"),
    [
        ([1.0, 1.0, 1.0, 1.0], 0.0),
        ([0.0, 0.5, 0.96, 1.0, 0.95], 2.0),
        ([0.0, 1.0, 0.0, 1.0, 1.0, 1.0], 3.0),
        ([0.0, 0.0, 0.0, 1.0], 3.0),
        ([0.0, 0.0, 0.0, 0.94], None),
        ([0.0, 0.0], None),
        ([], None),
    ],
    ids=["at once", "slowly", "relapse", "in the last step", "nearly", "never", "not watched"],
)
def test_recovery_is_the_first_of_three_good_steps_after_the_fault(after, recovered_s):
    assert recovery(line([*CALM, 0.2, 0.2, *after]), 4, 6).recovered_after_s == recovered_s


def test_good_is_measured_by_the_share_before_the_fault():
    assert recovery(line([0.5] * 4 + [0.1, 0.1] + [0.48] * 3), 4, 6).recovered_after_s == 0.0


def test_the_time_to_recover_is_in_seconds_of_the_run():
    assert recovery(line([*CALM, 0.2, 0.2, 0.0, 1.0, 1.0, 1.0], step_s=2.5), 10, 15).recovered_after_s == 2.5


def test_a_step_belongs_where_its_middle_lies():
    found = recovery(line([1.0, 0.0, 1.0]), 0.6, 1.7)
    assert (found.before_share, found.during_share, found.after_share) == (1.0, 0.0, 1.0)


def test_steps_without_requests_are_passed_over():
    assert recovery(line([*CALM, None, 0.2, None, 1.0, 1.0, 1.0]), 4, 6).during_share == 0.2


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([*CALM, 0.2, 0.2, 1.0, 1.0, 1.0], "back at once"),
        ([*CALM, 0.2, 0.2, 0.0, 0.0, 1.0, 1.0, 1.0], "back 2 s after"),
        ([*CALM, 0.2, 0.2, 0.0], "did not recover"),
        ([0.0] * 9, "nothing to recover"),
        ([1.0] * 3, "too short"),
    ],
)
def test_the_sentence_says_how_it_went(shares, words):
    assert words in recovery(line(shares), 4, 6).sentence


def test_two_designs_are_compared_in_one_sentence():
    first = recovery(line([*CALM, 0.2, 0.2, 0.0, 0.0]), 4, 6)
    second = recovery(line([*CALM, 0.9, 0.9, 1.0, 1.0, 1.0]), 4, 6)
    assert (
        compared(first, second)
        == "In time during the fault 20.0%, now 90.0%; back not while it was watched, now at once."
    )
