"""What an attempt shows: checked and measured, judged by the person, held beside suggestions, and put on a card."""

import streamlit as st

from storage.attempts import latest_runs
from ui import shell
from ui.cached import questions
from ui.files.downloads import downloads
from ui.people import current_person
from ui.review.automatic import automatic
from ui.review.card import card_step
from ui.review.levels import levels
from ui.review.references import references
from ui.review.revealed import up_to_date
from ui.review.round_review import the_round
from ui.review.steps import step
from ui.rounds import is_mock, is_under_way, round_of
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
round_ = round_of(question, attempt)
if is_under_way(round_, attempt):
    st.info("The mock interview is still going on, and so is its clock. The review opens when you finish it.")
    st.page_link("pages/interview.py", label="Back to the interview", query_params={PARAMETER: attempt.id})
    st.stop()
if attempt.finished_at is None:
    st.info("This attempt is not finished. You can look, and go back.")
    st.page_link("pages/interview.py", label="Back to the interview", query_params={PARAMETER: attempt.id})
card = up_to_date(question, attempt, runs)
match step(attempt, has_interviewer=is_mock(round_)):
    case "Checked and measured":
        automatic(question, attempt, runs, round_)
    case "Your levels":
        levels(question, attempt, runs)
    case "Card" if card is not None:
        card_step(question, attempt, card)
    case "The round":
        the_round(question, attempt, round_)
    case _:
        references(question, attempt)
st.divider()
with st.container(horizontal=True):
    downloads(question, attempt.id)
