"""A cache in front of something slower."""

import simpy

from simulator.clock import Clock
from simulator.components.calls import Steps
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serving
from simulator.draws import PerVisit


class Cache:
    """Hits independently with a fixed probability, so that the misses of Poisson traffic are Poisson too (thinning).

    The lookup itself never waits: a cache server is far from its limit at the rates of a cell.
    """

    def __init__(self, env: Clock, hit_ratio: float, luck: PerVisit, lookup_s: PerVisit, on_miss: Steps, log: VisitLog):
        self._env, self._hit_ratio, self._luck, self._lookup_s = env, hit_ratio, luck, lookup_s
        self._on_miss, self._log = on_miss, log
        self.slowness = 1.0

    def serve(self, request: Request) -> Serving:
        entered_s = self._env.now
        try:
            yield self._env.timeout(self._lookup_s.of(request.index, request.visit) * self.slowness)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)
        if self._luck.of(request.index, request.visit) < self._hit_ratio:
            self._log.count("hits")
        else:
            self._log.count("misses")
            yield from self._on_miss.make(request)
