"""The state of one visit: which attempt is open. It survives page changes here and reloads in the address."""

from typing import NoReturn

import streamlit as st

from practice.attempt import Attempt, is_id
from storage.attempts import NoSuchAttempt, load_attempt
from ui.logs import log
from ui.people import current_person

PARAMETER = "attempt"


def open_attempt(attempt: str) -> None:
    """Make an attempt the current one, here and in the address."""
    st.session_state[PARAMETER] = attempt
    st.query_params[PARAMETER] = attempt


def go_to_interview(attempt: str) -> NoReturn:
    """Leave for the interview page with an attempt."""
    st.session_state[PARAMETER] = attempt
    st.switch_page("pages/interview.py", query_params={PARAMETER: attempt})


def current_attempt() -> Attempt | None:
    """The attempt that the address or this visit names, as it is in the database now; None if there is none.

    An address that names no attempt of this person is forgotten, and a sentence says so.
    """
    wanted = st.query_params.get(PARAMETER) or st.session_state.get(PARAMETER)
    if not wanted:
        return None
    try:
        attempt = load_attempt(current_person(), wanted if is_id(wanted) else "")
    except NoSuchAttempt:
        log("refused", "warning", current_person(), what="address")
        st.session_state.pop(PARAMETER, None)
        st.query_params.pop(PARAMETER, None)
        st.warning("The address names an attempt that is not here. Your attempts are listed under History.")
        return None
    open_attempt(attempt.id)
    return attempt
