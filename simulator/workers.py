"""Simulations in processes of their own, so that nobody who types has to wait for them."""

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from simulator.compiled.cache_folder import is_warm, numba_version
from simulator.design import Design
from simulator.engine import wanted_by_default
from simulator.precision import Precision, Search
from simulator.results.checks import CheckSpec
from simulator.results.figures import Figures
from simulator.results.summary import Summary
from simulator.settings import RunSettings

ROOT = Path(__file__).resolve().parent.parent
ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}
"""For glibc, whose threads would each have a heap of their own: what one run has given back, the next one takes, and
the system is asked for memory less often, which on a virtual machine may take long.
"""

State = Literal["waiting", "running", "done", "cancelled", "failed"]


@dataclass
class Job:
    """One run with its replications: how far it is, what it found so far, and what was wrong with it.

    Of a brief one only the few `figures` are found, at its end; of a search the `precision`, after each of its looks;
    else a summary, now and then.
    """

    number: int
    owner: str
    design: Design
    settings: RunSettings
    checks: tuple[CheckSpec, ...] = ()
    state: State = "waiting"
    progress: float = 0.0
    summary: Summary | None = None
    brief: bool = False
    figures: Figures | None = None
    search: Search | None = None
    precision: Precision | None = None
    problems: tuple[str, ...] = ()
    on_done: Callable[["Job"], None] | None = None
    news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "cancelled", "failed")

    def wait(self, seconds: float, *, for_first: bool = False) -> None:
        """Wait until the run is over or, with `for_first`, until there is something to show; at most so long."""
        until = time.monotonic() + seconds
        with self.news:
            while not self.is_over and not (for_first and self.summary is not None):
                if (left := until - time.monotonic()) <= 0 or not self.news.wait(left):
                    return


class Workers:
    """A fixed number of worker processes, started when first needed; a job goes to the least busy one.

    A search for a precise number takes its time, so searches have one more process, in which they wait for each other.
    """

    def __init__(self, processes: int = 2):
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._workers = [_Worker() for _ in range(processes)]
        self._searching = _Worker()
        self._warming: subprocess.Popen[bytes] | None = None

    def submit(
        self,
        design: Design,
        settings: RunSettings,
        owner: str,
        checks: tuple[CheckSpec, ...] = (),
        on_done: Callable[[Job], None] | None = None,
        *,
        brief: bool = False,
        search: Search | None = None,
    ) -> Job:
        """Start a run. What the same owner had under way is cancelled: only the newest question counts.

        `on_done` is called with a job that has come to its end, in the thread that listens to its process.
        """
        with self._lock:
            for worker in self._all:
                worker.cancel_all_of(owner)
            job = Job(next(self._numbers), owner, design, settings, checks, on_done=on_done, brief=brief, search=search)
            able = self._workers if search is None else [self._searching]
            min(able, key=lambda worker: worker.busy).start(job)
        return job

    def cancel(self, job: Job) -> None:
        """End a run early; what it has found so far stays."""
        with self._lock:
            for worker in self._all:
                worker.cancel(job)

    def warm_up(self) -> None:
        """Start the processes before anybody waits for them."""
        for worker in self._workers:
            worker.ensure_running()

    def warm_engine(self) -> None:
        """Let a process of its own compile the faster engine, if that is not done yet; until then SimPy answers."""
        if wanted_by_default() == "auto" and numba_version() is not None and not is_warm():
            command = [sys.executable, "-m", "simulator.compiled.warm"]
            quiet = subprocess.DEVNULL
            self._warming = subprocess.Popen(command, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603

    def close(self) -> None:
        """End all processes."""
        if self._warming is not None and self._warming.poll() is None:
            self._warming.kill()
        for worker in self._all:
            worker.close()

    @property
    def _all(self) -> "list[_Worker]":
        return [*self._workers, self._searching]


class _Worker:
    """One process and the thread that listens to it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()

    @property
    def busy(self) -> int:
        return sum(not job.is_over for job in list(self._jobs.values()))

    def ensure_running(self) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                command = [sys.executable, "-m", "simulator.worker"]
                pipe = subprocess.PIPE
                self._process = subprocess.Popen(  # noqa: S603
                    command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, bufsize=1, env={**os.environ, **ONE_HEAP}
                )
                self._jobs = {}  # those of a process that has ended are its listener's
                self._listener = threading.Thread(target=self._listen, args=(self._process, self._jobs), daemon=True)
                self._listener.start()

    def start(self, job: Job) -> None:
        self.ensure_running()
        self._jobs[job.number] = job
        data = {"design": job.design.model_dump(mode="json"), "settings": job.settings.model_dump(mode="json")}
        checks = [check.model_dump(mode="json") for check in job.checks]
        search = None if job.search is None else job.search.model_dump(mode="json")
        if not self._send({"id": job.number, **data, "checks": checks, "brief": job.brief, "search": search}):
            _end(job, "failed", ("the simulation process could not be started; try again",))

    def cancel(self, job: Job) -> None:
        if self._jobs.get(job.number) is job and not job.is_over:
            self._send({"cancel": job.number})
            _end(job, "cancelled")
            self._jobs.pop(job.number, None)

    def cancel_all_of(self, owner: str) -> None:
        for job in list(self._jobs.values()):
            if job.owner == owner:
                self.cancel(job)

    def close(self) -> None:
        if self._process is not None and self._listener is not None:
            self._process.kill()
            self._listener.join()

    def _send(self, message: dict[str, Any]) -> bool:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
        except (OSError, ValueError):  # its end has been seen, or its pipe is closed by now
            return False
        return True

    def _listen(self, process: "subprocess.Popen[str]", jobs: dict[int, Job]) -> None:
        assert process.stdout is not None
        with suppress(OSError), process:  # at its end the pipes are closed and the process is collected
            for line in process.stdout:
                self._hear(json.loads(line), jobs)
        for job in list(jobs.values()):
            _end(job, "failed", ("the simulation process ended unexpectedly; try again",))
        jobs.clear()

    def _hear(self, message: dict[str, Any], jobs: dict[int, Job]) -> None:
        job = jobs.get(message["id"])
        if job is None or job.is_over:
            return
        if "problems" in message:
            _end(job, "failed", tuple(message["problems"]))
        elif "done" in message:
            with job.news:
                _keep(message, job)
                if message["done"] and job.on_done is not None:
                    job.on_done(job)
                job.state = "done" if message["done"] else "running"
                job.progress = 1.0 if message["done"] else job.progress
                job.news.notify_all()
        elif "progress" in message:
            job.state, job.progress = "running", message["progress"]
        if job.is_over:
            jobs.pop(job.number, None)


def _keep(message: dict[str, Any], job: Job) -> None:
    if job.search is not None:
        job.precision = Precision.model_validate_json(message["precision"])
    elif job.brief:
        job.figures = Figures.model_validate_json(message["figures"])
    else:
        job.summary = Summary.model_validate_json(message["summary"])


def _end(job: Job, state: State, problems: tuple[str, ...] = ()) -> None:
    with job.news:
        if not job.is_over:
            job.state, job.problems = state, problems
            job.news.notify_all()
