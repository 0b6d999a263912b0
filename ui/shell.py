"""The frame around every page."""

import streamlit as st
from pydantic import ValidationError

from practice.attempt import Edit, is_id
from rubrics.schema import PHASES
from storage.attempts import NoSuchAttempt, save_section
from storage.database import StorageProblem
from ui.components.editor import OPEN_DOCUMENT
from ui.components.outbox import KEY as OUTBOX
from ui.components.outbox import outbox
from ui.components.reconnect import reconnect
from ui.look import look
from ui.people import current_person

_INSIDE = "_inside_the_frame"
_ANSWERS = "_outbox_answers"

PAGES = {
    "pages/questions.py": "Questions",
    "pages/fundamentals.py": "Fundamentals",
    "pages/interview.py": "Interview",
    "pages/wind_tunnel.py": "Wind tunnel",
    "pages/capacity.py": "Capacity",
    "pages/review.py": "Review",
    "pages/history.py": "History",
}
"""Files and titles. An address is the name of the file: before the frame has run once, Streamlit knows no other."""

SHOW_TEXT = ("review", "history")
"""Addresses of the pages that show something of the answers, and so are drawn again when a late text has come."""


def run() -> None:
    """Draw the frame and the page that the address names inside it."""
    st.set_page_config(page_title="Windtunnel", page_icon="ui/static/favicon.png", layout="wide")
    page = st.navigation(
        [st.Page(file, title=title, default=i == 0) for i, (file, title) in enumerate(PAGES.items())], position="top"
    )
    st.logo("ui/static/logo.svg", size="large")
    look(is_dark=st.context.theme.type == "dark")
    st.session_state[_INSIDE] = True
    st.session_state[OPEN_DOCUMENT] = None  # until the page opens one
    try:
        page.run()
        reconnect()  # below the page, as it has a place until its style is there
        _outbox(redraw=page.url_path in SHOW_TEXT)
    except StorageProblem as problem:
        st.error(str(problem))
    finally:
        st.session_state[_INSIDE] = False


def ensure() -> None:
    """The first line of every page. Streamlit may run a page file without the frame, for a deep link that is the first
    request after a start; then the frame is run, which runs the page again inside it.
    """
    if not st.session_state.get(_INSIDE):
        run()
        st.stop()


@st.fragment
def _outbox(*, redraw: bool) -> None:
    outbox(
        open_document=st.session_state.get(OPEN_DOCUMENT),
        answers=st.session_state.get(_ANSWERS, {}),
        redraw=redraw,
        on_edits=_take_outbox,
    )


def _take_outbox() -> None:
    """Save what the browser kept from earlier; what cannot be saved stays in the browser."""
    answers = {}
    for sent in (st.session_state[OUTBOX].edits or {}).get("edits", []):
        attempt, _, phase = str(sent.get("doc", "")).partition("/")
        if not is_id(attempt) or phase not in PHASES:
            continue
        try:
            edit = Edit(**{field: sent.get(field) for field in Edit.model_fields})
            draft = save_section(current_person(), attempt, phase, edit)
        except (ValidationError, NoSuchAttempt):
            answers[sent["key"]] = {"sequence": sent.get("sequence"), "kept": False}
        except StorageProblem:
            continue
        else:
            is_kept = draft.writer == edit.writer and draft.sequence >= edit.sequence
            answers[sent["key"]] = {"sequence": edit.sequence, "kept": is_kept}
    st.session_state[_ANSWERS] = answers
