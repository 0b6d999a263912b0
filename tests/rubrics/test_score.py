"""Scores are sums of weight times level / 4, and each dimension's level says where it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.evidence import Cap, WorksheetResult
from rubrics.rubric_file import load_rubric
from rubrics.schema import DIMENSIONS, weights_for
from rubrics.score import capacity_verdict, empty_verdict, graded_verdict, score
from rubrics.self_grade import SelfGrade

WEIGHTS = weights_for(load_rubric(), {})
levels_of_all = st.fixed_dictionaries({dimension: st.integers(0, 4) for dimension in DIMENSIONS})


def a_grade(level, dimension="serving_scale", **more):
    return SelfGrade(dimension=dimension, level=level, quote="we batch four requests", **more)


@pytest.mark.parametrize(("level", "total"), [(0, 0), (1, 25), (2, 50), (3, 75), (4, 100)])
def test_the_same_level_everywhere(level, total):
    assert score(dict.fromkeys(DIMENSIONS, level), WEIGHTS) == total


def test_one_dimension_brings_its_weight_times_level_over_four():
    assert score({"data_features": 3}, WEIGHTS) == 13 * 3 / 4
    assert score({"data_features": 3, "capacity": None}, WEIGHTS) == 13 * 3 / 4


@given(levels=levels_of_all, dimension=st.sampled_from(DIMENSIONS))
def test_scores_stay_in_range_and_rise_with_each_level(levels, dimension):
    before = score(levels, WEIGHTS)
    after = score({**levels, dimension: levels[dimension] + 1}, WEIGHTS)
    assert 0 <= before <= 100
    assert after - before == WEIGHTS[dimension] / 4


@pytest.mark.parametrize(
    ("own", "cap", "level", "source"),
    [(4, 2, 2, "measured"), (3, 2, 2, "measured"), (2, 2, 2, "self"), (1, 2, 1, "self"), (4, 4, 4, "self")],
)
def test_a_run_caps_the_own_level_and_never_lifts_it(own, cap, level, source):
    verdict = graded_verdict("serving_scale", a_grade(own), Cap(level=cap, sentence="It failed."))
    assert (verdict.level, verdict.source, verdict.self_level, verdict.cap) == (level, source, own, cap)
    assert ("It failed." in verdict.sentence) is (own >= cap < 4)


def test_a_cap_because_nothing_was_run_is_nobodys_measurement():
    cap = Cap(level=3, sentence="Nothing was run.", is_measured=False)
    verdict = graded_verdict("serving_scale", a_grade(4), cap)
    assert (verdict.level, verdict.source, verdict.self_level) == (3, "self", 4)
    assert verdict.sentence == "Your own level is 4. Nothing was run."


def test_without_runs_the_own_level_counts_up_to_4():
    verdict = graded_verdict("data_features", a_grade(4, "data_features"), None)
    assert (verdict.level, verdict.source, verdict.cap) == (4, "self", 4)


def test_no_own_level_is_not_shown_and_no_zero():
    verdict = graded_verdict("data_features", None, None)
    assert (verdict.level, verdict.source, verdict.self_level) == (None, None, None)
    assert not verdict.is_supported


def test_evidence_keeps_the_quote_and_the_explanation():
    grade = a_grade(3, explained_failure="the queue kept dead work")
    quotes = [one.quote for one in graded_verdict("serving_scale", grade, None).evidence]
    assert quotes == ["we batch four requests", "the queue kept dead work"]


@pytest.mark.parametrize("own", [None, 0, 4])
@pytest.mark.parametrize(
    ("worksheet", "level", "said"),
    [
        (WorksheetResult(), 0, "No row of the worksheet was filled, so this is level 0."),
        (WorksheetResult(share=1.0, filled=0), 0, "No row of the worksheet was filled"),
        (WorksheetResult(share=0.0, filled=3), 0, "right to 0 percent, which is level 0."),
        (WorksheetResult(share=0.796, filled=8), 3, "right to 79 percent, which is level 3."),
        (WorksheetResult(share=0.9, filled=8), 3, "level 3; level 4 needs one of its numbers to be used"),
        (WorksheetResult(share=0.9, filled=8, reused_in="481"), 4, "right to 90 percent, which is level 4."),
    ],
)
def test_capacity_is_what_the_arithmetic_shows(worksheet, level, said, own):
    verdict = capacity_verdict(worksheet, None if own is None else a_grade(own, "capacity"))
    assert (verdict.level, verdict.source, verdict.self_level) == (level, "checked", own)
    assert said in verdict.sentence


def test_an_empty_section_is_level_0_in_spite_of_the_own_level():
    verdict = empty_verdict(load_rubric().dimension("serving_scale"), a_grade(3))
    assert (verdict.level, verdict.self_level, verdict.is_empty, verdict.is_supported) == (0, 3, True, False)
    assert verdict.sentence == (
        "Nothing was written in detailed design, so this is level 0, although your own level is 3."
    )
