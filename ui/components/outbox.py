"""What the browser kept because it could not be saved, sent from whichever page is open."""

from collections.abc import Callable

import streamlit as st

from ui.components import asset

KEY = "outbox"

_outbox = st.components.v2.component("windtunnel_outbox", html="<span hidden></span>", js=asset("outbox.js"))


def outbox(*, open_document: str | None, kept: dict[str, int], on_edits: Callable[[], None]) -> None:
    """Collect unsaved edits of sections other than the open one; `kept` says which the server has by now."""
    _outbox(key=KEY, data={"open": open_document, "kept": kept}, on_edits_change=on_edits)
