"""What one person may have under way on this server, in one place. Sizes of files and designs are bounded where they
are read: `simulator/yaml_text.py`, `simulator/design.py`, `practice/attempt_file.py` and `.streamlit/config.toml`.
"""

import os
import time
from collections.abc import Callable, Sequence
from threading import Lock

import streamlit as st

from simulator.arrivals import expected_requests
from simulator.design import Design
from simulator.precision import Search
from simulator.results.checks import CheckSpec
from simulator.series import Series
from simulator.settings import MOST_REQUESTS, RunSettings, duration_s
from simulator.spec import Spec
from simulator.workers import Job
from ui.cached import workers
from ui.logs import log
from ui.people import current_person
from ui.words import many

SEARCHES = "searches"
ADVICE = "wait until one is done, or cancel one; other tabs and devices count too"


class Limits(Spec):
    """Of one person. The environment can set others, for a server with many people."""

    runs: int = 40
    sweeps: int = 3
    requests: int = MOST_REQUESTS

    @classmethod
    def read(cls) -> "Limits":
        """From `WINDTUNNEL_RUNS`, `WINDTUNNEL_SWEEPS` and `WINDTUNNEL_REQUESTS`; what is no whole number is ignored."""
        names = {field: os.environ.get(f"WINDTUNNEL_{field.upper()}", "").strip() for field in cls.model_fields}
        return cls(**{field: int(text) for field, text in names.items() if text.isdecimal()})


class _UnderWay:
    """The runs and sweeps of this server process, by person and by place, as far as they are not over."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[str, dict[str, Job | Series]] = {}

    def others(self, person: str, place: str, kind: type[Job | Series]) -> int:
        """How many of a kind a person has elsewhere; what is at the same place would make room."""
        with self._lock:
            mine = {key: one for key, one in self._found.get(person, {}).items() if not one.is_over}
            self._found[person] = mine
            return sum(isinstance(one, kind) for key, one in mine.items() if key != place)

    def add(self, person: str, place: str, one: Job | Series) -> None:
        with self._lock:
            self._found.setdefault(person, {})[place] = one


@st.cache_resource(show_spinner=False)
def _under_way() -> _UnderWay:
    return _UnderWay()


def submit(
    design: Design,
    settings: RunSettings,
    place: str,
    checks: tuple[CheckSpec, ...] = (),
    on_done: Callable[[Job], None] | None = None,
) -> Job:
    """Start a run of this person, or return one that has failed with a sentence about the limit."""
    person, begun = current_person(), time.monotonic()
    if problem := _too_large(design, settings) or _too_many_runs(person, place):
        log("refused", "warning", person, what="run")
        return Job(0, place, design, settings, checks, state="failed", problems=(problem,))

    def done(job: Job) -> None:
        log(
            "run finished",
            person=person,
            seconds=round(time.monotonic() - begun, 3),
            replications=settings.replications,
        )
        if on_done is not None:
            on_done(job)

    job = workers().submit(design, settings, place, checks, done)
    _under_way().add(person, place, job)
    return job


def search(design: Design, seed: int, wanted: Search) -> Job:
    """Start a search for a precise p99; what this person was searching for ends."""
    person, settings = current_person(), RunSettings(seed=seed)
    if problem := _too_many_runs(person, SEARCHES):
        log("refused", "warning", person, what="search")
        return Job(0, SEARCHES, design, settings, state="failed", problems=(problem,), search=wanted)
    job = workers().submit(design, settings, f"{person}/{SEARCHES}", search=wanted)
    _under_way().add(person, SEARCHES, job)
    return job


def may_sweep(place: str) -> bool:
    """Whether this person may begin a map or a round of advice at a place; if not, the screen says why."""
    person, most = current_person(), Limits.read().sweeps
    if _under_way().others(person, place, Series) < most:
        return True
    log("refused", "warning", person, what="sweep")
    st.warning(f"You have {most} maps or searches for advice under way, which is the most; {ADVICE}.")
    return False


def sweep(
    designs: Sequence[Design],
    settings: RunSettings,
    place: str,
    on_result: Callable[[int, Job], None],
    at_once: int = 2,
    *,
    brief: bool = False,
) -> Series:
    """Start many runs in a row for this person, so many at a time; brief ones bring their few figures alone."""
    series = Series(workers(), designs, settings, place, on_result, at_once, brief=brief).start()
    _under_way().add(current_person(), place, series)
    return series


def _too_many_runs(person: str, place: str) -> str:
    most = Limits.read().runs
    if _under_way().others(person, place, Job) < most:
        return ""
    return f"you have {many(most, 'run')} under way, which is the most; {ADVICE}"


def _too_large(design: Design, settings: RunSettings) -> str:
    most = Limits.read().requests
    if most >= MOST_REQUESTS:
        return ""  # the run refuses more by itself
    try:
        asked = expected_requests(design, duration_s(design, settings)) * settings.replications
    except ValueError:
        return ""  # the run says what is wrong
    if asked <= most:
        return ""
    return f"this run has {asked:,.0f} requests, and {most:,} is the most here; ask for fewer, or fewer replications"
