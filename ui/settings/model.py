"""Which model is asked for its opinion, for this session only."""

import os

import streamlit as st

from practice.model_endpoint import FIXED_URL, OWN_KEY, environment_url
from ui.words import plain

ENDPOINT = "model_settings"
"""Where the session keeps address and name; the review page reads it."""


def model() -> None:
    """Address and name of the model. The key is asked for where it is used, and kept nowhere."""
    st.subheader("A model's opinion", anchor=False)
    st.markdown("Optional. Nothing is missing without one. Address and name are kept for this session only.")
    kept: dict[str, str] = st.session_state.setdefault(ENDPOINT, {})
    fixed = os.environ.get(FIXED_URL)
    with st.container(horizontal=True):
        kept["url"] = st.text_input(
            "Address of the endpoint", fixed or kept.get("url") or environment_url(), disabled=fixed is not None,
            key="settings:url", help="Any that speaks OpenAI's chat completions.", width=420,
        )  # fmt: skip
        kept["model"] = st.text_input(
            "Model", kept.get("model", ""), key="settings:model", placeholder="its name at that endpoint", width=280
        )
    has = "is set" if os.environ.get(OWN_KEY) else "is not set"
    st.caption(plain(f"The key is asked for on the card, where it stays in its field; {OWN_KEY} {has} here."))
