"""The own levels: first without anything beside them, and once a card was asked for, beside what was found."""

import streamlit as st

from practice.attempt import Attempt, StoredRun
from practice.review import outcomes, suggestions
from question_bank.schema import Question
from rubrics import load_rubric
from rubrics.finder import Findings
from rubrics.schema import Dimension, DimensionId
from rubrics.score import DISPUTED
from rubrics.suggest import Suggestion
from storage.rounds import load_said
from ui.moments import at_minute
from ui.people import current_person
from ui.review.found import found_for, taken_out
from ui.review.revealed import reveal, show_problem
from ui.review.self_grade import level_form
from ui.review.steps import go_to
from ui.rounds import replies
from ui.visit import current_attempt

_BEFORE = (
    "Set your level before you see any reference. From level 2 on, point to the sentence that shows it: what an "
    "interviewer cannot find was not said."
)
_AFTER = (
    "What I found in your words stands beside your levels. I look for words and cannot judge sense, so a suggestion "
    "never reaches 4 and decides nothing. Where it shows you something, revise: your first level is kept beside the "
    "new one."
)


def levels(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> None:
    """One line for each dimension that opens to its form, and the way on."""
    st.markdown(_AFTER if attempt.is_graded else _BEFORE)
    show_problem()
    answers = replies(load_said(current_person(), attempt.id))
    found, suggested = suggestions(question, attempt, answers) if attempt.is_graded else (None, {})
    ran = outcomes(question, attempt, runs)
    failed = {
        "serving_scale": any(one.passed is False for one in ran if one.steady),
        "reliability_operations": any(one.passed is False for one in ran if not one.steady),
    }
    for dimension in load_rubric().dimensions:
        explain = failed.get(dimension.id, False)
        _dimension(question, dimension, attempt.id, found, suggested.get(dimension.id), explain=explain)
    if found is not None:
        taken_out(found)
    _onward(question, attempt)


def _onward(question: Question, attempt: Attempt) -> None:
    if attempt.is_graded:
        st.button("Go to the card", type="primary", on_click=go_to, args=(attempt.id, "Card"))
        return
    missing = len(load_rubric().dimensions) - len(attempt.own_levels)
    if missing:
        st.markdown(
            f"{missing} of 8 dimensions have no level of yours yet. Without one a dimension counts as not shown, and "
            "nothing is suggested for it."
        )
    st.button(
        "Show the card and the references",
        type="primary",
        on_click=reveal,
        args=(question, attempt.id),
        help="Your levels are kept as the first ones. What I found, the card and the references are shown after that.",
    )


@st.fragment
def _dimension(
    question: Question,
    dimension: Dimension,
    attempt_id: str,
    found: Findings | None,
    suggestion: Suggestion | None,
    *,
    explain: bool,
) -> None:
    attempt = current_attempt()
    if attempt is None:
        return
    own = dimension.id in attempt.own_levels
    title = f"{dimension.title}: {_said(attempt, dimension.id, suggestion if attempt.is_graded else None)}"
    with st.expander(title, key=f"grade:{attempt_id}:{dimension.id}"):
        if found is None:
            level_form(question, dimension, attempt, explain=explain)
            return
        beside, mine = st.columns(2, gap="large")
        with mine:
            st.markdown("**Your level**")
            _history(attempt, dimension.id)
            level_form(question, dimension, attempt, explain=explain)
        with beside:
            if own:
                found_for(dimension.id, suggestion, found)
            else:
                st.markdown("Set your level, and what I found stands here.")


def _said(attempt: Attempt, dimension: DimensionId, suggestion: Suggestion | None) -> str:
    """The levels of one dimension for a title; nothing is suggested beside a level that is not set."""
    own = attempt.own_levels.get(dimension)
    if own is None:
        return "not set"
    first = f", first {attempt.first_levels[dimension].level}" if attempt.is_revised(dimension) else ""
    if suggestion is None:
        return f"level {own.level}{first}"
    if suggestion.level is None:
        return f"level {own.level}{first}, no suggestion"
    apart = ", far apart" if abs(own.level - suggestion.level) >= DISPUTED else ""
    return f"level {own.level}{first}, suggested {suggestion.level}{apart}"


def _history(attempt: Attempt, dimension: DimensionId) -> None:
    first, own = attempt.first_levels.get(dimension), attempt.own_levels.get(dimension)
    if first is None or own is None:
        return
    said = f"First {first.level}, {at_minute(first.at)}"
    if attempt.levels_at[dimension] > first.at:
        said += f"; now {own.level}, {at_minute(attempt.levels_at[dimension])}"
    st.caption(f"{said}, UTC.")
