"""A program in several replicas."""

from simulator.components.calls import Steps
from simulator.components.pool import Pool
from simulator.components.request import Request, Serving
from simulator.components.shared_pool import SharedPool
from simulator.components.token_bucket import Gate
from simulator.draws import PerVisit


class Service:
    """Works on a request in one of its slots, then calls others; the slot is free again while the calls run."""

    def __init__(self, pool: Pool | SharedPool, work_s: PerVisit, calls: Steps | None, door: Gate | None = None):
        self.pool, self._work_s, self._calls = pool, work_s, calls
        self._door = door

    @property
    def is_up(self) -> bool:
        return self.pool.is_up

    def serve(self, request: Request) -> Serving:
        """Work, then call. Raise RateLimited at the door, or whatever comes of the work and the calls."""
        if self._door is not None:
            self._door.admit(request)
        yield from self.pool.serve(request, self._work_s.of(request.index, request.visit))
        if self._calls is not None:
            yield from self._calls.make(request)
