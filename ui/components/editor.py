"""The text area of an answer."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from practice.attempt import LONGEST_TEXT, Draft
from ui.components import asset

OPEN_DOCUMENT = "open_document"
"""Where the session state says which section is open: its attempt and phase, with a slash between."""
OPEN_REPLY = "open_reply"
"""Where it says which reply to the interviewer is open, in the same form."""
KEY = "editor"  # one key for all sections, so that a late edit of the section before still arrives

_editor = st.components.v2.component(
    "windtunnel_editor", html=asset("editor.html"), css=asset("editor.css"), js=asset("editor.js")
)


def editor(
    label: str,
    *,
    document: str,
    draft: Draft,
    placeholder: str,
    rows: int,
    on_edit: Callable[[], None],
    key: str = KEY,
) -> dict[str, Any]:
    """Show a section, and return the newest edit; `on_edit` is called when one comes, with the edit under `key`."""
    state = _editor(
        key=key,
        data={
            "label": label,
            "doc": document,
            "text": draft.text,
            "revision": draft.revision,
            "writer": draft.writer,
            "sequence": draft.sequence,
            "saved_at": draft.saved_at,
            "placeholder": placeholder,
            "rows": rows,
            "max_chars": LONGEST_TEXT,
        },
        on_edit_change=on_edit,
        height="content",
    )
    return state.edit or {}
