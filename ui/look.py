"""How the app looks beyond what the theme can say, and the places that are kept for what loads late."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_NOTHING_TO_SEE = ".st-key-reconnect, .st-key-outbox, .st-key-hands { position: absolute; width: 0; }"  # and so no gap
_TABLES = (
    ".comparison { border-collapse: collapse; width: 100%; }"
    ".comparison th, .comparison td { border: 1px solid rgb(128 128 128 / 35%); padding: 0.4rem 0.6rem; }"
    ".comparison th, .comparison td { text-align: left; vertical-align: top; font-size: 0.92rem; }"
    "@media (max-width: 640px) {"
    " .comparison thead { position: absolute; clip-path: inset(50%); }"  # still read aloud
    " .comparison, .comparison tbody, .comparison tr, .comparison th, .comparison td { display: block; }"
    " .comparison tr { margin-bottom: 0.8rem; }"
    " .comparison td { border-top: 0; }"
    " .comparison td::before { content: attr(data-label) ': '; opacity: 0.7; } }"
)
HEADLINE = "headline"
"""The key of the four numbers that one looks at first."""
# On a phone the results stand far below the knobs, so the numbers stay at the edge of the screen.
_BAR = (
    "@media (max-width: 640px) {"
    " [data-testid=stMain]:has(.st-key-headline) { scroll-padding-bottom: 4.5rem; }"  # what has the focus is not hidden
    " .st-key-headline { position: fixed; bottom: 0; left: 0; right: 0; z-index: 99; padding: 0.4rem 0.75rem;"
    " background: %s; border-top: 1px solid rgb(128 128 128 / 35%%); }"
    " .st-key-headline [data-testid=stHorizontalBlock] { flex-wrap: nowrap; gap: 0.5rem; }"
    " .st-key-headline [data-testid=stColumn] { min-width: 0; flex: 1 1 auto; width: auto; }"
    " .st-key-headline [data-testid=stMetricLabel] p { font-size: 0.7rem; line-height: 1.2; }"
    " .st-key-headline [data-testid=stMetricLabel] :has(> [data-testid=stTooltipIcon]) { display: none; }"
    " .st-key-headline [data-testid=stMetricValue] { font-size: 1.05rem; padding: 0; } }"
)
FINE = "fine-cells"
"""The key of a map whose numbers would be too small on a phone, where a table below has them."""
_FINE_CELLS = f"@media (max-width: 640px) {{ .st-key-{FINE} .heatmap-label {{ display: none; }} }}"
WIDE_DRAWING = """<style>@media (max-width: 640px) {
    [data-testid=stMermaidChart] { overflow-x: auto; align-items: flex-start; }
    [data-testid=stMermaidChart] img { max-width: none !important; width: 44rem !important; } }</style>"""
"""On a phone a drawing keeps its size and is moved sideways instead; for a page that has one."""
PAPER = {"light": "#ffffff", "dark": "#11181c"}  # as in .streamlit/config.toml
# Streamlit's gray for the words of a figure has too little contrast on white.
INK = "#4c575d"
_WORDS = "[class$=tick] text, text[class$=title], text.annotation-text, .bartext-outside, .textpoint text"
_DARKER_WORDS = f".js-plotly-plot :is({_WORDS}) {{ fill: {INK} !important; }}"
# White on the bright color of the dark theme would have too little contrast.
_DARK_ON_BRIGHT = "button[kind^=primary]:enabled, button[kind^=primary]:enabled * { color: #0d1b1e; }"
# The browser loads each kind of widget when it is first shown, and until then shows a bar of 40 pixels. What is higher
# would move all that stands below it, under the pointer of whoever clicks early.
LABELED, LINE = 68, 22  # pixels: a field or slider with its label, and a further line of that
SWITCH = 40  # a switch is lower than the bar, which would move things too


_EMPTY = "[data-testid=stVerticalBlock]:empty"
_NARROW = f"[data-testid=stLayoutWrapper]:has(> {_EMPTY}), {_EMPTY} {{ min-width: 0 !important; width: 0; }}"


def at_least(height: int) -> DeltaGenerator:
    """A place that is so many pixels high before what is drawn in it has been loaded, and higher if need be."""
    row = st.container(horizontal=True, gap=None)
    place = row.container(gap=None)
    row.container(height=height, width=1, border=False)
    return place


def look(*, is_dark: bool) -> None:
    """Add the styles. They are loaded late too, so nothing in them may move what stands on every page."""
    bar = _BAR % PAPER["dark" if is_dark else "light"]
    contrast = _DARK_ON_BRIGHT if is_dark else _DARKER_WORDS
    st.html(f"<style>{_NOTHING_TO_SEE}{_TABLES}{_NARROW}{_FINE_CELLS}{bar}{contrast}</style>")
