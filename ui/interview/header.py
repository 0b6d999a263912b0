"""The top of the interview: the question, the phases, and the clock."""

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt
from practice.clock import ClockEvent
from practice.phases import phase as phase_of
from practice.phases import phases, planned_minutes
from question_bank.schema import Question
from rubrics.schema import PhaseId
from storage.attempts import NoSuchAttempt, add_event, sign_of_life
from ui.components.countdown import countdown
from ui.people import current_person
from ui.visit import current_attempt
from ui.words import plain


def header(question: Question, attempt: Attempt) -> PhaseId:
    """Show the question and the phases, and return the phase that is open."""
    title, clock = st.columns([3, 2], vertical_alignment="center")
    with title:
        st.title(plain(question.title), anchor=False)
    times = attempt.times(wall_clock.now())
    with clock:
        _clock(attempt.id, question.minutes)
    st.text(question.prompt)
    key, planned = f"phase:{attempt.id}:{times.phase}", planned_minutes(question.minutes)
    st.segmented_control(
        "Phase",
        [one.id for one in phases()],
        default=times.phase,
        required=True,
        format_func=lambda one: f"{phase_of(one).title}, {planned[one]} min",
        key=key,
        on_change=_enter,
        args=(attempt.id, key),
        label_visibility="collapsed",
    )
    return times.phase


def _enter(attempt: str, key: str) -> None:
    add_event(current_person(), attempt, ClockEvent(at=wall_clock.now(), kind="enter", phase=st.session_state[key]))


@st.fragment
def _clock(attempt_id: str, round_minutes: int) -> None:
    """The time of the open phase; a fragment, so that its signs of life rerun nothing else."""
    attempt = current_attempt()
    if attempt is None:
        return
    times = attempt.times(wall_clock.now())
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        countdown(
            phase_of(times.phase).title,
            times.left_s(times.phase, round_minutes),
            token=f"{attempt_id}:{times.phase}",
            paused=not times.is_running,
            on_beat=lambda: _beat(attempt_id),
        )
        if times.is_running:
            st.button("Pause", key="pause", on_click=_stop_or_go, args=(attempt_id, "pause"))
        else:
            st.button("Go on", key="resume", type="primary", on_click=_stop_or_go, args=(attempt_id, "resume"))


def _beat(attempt: str) -> None:
    try:
        sign_of_life(current_person(), attempt)
    except NoSuchAttempt:
        return


def _stop_or_go(attempt: str, kind: str) -> None:
    event = ClockEvent.model_validate({"at": wall_clock.now(), "kind": kind})
    add_event(current_person(), attempt, event)
