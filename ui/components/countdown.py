"""The clock of a phase."""

from collections.abc import Callable

import streamlit as st

from ui.components import asset

KEY = "countdown"

_countdown = st.components.v2.component(
    "windtunnel_countdown",
    html="""
    <div class="clock" role="timer"><span class="what"></span> <span class="time"></span></div>
    <div class="spoken" aria-live="polite"></div>
    """,
    css="""
    .clock { display: flex; gap: 0.5rem; align-items: baseline; justify-content: flex-end; }
    .clock { color: var(--st-text-color); }
    .what { font: 400 0.875rem var(--st-font); }
    .time { font: 600 1.6rem/1.2 var(--st-code-font); font-variant-numeric: tabular-nums; }
    .time[data-state=soon] { color: var(--st-orange-text-color); }
    .time[data-state=over] { color: var(--st-red-text-color); }
    .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    """,
    js=asset("countdown.js"),
)


def countdown(label: str, left_s: float, *, token: str, paused: bool, on_beat: Callable[[], None]) -> None:
    """Count down from `left_s`, into the negative; `on_beat` is called about once a minute while the clock runs."""
    data = {"label": label, "left_ms": int(left_s * 1000), "token": token, "paused": paused}
    _countdown(key=KEY, data=data, on_beat_change=on_beat)
