"""The paths of answers: what each request had to wait for, from its end backwards, for many requests at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.distributions import Floats
from simulator.results.run import Integers, Run

SAME_MOMENT_S = 1e-9
PARTS = ("waiting for a free slot", "waiting for the batch", "work")
SLOT, BATCH, WORK = range(len(PARTS))


@dataclass(frozen=True)
class Spans:
    """Spans of time on the paths, request by request and of each from its end backwards; arrays of shape (n_spans,).

    `what` is a part, plus the number of its component times the number of parts; what follows the last of them is time
    between visits. `begins_s` is counted from the arrival of the request.
    """

    what: Integers
    begins_s: Floats
    lasts_s: Floats


@dataclass(frozen=True)
class _Visits:
    """Visits of all wanted requests, by request and by when the caller left; arrays of shape (n_visits,)."""

    request: Integers  # its place among all that are wanted
    left_s: Floats
    entered_s: Floats
    started_s: Floats
    filled_s: Floats  # how long a free slot waited for the batch
    component: Integers

    def at(self, places: Integers) -> "_Visits":
        return _Visits(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


def paths(runs: Sequence[Run], wanted: Sequence[Integers]) -> Spans:
    """The paths of some requests of each run."""
    walk = _Walk(runs, wanted)
    request, what, from_s, to_s = (np.concatenate(column) for column in zip(*walk.spans(), strict=True))
    is_span = to_s > from_s
    order = np.flatnonzero(is_span)[np.argsort(request[is_span], kind="stable")]
    return Spans(what[order], from_s[order] - walk.arrived_s[request[order]], to_s[order] - from_s[order])


def _visits(runs: Sequence[Run], wanted: Sequence[Integers]) -> _Visits:
    """What the wanted requests waited for, in whatever order."""
    found, begin = [], 0
    for run, mine in zip(runs, wanted, strict=True):
        number = np.full(len(run.arrived_s), -1)
        number[mine] = np.arange(begin, begin + len(mine))
        is_wanted = number >= 0
        begin += len(mine)
        for component, record in enumerate(run.components.values()):
            some = record.visits
            rows = np.flatnonzero(is_wanted[some.request])
            rows = rows[some.waited_for_until_s[rows] > some.entered_s[rows]]
            left_s, started_s = some.waited_for_until_s[rows], some.started_s[rows]
            after_s = np.maximum(0.0, np.where(np.isnan(started_s), left_s, started_s) - left_s)
            filled_s = np.maximum(0.0, some.filled_s[rows] - after_s)
            where = np.full(len(rows), component)
            found.append((number[some.request[rows]], left_s, some.entered_s[rows], started_s, filled_s, where))
    return _Visits(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _in_order(some: _Visits, names: Sequence[str]) -> _Visits:
    """By request and by when the caller left; of those left at the same instant the one entered last comes last."""
    order = np.lexsort((some.left_s, some.request))
    same = (np.diff(some.request[order]) == 0) & (np.diff(some.left_s[order]) == 0)
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    of = some.at(order[tied])
    by_name = np.argsort(np.argsort(names))[of.component]
    order[tied] = order[tied][np.lexsort((by_name, of.filled_s, of.started_s, of.entered_s, of.left_s, of.request))]
    return some.at(order)


_Some = tuple[Integers, Integers, Floats, Floats]  # requests, what, from, to


class _Walk:
    """All requests on their way back from their ends to their arrivals, visit by visit."""

    def __init__(self, runs: Sequence[Run], wanted: Sequence[Integers]):
        pairs = list(zip(runs, wanted, strict=True))
        self.arrived_s = np.concatenate([run.arrived_s[mine] for run, mine in pairs])
        self._at_s = np.concatenate([run.ended_s[mine] for run, mine in pairs])
        names = list(runs[0].components)
        self._between = len(PARTS) * len(names)
        self._visits = _in_order(_visits(runs, wanted), names)
        everybody = np.arange(len(self._at_s))
        self._first = np.searchsorted(self._visits.request, everybody)
        self._end = np.searchsorted(self._visits.request, everybody, side="right")
        self._until = self._end.copy()  # what comes later has been passed
        self._component = np.full(len(self._at_s), -1)

    def spans(self) -> Iterator[_Some]:
        """What the requests waited for, some of each at a time; those that begin when they end are none."""
        who = np.flatnonzero(self._at_s > self.arrived_s)
        while len(who):
            rows = self._before(who)
            who, rows = who[rows >= 0], rows[rows >= 0]
            yield from self._of_visits(who, rows)
            self._at_s[who] = self._visits.entered_s[rows]
            self._component[who] = self._visits.component[rows]
            who = who[self._at_s[who] > self.arrived_s[who]]
        yield self._lost(np.arange(len(self._at_s)), self.arrived_s)

    def _of_visits(self, who: Integers, rows: Integers) -> Iterator[_Some]:
        one = self._visits.at(rows)
        ended_s = np.minimum(one.left_s, self._at_s[who])
        began_s = np.where(np.isnan(one.started_s), ended_s, np.minimum(one.started_s, ended_s))
        filled_from_s = np.maximum(one.entered_s, began_s - one.filled_s)
        what = len(PARTS) * one.component
        yield self._lost(who, ended_s)
        yield who, what + SLOT, one.entered_s, filled_from_s
        yield who, what + BATCH, filled_from_s, began_s
        yield who, what + WORK, began_s, ended_s

    def _lost(self, who: Integers, from_s: Floats) -> _Some:
        """The time since then in which no visit was waited for."""
        at_s = self._at_s[who]
        return who, np.full(len(who), self._between), np.where(at_s - from_s > SAME_MOMENT_S, from_s, at_s), at_s

    def _before(self, who: Integers) -> Integers:
        """What each request waited for until now: the visit that was left last before or, if none was left just now,
        the earlier copy of a backup request; -1 for nothing.
        """
        at_s, low, high = self._at_s[who], self._first[who], self._until[who]
        while len(open_ones := np.flatnonzero(low < high)):
            middle = (low[open_ones] + high[open_ones]) // 2
            is_past = self._visits.left_s[middle] <= at_s[open_ones]
            low[open_ones] = np.where(is_past, middle + 1, low[open_ones])
            high[open_ones] = np.where(is_past, high[open_ones], middle)
        self._until[who] = low
        rows = np.where(low > self._first[who], low - 1, -1)
        is_gap = (rows < 0) | (at_s - self._visits.left_s[rows] > SAME_MOMENT_S)
        alone = np.flatnonzero(is_gap & (self._component[who] >= 0))
        copies = self._copies(who[alone])
        rows[alone] = np.where(copies >= 0, copies, rows[alone])
        return rows

    def _copies(self, who: Integers) -> Integers:
        """The last visit of each to where it is now that was under way then; -1 for none."""
        first, counts = self._first[who], self._end[who] - self._first[who]
        of = np.repeat(np.arange(len(who)), counts)
        rows = np.arange(len(of)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        one, at_s = self._visits.at(rows), self._at_s[who][of]
        fits = (one.entered_s < at_s) & (at_s < one.left_s) & (one.component == self._component[who][of])
        found = np.full(len(who), -1)
        np.maximum.at(found, of[fits], rows[fits])
        return found
