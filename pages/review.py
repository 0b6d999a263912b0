"""What an attempt shows, and how it compares."""

import time

import streamlit as st

from practice.review import card as make_card
from rubrics import GradeProblem, load_rubric
from storage.attempts import latest_runs, load_card, save_card
from ui import shell
from ui.cached import questions
from ui.people import current_person
from ui.review.automatic import automatic
from ui.review.card import show_card
from ui.review.model_grade import model_grade
from ui.review.references import references
from ui.review.self_grade import self_grades
from ui.visit import PARAMETER, current_attempt
from ui.words import plain

shell.ensure()

attempt = current_attempt()
if attempt is None or attempt.question not in questions():
    st.title("Review", anchor=False)
    st.info("No attempt is open. Work on a question first, or open an attempt from the history.")
    st.page_link("pages/questions.py", label="Choose a question")
    st.page_link("pages/history.py", label="Open the history")
    st.stop()
question = questions()[attempt.question]
runs = latest_runs(current_person(), attempt.id)
st.title(f"Review: {plain(question.title)}", anchor=False)
if attempt.finished_at is None:
    st.info("This attempt is not finished. You can look, and go back.")
    st.page_link("pages/interview.py", label="Back to the interview", query_params={PARAMETER: attempt.id})
automatic(question, attempt, runs, attempt.times(time.time()))
self_grades(question, attempt, runs)
st.header("3. The card", anchor=False)
missing = len(load_rubric().dimensions) - len(attempt.own_levels)
if missing:
    st.markdown(f"{missing} of 8 dimensions have no level of yours yet. Without one a dimension counts as not shown.")
label = "Show the card again" if attempt.is_graded else "Show the card and the references"
if st.button(label, type="primary"):
    try:
        save_card(current_person(), attempt.id, make_card(question, attempt, runs))
        st.rerun()
    except GradeProblem as problem:
        st.error(f"{plain(str(problem))}. Change the sentence of that dimension above.")
card = load_card(current_person(), attempt.id)
if card is not None:
    show_card(card)
    model_grade(question, attempt)
    references(question, attempt)
