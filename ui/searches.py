"""Searches for a precise p99, one at a time for each person; a page that is loaded again finds them again."""

from collections import OrderedDict
from threading import Lock

import streamlit as st

from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.engine import choose
from simulator.precision import FEWEST_REQUESTS, USUAL_BUDGET, Search
from simulator.workers import Job
from ui import limits
from ui.cached import workers
from ui.people import current_person

REMEMBERED = 200
BUDGETS = {"stages": USUAL_BUDGET, "compiled": USUAL_BUDGET, "simpy": 200_000}  # while somebody waits

_Key = tuple[str, str, int, float]


class _Memory:
    """The newest searches of this server process, by person, design, luck and width."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: OrderedDict[_Key, Job] = OrderedDict()

    def keep(self, key: _Key, job: Job) -> None:
        with self._lock:
            self._jobs.pop(key, None)
            self._jobs[key] = job
            while len(self._jobs) > REMEMBERED:
                self._jobs.popitem(last=False)

    def find(self, key: _Key) -> Job | None:
        with self._lock:
            return self._jobs.get(key)

    def newest(self, person: str, design: str, seed: int) -> float | None:
        with self._lock:
            return next((key[3] for key in reversed(self._jobs) if key[:3] == (person, design, seed)), None)


@st.cache_resource(show_spinner=False)
def _memory() -> _Memory:
    return _Memory()


def budget(design: Design) -> int:
    """The most requests that a search in a design may simulate here."""
    return max(FEWEST_REQUESTS, min(BUDGETS[choose(design).engine], limits.Limits.read().requests))


def begin(design: Design, seed: int, wanted: float) -> None:
    """Begin a search; what this person has under way elsewhere ends."""
    job = limits.search(design, seed, Search(wanted=wanted, budget=budget(design)))
    _memory().keep(_key(design, seed, wanted), job)


def found(design: Design, seed: int, wanted: float) -> Job | None:
    """The search in a design with a luck and a width, if there was one."""
    return _memory().find(_key(design, seed, wanted))


def last_wanted(design: Design, seed: int) -> float | None:
    """The width that was last searched for in a design with a luck."""
    return _memory().newest(current_person(), fingerprint(design), seed)


def cancel(job: Job) -> None:
    """End a search; what it has found so far stays."""
    workers().cancel(job)


def _key(design: Design, seed: int, wanted: float) -> _Key:
    return current_person(), fingerprint(design), seed, wanted
