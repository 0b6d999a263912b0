"""The runs of a file made again, in processes of their own, and what differs."""

import streamlit as st

from practice.attempt_file import AttemptFile
from practice.rerun import checks_of, compared, graded
from practice.versions import versions
from question_bank.schema import Question
from simulator.workers import Job
from ui.cached import workers
from ui.limits import submit
from ui.simulations import visit
from ui.words import plain

_JOBS = "files:again"


def forget() -> None:
    """End what is under way and forget what was found; another file is open now."""
    for job in st.session_state.pop(_JOBS, {}).values():
        workers().cancel(job)


def again(file: AttemptFile, question: Question) -> None:
    """A button, progress, and at the end whether every number and every score is that of the file."""
    if not file.measured():
        st.caption("The file holds no run.")
        return
    jobs: dict[int, Job] = st.session_state.get(_JOBS, {})
    running = any(not job.is_over for job in jobs.values())
    st.fragment(_shown, run_every=0.5 if running else None)(file, question)


def _start(file: AttemptFile, question: Question) -> None:
    forget()
    st.session_state[_JOBS] = {
        i: submit(run.design, run.settings, f"{visit()}/again/{i}", checks_of(run, question))
        for i, run in enumerate(file.measured())
    }


def _shown(file: AttemptFile, question: Question) -> None:
    jobs: dict[int, Job] = st.session_state.get(_JOBS, {})
    is_over = all(job.is_over for job in jobs.values())
    if not jobs:
        st.button("Run it again and compare", on_click=_start, args=(file, question))
        return
    if not is_over:
        st.progress(sum(job.progress for job in jobs.values()) / len(jobs), text="Running again")
        st.session_state["files:was_running"] = True
        if st.button("Stop"):
            forget()
            st.rerun()
        return
    if st.session_state.pop("files:was_running", False):
        st.rerun()  # all have ended: poll no more
    _said(file, question, jobs)


def _said(file: AttemptFile, question: Question, jobs: dict[int, Job]) -> None:
    runs, same = file.stored_runs(), True
    for i, run in enumerate(file.measured()):
        job = jobs[i]
        if job.summary is None or job.state != "done":
            same = False
            st.error(plain(f"{run.scenario}: {' '.join(job.problems) or 'it was stopped'}"))
            continue
        found = compared(run, job.summary)
        if run.scenario in runs:
            runs[run.scenario] = runs[run.scenario].model_copy(update={"summary": job.summary})
        if not found.is_same:
            same = False
            st.warning(plain(f"{run.scenario}: other numbers. {'; '.join(found.differences)}"))
    card, differences = graded(file, question, runs)
    if same and not differences:
        score = f", and the same score, {card.total:g} of 100" if card is not None and file.card is not None else ""
        st.success(f"All {len(jobs)} runs gave the same numbers to the last bit{score}.")
        return
    for difference in differences:
        st.warning(plain(f"card: {difference}"))
    for sentence in versions(question).differences(file.versions):
        st.caption(plain(sentence))
