"""A cache in front of something slower."""

from math import inf

import simpy

from simulator.clock import Clock, FirstOf
from simulator.components.calls import Steps
from simulator.components.contents import Contents, FixedContents
from simulator.components.failures import RequestFailed
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serving
from simulator.draws import PerVisit


class Cache:
    """Answers what it holds after the lookup; for the rest it asks downstream, keeps the answer and passes it on.

    Read-through: the cache itself asks, and the answer is there when it returns. Look-aside: the caller asks the cache,
    then the source, and writes the answer back before it goes on, which costs it another lookup time (`write_s`); the
    answer is there when that is done. What failed, and what a fallback answered, is not kept. A cache looks at its
    contents at the end of the lookup, which never waits: a cache server is far from its limit at the rates of a cell.

    With `single_flight` a miss waits for the fill of its key that is under way, if there is one, and shares its
    outcome; the fill goes on even if whoever began it is withdrawn.
    """

    def __init__(
        self,
        env: Clock,
        contents: Contents,
        lookup_s: PerVisit,
        write_s: PerVisit | None,
        on_miss: Steps,
        log: VisitLog,
        *,
        single_flight: bool = False,
    ):
        self._env, self._contents, self._lookup_s, self._write_s = env, contents, lookup_s, write_s
        self._on_miss, self._log, self._single_flight = on_miss, log, single_flight
        self._hits, self._misses, self._coalesced = (log.moments(what) for what in ("hits", "misses", "coalesced"))
        self._under_way: dict[int, tuple[simpy.Process, Request]] = {}
        remembers = not isinstance(contents, FixedContents)
        plain = self._fill_and_keep if remembers or write_s is not None else on_miss.make
        self._fill = self._begin if single_flight else plain
        self.slowness = 1.0

    def serve(self, request: Request) -> Serving:
        entered_s, lookup_s = self._env.now, self._lookup_s.of(request.index, request.visit) * self.slowness
        try:
            yield self._env.timeout(lookup_s)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        written_s = self._contents.find(request, self._env.now)
        if written_s is None and self._single_flight and request.rank in self._under_way:
            yield from self._wait(request, entered_s, lookup_s)
            return
        self._log.add(request, entered_s, entered_s, self._env.now)
        if written_s is not None:
            self._hits.append(entered_s)
            if written_s != inf:
                request.oldest_write_s = min(request.oldest_write_s, written_s)
        else:
            self._misses.append(entered_s)
            yield from self._fill(request)

    def empty(self, until_s: float) -> None:
        """Hold nothing from now until `until_s`."""
        self._contents.empty(until_s)

    def _fill_and_keep(self, request: Request) -> Serving:
        trial = self._errand(request)
        yield from self._ask(trial)
        trial.answered()

    def _errand(self, request: Request) -> Request:
        """What goes downstream, so that its answer is told from what the request has met before."""
        trial = request.attempt(request.visit)
        trial.copy = request.copy
        return trial

    def _ask(self, trial: Request) -> Serving:
        yield from self._on_miss.make(trial)
        if self._write_s is not None:
            yield from self._write_back(trial, self._write_s.of(trial.index, trial.visit) * self.slowness)
        if not trial.degraded:
            self._contents.keep(trial, self._env.now)

    def _write_back(self, request: Request, takes_s: float) -> Serving:
        entered_s = self._env.now
        try:
            yield self._env.timeout(takes_s)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        finally:
            self._log.count("write_backs")
        self._log.add(request, entered_s, entered_s, self._env.now)

    def _begin(self, request: Request) -> Serving:
        """Let the fill run by itself, for all who will want it, and wait for it."""
        trial = self._errand(request)
        fill = self._env.process(self._ask_for_all(trial))
        self._under_way[request.rank] = fill, trial
        yield FirstOf(self._env, [fill])
        self._share(request, fill, trial)

    def _ask_for_all(self, trial: Request) -> Serving:
        try:
            yield from self._ask(trial)
        finally:
            del self._under_way[trial.rank]

    def _wait(self, request: Request, entered_s: float, lookup_s: float) -> Serving:
        """Wait for somebody else's fill. It is one visit, in which the lookup is written down as if it came last."""
        self._misses.append(entered_s)
        self._coalesced.append(entered_s)
        fill, trial = self._under_way[request.rank]
        try:
            yield FirstOf(self._env, [fill])
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, max(entered_s, self._env.now - lookup_s), self._env.now)
            raise
        note = self._log.add if fill.ok else self._log.add_unanswered
        note(request, entered_s, max(entered_s, self._env.now - lookup_s), self._env.now)
        self._share(request, fill, trial)

    def _share(self, request: Request, fill: simpy.Process, trial: Request) -> None:
        """The outcome of the fill is the request's. Raise the RequestFailed with which it ended."""
        if not fill.ok:
            assert isinstance(fill.value, RequestFailed)
            raise fill.value
        request.degraded |= trial.degraded
        request.oldest_write_s = min(request.oldest_write_s, trial.oldest_write_s)
