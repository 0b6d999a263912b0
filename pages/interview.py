"""The five phases of one attempt."""

import streamlit as st

from storage.attempts import sign_of_life
from ui import shell
from ui.cached import questions
from ui.interview.drawing import drawing
from ui.interview.drill import drill_place
from ui.interview.facts import ask_box, told
from ui.interview.header import finish, header
from ui.interview.interviewer import DESK, facts_are_fixed, interviewer
from ui.interview.round_setup import PARAMETER as SETUP
from ui.interview.round_setup import round_setup
from ui.interview.runs import predict_and_run
from ui.interview.section import section
from ui.interview.twist import twist_place
from ui.interview.wording import wording_settings
from ui.interview.worksheet import worksheet
from ui.people import current_person
from ui.rounds import is_mock, is_under_way, round_of
from ui.visit import PARAMETER, current_attempt

shell.ensure()

if st.query_params.get(SETUP) in questions() and not st.query_params.get(PARAMETER):
    round_setup(questions()[st.query_params[SETUP]])
    st.stop()
attempt = current_attempt()
if attempt is None or attempt.question not in questions():
    st.title("Interview", anchor=False)
    st.info("No question is open. Choose one to begin, or go on with one that you left.")
    st.page_link("pages/questions.py", label="Choose a question")
    st.stop()
sign_of_life(current_person(), attempt.id)
question = questions()[attempt.question]
round_ = round_of(question, attempt)
phase = header(question, attempt, round_)
helped = round_.shows("phase_points")
is_early = phase in ("requirements", "capacity_estimation")
with st.container(key=DESK):
    is_split = is_early or is_mock(round_)
    text, tool = st.columns([3, 2], gap="medium") if is_split else (st.container(), st.container())
with text:
    if not is_early:
        told(question, attempt)
    section(attempt, phase, rows=12 if is_early else 10, helped=helped)
with tool:
    if is_mock(round_):
        interviewer(question, round_)
    if phase == "requirements":
        if is_mock(round_) and facts_are_fixed(attempt.id):
            told(question, attempt)
        ask_box(question)
    elif phase == "capacity_estimation":
        told(question, attempt)
        worksheet(question)
if is_mock(round_):
    drill_place()
    twist_place(question, attempt)
if not is_early:
    drawing(question)
    predict_and_run(question)
if is_under_way(round_, attempt):
    wording_settings()
st.divider()
if st.button("Finish and review", help="The clock stops. You can still come back and change things."):
    finish(attempt.id)
    st.switch_page("pages/review.py", query_params={PARAMETER: attempt.id})
