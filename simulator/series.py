"""Many runs in a row through the simulating processes: a grid of designs, or the changes that an advisor tries."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from simulator.design import Design
from simulator.settings import RunSettings
from simulator.workers import Job, Workers

FOR_EVER_S = 3600.0
PATIENCE_S = 0.5


class Series:
    """Runs of several designs with one kind of settings, begun in order, a few at a time, so that a run that somebody
    else asks for waits for one of them at most. `on_result` is called with the place of a design in the list and its
    job when that is over, by one thread at a time.
    """

    def __init__(
        self,
        workers: Workers,
        designs: Sequence[Design],
        settings: RunSettings,
        owner: str,
        on_result: Callable[[int, Job], None],
        at_once: int = 2,
        *,
        brief: bool = False,
    ):
        self._workers, self._designs, self._settings, self._owner = workers, designs, settings, owner
        self._on_result, self._at_once, self._brief = on_result, at_once, brief
        self._left = deque(range(len(designs)))
        self._under_way: dict[int, Job] = {}
        self._news = threading.Condition()
        self.done = 0
        self.is_cancelled = False

    def start(self) -> "Series":
        """Begin, and return at once."""
        for slot in range(min(self._at_once, len(self._designs))):
            threading.Thread(target=self._work, args=(f"{self._owner}#{slot}",), daemon=True).start()
        return self

    @property
    def total(self) -> int:
        return len(self._designs)

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or self.done == self.total

    @property
    def progress(self) -> float:
        """The share of the work that is done, runs under way included."""
        under_way = sum(job.progress for job in list(self._under_way.values()))
        return min(1.0, (self.done + under_way) / self.total) if self.total else 1.0

    def cancel(self) -> None:
        """End early; what has been found stays."""
        with self._news:
            self.is_cancelled = self.is_cancelled or not self.is_over
            self._left.clear()
            jobs = list(self._under_way.values())
            self._news.notify_all()
        for job in jobs:
            self._workers.cancel(job)

    def wait(self, seconds: float, results: int | None = None) -> None:
        """Wait until it is over or until so many results are there; at most so long."""
        until = time.monotonic() + seconds
        with self._news:
            while not self.is_over and (results is None or self.done < results):
                if (left := until - time.monotonic()) <= 0 or not self._news.wait(left):
                    return

    def _work(self, owner: str) -> None:
        while (begun := self._begin(owner)) is not None:
            place, job = begun
            while not job.is_over:
                job.wait(FOR_EVER_S)
            self._end(place, job)

    def _begin(self, owner: str) -> tuple[int, Job] | None:
        with self._news:
            if not self._left:
                return None
            place = self._left.popleft()
            job = self._workers.submit(self._designs[place], self._settings, owner, brief=self._brief)
            self._under_way[place] = job
            return place, job

    def _end(self, place: int, job: Job) -> None:
        with self._news:
            self._under_way.pop(place, None)
            if not self.is_cancelled and job.state != "cancelled":
                self._on_result(place, job)
                self.done += 1
                self._news.notify_all()
            elif not self.is_cancelled:  # somebody else has ended one run; the series has a hole and is over
                self.is_cancelled = True
                self._left.clear()
                self._news.notify_all()


def run_all(
    designs: Sequence[Design],
    settings: RunSettings,
    processes: int,
    on_result: Callable[[int, Job], None],
    *,
    brief: bool = False,
) -> None:
    """Run all designs in processes of their own, which are gone when this returns, be it by an exception."""
    workers = Workers(max(1, min(processes, len(designs))))
    series = Series(workers, designs, settings, "all", on_result, at_once=processes, brief=brief)
    try:
        series.start()
        while not series.is_over:
            series.wait(PATIENCE_S)
    finally:
        series.cancel()
        workers.close()
