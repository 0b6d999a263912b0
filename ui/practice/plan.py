"""The date of the interview and how much a day may take."""

from datetime import date, timedelta

import streamlit as st

from ui.practice.situation import Here, plan_settings, save_plan

_DATE, _MINUTES = "plan:date", "plan:minutes"
FURTHEST_DAYS = 730


def plan(now: Here) -> None:
    """Two fields that save themselves."""
    interview, minutes = plan_settings()
    day = now.today.day
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(
            "Interview on", value=interview if interview is None or interview >= day else None, min_value=day,
            max_value=day + timedelta(days=FURTHEST_DAYS), key=_DATE, on_change=_save, width=220,
            help="Leave it empty if there is no date yet.",
        )  # fmt: skip
        st.number_input(
            "Minutes a day, at most", 10, 240, value=minutes, step=5, key=_MINUTES, on_change=_save, width=220,
            help="Nothing more is recommended beyond them, so that no backlog grows.",
        )  # fmt: skip


def _save() -> None:
    chosen = st.session_state[_DATE]
    save_plan(chosen if isinstance(chosen, date) else None, int(st.session_state[_MINUTES]))
