"""Boxes and lines that can be walked and changed by keyboard or mouse."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.components import asset

_canvas = st.components.v2.component(
    "windtunnel_canvas", html=asset("canvas.html"), css=asset("canvas.css"), js=asset("canvas.js")
)


def canvas(data: dict[str, Any], *, key: str, on_action: Callable[[], None]) -> None:
    """Show a canvas; `on_action` is called when it asks for something, which is then `action` in the state of `key`."""
    _canvas(key=key, data=data, on_action_change=on_action, height="content")
