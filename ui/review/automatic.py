"""What was checked and measured without anybody's opinion."""

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt, StoredRun
from practice.contradictions import Contradiction
from practice.facts import assumptions
from practice.review import contradictions, judged_sheet, outcomes, texts
from practice.round_clock import round_clock
from practice.rounds import Round
from question_bank.judged_sheet import JudgedSheet
from question_bank.schema import Question
from question_bank.worksheet import share
from rubrics import ScenarioOutcome
from ui.review.measured import measured
from ui.review.round_review import clock_review, predictions_review, trials_review
from ui.review.sheet import sheet
from ui.review.steps import go_to
from ui.rounds import is_mock
from ui.words import many, plain
from ui.words import share as percent


def automatic(question: Question, attempt: Attempt, runs: dict[str, StoredRun], round_: Round) -> None:
    """The numbers one looks at first; then the runs, text against drawing, the worksheet, the facts and the clock."""
    judged, found = judged_sheet(question, attempt), contradictions(question, attempt)
    _at_a_glance(question, attempt, judged, outcomes(question, attempt, runs), found, round_)
    design, written = st.columns(2, gap="large")
    with design:
        measured(question, attempt, runs)
        _contradictions(attempt, found)
    with written:
        sheet(question, judged)
        _facts(question, attempt)
        clock_review(round_, attempt)
        predictions_review(question, attempt)
    if is_mock(round_):
        trials_review(attempt)
    st.button("Go on to your levels", type="primary", on_click=go_to, args=(attempt.id, "Your levels"))


def _at_a_glance(
    question: Question,
    attempt: Attempt,
    judged: JudgedSheet,
    ran: tuple[ScenarioOutcome, ...],
    found: tuple[Contradiction, ...],
    round_: Round,
) -> None:
    must = {fact.id for fact in question.facts if fact.must}
    passed = sum(one.passed is True for one in ran)
    spent = round_clock(round_, attempt.events, wall_clock.now()).round_s
    with st.container(horizontal=True, gap="medium"):
        st.metric("Worksheet", percent(share(judged.rows)), width="content")
        st.metric("Runs passed", f"{passed} of {len(ran)}", width="content")
        st.metric("Deciding facts asked", f"{len(must & set(attempt.known_facts()))} of {len(must)}", width="content")
        st.metric("Text against drawing", _agreement(attempt, found), width="content")
        st.metric("Minutes", f"{spent / 60:.0f} of {round_.minutes}", width="content")


def _agreement(attempt: Attempt, found: tuple[Contradiction, ...]) -> str:
    if attempt.design is None:
        return "no drawing"
    return many(len(found), "contradiction") if found else "agree"


def _contradictions(attempt: Attempt, found: tuple[Contradiction, ...]) -> None:
    st.subheader("Your text against your drawing", anchor=False)
    if attempt.design is None:
        st.markdown("Nothing was drawn.")
        return
    if not found:
        st.markdown("No sentence clearly contradicts a setting of the drawn design.")
        return
    for one in found:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge("contradiction", color="orange")
                st.markdown(f"**{plain(one.about.capitalize())}**", width="content")
            st.markdown(plain(one.sentence))
            st.caption(f"\u201c{plain(one.quote)}\u201d")
    st.caption("They change no level by themselves: you know which of the two is right.")


def _facts(question: Question, attempt: Attempt) -> None:
    must = [fact for fact in question.facts if fact.must]
    known = attempt.known_facts()
    asked = sum(fact.id in known for fact in must)
    st.subheader("Facts", anchor=False)
    st.markdown(f"You asked for {asked} of the {len(must)} facts that decide this question, {len(known)} facts in all.")
    for one in assumptions(attempt.asked, texts(attempt)):
        then = (
            f"you assumed: \u201c{one.sentence}\u201d" if one.sentence else "I found no sentence that assumes anything."
        )
        st.markdown(plain(f"\u201c{one.question}\u201d was not specified; {then}"))
