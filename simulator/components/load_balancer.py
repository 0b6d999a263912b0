"""Chooses a replica for each request."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import simpy

from simulator.clock import Clock
from simulator.components.failures import DeadlinePassed, NoReplica, RequestFailed
from simulator.components.hash_ring import HashRing
from simulator.components.outstanding import Outstanding
from simulator.components.records import CapacityLog, VisitLog
from simulator.components.request import Request, Serves, Serving
from simulator.design import LoadBalancer as Spec
from simulator.distributions import Floats
from simulator.draws import Draws, PerVisit


class Replica(Serves, Protocol):
    """One of the components behind a load balancer."""

    @property
    def is_up(self) -> bool: ...


class LoadBalancer:
    """Sees the number of outstanding requests of every replica, `stale_ms` late, and passes dead replicas over.

    Attempts of the same call avoid replicas that were tried, as long as there are others. Power of d samples without
    replacement; ties are broken at random. Consistent hashing goes by the key's popularity rank if the traffic has
    keys, and by the request's number otherwise.
    """

    def __init__(
        self,
        env: Clock,
        name: str,
        spec: Spec,
        replicas: Sequence[Replica],
        draws: Draws,
        log: VisitLog,
        capacity: Sequence[CapacityLog],
        ring: HashRing | None = None,
        *,
        keyed: bool = False,
    ):
        self._env, self._spec, self._replicas, self._log = env, spec, list(replicas), log
        self._steps = [one.steps for one in capacity]  # grow whenever a replica dies, comes or goes
        self._ring, self._keyed = ring, keyed
        columns = spec.choices + 1 if spec.policy == "power_of_d" else 1
        self._luck = [PerVisit(_column(draws, f"{name}/{column}")) for column in range(columns)]
        self._outstanding = Outstanding(env, len(replicas), spec.stale_ms / 1000)
        self._known_steps = -1
        self._alive: list[int] = []
        self._alive_set: frozenset[int] = frozenset()
        self._next = 0
        self._policy: Callable[[list[int], Request], int] = getattr(self, f"_{spec.policy}")
        self.slowness = 1.0

    def serve(self, request: Request) -> Serving:
        """Pass the request on. Raise NoReplica if all are dead, DeadlinePassed if it is too late."""
        entered_s = self._env.now
        if self._spec.overhead_ms:
            try:
                yield self._env.timeout(self._spec.overhead_ms / 1000 * self.slowness)
            except simpy.Interrupt:
                self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
                raise
        try:
            chosen = self._choose(request)
        except RequestFailed:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)
        self._outstanding.add(chosen, 1)
        try:
            yield from self._replicas[chosen].serve(request)
        finally:
            self._outstanding.add(chosen, -1)

    def _choose(self, request: Request) -> int:
        if self._env.now >= request.deadline_s:
            raise DeadlinePassed
        if sum(map(len, self._steps)) != self._known_steps:
            self._look_who_lives()
        among, tried = self._alive, request.tried
        if tried is not None:
            request.tried = None  # it is about this choice only, not about those further down
            among = [i for i in among if i not in tried] or among
        if not among:
            raise NoReplica
        if self._spec.stale_ms:
            self._outstanding.refresh()
        chosen = self._policy(among, request)
        if tried is not None:
            tried.add(chosen)
        return chosen

    def join(self, replica: Replica, name: str) -> None:
        """One more replica to choose from."""
        self._replicas.append(replica)
        self._outstanding.join()
        if self._ring is not None:
            self._ring.join(name)

    def _look_who_lives(self) -> None:
        self._known_steps = sum(map(len, self._steps))
        self._alive = [i for i, replica in enumerate(self._replicas) if replica.is_up]
        self._alive_set = frozenset(self._alive)
        if self._spec.policy == "least_outstanding":
            self._outstanding.by_level(self._alive)

    def _set_of(self, among: list[int]) -> Collection[int]:
        return self._alive_set if among is self._alive else among

    def _round_robin(self, among: list[int], _: Request) -> int:
        n, possible = len(self._replicas), self._set_of(among)
        chosen = self._next % n
        while chosen not in possible:
            chosen = (chosen + 1) % n
        self._next = chosen + 1
        return chosen

    def _random(self, among: list[int], request: Request) -> int:
        return among[int(self._draw(0, request) * len(among))]

    def _least_outstanding(self, among: list[int], request: Request) -> int:
        if among is self._alive:
            return self._random(self._outstanding.least(), request)
        return self._shortest(among, request)

    def _power_of_d(self, among: list[int], request: Request) -> int:
        """The shortest of `choices` different replicas (Floyd's algorithm: one draw each, no rejection)."""
        if self._spec.choices >= len(among):
            return self._shortest(among, request)
        taken: list[int] = []
        for top in range(len(among) - self._spec.choices, len(among)):
            pick = int(self._draw(len(taken) + 1, request) * (top + 1))
            taken.append(top if pick in taken else pick)
        return self._shortest([among[i] for i in taken], request)

    def _consistent_hash(self, among: list[int], request: Request) -> int:
        assert self._ring is not None, "build/routing.py makes a ring for this policy"
        return self._ring.owner(request.rank if self._keyed else request.index, self._set_of(among))

    def _shortest(self, among: list[int], request: Request) -> int:
        seen = self._outstanding.seen
        counts = [seen[i] for i in among]
        least = min(counts)
        if counts.count(least) == 1:
            return among[counts.index(least)]
        return self._random([i for i in among if seen[i] == least], request)

    def _draw(self, column: int, request: Request) -> float:
        return self._luck[column].of(request.index, request.visit)


def _column(draws: Draws, who: str) -> Callable[[int], Floats]:
    return lambda visit: draws.uniforms(who, visit)
