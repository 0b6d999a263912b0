"""The screen before anything else where people sign in, and the way out."""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from ui.people import LOCAL, current_person, display_name
from ui.words import plain

_PROBLEM = "sign_in:problem"


def sign_in() -> None:
    """One button that leads to the identity provider."""
    st.title("Windtunnel", anchor=False)
    st.markdown("Practice ML system design interviews. Attempts are kept for the person who signs in.")
    st.button("Sign in", type="primary", on_click=_leave)
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(problem)


def _leave() -> None:
    try:
        st.login()
    except StreamlitAPIException:
        st.session_state[_PROBLEM] = (
            "Signing in is not set up completely. Whoever runs this server finds the cause in its log."
        )


def account() -> None:
    """Who is signed in, and a button to sign out; nothing where nobody signs in."""
    if current_person() == LOCAL:
        return
    st.subheader("Account", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Signed in as {plain(display_name())}.", width="content")
        st.button("Sign out", on_click=st.logout)
