"""From a design to the SimPy components that act it out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import assert_never

from simulator import design as spec
from simulator import warm_start, wiring
from simulator.clock import Clock
from simulator.components.autoscaler import Autoscaler, Scaled
from simulator.components.backoff import Budget
from simulator.components.cache import Cache
from simulator.components.calls import Ask, Call, CallLuck, NextBest, Steps
from simulator.components.circuit_breaker import CircuitBreaker
from simulator.components.contents import Contents, FixedContents, LruContents, TtlContents
from simulator.components.doors import Cut, Door, ErrorDoor, Errors, LinkDoor
from simulator.components.fleet import Fleet, Member
from simulator.components.freshness import FreshnessLog
from simulator.components.hash_ring import HashRing
from simulator.components.llm_server import LlmServer
from simulator.components.load_balancer import LoadBalancer, Replica
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.records import BatchLog, CapacityLog, HeldUpLog, VisitLog
from simulator.components.request import Serves
from simulator.components.router import RouteLog, Router
from simulator.components.service import Service
from simulator.components.shards import Shards
from simulator.components.shared_pool import SharedPool
from simulator.components.store import Store
from simulator.components.stream import MessageLog, Stream
from simulator.components.token_bucket import Gate
from simulator.components.tokens import TokenLog
from simulator.components.trials import Visits
from simulator.distributions import Gamma
from simulator.draws import Draws, PerVisit, stream
from simulator.load import mean_rate_per_s, visits_per_request
from simulator.results.run import Ages, CallCounts, ComponentRecord, Integers

Part = Service | Cache | Store | ModelServer | LlmServer | Stream | LoadBalancer | Router


@dataclass
class System:
    """A design's components, ready to run, and what they write down."""

    env: Clock
    design: spec.Design
    draws: Draws
    prompt_tokens: Integers | None = None  # of every request, shape (n,); None: 1 each
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
    all_ended: Callable[[], bool] = lambda: True  # run.py knows
    errors: dict[str, Errors] = field(default_factory=dict)
    cuts: dict[tuple[str, str], Cut] = field(default_factory=dict)

    @property
    def entry(self) -> Serves:
        return _door(self, self.parts[self.design.traffic.entry][0], self.design.traffic.entry)

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


def build(env: Clock, design: spec.Design, draws: Draws, prompt_tokens: Integers | None = None) -> System:
    """Make every component of a design that `support.check` lets pass, downstream first."""
    system = System(env, design, draws, prompt_tokens)
    numbering = Numbering(design)
    for name in wiring.downstream_first(design):
        system.logs[name] = VisitLog()
        _prepare_faults(system, name)
        system.parts[name] = _parts(system, numbering, name)
    return system


def _parts(system: System, numbering: "Numbering", name: str) -> list[Part]:  # noqa: PLR0911  # one for each kind
    """The component or, behind a load balancer, one for each of its replicas."""
    part = system.design.components[name]
    match part:
        case spec.Service():
            return _services(system, numbering, name, part)
        case spec.ModelServer():
            return _model_servers(system, name, part)
        case spec.LlmServer():
            return _llm_servers(system, name, part)
        case spec.Store():
            return [_store(system, name, part)]
        case spec.Cache():
            return [_cache(system, numbering, name, part)]
        case spec.LoadBalancer():
            return [_load_balancer(system, name, part)]
        case spec.Stream():
            return [_stream(system, numbering, name, part)]
        case spec.Router():
            return [_router(system, numbering, name, part)]
        case _:
            assert_never(part)


def _services(system: System, numbering: "Numbering", name: str, part: spec.Service) -> list[Part]:
    env, log, draws = system.env, system.logs[name], system.draws
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.concurrency)
    work_s = PerVisit(lambda visit: draws.durations_s(name, part.service_time, visit))
    held_up = system.held_up_logs[name] = HeldUpLog()
    calls = _steps(system, numbering, name, "calls", part.calls) if part.calls else None
    gate = Gate(env, part.rate_limits, log) if part.rate_limits else None
    kind = SharedPool if part.sharing == "processor_sharing" else Pool
    apart = name in wiring.balanced(system.design)

    def replica(number: int = 1) -> Service:
        pool = kind(env, number, part.concurrency, part.queue, log, capacity, queue_dies=apart, held_up=held_up)
        return Service(pool, work_s, calls, gate)

    return _replicas(system, name, part, replica)


def _model_servers(system: System, name: str, part: spec.ModelServer) -> list[Part]:
    env, log, draws = system.env, system.logs[name], system.draws
    batches = system.batch_logs[name] = BatchLog()
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.streams)
    held_up = system.held_up_logs[name] = HeldUpLog()
    noise = None
    if part.batch_time.scv:
        factor = Gamma(mean_ms=1000, scv=part.batch_time.scv)
        noise = PerVisit(lambda visit: draws.durations_s(name, factor, visit))
    apart = name in wiring.balanced(system.design)

    def replica(number: int = 1) -> ModelServer:
        return ModelServer(env, part, number, noise, log, batches, capacity, queue_dies=apart, held_up=held_up)

    return _replicas(system, name, part, replica)


def _replicas(
    system: System,
    name: str,
    part: spec.Service | spec.ModelServer | spec.LlmServer,
    make: Callable[[int], Service | ModelServer | LlmServer],
) -> list[Part]:
    """One for all replicas or, behind a load balancer, one for each, now and whenever another one comes."""
    if name not in wiring.balanced(system.design):
        together = make(part.replicas)
        _scale(system, name, part.autoscaling, _pool_of(together))
        return [together]
    first = [make(1) for _ in range(part.replicas)]
    parts: list[Part] = [*first]
    if part.autoscaling is not None:

        def one_more() -> Member:
            parts.append(new := make(1))
            return _pool_of(new)

        fleet = Fleet(system.env, [_pool_of(one) for one in first], one_more, system.capacity_logs[name])
        system.fleets[name] = fleet
        _scale(system, name, part.autoscaling, fleet)
    return parts


def _pool_of(part: Service | ModelServer | LlmServer) -> Member:
    return part.pool if isinstance(part, Service) else part


def _scale(system: System, name: str, autoscaling: spec.Autoscaling | None, scaled: Scaled) -> None:
    if autoscaling is not None:
        autoscaler = Autoscaler(system.env, autoscaling, scaled, system.capacity_logs[name], system.is_over)
        system.replica_logs[name] = autoscaler.paid


def _llm_servers(system: System, name: str, part: spec.LlmServer) -> list[Part]:
    env, prompts, log = system.env, system.prompt_tokens, system.logs[name]
    tokens = system.token_logs[name] = TokenLog()
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas)
    apart = name in wiring.balanced(system.design)

    def replica(number: int = 1) -> LlmServer:
        return LlmServer(env, part, number, prompts, log, tokens, capacity, queue_dies=apart)

    return _replicas(system, name, part, replica)


def _stream(system: System, numbering: "Numbering", name: str, part: spec.Stream) -> Stream:
    draws = system.draws
    is_replayed = any(isinstance(one, spec.Replay) and one.component == name for one in system.design.faults)
    messages = system.message_logs[name] = MessageLog(keeps=is_replayed)
    capacity = system.capacity_logs[name] = CapacityLog(min(part.partitions, part.replicas))
    append_s = PerVisit(lambda visit: draws.durations_s(name, part.append_time, visit))
    partition = PerVisit(lambda visit: draws.uniforms(f"{name}/partition", visit))
    work_s = PerVisit(lambda visit: draws.durations_s(f"{name}/consumer", part.consumer_time, visit))
    calls = _steps(system, numbering, name, "calls", part.calls) if part.calls else None
    return Stream(system.env, part, append_s, partition, work_s, calls, system.logs[name], messages, capacity)


def _router(system: System, numbering: "Numbering", name: str, part: spec.Router) -> Router:
    routes = system.route_logs[name] = RouteLog()
    targets: list[tuple[Serves, Visits]] = [
        (_door(system, system.parts[route.to][0], route.to, name), numbering.way(f"{name}.routes.{i}", route.to))
        for i, route in enumerate(part.routes)
    ]
    return Router(system.env, name, part, targets, system.draws, system.logs[name], routes)


def _store(system: System, name: str, part: spec.Store) -> Store:
    env, log, draws = system.env, system.logs[name], system.draws
    pools = None
    if part.concurrency != "unlimited":
        capacity = system.capacity_logs[name] = CapacityLog(part.shards * part.replicas * part.concurrency)
        held_up = system.held_up_logs[name] = HeldUpLog()
        apart = part.quorum is not None
        replicas = 1 if apart else part.replicas
        pools = [
            Pool(env, replicas, part.concurrency, part.queue, log, capacity, queue_dies=apart, held_up=held_up)
            for _ in range(part.shards * (part.replicas if apart else 1))
        ]
    shards = Shards(name, part, system.design.traffic.keys, draws)
    return Store(env, name, part, shards, pools, draws, log, _freshness(system, name, part))


def _freshness(system: System, name: str, part: spec.Store) -> FreshnessLog | None:
    """None where nobody asks how old the reads are."""
    is_delayed = any(isinstance(one, spec.DelayFeatures) and one.component == name for one in system.design.faults)
    if part.freshness is None and not is_delayed:
        return None
    phase = stream(system.draws.seed, system.draws.replication, f"{name}/phase").random()
    freshness = part.freshness or spec.Freshness()
    return FreshnessLog(system.env, freshness, phase, _fed_until_s(system, freshness.fed_by))


def _fed_until_s(system: System, name: str | None) -> Callable[[], float] | None:
    """What a stream's consumers have done; the stream may only be built later, as they may ask the store."""
    if name is None:
        return None

    def consumed_until_s() -> float:
        [part] = system.parts[name]
        assert isinstance(part, Stream), "wiring.py lets nothing else feed a store"
        return part.consumed_until_s()

    return consumed_until_s


def _cache(system: System, numbering: "Numbering", name: str, part: spec.Cache) -> Cache:
    draws = system.draws
    lookup_s = PerVisit(lambda visit: draws.durations_s(name, part.lookup_time, visit))
    write_s = None
    if part.pattern == "look_aside":
        write_s = PerVisit(lambda visit: draws.durations_s(f"{name}/write", part.lookup_time, visit))
    on_miss = _steps(system, numbering, name, "on_miss", part.on_miss)
    log, contents = system.logs[name], _contents(system, name, part)
    return Cache(system.env, contents, lookup_s, write_s, on_miss, log, single_flight=part.single_flight)


def _contents(system: System, name: str, part: spec.Cache) -> Contents:
    draws, keys, contents = system.draws, system.design.traffic.keys, part.contents
    who = f"{name}/warm"
    match contents:
        case spec.FixedHits():
            return FixedContents(contents.hit_ratio, PerVisit(lambda visit: draws.uniforms(f"{name}/hit", visit)))
        case spec.Lru():
            assert keys is not None, "support.py wants keys"
            return LruContents(
                contents.capacity_keys,
                warm_start.lru_ranks(keys, contents.capacity_keys, draws.seed, draws.replication, who),
            )
        case spec.Ttl():
            assert keys is not None, "support.py wants keys"
            visits_per_s = mean_rate_per_s(system.design) * visits_per_request(system.design)[name]
            warm = warm_start.ttl_entries(keys, contents, visits_per_s, draws.seed, draws.replication, who)
            return TtlContents(contents.ttl_s, renewed=contents.renewed, warm=warm)
        case _:
            assert_never(contents)


def _load_balancer(system: System, name: str, part: spec.LoadBalancer) -> LoadBalancer:
    numbered = [(target, i) for target in part.targets for i in range(len(system.parts[target]))]
    balancer = LoadBalancer(
        system.env,
        name,
        part,
        [_replica(system, name, *one) for one in numbered],
        system.draws,
        system.logs[name],
        [system.capacity_logs[target] for target in part.targets],
        HashRing([f"{target}/{i}" for target, i in numbered]) if part.policy == "consistent_hash" else None,
        keyed=system.design.traffic.keys is not None,
    )
    for target in part.targets:
        if target in system.fleets:
            system.fleets[target].joined.append(_introduce(system, balancer, name, target))
    return balancer


def _introduce(system: System, balancer: LoadBalancer, name: str, target: str) -> Callable[[int], None]:
    """Tell a balancer of each replica of a target that comes later."""
    return lambda number: balancer.join(_replica(system, name, target, number), f"{target}/{number}")


def _replica(system: System, balancer: str, target: str, number: int) -> Replica:
    replica = system.parts[target][number]
    assert isinstance(replica, Service | ModelServer | LlmServer), "wiring.py lets nothing else stand behind a balancer"
    door = _door(system, replica, target, balancer)
    return door if isinstance(door, Door) else replica


def _door(system: System, part: Part, name: str, caller: str = "", timeout_s: float = inf) -> Part | Door:
    """How a caller sees a component, or the traffic does: as it is, if no fault ever comes between."""
    door: Part | Door = part
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


def _steps(system: System, numbering: "Numbering", name: str, field_name: str, steps: spec.Calls) -> Steps:
    return Steps(
        system.env,
        [
            [_ask(system, numbering, f"{name}.{field_name}.{i}.{j}", call) for j, call in enumerate(step)]
            for i, step in enumerate(steps)
        ],
    )


def _ask(system: System, numbering: "Numbering", place: str, call: spec.Call) -> Ask:
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


def _door_of(system: System, place: str, to: str, call: spec.Call | None = None) -> Part | Door:
    """How the component that makes a call sees the one it asks; without a call, as its fallback."""
    timeout_s = inf if call is None or call.timeout_ms is None else call.timeout_ms / 1000
    return _door(system, system.parts[to][0], to, place.split(".", maxsplit=1)[0], timeout_s)


class Numbering:
    """Hands out the ways to each component in the order of the design."""

    def __init__(self, design: spec.Design):
        self._ways: Counter[str] = Counter()
        self._way: dict[str, int] = {}
        for name, part in design.components.items():
            for place, call in wiring.calls_of(part):
                for k, to in enumerate((call.to, *(one.to for one in call.fallback))):
                    if to is not None:
                        self._add(f"{name}.{place}.{k}", to)
            if part.kind == "router":
                for i, route in enumerate(part.routes):
                    self._add(f"{name}.routes.{i}.0", route.to)

    def _add(self, place: str, to: str) -> None:
        self._way[place] = self._ways[to]
        self._ways[to] += 1

    def way(self, place: str, to: str, fallback: int = 0) -> Visits:
        """The way of a call, or of the `fallback`-th of its fallbacks counted from 1."""
        return Visits(self._way[f"{place}.{fallback}"], self._ways[to])
