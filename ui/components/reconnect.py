"""Draws the page again after the connection was lost, or when late texts were saved.

A server that was restarted knows no fragment of the page that the browser still shows, and ignores what is done in one
until the whole page has run. Streamlit 1.67 does not see to that.
"""

import streamlit as st

from ui.components import asset

_reconnect = st.components.v2.component("windtunnel_reconnect", html="<span hidden></span>", js=asset("reconnect.js"))


def reconnect() -> None:
    """Rerun the page when the browser has found the server again. Call it outside of any fragment."""
    _reconnect(key="reconnect", data={}, on_found_change=lambda: None)
