"""Fragments that show what a turn of a knob does at once, before the whole page is drawn again.

A page is drawn from its top to its end, and the browser takes it in piece by piece, which takes longer than a run of a
design. A fragment with a key of its own can be drawn alone, at the request of what was clicked.
"""

import contextlib

import streamlit as st
from streamlit.errors import StreamlitAPIException

_KEYS = "at_once"


def ready(*keys: str) -> None:
    """From now on a turn draws the fragments with these keys, in this order; the last of them draws the page anew."""
    st.session_state[_KEYS] = list(keys)


def not_ready() -> None:
    """The page is being drawn; until it says otherwise, a turn draws all of it."""
    st.session_state.pop(_KEYS, None)


def show() -> None:
    """In the callback of a widget: draw the fragments that are ready instead of the page."""
    if keys := st.session_state.get(_KEYS):
        with contextlib.suppress(StreamlitAPIException):  # they are gone, and so the page is drawn
            st.rerun(keys)
