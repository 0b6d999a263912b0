"""The clock of a phase."""

from collections.abc import Callable

import streamlit as st

from ui.components import asset

KEY = "countdown"

_countdown = st.components.v2.component(
    "windtunnel_countdown",
    html="""
    <div class="clock" role="timer">
      <span class="what"></span> <span class="time"></span> <span class="whole" hidden></span>
    </div>
    <div class="spoken" aria-live="polite"></div>
    """,
    css="""
    .clock { display: flex; gap: 0.5rem; align-items: baseline; justify-content: flex-end; }
    .clock { color: var(--st-text-color); }
    .what { font: 400 0.875rem var(--st-font); }
    .time { font: 600 1.6rem/1.2 var(--st-code-font); font-variant-numeric: tabular-nums; }
    .whole { font: 400 0.875rem var(--st-font); font-variant-numeric: tabular-nums; white-space: nowrap; }
    .whole[hidden] { display: none; }
    .whole[data-state=over] { color: var(--st-red-text-color); }
    .time[data-state=soon] { color: var(--st-orange-text-color); }
    .time[data-state=over] { color: var(--st-red-text-color); }
    .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    """,
    js=asset("countdown.js"),
)


def countdown(
    label: str,
    left_s: float,
    *,
    token: str,
    paused: bool,
    on_beat: Callable[[], None],
    round_left_s: float | None = None,
    speed: float = 1.0,
) -> None:
    """Count down from `left_s`, into the negative, and beside it from `round_left_s` if there is one, `speed` times as
    fast as time; `on_beat` is called about once a minute while the clock runs.
    """
    data = {"label": label, "left_ms": int(left_s * 1000), "token": token, "paused": paused, "speed": speed}
    whole = {"round_left_ms": None if round_left_s is None else int(round_left_s * 1000)}
    _countdown(key=KEY, data=data | whole, on_beat_change=on_beat)
