"""The frame around every page."""

import streamlit as st
from pydantic import ValidationError

from practice.attempt import Draft, Edit, is_id
from practice.versions import APP
from rubrics.schema import PHASES
from storage.attempts import NoSuchAttempt, save_section
from storage.database import StorageProblem
from storage.rounds import load_reply
from ui.components.editor import OPEN_DOCUMENT, OPEN_REPLY
from ui.components.outbox import KEY as OUTBOX
from ui.components.outbox import outbox
from ui.components.reconnect import reconnect
from ui.garbage import set_aside
from ui.interview.reply import is_reply, number_of, take_edit
from ui.logs import keep_values_out, log, log_error
from ui.look import look
from ui.people import LOCAL, current_person, is_known, people_sign_in
from ui.sign_in import sign_in

_INSIDE = "_inside_the_frame"
_ANSWERS = "_outbox_answers"
_SEEN = "_seen"

PAGES = {
    "pages/questions.py": "Questions",
    "pages/fundamentals.py": "Fundamentals",
    "pages/practice.py": "Practice",
    "pages/interview.py": "Interview",
    "pages/wind_tunnel.py": "Wind tunnel",
    "pages/capacity.py": "Capacity",
    "pages/review.py": "Review",
    "pages/history.py": "History",
    "pages/progress.py": "Progress",
    "pages/settings.py": "Settings",
}
"""Files and titles. An address is the name of the file: before the frame has run once, Streamlit knows no other."""

SHOW_TEXT = ("review", "history", "progress")
"""Addresses of the pages that show something of the answers, and so are drawn again when a late text has come."""


def run() -> None:
    """Draw the frame and the page that the address names inside it."""
    st.set_page_config(page_title="Windtunnel", page_icon="ui/static/favicon.png", layout="wide")
    page = st.navigation(
        [st.Page(file, title=title, default=i == 0) for i, (file, title) in enumerate(PAGES.items())],
        position="top" if is_known() else "hidden",
    )
    st.logo("ui/static/logo.svg", size="large")
    look(is_dark=st.context.theme.type == "dark")
    st.session_state[_INSIDE] = True
    st.session_state[OPEN_DOCUMENT] = st.session_state[OPEN_REPLY] = None  # until the page opens them
    _said_once()
    try:
        if not is_known():
            sign_in()
            return
        page.run()
        reconnect()  # below the page, as it has a place until its style is there
        _outbox(redraw=page.url_path in SHOW_TEXT)
        set_aside(page.url_path)
    except StorageProblem as problem:
        log_error(problem)
        st.error(str(problem))
    except Exception as error:
        log_error(error)
        raise
    finally:
        st.session_state[_INSIDE] = False


def _said_once() -> None:
    """A line in the log for the start of the server and one for each visit of somebody who has signed in."""
    _log_start()
    if is_known() and current_person() != LOCAL and not st.session_state.get(_SEEN):
        st.session_state[_SEEN] = True
        log("signed in", person=current_person())


@st.cache_resource(show_spinner=False)
def _log_start() -> None:
    keep_values_out()
    log("started", version=APP, sign_in="yes" if people_sign_in() else "no")


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
        open_documents=[one for one in map(st.session_state.get, (OPEN_DOCUMENT, OPEN_REPLY)) if one],
        answers=st.session_state.get(_ANSWERS, {}),
        redraw=redraw,
        on_edits=_take_outbox,
    )


def _take_outbox() -> None:
    """Save what the browser kept from earlier; what cannot be saved stays in the browser."""
    answers = {}
    for sent in (st.session_state[OUTBOX].edits or {}).get("edits", []):
        attempt, _, phase = str(sent.get("doc", "")).partition("/")
        if not is_id(attempt) or not (phase in PHASES or is_reply(phase)):
            continue
        try:
            edit = Edit(**{field: sent.get(field) for field in Edit.model_fields})
            draft = _keep(attempt, phase, edit)
        except (ValidationError, NoSuchAttempt):
            log("refused", "warning", current_person(), what="edit")
            answers[sent["key"]] = {"sequence": sent.get("sequence"), "kept": False}
        except StorageProblem:
            continue
        else:
            is_kept = draft.writer == edit.writer and draft.sequence >= edit.sequence
            answers[sent["key"]] = {"sequence": edit.sequence, "kept": is_kept}
    st.session_state[_ANSWERS] = answers


def _keep(attempt: str, place: str, edit: Edit) -> Draft:
    """Keep an edit of a section or of a reply to the interviewer."""
    if place in PHASES:
        return save_section(current_person(), attempt, place, edit)
    take_edit({"doc": f"{attempt}/{place}", **edit.model_dump()})
    return load_reply(current_person(), attempt, number_of(place))
