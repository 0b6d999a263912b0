"""Chooses a replica for each request."""

import simpy

from simulator.clock import Clock
from simulator.components.failures import NoReplica
from simulator.components.llm_server import LlmServer
from simulator.components.model_server import ModelServer
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serving
from simulator.components.service import Service
from simulator.design import LoadBalancer as Spec
from simulator.distributions import Floats
from simulator.draws import Draws

Replica = Service | ModelServer | LlmServer


class LoadBalancer:
    """Sees the number of outstanding requests of every replica as it is now, and passes dead replicas over.

    Power of d samples without replacement; ties are broken at random.
    """

    def __init__(self, env: Clock, name: str, spec: Spec, replicas: list[Replica], draws: Draws, log: VisitLog):
        self._env, self._name, self._spec, self._replicas = env, name, spec, replicas
        self._draws, self._log = draws, log
        self._columns = spec.choices + 1 if spec.policy == "power_of_d" else 2
        self._luck: dict[int, Floats] = {}
        self._outstanding = [0] * len(replicas)
        self._next = 0
        self.slowness = 1.0

    def serve(self, request: Request) -> Serving:
        """Pass the request on. Raise NoReplica if all are dead."""
        entered_s = self._env.now
        if self._spec.overhead_ms:
            try:
                yield self._env.timeout(self._spec.overhead_ms / 1000 * self.slowness)
            except simpy.Interrupt:
                self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
                raise
        try:
            chosen = self._choose(request)
        except NoReplica:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)
        self._outstanding[chosen] += 1
        try:
            yield from self._replicas[chosen].serve(request)
        finally:
            self._outstanding[chosen] -= 1

    def _choose(self, request: Request) -> int:
        alive = [i for i, replica in enumerate(self._replicas) if replica.is_up]
        if not alive:
            raise NoReplica
        match self._spec.policy:
            case "round_robin":
                return self._round_robin(alive)
            case "random":
                return alive[int(self._luck_of(request)[0] * len(alive))]
            case "power_of_d":
                return self._shortest(self._sample(alive, request), request)
            case "least_outstanding":
                return self._shortest(alive, request)
            case other:
                raise AssertionError(f"support.py refuses {other}")

    def _round_robin(self, alive: list[int]) -> int:
        while self._next % len(self._replicas) not in alive:
            self._next += 1
        self._next += 1
        return (self._next - 1) % len(self._replicas)

    def _sample(self, alive: list[int], request: Request) -> list[int]:
        """`choices` different live replicas (Floyd's algorithm: one draw each, no rejection)."""
        if self._spec.choices >= len(alive):
            return alive
        luck, taken = self._luck_of(request), dict[int, None]()
        for k, top in enumerate(range(len(alive) - self._spec.choices, len(alive))):
            pick = int(luck[k + 1] * (top + 1))
            taken[top if pick in taken else pick] = None
        return [alive[i] for i in taken]

    def _shortest(self, among: list[int], request: Request) -> int:
        least = min(self._outstanding[i] for i in among)
        ties = [i for i in among if self._outstanding[i] == least]
        return ties[int(self._luck_of(request)[0] * len(ties))]

    def _luck_of(self, request: Request) -> Floats:
        table = self._luck.get(request.visit)
        if table is None:
            table = self._luck[request.visit] = self._draws.rows(self._name, self._columns, request.visit)
        row: Floats = table[request.index]
        return row
