"""The question's scenarios on the candidate's own design: what the runs say, and a way to run what has not been run."""

import streamlit as st

from practice.attempt import Attempt, StoredRun
from practice.review import outcomes
from practice.scenario_runs import NOT_RUN, Planned, is_current, plan
from question_bank.schema import Question
from rubrics import ScenarioOutcome
from simulator.workers import Job
from storage.attempts import latest_runs
from ui import own_runs
from ui.people import current_person
from ui.visit import current_attempt
from ui.words import many, plain

_RUNNING = "review_running"
_WORDS = {True: ("passed", "green"), False: ("missed", "red"), None: ("not run", "gray")}


def measured(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> None:
    """Every scenario with its verdict, the newest run of it, and what the runs allow."""
    st.subheader("Your design under load", anchor=False)
    if attempt.design is None:
        st.info("No design was drawn, so nothing can be run, and text alone counts, up to level 3.")
        return
    running = own_runs.are_running(attempt.id)
    todo = [one for one in plan(question, attempt.design) if _is_to_run(one, runs)]
    if todo and not running:
        _offer(attempt, todo)
    st.fragment(_scenarios, run_every=0.5 if running else None)(question, attempt.id)
    st.caption(
        "A steady run that passes lets serving reach level 3; if all runs pass, serving and operations may reach 4. "
        "A failed run holds its dimension at 2, unless your answer explains why it fails."
    )


def _is_to_run(one: Planned, runs: dict[str, StoredRun]) -> bool:
    run = runs.get(one.scenario.id)
    return one.design is not None and (run is None or not is_current(run, one))


def _offer(attempt: Attempt, todo: list[Planned]) -> None:
    if attempt.prediction is None:
        st.caption("You have predicted nothing. Predict first in the interview, and the runs teach you more.")
    label = f"Run what has not been run: {many(len(todo), 'scenario')}"
    if st.button(label, key="run_the_rest"):
        own_runs.start(current_person(), attempt.id, todo, None)
        st.rerun()


def _scenarios(question: Question, attempt_id: str) -> None:
    """Polled while anything runs, and small for that reason; the page is drawn again when one has ended."""
    attempt = current_attempt()
    if attempt is None:
        return
    jobs = own_runs.jobs_of(attempt_id)
    running = sum(not job.is_over for job in jobs.values())
    seen = st.session_state.get(_RUNNING, 0)
    st.session_state[_RUNNING] = running
    if running < seen:
        st.rerun()
    if running:
        st.button("Cancel the runs", key="cancel_review_runs", on_click=own_runs.cancel, args=(attempt_id,))
    for outcome in outcomes(question, attempt, latest_runs(current_person(), attempt_id)):
        _scenario(outcome, jobs.get(outcome.id))


def _scenario(outcome: ScenarioOutcome, job: Job | None) -> None:
    word, color = _WORDS[outcome.passed]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(word, color=color)
            st.markdown(f"**{plain(outcome.title)}**", width="content")
        if job is not None and not job.is_over:
            st.progress(job.progress, text=f"Simulating, {job.progress:.0%}")
        elif job is not None and job.state == "failed" and outcome.passed is None:
            st.error(plain(" ".join(job.problems)))
        elif outcome.sentence != NOT_RUN:  # which the badge says
            st.caption(plain(outcome.sentence))
