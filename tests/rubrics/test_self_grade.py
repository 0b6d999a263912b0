"""A level of 2 or more stands on words of the answer; nothing else is accepted, and the refusal says what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rubrics.self_grade import GradeProblem, SelfGrade, grade_for

TEXTS = ["We cache features for a minute. It fails open.", "Zone loss failed because the queue kept dead work."]


@pytest.mark.parametrize("level", [0, 1])
def test_low_levels_need_no_quote(level):
    assert grade_for("architecture", level, texts=TEXTS).quote is None


@given(level=st.integers(2, 4), quote=st.none() | st.text(alphabet=" \t\n", max_size=5))
def test_a_level_of_2_or_more_without_a_quote_is_impossible(level, quote):
    with pytest.raises(ValidationError):
        SelfGrade(dimension="architecture", level=level, quote=quote)
    with pytest.raises(GradeProblem, match=f"^level {level} needs a sentence of your answer that shows it; choose one"):
        grade_for("architecture", level, quote=quote, texts=TEXTS)


def test_the_quote_is_kept_as_given():
    grade = grade_for("architecture", 3, quote=" we CACHE features for ", texts=TEXTS)
    assert grade == SelfGrade(dimension="architecture", level=3, quote="we CACHE features for")


def test_a_short_whole_sentence_is_a_quote():
    assert grade_for("serving_scale", 2, quote="It fails open", texts=TEXTS).level == 2


@pytest.mark.parametrize(
    ("level", "quote", "said"),
    [
        (2, "We cache", "“We cache” is too short to show a level; quote at least 4 words or a whole sentence"),
        (2, "We cache models for a minute", "does not stand in your answer; copy a sentence exactly as you wrote it"),
        (1, "We cache models for a minute", "does not stand in your answer"),
        (5, "We cache features for a minute", "level is 5, but must be at most 4"),
        (-1, None, "level is -1, but must be at least 0"),
        (2.0, "We cache features for a minute", "level is 2.0, but must be a whole number"),
        (True, None, "level is True, but must be a whole number"),
        (2, "x" * 2_001, "must have at most 2000 characters"),
    ],
)
def test_what_is_wrong_is_said(level, quote, said):
    with pytest.raises(GradeProblem, match=said):
        grade_for("serving_scale", level, quote=quote, texts=TEXTS)


def test_an_explanation_of_a_failure_is_quoted_too():
    why = "failed because the queue kept dead work"
    grade = grade_for("reliability_operations", 1, explained_failure=why, texts=TEXTS)
    assert grade.explains_failure
    assert not grade_for("reliability_operations", 1, explained_failure="  ", texts=TEXTS).explains_failure
    with pytest.raises(GradeProblem, match="does not stand in your answer"):
        grade_for("reliability_operations", 1, explained_failure="because of the moon, mostly", texts=TEXTS)


def test_only_dimensions_with_runs_explain_failures():
    with pytest.raises(GradeProblem, match="explained_failure belongs to serving_scale or reliability_operations"):
        grade_for("architecture", 1, explained_failure="We cache features for a minute", texts=TEXTS)
