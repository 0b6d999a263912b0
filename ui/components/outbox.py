"""What the browser kept because it could not be saved, sent from whichever page is open."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.components import asset

KEY = "outbox"

_outbox = st.components.v2.component("windtunnel_outbox", html="<span hidden></span>", js=asset("outbox.js"))


def outbox(
    *, open_documents: list[str], answers: dict[str, dict[str, Any]], redraw: bool, on_edits: Callable[[], None]
) -> None:
    """Collect unsaved edits of documents other than the open ones; with `redraw` the page then shows them.

    `answers` says of each copy that was sent, by its key in the browser, up to which `sequence` the server has
    decided and whether it `kept` the text.
    """
    _outbox(key=KEY, data={"open": open_documents, "answers": answers, "redraw": redraw}, on_edits_change=on_edits)
