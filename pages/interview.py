"""The five phases of one attempt."""

import streamlit as st

from practice import wall_clock
from practice.clock import ClockEvent
from storage.attempts import add_event, sign_of_life
from ui import shell
from ui.cached import questions
from ui.interview.drawing import drawing
from ui.interview.facts import ask_box, told
from ui.interview.header import header
from ui.interview.runs import predict_and_run
from ui.interview.section import section
from ui.interview.worksheet import worksheet
from ui.people import current_person
from ui.visit import PARAMETER, current_attempt

shell.ensure()

attempt = current_attempt()
if attempt is None or attempt.question not in questions():
    st.title("Interview", anchor=False)
    st.info("No question is open. Choose one to begin, or go on with one that you left.")
    st.page_link("pages/questions.py", label="Choose a question")
    st.stop()
sign_of_life(current_person(), attempt.id)
question = questions()[attempt.question]
phase = header(question, attempt)
if phase in ("requirements", "capacity_estimation"):
    text, tool = st.columns([3, 2], gap="medium")
    with text:
        section(attempt, phase)
    with tool:
        if phase == "requirements":
            ask_box(question)
        else:
            told(question, attempt)
            worksheet(question)
else:
    told(question, attempt)
    section(attempt, phase, rows=10)
    drawing(question)
    predict_and_run(question)
st.divider()
if st.button("Finish and review", help="The clock stops. You can still come back and change things."):
    add_event(current_person(), attempt.id, ClockEvent(at=wall_clock.now(), kind="finish"))
    st.switch_page("pages/review.py", query_params={PARAMETER: attempt.id})
