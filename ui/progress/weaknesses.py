"""Weaknesses on the screen: the dimension with most to gain first, each with its misses and a way to work on it."""

from collections.abc import Mapping, Sequence

import streamlit as st

from practice.progress.rows import as_dicts
from practice.progress.weaknesses import Weakness
from practice.tables import csv_text
from ui.moments import on_day
from ui.words import plain

_COLORS = {"weak": "red", "middling": "orange", "good": "green"}
MOST = 12


def show_weaknesses(found: Sequence[Weakness], titles: Mapping[str, str]) -> None:
    """Every dimension with its state; the misses are those of the newest attempt at each question."""
    st.subheader("Weaknesses", anchor=False)
    if not found:
        st.markdown("They appear with the first graded attempt.")
        return
    st.markdown("What is missing most comes first: weight times missing level, in points of 100.")
    for one in found:
        missed = f"{len(one.misses)} {'miss' if len(one.misses) == 1 else 'misses'}"
        label = f"{one.title}: level {one.level}, {one.missing:.0f} points missing, {missed}"
        with st.expander(label, key=f"weakness:{one.dimension}"):
            st.badge(one.state, color=_COLORS[one.state])
            for miss in one.misses[:MOST]:
                where = plain(titles.get(miss.question, miss.question))
                st.markdown(f"- {plain(miss.sentence)}  \n  {where}, {on_day(miss.at)}")
            if len(one.misses) > MOST:
                st.caption(f"and {len(one.misses) - MOST} older ones")
    misses = [miss for one in found for miss in one.misses]
    st.download_button(
        "Download as CSV", lambda: csv_text(as_dicts(misses)), "misses.csv", "text/csv", key="progress:csv:misses",
        on_click="ignore", disabled=not misses,
    )  # fmt: skip
