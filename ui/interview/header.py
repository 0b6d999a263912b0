"""The top of the interview: the question, the phases, and the clock."""

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt
from practice.clock import ClockEvent
from practice.phases import phase as phase_of
from practice.phases import phases
from practice.round_clock import round_clock
from practice.rounds import Round
from question_bank.schema import Question
from rubrics.schema import PhaseId
from storage.attempts import NoSuchAttempt, add_event, sign_of_life
from storage.rounds import load_said
from ui.components.countdown import countdown
from ui.people import current_person
from ui.rounds import send_drafts
from ui.visit import current_attempt
from ui.words import plain


def header(question: Question, attempt: Attempt, round_: Round) -> PhaseId:
    """Show the question and the phases, and return the phase that is open."""
    title, clock = st.columns([3, 2], vertical_alignment="center")
    with title:
        st.title(plain(question.title), anchor=False)
    with clock:
        _clock(attempt.id, round_)
    st.text(question.prompt)
    phase = attempt.times(wall_clock.now()).phase
    key = f"phase:{attempt.id}:{phase}"
    st.segmented_control(
        "Phase",
        [one.id for one in phases()],
        default=phase,
        required=True,
        format_func=lambda one: f"{phase_of(one).title}, {round_.phase_minutes[one]} min",
        key=key,
        on_change=_enter,
        args=(attempt.id, key),
        label_visibility="collapsed",
    )
    return phase


def _enter(attempt: str, key: str) -> None:
    add_event(current_person(), attempt, ClockEvent(at=wall_clock.now(), kind="enter", phase=st.session_state[key]))


@st.fragment
def _clock(attempt_id: str, round_: Round) -> None:
    """The time of the open phase and, in a mock interview, of the round; a fragment, so that its signs of life rerun
    nothing else.
    """
    attempt = current_attempt()
    if attempt is None:
        return
    clock = round_clock(round_, attempt.events, wall_clock.now())
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        countdown(
            phase_of(clock.phase).title,
            clock.phase_left_s,
            token=f"{attempt_id}:{clock.phase}",
            paused=not clock.is_running,
            round_left_s=None if round_.may_pause else clock.round_left_s,
            speed=wall_clock.speed(),
            on_beat=lambda: _beat(attempt_id),
        )
        if not round_.may_pause:
            return
        if clock.is_running:
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


def finish(attempt_id: str) -> None:
    """End the round: its clock stops, and what was written as a reply counts as sent."""
    now = wall_clock.now()
    send_drafts(attempt_id, load_said(current_person(), attempt_id), now)
    add_event(current_person(), attempt_id, ClockEvent(at=now, kind="finish"))
