"""Sees whether somebody is typing, anywhere on the page, and tells the server when nobody is."""

import streamlit as st
from pydantic import ValidationError

from practice.interviewer.hands import Pulse
from ui.components import asset

KEY = "hands"
EVERY_S = 5.0

_hands = st.components.v2.component("windtunnel_hands", html="<span hidden></span>", js=asset("hands.js"))


def pulse_of_this_run() -> Pulse | None:
    """What the browser has said in this run; None if something else made the page run."""
    said = getattr(st.session_state.get(KEY), "pulse", None)
    if not said:
        return None
    try:
        return Pulse(key_s=said.get("key_s"), idle_s=said.get("idle_s"))
    except (ValidationError, AttributeError):
        return None


def hands(*, pause_s: float, speed: float, is_on: bool, redraw: str) -> None:
    """Have the browser speak every few seconds while no key was pressed for `pause_s`.

    With another `redraw` than before the browser asks for the whole page to be drawn again.
    """
    data = {"pause_ms": pause_s * 1000, "every_ms": EVERY_S * 1000, "speed": speed, "is_on": is_on, "redraw": redraw}
    _hands(key=KEY, data=data, on_pulse_change=lambda: None)
