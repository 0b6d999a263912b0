"""Runs of a candidate's own design: started here, kept in the database when they end, whoever is still watching."""

from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from practice.scenario_runs import Planned
from practice.trials import Trial, recovery_of
from simulator.workers import Job
from storage.attempts import NoSuchAttempt, add_run
from storage.database import StorageProblem
from storage.rounds import finish_trial
from ui.cached import workers
from ui.limits import submit


@dataclass
class _UnderWay:
    """The newest job of every attempt and scenario in this server process."""

    jobs: dict[tuple[str, str], Job] = field(default_factory=dict)
    trials: dict[tuple[str, str], Job] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@st.cache_resource(show_spinner=False)
def _under_way() -> _UnderWay:
    return _UnderWay()


def start(person: str, attempt: str, planned: list[Planned], prediction: int | None) -> None:
    """Run scenarios of an attempt; each result is kept as soon as it is there."""
    for one in planned:
        if one.design is None:
            continue

        def keep(job: Job, scenario: str = one.scenario.id) -> None:
            if job.summary is not None:
                try:
                    add_run(person, attempt, scenario, job.design, job.summary, prediction)
                except (NoSuchAttempt, StorageProblem) as problem:
                    job.problems = (str(problem),)

        job = submit(one.design, one.settings, f"{attempt}/{one.scenario.id}", one.checks, keep)
        with _under_way().lock:
            _under_way().jobs[attempt, one.scenario.id] = job


def start_trial(person: str, attempt: str, trial: Trial) -> None:
    """Run a trial of a round that was kept before; its result is kept as soon as it is there."""

    def keep(job: Job) -> None:
        if job.summary is not None:
            done = {"summary": job.summary, "recovery": recovery_of(trial, job.summary)}
            try:
                finish_trial(person, attempt, trial.model_copy(update=done))
            except (NoSuchAttempt, StorageProblem) as problem:
                job.problems = (str(problem),)

    job = submit(trial.design, trial.settings, f"{attempt}/{trial.kind}", (), keep)
    with _under_way().lock:
        _under_way().trials[attempt, trial.kind] = job


def trial_job(person: str, attempt: str, trial: Trial) -> Job:
    """The run of a trial that has no result yet; it is begun anew if the server was restarted meanwhile."""
    with _under_way().lock:
        job = _under_way().trials.get((attempt, trial.kind))
    if job is None or job.design != trial.design:
        start_trial(person, attempt, trial)
        with _under_way().lock:
            job = _under_way().trials[attempt, trial.kind]
    return job


def jobs_of(attempt: str) -> dict[str, Job]:
    """The newest job of every scenario of an attempt, by the scenario's id, finished or not."""
    with _under_way().lock:
        return {scenario: job for (one, scenario), job in _under_way().jobs.items() if one == attempt}


def are_running(attempt: str) -> bool:
    """Whether any run of an attempt is not over."""
    return any(not job.is_over for job in jobs_of(attempt).values())


def cancel(attempt: str) -> None:
    """End all runs of an attempt that are under way."""
    for job in jobs_of(attempt).values():
        workers().cancel(job)
