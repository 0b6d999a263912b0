"""Python's garbage collector, between runs of a page."""

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def set_aside(page: str) -> None:
    """Look no more through what was there when a page was first drawn: modules, questions, what is cached.

    Streamlit collects garbage after every run of a page. That would look through all of this again each time, while
    the server does nothing else. What is new is collected as before.
    """
    del page  # each brings modules of its own
    gc.collect()
    gc.freeze()
