"""How a concept's status is shown, whoever found it: a badge, the concept, and the sentence."""

import streamlit as st

from rubrics.levels import Status
from ui.words import plain

_STATUSES: dict[Status, tuple[str, str]] = {
    "adopted_with_support": ("adopted, with support", "green"),
    "adopted": ("adopted", "green"),
    "named_only": ("only named", "orange"),
    "rejected_with_reason": ("rejected, with a reason", "gray"),
    "rejected": ("rejected", "gray"),
    "not_found": ("not found", "gray"),
}


def concept(status: Status, label: str, sentence: str | None) -> None:
    """One concept."""
    word, color = _STATUSES[status]
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(word, color=color)
            st.markdown(plain(label), width="content")
        if sentence:
            st.caption(f"\u201c{plain(sentence)}\u201d")
