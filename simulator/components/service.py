"""A program in several replicas."""

from simulator.components.calls import Steps
from simulator.components.pool import Pool
from simulator.components.request import Request, Serving
from simulator.draws import PerVisit


class Service:
    """Works on a request in one of its slots, then calls others; the slot is free again while the calls run."""

    def __init__(self, pool: Pool, work_s: PerVisit, calls: Steps | None):
        self.pool, self._work_s, self._calls = pool, work_s, calls

    @property
    def is_up(self) -> bool:
        return self.pool.is_up

    def serve(self, request: Request) -> Serving:
        yield from self.pool.serve(request, self._work_s.of(request.index, request.visit))
        if self._calls is not None:
            yield from self._calls.make(request)
