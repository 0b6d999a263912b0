"""The text of a phase, saved while it is written."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from practice import wall_clock
from practice.attempt import LONGEST_TEXT, Attempt, Draft, Edit, is_id
from practice.forensics import new_marks
from practice.phases import phase as phase_of
from rubrics.schema import PHASES, PhaseId
from storage.attempts import NoSuchAttempt, load_attempt, save_section
from storage.database import StorageProblem
from storage.rounds import add_marks, load_marks
from ui.components.editor import KEY, OPEN_DOCUMENT, editor
from ui.people import current_person
from ui.visit import current_attempt

_PROBLEM = "section_problem"


def section(attempt: Attempt, phase: PhaseId, rows: int = 12, *, helped: bool = True) -> None:
    """The text area of a phase; `helped` shows what the phase is about too."""
    about = phase_of(phase)
    if helped:
        with st.expander(
            f"{about.title}: {about.goal}", expanded=not attempt.section(phase).text.strip(), key=f"about:{phase}"
        ):
            st.markdown("\n".join(f"- {point}" for point in about.points))
            st.caption(f"Done when: {about.done_when}")
    st.session_state[OPEN_DOCUMENT] = f"{attempt.id}/{phase}"
    _editor(attempt.id, phase, rows, about.placeholder if helped else "")


@st.fragment
def _editor(attempt_id: str, phase: PhaseId, rows: int, placeholder: str) -> None:
    """A fragment, so that saving reruns nothing but the text area."""
    attempt = current_attempt()
    about = phase_of(phase)
    kept = attempt.section(phase) if attempt is not None else Draft()
    sent = editor(
        f"Your answer: {about.title.lower()}",
        document=f"{attempt_id}/{phase}",
        draft=kept,
        placeholder=placeholder,
        rows=rows,
        on_edit=lambda: _save(st.session_state[KEY].edit),
    )
    if attempt is not None and _is_unseen(sent, kept):
        _save(sent)
        st.rerun()
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(problem)


def _mark(attempt_id: str) -> None:
    """Keep when the first number, choice and failure were written, which no text knows."""
    attempt, known = load_attempt(current_person(), attempt_id), load_marks(current_person(), attempt_id)
    found = new_marks(known, {one: draft.text for one, draft in attempt.sections.items()}, wall_clock.now())
    if found:
        add_marks(current_person(), attempt_id, found)


def _is_unseen(sent: dict[str, Any], kept: Draft) -> bool:
    """Whether an edit of the open section came without a call: after a restart of the server Streamlit makes none."""
    if sent.get("doc") != st.session_state[OPEN_DOCUMENT] or len(sent["text"]) > LONGEST_TEXT:
        return False
    return _edit(sent).follows(kept)


def _edit(sent: dict[str, Any]) -> Edit:
    return Edit(**{field: sent.get(field) for field in Edit.model_fields})


def _save(sent: dict[str, Any] | None) -> None:
    """Keep what the text area sent; the attempt and phase travel with it, because it may come late."""
    attempt, _, phase = str((sent or {}).get("doc", "")).partition("/")
    if not sent or not is_id(attempt) or phase not in PHASES:
        return
    try:
        save_section(current_person(), attempt, phase, _edit(sent))
        _mark(attempt)
    except ValidationError:
        too_long = f"This section is longer than {LONGEST_TEXT:,} characters and was not saved."
        st.session_state[_PROBLEM] = f"{too_long} Your browser keeps it; shorten it."
    except NoSuchAttempt:
        st.session_state[_PROBLEM] = (
            "This attempt is no longer here, so nothing was saved. Your browser keeps the text."
        )
    except StorageProblem as problem:
        st.session_state[_PROBLEM] = f"Not saved: {problem}. Your browser keeps the text and tries again."
