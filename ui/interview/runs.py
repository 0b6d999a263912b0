"""Predict, then run: the question's scenarios on the candidate's own design."""

import streamlit as st

from practice.attempt import Attempt, StoredRun
from practice.prediction import Prediction
from practice.scenario_runs import Planned, is_current, passed, plan
from question_bank.schema import Question
from simulator.workers import Job
from storage.attempts import add_prediction, latest_runs
from ui import own_runs
from ui.interview.prediction import prediction_form, prediction_table
from ui.people import current_person
from ui.pictures import pictures
from ui.visit import current_attempt
from ui.words import plain

_RUNNING = "scenarios_running"


def predict_and_run(question: Question) -> None:
    """The prediction form, the state of every scenario, and what the steady run showed."""
    attempt = current_attempt()
    if attempt is None:
        return
    st.subheader("Predict, then run", anchor=False)
    if attempt.design is None:
        st.info("Draw your design first; then say how it will behave, and run it.")
        return
    planned = plan(question, attempt.design)
    _prediction(attempt, planned)
    running = own_runs.are_running(attempt.id)
    st.fragment(_scenarios, run_every=0.5 if running else None)(question, attempt.id)
    _steady_run(attempt, planned)


def _prediction(attempt: Attempt, planned: list[Planned]) -> None:
    """Bottleneck, p99 and cost, committed before anything runs."""
    assert attempt.design is not None
    prediction = prediction_form(
        attempt.design,
        attempt.prediction,
        key=f"prediction:{attempt.id}",
        lead="Commit to what you expect under steady load. The run will be held against it.",
    )
    if prediction is not None:
        number = add_prediction(current_person(), attempt.id, prediction)
        own_runs.start(current_person(), attempt.id, planned, number)
        st.rerun()


def _scenarios(question: Question, attempt_id: str) -> None:
    """The state of every scenario; polled while any of them runs, and small for that reason."""
    attempt = current_attempt()
    if attempt is None or attempt.design is None:
        return
    runs, jobs = latest_runs(current_person(), attempt_id), own_runs.jobs_of(attempt_id)
    running = [scenario for scenario, job in jobs.items() if not job.is_over]
    seen = st.session_state.get(_RUNNING, [])
    st.session_state[_RUNNING] = running
    if len(running) < len(seen):
        st.rerun()  # one has ended: draw its pictures, and poll on only if others still run
    if running:
        st.button("Cancel the runs", key="cancel_runs", on_click=own_runs.cancel, args=(attempt_id,))
    for one in plan(question, attempt.design):
        _scenario(one, runs.get(one.scenario.id), jobs.get(one.scenario.id))


def _steady_run(attempt: Attempt, planned: list[Planned]) -> None:
    """What the run without faults showed: the prediction beside it, and its pictures."""
    steady = next((one for one in planned if one.scenario.steady), None)
    run = latest_runs(current_person(), attempt.id).get(steady.scenario.id) if steady is not None else None
    if run is None or steady is None:
        return
    if attempt.prediction is not None:
        _compared(attempt.prediction, run)
    if not is_current(run, steady):
        st.info("The pictures are of the design as it was when it last ran. Run again to see it as it is now.")
    pictures(run.summary, run.design, key=f"own:{attempt.id}")


def _scenario(one: Planned, run: StoredRun | None, job: Job | None) -> None:
    """One line for a scenario: what happens in it, and how the design fared."""
    with st.container(border=True):
        name, verdict = st.columns([3, 4])
        name.markdown(f"**{plain(one.scenario.title)}**  \n{plain(one.scenario.story)}")
        with verdict:
            if job is not None and not job.is_over:
                st.progress(job.progress, text=f"Simulating, {job.progress:.0%}")
            elif one.problem is not None:
                st.markdown(f"**Cannot run.** {plain(one.problem)}")
            elif job is not None and job.state == "failed":
                st.error(plain(" ".join(job.problems)))
            elif run is None:
                st.markdown("Cancelled." if job is not None and job.state == "cancelled" else "Not run yet.")
            else:
                _verdicts(one, run)


def _verdicts(one: Planned, run: StoredRun) -> None:
    if not is_current(run, one):
        st.caption("Of the design as it was before you changed it:")
    st.badge("passed" if passed(run.summary) else "missed", color="green" if passed(run.summary) else "red")
    for verdict in run.summary.checks:
        mark = {True: "met", False: "missed", None: "unknown"}[verdict.met]
        st.markdown(f"{mark}: {plain(verdict.sentence)}")


def _compared(prediction: Prediction, run: StoredRun) -> None:
    st.markdown("**Your prediction beside the measurement**")
    st.table(prediction_table(prediction, run.summary), border="horizontal")
