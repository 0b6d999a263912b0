"""A cache in front of something slower."""

from math import nan

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
        self._under_way: dict[int, tuple[simpy.Process, Request]] = {}
        remembers = not isinstance(contents, FixedContents)
        self._fill = self._fill_and_keep if remembers or write_s is not None else on_miss.make
        self.slowness = 1.0

    def serve(self, request: Request) -> Serving:
        yield from self._take(request, self._lookup_s)
        written_s = self._contents.find(request, self._env.now)
        if written_s is not None:
            self._log.count("hits")
            request.oldest_write_s = min(request.oldest_write_s, written_s)
            return
        self._log.count("misses")
        if self._single_flight:
            yield from self._join(request)
        else:
            yield from self._fill(request)

    def empty(self, until_s: float) -> None:
        """Hold nothing from now until `until_s`."""
        self._contents.empty(until_s)

    def _take(self, request: Request, time_s: PerVisit) -> Serving:
        entered_s = self._env.now
        try:
            yield self._env.timeout(time_s.of(request.index, request.visit) * self.slowness)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)

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
            yield from self._take(trial, self._write_s)
        if not trial.degraded:
            self._contents.keep(trial, self._env.now)

    def _join(self, request: Request) -> Serving:
        """Wait for the fill of the key, which may be under way. Raise the RequestFailed with which it ended."""
        if request.rank not in self._under_way:
            trial = self._errand(request)
            fill = self._env.process(self._ask_for_all(trial))
            self._under_way[request.rank] = fill, trial
            yield FirstOf(self._env, [fill])
        else:
            fill, trial = self._under_way[request.rank]
            self._log.count("coalesced")
            yield from self._wait(request, fill)
        if not fill.ok:
            assert isinstance(fill.value, RequestFailed)
            raise fill.value
        request.degraded |= trial.degraded
        request.oldest_write_s = min(request.oldest_write_s, trial.oldest_write_s)

    def _ask_for_all(self, trial: Request) -> Serving:
        try:
            yield from self._ask(trial)
        finally:
            del self._under_way[trial.rank]

    def _wait(self, request: Request, fill: simpy.Process) -> Serving:
        """Somebody else's fill is written down as waiting."""
        entered_s = self._env.now
        try:
            yield FirstOf(self._env, [fill])
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, nan, self._env.now)
            raise
        if fill.ok:
            self._log.add(request, entered_s, self._env.now, self._env.now)
        else:
            self._log.add_unanswered(request, entered_s, nan, self._env.now)
