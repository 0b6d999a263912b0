"""What components write down while they run: one row for every visit and every batch.

Rows go to flat arrays of 8-byte numbers. Utilization, queue lengths and time lines are integrated from them afterwards,
exactly, so that nothing is sampled and the running simulation pays only for a few appends.
"""

from array import array
from math import nan

import numpy as np

from simulator.components.request import Request
from simulator.distributions import Floats
from simulator.results.run import Batches, HeldUp, Visits


class VisitLog:
    """Every visit to one component: who, when it came, when work began, when it left."""

    def __init__(self) -> None:
        self._request, self._entered, self._started, self._ended, self._filled = (array("d") for _ in range(5))
        self._given_up: dict[int, float] = {}
        self._unanswered: list[int] = []
        self._counts: dict[str, int] = {}
        self._moments: dict[str, array[float]] = {}

    def add(self, request: Request, entered_s: float, started_s: float, ended_s: float, filled_s: float = 0.0) -> None:
        """A visit that was answered; it waited `filled_s` for its batch while a device was idle."""
        if request.parent is not None and (given_up := request.given_up_s()) < ended_s:
            self._given_up[len(self._request)] = given_up
        self._request.append(request.index)
        self._entered.append(entered_s)
        self._started.append(started_s)
        self._ended.append(ended_s)
        self._filled.append(filled_s)

    def add_unanswered(
        self, request: Request, entered_s: float, started_s: float, ended_s: float, filled_s: float = 0.0
    ) -> None:
        """A visit that came to nothing; `started_s` is nan if no work began."""
        self._unanswered.append(len(self._request))
        self.add(request, entered_s, started_s, ended_s, filled_s)

    def add_refused(self, request: Request, now_s: float) -> None:
        """A visit that was turned away at the door."""
        self.add_unanswered(request, now_s, nan, now_s)

    def count(self, what: str, by: int = 1) -> None:
        """One more `what`: hits, retries, backup requests ..."""
        self._counts[what] = self._counts.get(what, 0) + by

    def moments(self, what: str) -> "array[float]":
        """Where to append when a visit was entered, for each to which `what` happens: hits, misses ..."""
        return self._moments.setdefault(what, array("d"))

    @property
    def counts(self) -> dict[str, int]:
        """How often what happened, without what never did."""
        return {what: len(found) for what, found in self._moments.items() if found} | self._counts

    def moments_s(self) -> dict[str, Floats]:
        """When the visits to which it happened were entered."""
        return {what: np.array(found) for what, found in self._moments.items()}

    def visits(self) -> Visits:
        ended = np.array(self._ended)
        given_up, answered = ended.copy(), np.ones(len(ended), dtype=bool)
        for row, when in self._given_up.items():
            given_up[row] = when
        answered[self._unanswered] = False
        return Visits(
            request=np.array(self._request).astype(np.int64),
            entered_s=np.array(self._entered),
            started_s=np.array(self._started),
            ended_s=ended,
            waited_for_until_s=given_up,
            filled_s=np.array(self._filled),
            answered=answered,
        )


class BatchLog:
    """Every batch of one model server."""

    def __init__(self) -> None:
        self._fired, self._ended, self._items, self._requests = (array("d") for _ in range(4))

    def add(self, fired_s: float, ended_s: float, items: int, requests: int) -> int:
        """Write a batch down and return its row."""
        self._fired.append(fired_s)
        self._ended.append(ended_s)
        self._items.append(items)
        self._requests.append(requests)
        return len(self._fired) - 1

    def cut(self, row: int, now_s: float) -> None:
        """The batch ends at another time than it was to: it died, or stood still."""
        self._ended[row] = now_s

    def batches(self) -> Batches:
        return Batches(
            fired_s=np.array(self._fired),
            ended_s=np.array(self._ended),
            items=np.array(self._items).astype(np.int64),
            requests=np.array(self._requests).astype(np.int64),
        )


class CapacityLog:
    """How many requests or batches one component could work on at once, over time."""

    def __init__(self, capacity: int):
        self.steps: list[tuple[float, int]] = [(0.0, capacity)]

    def change(self, now_s: float, by: int) -> None:
        self.steps.append((now_s, self.steps[-1][1] + by))

    def integral(self, from_s: float, to_s: float) -> float:
        """Slot-seconds in [from_s, to_s)."""
        total, until_s = 0.0, to_s
        for at_s, slots in reversed(self.steps):
            if at_s < until_s:
                total += slots * (until_s - max(at_s, from_s))
                until_s = at_s
            if at_s <= from_s:
                break
        return total


class HeldUpLog:
    """How many of the visits or batches that have begun are not being worked on, over time."""

    def __init__(self) -> None:
        self._at_s, self._level = array("d", [0.0]), array("d", [0.0])

    def change(self, now_s: float, by: float) -> None:
        if by:
            self._at_s.append(now_s)
            self._level.append(self._level[-1] + by)

    def held_up(self) -> HeldUp | None:
        """The steps; None if nobody ever was."""
        return HeldUp(np.array(self._at_s), np.array(self._level)) if len(self._at_s) > 1 else None
