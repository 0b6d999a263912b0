"""Sharded, replicated reads."""

from collections.abc import Generator

import numpy as np
import simpy

from simulator.clock import Clock
from simulator.components.pool import Pool
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serving
from simulator.distributions import Distribution, Floats
from simulator.draws import Draws, PerVisit


class Store:
    """A read goes to the shard of its key; the shard's replicas share one queue.

    Keys are spread evenly. Without `pools` reads never wait for one another, and the latency is the read time alone.
    """

    def __init__(
        self,
        env: Clock,
        name: str,
        read_time: Distribution,
        shards: int,
        pools: list[Pool] | None,
        draws: Draws,
        log: VisitLog,
    ):
        self._env, self._name, self._read_time, self._draws, self._log = env, name, read_time, draws, log
        self.shards, self.pools = shards, pools
        self._read_s = PerVisit(lambda visit: draws.durations_s(name, read_time, visit))
        self._shard = PerVisit(lambda visit: draws.uniforms(f"{name}/shard", visit))
        self._together: dict[tuple[int, int], Floats] = {}
        self.slowness = 1.0

    def serve(self, request: Request) -> Serving:
        read_s = self._read_s.of(request.index, request.visit)
        if self.pools is not None:
            first = int(self._shard.of(request.index, request.key) * self.shards)
            yield from self.pools[(first + request.copy) % self.shards].serve(request, read_s)
            return
        yield from self.take(request, read_s * self.slowness)

    def serve_many(
        self, request: Request, copies: int, need: int, hedge_after_s: float | None, backup_visit: int
    ) -> Generator[simpy.Event, object, int]:
        """Wait for `need` of `copies` shards together and return how many were asked twice; without pools only.

        A shard that has not answered after `hedge_after_s` is asked a second time, and its first answer counts.
        """
        entered_s, backups = self._env.now, 0
        times_s = self._times(request.index, copies, request.visit) * self.slowness
        answer_s = float(np.partition(times_s, need - 1)[need - 1])
        try:
            if hedge_after_s is not None and answer_s > hedge_after_s:
                yield self._env.at(entered_s + hedge_after_s)
                late = times_s > hedge_after_s
                backups = int(late.sum())
                again_s = self._times(request.index, copies, backup_visit)[late] * self.slowness
                times_s[late] = np.minimum(times_s[late], hedge_after_s + again_s)
                answer_s = float(np.partition(times_s, need - 1)[need - 1])
            yield self._env.at(entered_s + answer_s)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)
        return backups

    def take(self, request: Request, time_s: float) -> Serving:
        """Answer after `time_s`."""
        entered_s = self._env.now
        try:
            yield self._env.timeout(time_s)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)

    def _times(self, index: int, copies: int, visit: int) -> Floats:
        """Read times of all copies for one request in seconds, shape (copies,)."""
        table = self._together.get((copies, visit))
        if table is None:
            draws = self._draws.rows(f"{self._name}/together", copies, visit)
            table = self._together[copies, visit] = self._read_time.inverse_ms(draws) / 1000
        row: Floats = table[index]
        return row
