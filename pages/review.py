"""What an attempt shows: checked and measured, judged by the person, held beside suggestions, and put on a card."""

import streamlit as st

from practice import wall_clock
from storage.attempts import latest_runs
from ui import shell
from ui.cached import questions
from ui.people import current_person
from ui.review.automatic import automatic
from ui.review.card import card_step
from ui.review.levels import levels
from ui.review.references import references
from ui.review.revealed import up_to_date
from ui.review.steps import step
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
card = up_to_date(question, attempt, runs)
match step(attempt):
    case "Checked and measured":
        automatic(question, attempt, runs, attempt.times(wall_clock.now()))
    case "Your levels":
        levels(question, attempt, runs)
    case "Card" if card is not None:
        card_step(question, attempt, card)
    case _:
        references(question, attempt)
