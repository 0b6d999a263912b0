"""From a design to the SimPy components that act it out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import assert_never

from simulator import design as spec
from simulator import wiring
from simulator.clock import Clock
from simulator.components.backoff import Budget
from simulator.components.cache import Cache
from simulator.components.calls import Ask, Call, CallLuck, NextBest, Steps
from simulator.components.circuit_breaker import CircuitBreaker
from simulator.components.doors import Cut, Door, ErrorDoor, Errors, LinkDoor
from simulator.components.hash_ring import HashRing
from simulator.components.load_balancer import LoadBalancer, Replica
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.records import BatchLog, CapacityLog, VisitLog
from simulator.components.request import Serves
from simulator.components.service import Service
from simulator.components.store import Store
from simulator.components.trials import Visits
from simulator.distributions import Gamma
from simulator.draws import Draws, PerVisit
from simulator.results.run import CallCounts, ComponentRecord

_Part = Service | Cache | Store | ModelServer | LoadBalancer


@dataclass
class System:
    """A design's components, ready to run, and what they write down."""

    env: Clock
    design: spec.Design
    draws: Draws
    parts: dict[str, list[Service | Cache | Store | ModelServer | LoadBalancer]] = field(default_factory=dict)
    logs: dict[str, VisitLog] = field(default_factory=dict)
    batch_logs: dict[str, BatchLog] = field(default_factory=dict)
    capacity_logs: dict[str, CapacityLog] = field(default_factory=dict)
    calls: dict[str, CallCounts] = field(default_factory=dict)
    errors: dict[str, Errors] = field(default_factory=dict)
    cuts: dict[tuple[str, str], Cut] = field(default_factory=dict)

    @property
    def entry(self) -> Serves:
        return _door(self, self.parts[self.design.traffic.entry][0], self.design.traffic.entry)

    def records(self) -> dict[str, ComponentRecord]:
        return {
            name: ComponentRecord(
                visits=log.visits(),
                counts=log.counts,
                capacity=tuple(self.capacity_logs[name].steps) if name in self.capacity_logs else (),
                batches=self.batch_logs[name].batches() if name in self.batch_logs else None,
            )
            for name, log in self.logs.items()
        }


def build(env: Clock, design: spec.Design, draws: Draws) -> System:
    """Make every component of a design that `support.check` lets pass, downstream first."""
    system = System(env, design, draws)
    numbering = _Numbering(design)
    for name in wiring.downstream_first(design):
        system.logs[name] = VisitLog()
        _prepare_faults(system, name)
        system.parts[name] = _parts(system, numbering, name)
    return system


def _parts(
    system: System, numbering: "_Numbering", name: str
) -> list[Service | Cache | Store | ModelServer | LoadBalancer]:
    """The component or, behind a load balancer, one for each of its replicas."""
    part = system.design.components[name]
    match part:
        case spec.Service():
            return list(_services(system, numbering, name, part))
        case spec.ModelServer():
            return list(_model_servers(system, name, part))
        case spec.Store():
            return [_store(system, name, part)]
        case spec.Cache():
            return [_cache(system, numbering, name, part)]
        case spec.LoadBalancer():
            return [_load_balancer(system, name, part)]
        case spec.LlmServer() | spec.Stream() | spec.Router():
            raise AssertionError(f"support.py refuses {part.kind}")
        case _:
            assert_never(part)


def _services(system: System, numbering: "_Numbering", name: str, part: spec.Service) -> Iterator[Service]:
    env, log, draws = system.env, system.logs[name], system.draws
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.concurrency)
    work_s = PerVisit(lambda visit: draws.durations_s(name, part.service_time, visit))
    calls = _steps(system, numbering, name, "calls", part.calls) if part.calls else None
    apart = name in wiring.balanced(system.design)
    for _ in range(part.replicas if apart else 1):
        replicas = 1 if apart else part.replicas
        pool = Pool(env, replicas, part.concurrency, part.queue, log, capacity, queue_dies=apart)
        yield Service(pool, work_s, calls)


def _model_servers(system: System, name: str, part: spec.ModelServer) -> Iterator[ModelServer]:
    env, log, draws = system.env, system.logs[name], system.draws
    batches = system.batch_logs[name] = BatchLog()
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.streams)
    noise = None
    if part.batch_time.scv:
        factor = Gamma(mean_ms=1000, scv=part.batch_time.scv)
        noise = PerVisit(lambda visit: draws.durations_s(name, factor, visit))
    apart = name in wiring.balanced(system.design)
    for _ in range(part.replicas if apart else 1):
        replicas = 1 if apart else part.replicas
        yield ModelServer(env, part, replicas, noise, log, batches, capacity, queue_dies=apart)


def _store(system: System, name: str, part: spec.Store) -> Store:
    env, log = system.env, system.logs[name]
    pools = None
    if part.concurrency != "unlimited":
        capacity = system.capacity_logs[name] = CapacityLog(part.shards * part.replicas * part.concurrency)
        pools = [Pool(env, part.replicas, part.concurrency, part.queue, log, capacity) for _ in range(part.shards)]
    return Store(env, name, part.read_time, part.shards, pools, system.draws, log)


def _cache(system: System, numbering: "_Numbering", name: str, part: spec.Cache) -> Cache:
    draws = system.draws
    assert isinstance(part.contents, spec.FixedHits), "support.py refuses the other contents"
    luck = PerVisit(lambda visit: draws.uniforms(f"{name}/hit", visit))
    lookup_s = PerVisit(lambda visit: draws.durations_s(name, part.lookup_time, visit))
    on_miss = _steps(system, numbering, name, "on_miss", part.on_miss)
    return Cache(system.env, part.contents.hit_ratio, luck, lookup_s, on_miss, system.logs[name])


def _load_balancer(system: System, name: str, part: spec.LoadBalancer) -> LoadBalancer:
    replicas: list[Replica] = []
    names = []
    for target in part.targets:
        for i, replica in enumerate(system.parts[target]):
            assert isinstance(replica, Service | ModelServer), "wiring.py lets nothing else stand behind a balancer"
            door = _door(system, replica, target, name)
            replicas.append(door if isinstance(door, Door) else replica)
            names.append(f"{target}/{i}")
    return LoadBalancer(
        system.env,
        name,
        part,
        replicas,
        system.draws,
        system.logs[name],
        [system.capacity_logs[target] for target in part.targets],
        HashRing(names) if part.policy == "consistent_hash" else None,
        keyed=system.design.traffic.keys is not None,
    )


def _door(system: System, part: "_Part", name: str, caller: str = "", timeout_s: float = inf) -> "_Part | Door":
    """How a caller sees a component, or the traffic does: as it is, if no fault ever comes between."""
    door: _Part | Door = part
    if name in system.errors:
        door = ErrorDoor(door, system.errors[name])
    if (caller, name) in system.cuts:
        door = LinkDoor(system.env, door, system.cuts[caller, name], timeout_s)
    return door


def _prepare_faults(system: System, name: str) -> None:
    """What may come between a component and its callers."""
    for fault in system.design.faults:
        if isinstance(fault, spec.ErrorRate) and fault.component == name:
            luck = PerVisit(lambda visit: system.draws.uniforms(f"{name}/error", visit))
            system.errors[name] = Errors(luck, system.logs[name])
        elif isinstance(fault, spec.CutLink) and fault.component == name:
            system.cuts[fault.caller, name] = Cut(system.logs[name])


def _steps(system: System, numbering: "_Numbering", name: str, field_name: str, steps: spec.Calls) -> Steps:
    return Steps(
        system.env,
        [
            [_ask(system, numbering, f"{name}.{field_name}.{i}.{j}", call) for j, call in enumerate(step)]
            for i, step in enumerate(steps)
        ],
    )


def _ask(system: System, numbering: "_Numbering", place: str, call: spec.Call) -> Ask:
    """How to make a call; one without any policy is the target's own `serve`, which keeps the journey short."""
    target, visits, draws = _door_of(system, place, call.to, call), numbering.way(place, call.to), system.draws
    if call == spec.Call(to=call.to) and visits.is_only:
        return target.serve
    fallbacks = [
        NextBest((one.answer_ms or 0) / 1000, None, None)
        if one.to is None
        else NextBest(0, _door_of(system, place, one.to), numbering.way(place, one.to, k))
        for k, one in enumerate(call.fallback, start=1)
    ]
    luck = CallLuck(
        share=PerVisit(lambda visit: draws.uniforms(f"{place}/share", visit)) if call.share < 1 else None,
        jitter=PerVisit(lambda visit: draws.uniforms(f"{place}/jitter", visit)) if call.retries else None,
    )
    counts = system.calls[place] = CallCounts()
    budget = call.retries.budget if call.retries else None
    return Call(
        system.env,
        call,
        target,
        visits,
        fallbacks,
        luck,
        counts,
        Budget(budget.ratio, budget.burst) if budget else None,
        CircuitBreaker(system.env, call.circuit_breaker, counts) if call.circuit_breaker else None,
        spreads=isinstance(system.parts[call.to][0], LoadBalancer) and bool(call.retries or call.hedge or call.fan_out),
    ).make


def _door_of(system: System, place: str, to: str, call: spec.Call | None = None) -> "_Part | Door":
    """How the component that makes a call sees the one it asks; without a call, as its fallback."""
    timeout_s = inf if call is None or call.timeout_ms is None else call.timeout_ms / 1000
    return _door(system, system.parts[to][0], to, place.split(".", maxsplit=1)[0], timeout_s)


class _Numbering:
    """Hands out the ways to each component in the order of the design."""

    def __init__(self, design: spec.Design):
        self._ways: Counter[str] = Counter()
        self._way: dict[str, int] = {}
        for name, part in design.components.items():
            for place, call in wiring.calls_of(part):
                for k, to in enumerate((call.to, *(one.to for one in call.fallback))):
                    if to is not None:
                        self._way[f"{name}.{place}.{k}"] = self._ways[to]
                        self._ways[to] += 1

    def way(self, place: str, to: str, fallback: int = 0) -> Visits:
        """The way of a call, or of the `fallback`-th of its fallbacks counted from 1."""
        return Visits(self._way[f"{place}.{fallback}"], self._ways[to])
