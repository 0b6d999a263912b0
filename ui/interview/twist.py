"""The twist of a round, run: the design as it is and as the twist changes it, on the same luck, beside each other."""

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt
from practice.interviewer.state import Said
from practice.prediction import Prediction
from practice.trials import Trial, TrialKind
from practice.twist import twists
from practice.twisted import Twisted, twisted
from question_bank.schema import Question
from simulator.design import Design
from simulator.settings import RunSettings
from storage.rounds import add_trial, load_said, load_trials
from ui import own_runs
from ui.interview.prediction import prediction_form, prediction_table
from ui.interview.trials import timeline, wait_for
from ui.people import current_person
from ui.pictures import comparison_table
from ui.words import plain

NAMES = ("before", "after the twist")


def twist_place(question: Question, attempt: Attempt) -> None:
    """Nothing until there is a twist; then the prediction, and what both runs showed."""
    given = next((one for one in load_said(current_person(), attempt.id) if one.kind == "twist"), None)
    if given is None:
        return
    title = f"The twist: {next((one.title for one in twists() if one.id == given.id), '').lower()}"
    everything = load_trials(current_person(), attempt.id)
    trials = [one for one in everything if one.kind.startswith("twist")]
    if len(everything) > len(trials) > 0:  # the drill has come, which goes before
        with st.expander(plain(title), key="twist_seen"):
            _watch(attempt, trials)
        return
    st.subheader(plain(title), anchor=False)
    if trials:
        _watch(attempt, trials)
    elif attempt.design is None:
        st.info("Draw your design, and it can be run before and after the twist.")
    else:
        _predict(question, attempt, attempt.design, given)


def _predict(question: Question, attempt: Attempt, design: Design, given: Said) -> None:
    found = twisted(given.id, question, design)  # type: ignore[arg-type]  # the id of what was said as a twist
    st.markdown(plain(found.change))
    if found.problem is not None or found.before is None or found.after is None:
        st.info(f"It cannot be run: {plain(found.problem or 'the design is not whole yet.')}")
        return
    prediction = prediction_form(
        design,
        None,
        key=f"twist:{attempt.id}",
        lead="Say what you expect after the twist; then watch your design before and after it.",
        label="Commit and watch",
    )
    if prediction is not None:
        _start(attempt.id, found, prediction)
        st.rerun()


def _start(attempt_id: str, found: Twisted, prediction: Prediction) -> None:
    sides: tuple[tuple[TrialKind, Design | None, RunSettings | None, Prediction | None], ...] = (
        ("twist_before", found.before, found.settings_before, None),
        ("twist_after", found.after, found.settings_after, prediction),
    )
    for kind, design, settings, expected in sides:
        assert design is not None
        assert settings is not None
        trial = Trial(kind=kind, at=wall_clock.now(), design=design, settings=settings, prediction=expected)
        if add_trial(current_person(), attempt_id, trial):
            own_runs.start_trial(current_person(), attempt_id, trial)


def _watch(attempt: Attempt, trials: list[Trial]) -> None:
    if wait_for(attempt.id, trials):
        twist_result(trials, key=f"twist:{attempt.id}")
        st.markdown("Now say what you change, in your reply or in your answer.")


def twist_result(trials: list[Trial], *, key: str) -> None:
    """Both runs beside each other, the prediction, and the timeline if something was struck."""
    sides = {one.kind: one for one in trials}
    before, after = sides.get("twist_before"), sides.get("twist_after")
    if before is None or after is None or before.summary is None or after.summary is None:
        st.markdown("The twist was not run to its end.")
        return
    beside, expected = st.columns(2, gap="medium")
    with beside:
        st.table(comparison_table(before.summary, after.summary, NAMES), border="horizontal")
    with expected:
        if after.prediction is not None:
            st.table(prediction_table(after.prediction, after.summary), border="horizontal")
    if after.design.faults:
        timeline(after, after.summary, key=key, beside=before.summary)
