"""Runs for the screen: started once for each question that is put, remembered, and shared between visits."""

from collections import OrderedDict
from threading import Lock
from uuid import uuid4

import streamlit as st

from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.engine import choose
from simulator.results.checks import CheckSpec
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.workers import Job
from ui.limits import submit

REMEMBERED = 200
REQUESTS = {"stages": 20_000, "compiled": 20_000, "simpy": 6_000}  # of a run, by engine
_JOBS = "jobs"


class _Memory:
    """The newest finished summaries of this server process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._summaries: OrderedDict[str, Summary] = OrderedDict()

    def keep(self, job: Job) -> None:
        if job.summary is not None:
            with self._lock:
                self._summaries[_key(job.design, job.settings, job.checks)] = job.summary
                while len(self._summaries) > REMEMBERED:
                    self._summaries.popitem(last=False)

    def find(self, key: str) -> Summary | None:
        with self._lock:
            return self._summaries.get(key)


def _key(design: Design, settings: RunSettings, checks: tuple[CheckSpec, ...]) -> str:
    return fingerprint(design) + settings.model_dump_json() + "".join(check.model_dump_json() for check in checks)


@st.cache_resource(show_spinner=False)
def _memory() -> _Memory:
    return _Memory()


def simulation(place: str, design: Design, settings: RunSettings, checks: tuple[CheckSpec, ...] = ()) -> Job:
    """The run of a design at a place on the screen: finished from memory, the one under way, or a new one.

    Another design at the same place cancels what is under way there.
    """
    jobs: dict[str, Job] = st.session_state.setdefault(_JOBS, {})
    job, key = jobs.get(place), _key(design, settings, checks)
    if job is not None and _key(job.design, job.settings, job.checks) == key:
        return job
    remembered = _memory().find(key)
    if remembered is not None:
        job = Job(0, place, design, settings, checks, state="done", progress=1.0, summary=remembered)
    else:
        job = submit(design, settings, f"{visit()}/{place}", checks, _memory().keep)
    jobs[place] = job
    return job


def requests_of(design: Design) -> int:
    """How many requests each run of a design gets: what its engine runs while somebody watches."""
    return REQUESTS[choose(design).engine]


def forget(place: str) -> None:
    """Run anew when a place next asks for its run."""
    st.session_state.get(_JOBS, {}).pop(place, None)


def visit() -> str:
    """A name for this visit, so that visits do not cancel each other's runs."""
    return str(st.session_state.setdefault("visit", uuid4().hex))
