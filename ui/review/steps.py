"""The steps of a review, one on the screen at a time. What must not be seen yet is not among them."""

from typing import Literal, get_args

import streamlit as st

from practice.attempt import Attempt

Step = Literal["Checked and measured", "Your levels", "Card", "The round", "References"]
STEPS: tuple[Step, ...] = get_args(Step)
BEFORE_THE_CARD: tuple[Step, ...] = ("Checked and measured", "Your levels")


def step(attempt: Attempt, *, has_interviewer: bool = False) -> Step:
    """Show the steps that are open, and return the chosen one; at first it is the one that is to be done."""
    options = tuple(one for one in STEPS if has_interviewer or one != "The round")
    if not attempt.is_graded:
        options = BEFORE_THE_CARD
    started: Step = "Your levels" if attempt.own_levels else "Checked and measured"
    if st.session_state.get(_key(attempt.id)) not in options:
        st.session_state[_key(attempt.id)] = "Card" if attempt.is_graded else started
    st.segmented_control(
        "Step",
        options,
        required=True,
        format_func=lambda one: f"{options.index(one) + 1}. {one}",
        key=_key(attempt.id),
        label_visibility="collapsed",
    )
    chosen: Step = st.session_state[_key(attempt.id)]
    return chosen


def go_to(attempt_id: str, wanted: Step) -> None:
    """Open a step; for callbacks, which run before the steps are drawn."""
    st.session_state[_key(attempt_id)] = wanted


def _key(attempt_id: str) -> str:
    return f"step:{attempt_id}"
