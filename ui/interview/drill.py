"""The failure drill: an unannounced fault has hit the design; watch, change it, and meet the same fault again."""

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt
from practice.drill import Drill, NoDrill, drill_for
from practice.interviewer.manner import is_typing
from practice.interviewer.state import State
from practice.recovery import compared
from practice.scenario_runs import starting_design
from practice.trials import Trial, changed_trial, drill_is_due, drill_trial, fault_window_s
from question_bank.schema import Question
from simulator.design import Design
from simulator.design_file import fingerprint
from storage.rounds import add_trial, begun_trials, load_trials
from ui import own_runs
from ui.interview.trials import timeline, wait_for
from ui.people import current_person
from ui.visit import current_attempt
from ui.words import plain

STRUCK = "Something has just hit your design. Look below."


def strike(question: Question, attempt: Attempt, state: State) -> None:
    """Let the fault happen, once, if this is the moment and the design can be hit."""
    is_drawn = attempt.design is not None and attempt.design != starting_design(question)
    if not drill_is_due(state, is_drawn=is_drawn) or is_typing(state):
        return
    if "drill" in begun_trials(current_person(), attempt.id):
        return
    assert attempt.design is not None
    try:
        trial = drill_trial(drill_for(attempt.design, attempt.id), "drill", state.at)
    except NoDrill:
        return
    if add_trial(current_person(), attempt.id, trial):
        own_runs.start_trial(current_person(), attempt.id, trial)


def _drills(attempt_id: str) -> list[Trial]:
    return [one for one in load_trials(current_person(), attempt_id) if one.kind.startswith("drill")]


def drill_place() -> None:
    """Nothing until the fault has struck; then what it did, and the way to meet it again."""
    attempt = current_attempt()  # with the design as it was drawn in this run
    drills = _drills(attempt.id) if attempt is not None else []
    if not drills or attempt is None:
        return
    st.subheader("Something has just hit your design", anchor=False)
    first = drills[0]
    if not wait_for(attempt.id, [one for one in (first, drills[-1]) if one.summary is None]):
        return
    drill_result(drills, key=f"drill:{attempt.id}")
    _again(attempt, first)


def is_struck(attempt_id: str) -> bool:
    """Whether the drill has struck and was not met again."""
    begun = begun_trials(current_person(), attempt_id)
    return "drill" in begun and "drill_again" not in begun


def alarm(attempt_id: str) -> None:
    """A line that leads to the drill, for a place that is always seen; nothing before it or once it was met again."""
    if is_struck(attempt_id):
        st.warning(STRUCK)


def drill_result(drills: list[Trial], *, key: str) -> None:
    """The timeline of the newest drill that has one, with the first dotted, and the recoveries in words."""
    first = drills[0]
    if first.summary is None or first.recovery is None:
        st.markdown("The drill was not run to its end.")
        return
    tried = [one for one in drills[1:] if one.summary is not None and one.recovery is not None]
    at_s, until_s = fault_window_s(first.design.faults[0], first.summary.duration_s)
    st.markdown(plain(f"From second {at_s:.1f} to {until_s:.1f}: {first.recovery.sentence}"))
    last = tried[-1] if tried else first
    assert last.summary is not None
    assert last.recovery is not None
    if tried:
        st.markdown(f"**Your changed design under the same fault:** {plain(compared(first.recovery, last.recovery))}")
    timeline(last, last.summary, key=key, beside=first.summary if tried else None, name="the first time")


def _again(attempt: Attempt, first: Trial) -> None:
    st.markdown("What happened? Change the design below, and run it under the same fault.")
    met = {fingerprint(one.design) for one in _drills(attempt.id)}
    again = _changed(first, attempt.design)
    if isinstance(again, str):
        st.info(plain(again))
    is_new = isinstance(again, Trial) and fingerprint(again.design) not in met
    if st.button(
        "Run the changed design",
        key="drill_again",
        disabled=not is_new,
        help=None if is_new else "The design is the one that was hit.",
    ) and isinstance(again, Trial):
        if add_trial(current_person(), attempt.id, again):
            own_runs.start_trial(current_person(), attempt.id, again)
        st.rerun()


def _changed(first: Trial, design: Design | None) -> Trial | str:
    """The same fault on the design as it is now; or why it cannot be."""
    if design is None:
        return "There is no design any more."
    try:
        return changed_trial(first, _drill_of(first), design, wall_clock.now())
    except NoDrill as problem:
        return str(problem)


def _drill_of(first: Trial) -> Drill:
    """The fault that was kept, in the form in which it can be put on another design."""
    fault = first.design.faults[0]
    at_s, until_s = fault_window_s(fault, first.settings.duration_s or 0.0)
    target = getattr(fault, "component", None) or "zone"
    return Drill(
        fault=fault, target=target, story=".", at_s=at_s, until_s=until_s, design=first.design, settings=first.settings
    )
