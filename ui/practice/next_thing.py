"""The one recommended next thing: what, why, how long, and the way there."""

import streamlit as st

from practice.spacing import Step
from ui.cached import questions
from ui.interview.round_setup import PARAMETER as SETUP
from ui.question_cards import start
from ui.visit import PARAMETER, go_to_interview
from ui.words import plain

PAGE = "pages/practice.py"
DO = "do"
_LABELS = {
    "first": "Start",
    "round": "Set it up",
    "finish": "Continue",
    "grade": "Grade it",
    "cards": "Begin",
    "drill": "Begin",
}


def next_thing(step: Step) -> None:
    """Show it with its button; a rest has none."""
    with st.container(border=True):
        what, way = st.columns([5, 1], vertical_alignment="center")
        about = f" About {step.minutes} minutes." if step.minutes else ""
        what.markdown(f"**Next: {plain(step.title)}**  \n{plain(step.reason)}{about}")
        if step.kind in _LABELS and way.button(_LABELS[step.kind], key="next_thing", type="primary", width="stretch"):
            _go(step)


def _go(step: Step) -> None:
    if step.kind == "first" and step.question in questions():
        start(questions()[step.question])
    if step.kind == "round":
        st.switch_page("pages/interview.py", query_params={SETUP: step.question})
    if step.kind == "finish":
        go_to_interview(step.attempt)
    if step.kind == "grade":
        st.switch_page("pages/review.py", query_params={PARAMETER: step.attempt})
    st.switch_page(PAGE, query_params={DO: step.drill.kind if step.drill is not None else "cards"})
