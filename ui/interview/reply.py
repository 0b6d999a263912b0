"""The reply to a question of the interviewer, saved while it is written, like a section."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from practice import wall_clock
from practice.attempt import Edit, is_id
from practice.interviewer.interviewer import answered
from storage.attempts import NoSuchAttempt
from storage.database import StorageProblem
from storage.rounds import keep_answer, load_reply, load_said, save_reply
from ui.components.editor import OPEN_REPLY, editor
from ui.people import current_person

KEY = "reply_editor"
UNKNOWING = "I don't know."
_PREFIX = "reply-"
_SENDING, _PROBLEM = "reply_sending", "reply_problem"


def document(attempt_id: str, number: int) -> str:
    """How the browser calls a reply."""
    return f"{attempt_id}/{_PREFIX}{number}"


def reply_box(attempt_id: str, number: int) -> None:
    """The box for the reply to what was said as `number`, and two ways to be done with it."""
    kept = load_reply(current_person(), attempt_id, number)
    st.session_state[OPEN_REPLY] = document(attempt_id, number)
    sent = editor(
        "Reply to the interviewer",
        document=document(attempt_id, number),
        draft=kept,
        placeholder="",
        rows=2,
        on_edit=lambda: take_edit(st.session_state[KEY].edit),
        key=KEY,
    )
    if _is_unseen(sent, document(attempt_id, number)) and _edit(sent).follows(kept):
        take_edit(sent)  # after a restart of the server Streamlit calls nobody
    with st.container(horizontal=True):
        st.button("Send", key="reply_send", type="primary", on_click=_send, args=(attempt_id, number))
        st.button(
            "I don't know", key="reply_unknown", on_click=answer, args=(attempt_id, number), kwargs={"unknowing": True}
        )
    if said := st.session_state.pop(_PROBLEM, None):
        st.caption(said)


def _send(attempt_id: str, number: int) -> None:
    """Send what is there; what the browser is still sending comes a moment later and is then sent by itself."""
    if load_reply(current_person(), attempt_id, number).text.strip():
        answer(attempt_id, number)
        return
    st.session_state[_SENDING] = document(attempt_id, number)
    st.session_state[_PROBLEM] = "Write a few words first, or say that you do not know."


def answer(attempt_id: str, number: int, *, unknowing: bool = False) -> None:
    """Keep the reply as the answer, as it stands."""
    said = load_said(current_person(), attempt_id)
    text = load_reply(current_person(), attempt_id, number).text.strip()
    if unknowing:
        text = f"{text}\n{UNKNOWING}".strip()
    if number < len(said):
        keep_answer(current_person(), attempt_id, number, answered(said[number], text, wall_clock.now()))


def take_edit(sent: dict[str, Any] | None) -> None:
    """Keep an edit of a reply; one that comes after the reply was sent still changes it."""
    attempt, _, place = str((sent or {}).get("doc", "")).partition("/")
    if not sent or not is_id(attempt) or not is_reply(place):
        return
    number = number_of(place)
    try:
        save_reply(current_person(), attempt, number, _edit(sent))
        _follow_up(attempt, number)
    except (ValidationError, NoSuchAttempt):
        st.session_state[_PROBLEM] = "This reply could not be saved; it is too long, or its attempt is gone."
    except StorageProblem as problem:
        st.session_state[_PROBLEM] = f"Not saved: {problem}. Your browser keeps the text and tries again."


def is_reply(place: str) -> bool:
    """Whether a part of a document's name is one of a reply."""
    number = place.removeprefix(_PREFIX)
    return place.startswith(_PREFIX) and number.isdecimal() and len(number) <= 4


def number_of(place: str) -> int:
    return int(place.removeprefix(_PREFIX))


def _follow_up(attempt_id: str, number: int) -> None:
    said = load_said(current_person(), attempt_id)
    if number >= len(said):
        return
    text = load_reply(current_person(), attempt_id, number).text.strip()
    is_late = said[number].answered_at is not None and UNKNOWING not in said[number].answer
    if is_late and text != said[number].answer:
        at = said[number].answered_at or wall_clock.now()
        keep_answer(current_person(), attempt_id, number, answered(said[number], text, at))
    elif text and st.session_state.get(_SENDING) == document(attempt_id, number):
        st.session_state.pop(_SENDING)
        st.session_state.pop(_PROBLEM, None)
        answer(attempt_id, number)


def _is_unseen(sent: dict[str, Any], open_document: str) -> bool:
    return sent.get("doc") == open_document and isinstance(sent.get("text"), str)


def _edit(sent: dict[str, Any]) -> Edit:
    return Edit(**{field: sent.get(field) for field in Edit.model_fields})
