"""What the worksheet and the runs allow: every threshold with its neighbors, every mix of outcomes."""

from itertools import product
from math import nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.evidence import (
    ScenarioOutcome,
    WorksheetResult,
    capacity_evidence,
    capacity_level,
    operations_cap,
    run_evidence,
    serving_cap,
)
from rubrics.score import graded_verdict
from rubrics.self_grade import SelfGrade

shares = st.floats(0, 1)
results = st.sampled_from([None, False, True])


def runs(*, steady=(), faults=()):
    """Outcomes from lists of passed, failed (False) and not run (None)."""
    return tuple(
        ScenarioOutcome(id=f"run_{i}", title=f"Run {i}", steady=is_steady, passed=passed, sentence="p99 is 20 ms.")
        for i, (is_steady, passed) in enumerate([*((True, one) for one in steady), *((False, one) for one in faults)])
    )


@pytest.mark.parametrize(
    ("share", "unused", "reused"),
    [
        (0.0, 0, 0),
        (0.0999, 0, 0),
        (0.10, 1, 1),
        (0.2999, 1, 1),
        (0.30, 2, 2),
        (0.5499, 2, 2),
        (0.55, 3, 3),
        (0.7999, 3, 3),
        (0.80, 3, 4),
        (1.0, 3, 4),
    ],
)
def test_capacity_thresholds(share, unused, reused):
    assert capacity_level(share, reused=False) == unused
    assert capacity_level(share, reused=True) == reused


def test_a_share_that_lost_a_rounding_error_still_reaches_its_level():
    assert sum([0.1] * 8) < 0.8
    assert capacity_level(sum([0.1] * 8), reused=True) == 4
    assert capacity_level(nextafter(0.3, 0), reused=False) == 2


@pytest.mark.parametrize("share", [-0.01, 1.01, 62, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="must be between 0 and 1"):
        capacity_level(share, reused=False)


@given(one=shares, other=shares, reused=st.booleans())
def test_a_better_worksheet_never_lowers_capacity(one, other, reused):
    worse, better = sorted([one, other])
    assert capacity_level(worse, reused=reused) <= capacity_level(better, reused=reused)
    assert capacity_level(worse, reused=False) <= capacity_level(worse, reused=True)


def test_worksheet_evidence_keeps_every_verdict_and_the_place_of_reuse():
    worksheet = WorksheetResult(
        share=0.9, filled=2, sentences=("Peak is right.", "GPUs are right."), reused_in="481 GPUs"
    )
    found = capacity_evidence(worksheet)
    assert [one.sentence for one in found[:2]] == ["Peak is right.", "GPUs are right."]
    assert found[2].quote == "481 GPUs"
    assert {one.source for one in found} == {"checked"}


@pytest.mark.parametrize(
    ("steady", "faults", "serving", "operations"),
    [
        ([], [], 3, 3),
        ([None], [None, None], 3, 3),
        ([True], [], 3, 3),
        ([True], [None, None], 3, 3),
        ([True], [True, None], 3, 3),
        ([True], [True, True], 4, 4),
        ([True], [True, False], 3, 3),
        ([True], [False, False], 3, 2),
        ([True], [False, None], 3, 2),
        ([True], [False], 3, 2),
        ([True], [True], 4, 4),
        ([False], [True, True], 2, 3),
        ([False], [False, False], 2, 2),
        ([False], [None], 2, 3),
        ([None], [True, True], 3, 3),
        ([None], [False, True], 3, 3),
        ([None], [False], 3, 2),
        ([], [True], 3, 3),
        ([True, False], [True], 2, 3),
        ([True, None], [True], 3, 3),
        ([True, True], [True], 4, 4),
    ],
)
def test_caps_for_every_mix_of_runs(steady, faults, serving, operations):
    outcomes = runs(steady=steady, faults=faults)
    assert serving_cap(outcomes, explained=False).level == serving
    assert operations_cap(outcomes, explained=False).level == operations


@pytest.mark.parametrize(
    ("steady", "faults", "serving", "operations"),
    [
        ([None], [None], False, False),
        ([True], [None], True, False),
        ([None], [True], False, True),
        ([True, None], [False], True, True),
        ([False], [None], True, False),
        ([], [], False, False),
    ],
)
def test_a_cap_is_measured_if_something_that_concerns_it_ran(steady, faults, serving, operations):
    outcomes = runs(steady=steady, faults=faults)
    assert serving_cap(outcomes, explained=False).is_measured is serving
    assert operations_cap(outcomes, explained=False).is_measured is operations


# own level, steady run, fault runs, explained -> the level that counts in serving and in operations
@pytest.mark.parametrize("own", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(
    ("steady", "faults", "serving", "operations", "serving_explained", "operations_explained"),
    [
        (None, (None, None), 3, 3, 3, 3),
        (True, (None, None), 3, 3, 3, 3),
        (True, (True, None), 3, 3, 3, 3),
        (True, (True, False), 3, 3, 3, 3),
        (True, (False, False), 3, 2, 3, 3),
        (True, (True, True), 4, 4, 4, 4),
        (False, (None, None), 2, 3, 3, 3),
        (False, (True, True), 2, 3, 3, 3),
        (False, (False, False), 2, 2, 3, 3),
        (None, (True, True), 3, 3, 3, 3),
        (None, (False, False), 3, 2, 3, 3),
    ],
)
def test_the_level_that_counts_for_every_own_level_and_mix_of_runs(
    own, steady, faults, serving, operations, serving_explained, operations_explained
):
    outcomes = runs(steady=[steady], faults=faults)
    for dimension, cap, plainly, explained in (
        ("serving_scale", serving_cap, serving, serving_explained),
        ("reliability_operations", operations_cap, operations, operations_explained),
    ):
        for why, most in ((None, plainly), ("the queue kept dead work", explained)):
            grade = SelfGrade(dimension=dimension, level=own, quote="we batch four requests", explained_failure=why)
            limit = cap(outcomes, explained=grade.explains_failure)
            assert graded_verdict(dimension, grade, limit).level == min(own, most)


@pytest.mark.parametrize("cap", [serving_cap, operations_cap])
def test_an_explained_failure_lifts_the_cap_to_3_and_changes_nothing_else(cap):
    for steady, fault, other in product([None, False, True], repeat=3):
        outcomes = runs(steady=[steady], faults=[fault, other])
        plain, explained = cap(outcomes, explained=False).level, cap(outcomes, explained=True).level
        assert explained == (3 if plain == 2 else plain)


@given(steady=st.lists(results, max_size=3), faults=st.lists(results, max_size=4), data=st.data())
def test_a_passed_run_never_lowers_a_cap(steady, faults, data):
    before = runs(steady=steady, faults=faults)
    if not before:
        return
    place = data.draw(st.integers(0, len(before) - 1))
    passed = before[place].model_copy(update={"passed": True})
    after = (*before[:place], passed, *before[place + 1 :])
    for cap, explained in product([serving_cap, operations_cap], [False, True]):
        assert cap(before, explained=explained).level <= cap(after, explained=explained).level


def test_only_what_was_run_is_evidence_and_it_speaks_for_its_dimension():
    found = run_evidence(runs(steady=[True, None], faults=[False, None]))
    assert [(one.dimension, one.source) for one in found] == [
        ("serving_scale", "measured"),
        ("reliability_operations", "measured"),
    ]
    assert found[0].sentence == "Run 0: p99 is 20 ms."


def test_a_cap_says_what_would_lift_it():
    assert "unless your answer explains why" in serving_cap(runs(steady=[False]), explained=False).sentence
    assert "1 of 2 fault runs passed" in operations_cap(runs(faults=[True, False]), explained=False).sentence


def test_assumptions_are_evidence_of_their_own_and_move_no_level():
    worksheet = WorksheetResult(share=0.5, filled=4, sentences=("Peak is right.",), assumptions=("3 is plausible.",))
    assert [one.sentence for one in capacity_evidence(worksheet)] == ["Peak is right.", "Assumption: 3 is plausible."]
