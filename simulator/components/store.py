"""Sharded, replicated reads."""

from collections.abc import Generator

import numpy as np
import simpy

from simulator.clock import Clock
from simulator.components.failures import NoQuorum
from simulator.components.freshness import FreshnessLog
from simulator.components.pool import Pool
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serving
from simulator.components.shards import Shards
from simulator.components.trials import Trials
from simulator.design import Store as StoreSpec
from simulator.distributions import Floats
from simulator.draws import Draws, PerVisit


class Store:
    """A read goes to the shard of its key (`shards.py`); the shard's replicas share one queue.

    With a quorum every live replica of the shard is asked, each with a queue of its own, and the read ends when so many
    have answered; the others' work goes on. Without `pools` reads never wait for one another, and the latency is the
    read time alone.
    """

    def __init__(
        self,
        env: Clock,
        name: str,
        part: StoreSpec,
        first_shard: Shards,
        pools: list[Pool] | None,
        draws: Draws,
        log: VisitLog,
        freshness: FreshnessLog | None = None,
    ):
        self._env, self._name, self._read_time, self._draws, self._log = env, name, part.read_time, draws, log
        self.shards, self.pools, self._first_shard = part.shards, pools, first_shard
        self._need, self._replicas = part.quorum, part.replicas if part.quorum is not None else 1
        self.freshness = freshness
        self._replica_s = [self._durations(replica) for replica in range(self._replicas)]
        self._together: dict[tuple[int, int], Floats] = {}
        self.slowness = 1.0

    @property
    def quorums(self) -> list[list[Pool]] | None:
        """The queues of each shard's replicas; None if they share one."""
        if self.pools is None or self._need is None:
            return None
        return [self.pools[s * self._replicas : (s + 1) * self._replicas] for s in range(self.shards)]

    def _durations(self, replica: int) -> PerVisit:
        who = f"{self._name}/replica/{replica}" if replica else self._name
        return PerVisit(lambda visit: self._draws.durations_s(who, self._read_time, visit))

    def serve(self, request: Request) -> Serving:
        if self.pools is not None:
            shard = (self._first_shard.first(request) + request.copy) % self.shards
            if self._need is None:
                yield from self.pools[shard].serve(request, self._replica_s[0].of(request.index, request.visit))
            else:
                yield from self._ask_replicas(request, self._need, shard)
        else:
            yield from self.take(request, self._read_s(request) * self.slowness)
        if self.freshness is not None:
            self.freshness.note(request)

    def _read_s(self, request: Request) -> float:
        """How long a read takes that never waits: of a quorum, until the last answer that is needed."""
        if self._need is None:
            return self._replica_s[0].of(request.index, request.visit)
        return sorted(one.of(request.index, request.visit) for one in self._replica_s)[self._need - 1]

    def _ask_replicas(self, request: Request, need: int, shard: int) -> Serving:
        assert self.pools is not None
        first = shard * self._replicas
        alive = [replica for replica in range(self._replicas) if self.pools[first + replica].is_up]
        if len(alive) < need:
            self._log.add_refused(request, self._env.now)
            raise NoQuorum
        with Trials(self._env, cancel=False) as trials:
            for replica in alive:
                trial, read_s = request.attempt(request.visit), self._replica_s[replica]
                trials.start(trial, self.pools[first + replica].serve(trial, read_s.of(request.index, request.visit)))
            yield from trials.enough(need)

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
        if self.freshness is not None:
            self.freshness.note(request)
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
            times_s = self._draws.rows_s(f"{self._name}/together", self._read_time, copies * self._replicas, visit)
            if self._need is not None:
                apart = times_s.reshape(-1, copies, self._replicas)
                times_s = np.partition(apart, self._need - 1, axis=2)[:, :, self._need - 1]
            table = self._together[copies, visit] = times_s
        row: Floats = table[index]
        return row
