"""From a design to the SimPy components that act it out."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from simulator import design as spec
from simulator import wiring
from simulator.clock import Clock
from simulator.components.autoscaler import Autoscaler, Scaled
from simulator.components.cache import Cache
from simulator.components.calls import Ask, Call, CallLuck, NextBest, Steps
from simulator.components.load_balancer import LoadBalancer, Replica
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.records import BatchLog, CapacityLog, HeldUpLog, VisitLog
from simulator.components.request import Serves
from simulator.components.service import Service
from simulator.components.shared_pool import SharedPool
from simulator.components.store import Store
from simulator.components.token_bucket import Door
from simulator.components.trials import Visits
from simulator.distributions import Gamma
from simulator.draws import Draws, PerVisit
from simulator.results.run import CallCounts, ComponentRecord


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
    held_up_logs: dict[str, HeldUpLog] = field(default_factory=dict)
    replica_logs: dict[str, CapacityLog] = field(default_factory=dict)
    all_ended: Callable[[], bool] = lambda: True  # run.py knows

    @property
    def entry(self) -> Serves:
        return self.parts[self.design.traffic.entry][0]

    def is_over(self) -> bool:
        """Whether every request has ended, so that chance and autoscalers may rest."""
        return self.all_ended()

    def records(self) -> dict[str, ComponentRecord]:
        return {
            name: ComponentRecord(
                visits=log.visits(),
                counts=log.counts,
                capacity=tuple(self.capacity_logs[name].steps) if name in self.capacity_logs else (),
                batches=self.batch_logs[name].batches() if name in self.batch_logs else None,
                held_up=self.held_up_logs[name].held_up() if name in self.held_up_logs else None,
                replicas=tuple(self.replica_logs[name].steps) if name in self.replica_logs else (),
            )
            for name, log in self.logs.items()
        }


def build(env: Clock, design: spec.Design, draws: Draws) -> System:
    """Make every component of a design that `support.check` lets pass, downstream first."""
    system = System(env, design, draws)
    numbering = _Numbering(design)
    for name in wiring.downstream_first(design):
        system.logs[name] = VisitLog()
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
            replicas: list[Replica] = [
                replica
                for target in part.targets
                for replica in system.parts[target]
                if isinstance(replica, Service | ModelServer)
            ]
            return [LoadBalancer(system.env, name, part, replicas, system.draws, system.logs[name])]
        case spec.LlmServer() | spec.Stream() | spec.Router():
            raise AssertionError(f"support.py refuses {part.kind}")
        case _:
            assert_never(part)


def _services(system: System, numbering: "_Numbering", name: str, part: spec.Service) -> Iterator[Service]:
    env, log, draws = system.env, system.logs[name], system.draws
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.concurrency)
    work_s = PerVisit(lambda visit: draws.durations_s(name, part.service_time, visit))
    held_up = system.held_up_logs[name] = HeldUpLog()
    calls = _steps(system, numbering, name, "calls", part.calls) if part.calls else None
    door = Door(env, part.rate_limits, log) if part.rate_limits else None
    kind = SharedPool if part.sharing == "processor_sharing" else Pool
    apart = name in wiring.balanced(system.design)
    for _ in range(part.replicas if apart else 1):
        replicas = 1 if apart else part.replicas
        pool = kind(env, replicas, part.concurrency, part.queue, log, capacity, queue_dies=apart, held_up=held_up)
        _scale(system, name, part.autoscaling, pool)
        yield Service(pool, work_s, calls, door)


def _model_servers(system: System, name: str, part: spec.ModelServer) -> Iterator[ModelServer]:
    env, log, draws = system.env, system.logs[name], system.draws
    batches = system.batch_logs[name] = BatchLog()
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.streams)
    held_up = system.held_up_logs[name] = HeldUpLog()
    noise = None
    if part.batch_time.scv:
        factor = Gamma(mean_ms=1000, scv=part.batch_time.scv)
        noise = PerVisit(lambda visit: draws.durations_s(name, factor, visit))
    apart = name in wiring.balanced(system.design)
    for _ in range(part.replicas if apart else 1):
        replicas = 1 if apart else part.replicas
        server = ModelServer(env, part, replicas, noise, log, batches, capacity, queue_dies=apart, held_up=held_up)
        _scale(system, name, part.autoscaling, server)
        yield server


def _scale(system: System, name: str, autoscaling: spec.Autoscaling | None, scaled: Scaled) -> None:
    if autoscaling is not None:
        autoscaler = Autoscaler(system.env, autoscaling, scaled, system.capacity_logs[name], system.is_over)
        system.replica_logs[name] = autoscaler.paid


def _store(system: System, name: str, part: spec.Store) -> Store:
    env, log = system.env, system.logs[name]
    pools = None
    if part.concurrency != "unlimited":
        capacity = system.capacity_logs[name] = CapacityLog(part.shards * part.replicas * part.concurrency)
        held_up = system.held_up_logs[name] = HeldUpLog()
        pools = [
            Pool(env, part.replicas, part.concurrency, part.queue, log, capacity, held_up=held_up)
            for _ in range(part.shards)
        ]
    return Store(env, name, part.read_time, part.shards, pools, system.draws, log)


def _cache(system: System, numbering: "_Numbering", name: str, part: spec.Cache) -> Cache:
    draws = system.draws
    assert isinstance(part.contents, spec.FixedHits), "support.py refuses the other contents"
    luck = PerVisit(lambda visit: draws.uniforms(f"{name}/hit", visit))
    lookup_s = PerVisit(lambda visit: draws.durations_s(name, part.lookup_time, visit))
    on_miss = _steps(system, numbering, name, "on_miss", part.on_miss)
    return Cache(system.env, part.contents.hit_ratio, luck, lookup_s, on_miss, system.logs[name])


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
    target, visits, draws = system.parts[call.to][0], numbering.way(place, call.to), system.draws
    if call == spec.Call(to=call.to) and visits.is_only:
        return target.serve
    fallbacks = [
        NextBest((one.answer_ms or 0) / 1000, None, None)
        if one.to is None
        else NextBest(0, system.parts[one.to][0], numbering.way(place, one.to, k))
        for k, one in enumerate(call.fallback, start=1)
    ]
    luck = CallLuck(
        share=PerVisit(lambda visit: draws.uniforms(f"{place}/share", visit)) if call.share < 1 else None,
        jitter=PerVisit(lambda visit: draws.uniforms(f"{place}/jitter", visit)) if call.retries else None,
    )
    counts = system.calls[place] = CallCounts()
    return Call(system.env, call, target, visits, fallbacks, luck, counts).make


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
