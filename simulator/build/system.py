"""A design's components and what they write down; times are seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from simulator.build.numbering import Numbering
from simulator.clock import Clock
from simulator.components.cache import Cache
from simulator.components.doors import Cut, Door, ErrorDoor, Errors, LinkDoor
from simulator.components.fleet import Fleet
from simulator.components.llm_server import LlmServer
from simulator.components.load_balancer import LoadBalancer
from simulator.components.model_server import ModelServer
from simulator.components.records import BatchLog, CapacityLog, HeldUpLog, VisitLog
from simulator.components.request import Serves
from simulator.components.router import RouteLog, Router
from simulator.components.service import Service
from simulator.components.store import Store
from simulator.components.stream import MessageLog, Stream
from simulator.components.tokens import TokenLog
from simulator.design import Design
from simulator.distributions import Distribution
from simulator.draws import Draws, PerVisit
from simulator.results.run import Ages, CallCounts, ComponentRecord, Integers

Part = Service | Cache | Store | ModelServer | LlmServer | Stream | LoadBalancer | Router


@dataclass
class System:
    """A design's components, ready to run, and what they write down."""

    env: Clock
    design: Design
    draws: Draws
    prompt_tokens: Integers | None = None  # of every request, shape (n,); None: 1 each
    numbering: Numbering = field(init=False)
    parts: dict[str, list[Part]] = field(default_factory=dict)
    logs: dict[str, VisitLog] = field(default_factory=dict)
    batch_logs: dict[str, BatchLog] = field(default_factory=dict)
    capacity_logs: dict[str, CapacityLog] = field(default_factory=dict)
    token_logs: dict[str, TokenLog] = field(default_factory=dict)
    message_logs: dict[str, MessageLog] = field(default_factory=dict)
    route_logs: dict[str, RouteLog] = field(default_factory=dict)
    calls: dict[str, CallCounts] = field(default_factory=dict)
    held_up_logs: dict[str, HeldUpLog] = field(default_factory=dict)
    replica_logs: dict[str, CapacityLog] = field(default_factory=dict)
    fleets: dict[str, Fleet] = field(default_factory=dict)
    all_ended: Callable[[], bool] = lambda: True  # simpy_run.py knows
    errors: dict[str, Errors] = field(default_factory=dict)
    cuts: dict[tuple[str, str], Cut] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbering = Numbering(self.design)

    @property
    def entry(self) -> Serves:
        return self.door(self.design.traffic.entry)

    def door(self, name: str, caller: str = "", timeout_s: float = inf, *, number: int = 0) -> Part | Door:
        """How a caller sees a component or its replica `number`, or the traffic does: as it is, if no fault ever comes
        between.
        """
        door: Part | Door = self.parts[name][number]
        if name in self.errors:
            door = ErrorDoor(door, self.errors[name])
        if (caller, name) in self.cuts:
            door = LinkDoor(self.env, door, self.cuts[caller, name], timeout_s)
        return door

    def uniforms(self, who: str) -> PerVisit:
        """Draws in [0, 1) for each request and visit."""
        return PerVisit(lambda visit: self.draws.uniforms(who, visit))

    def durations_s(self, who: str, distribution: Distribution) -> PerVisit:
        """A duration for each request and visit."""
        return PerVisit(lambda visit: self.draws.durations_s(who, distribution, visit))

    def is_over(self) -> bool:
        """Whether every request has ended, so that chance and autoscalers may rest."""
        return self.all_ended()

    def records(self) -> dict[str, ComponentRecord]:
        return {
            name: ComponentRecord(
                visits=log.visits(),
                counts=log.counts,
                moments_s=log.moments_s(),
                capacity=tuple(self.capacity_logs[name].steps) if name in self.capacity_logs else (),
                batches=self.batch_logs[name].batches() if name in self.batch_logs else None,
                ages=self._ages(name),
                tokens=self.token_logs[name].record() if name in self.token_logs else None,
                messages=self.message_logs[name].record() if name in self.message_logs else None,
                routes=self.route_logs[name].record() if name in self.route_logs else None,
                held_up=self.held_up_logs[name].held_up() if name in self.held_up_logs else None,
                replicas=tuple(self.replica_logs[name].steps) if name in self.replica_logs else (),
            )
            for name, log in self.logs.items()
        }

    def _ages(self, name: str) -> Ages | None:
        [part, *_] = self.parts[name]
        return part.freshness.ages() if isinstance(part, Store) and part.freshness is not None else None
