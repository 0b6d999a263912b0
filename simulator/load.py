"""How much work a design is asked to do and how much it can do, from its numbers alone, without running it."""

from dataclasses import dataclass
from math import inf
from typing import assert_never

from simulator import sharding, wiring
from simulator.amounts import mean_amount
from simulator.bursts import mean_factor
from simulator.design import (
    Bursts,
    Cache,
    Call,
    ClosedLoop,
    ComponentSpec,
    Design,
    LlmServer,
    LoadBalancer,
    ModelServer,
    RequestClass,
    Router,
    Service,
    Store,
    Stream,
    Trace,
)
from simulator.hit_ratios import hit_ratio


@dataclass(frozen=True)
class Load:
    """Offered work against capacity. `load` is the share of capacity that is asked for; 1 and more cannot last."""

    visits_per_request: float
    capacity_per_s: float  # visits per second at most
    load: float


def static_load(design: Design) -> dict[str, Load]:
    """The load of every component that can be full, without faults, retries, backup requests and fallbacks."""
    rate, visits, loads = mean_rate_per_s(design), visits_per_request(design), {}
    for name in design.components:
        capacity = capacity_of(design, name)
        if capacity is not None and visits[name] > 0:
            loads[name] = Load(visits[name], capacity, rate * visits[name] / capacity)
    return loads


def mean_rate_per_s(design: Design) -> float:
    """Requests per second in the long run, without profile and spikes; of a closed loop the most that there can be."""
    match design.traffic.arrivals:
        case ClosedLoop() as loop:
            return _closed_loop_rate_per_s(design, loop)
        case Trace(times_s=times_s) if times_s:
            return len(times_s) / recorded_s(times_s)
        case Bursts() as bursts:
            return design.traffic.arrival_rate_per_s * mean_factor(bursts)
        case _:
            return design.traffic.arrival_rate_per_s


def traffic_in_words(design: Design) -> str:
    """Who asks, and how often."""
    match design.traffic.arrivals:
        case ClosedLoop(users=users):
            return f"closed loop of {users:,} users"
        case Trace():
            return "recorded requests"
        case _:
            return f"{mean_rate_per_s(design):,.6g} requests/s"


def recorded_s(times_s: tuple[float, ...]) -> float:
    """How long a recording lasts: to its last arrival and one mean gap further, or a second if it has no gap."""
    gaps = len(times_s) - 1
    return times_s[-1] * len(times_s) / gaps if gaps and times_s[-1] else times_s[-1] + 1.0


def _closed_loop_rate_per_s(design: Design, loop: ClosedLoop) -> float:
    """Users over think time and work, or the capacity (Denning and Buzen, Computing Surveys 10, 1978)."""
    visits = visits_per_request(design)
    parts = [(visits[name], part) for name, part in design.components.items() if visits[name] > 0]
    items, prompt = mean_items(design), mean_prompt_tokens(design)
    round_s = loop.think_time.mean() / 1000 + sum(count * work_s(part, items, prompt) for count, part in parts)
    capacities = [(visits[name], capacity_of(design, name)) for name in design.components if visits[name] > 0]
    most = min((capacity / count for count, capacity in capacities if capacity is not None), default=inf)
    most = min(most, loop.users / round_s if round_s else inf)
    return most if most < inf else design.traffic.arrival_rate_per_s


def work_s(  # noqa: PLR0911  # one for each kind
    part: ComponentSpec, items_per_visit: float, prompt_tokens: float = 1.0
) -> float:
    """The mean time of one visit that waits for nobody, in seconds, without the calls that it makes."""
    match part:
        case Service():
            return part.service_time.mean() / 1000
        case Store():
            return part.read_time.mean() / 1000
        case Cache():
            return part.lookup_time.mean() / 1000
        case ModelServer():
            return part.batch_time.mean_s(items_per_visit)
        case LlmServer():
            return _tokens_ms(part, items_per_visit, prompt_tokens, running=1) / 1000
        case Stream():
            return part.append_time.mean() / 1000
        case LoadBalancer():
            return part.overhead_ms / 1000
        case Router():
            return 0.0
        case _:
            assert_never(part)


def _nominal_rate_per_s(design: Design) -> float:
    """The mean rate; of a closed loop, whose rate depends on the hits, what the design says instead."""
    loop = design.traffic.arrivals
    return design.traffic.arrival_rate_per_s if isinstance(loop, ClosedLoop) else mean_rate_per_s(design)


def visits_per_request(design: Design) -> dict[str, float]:
    """How often a request comes to each component on average, if every first attempt succeeds."""
    visits = dict.fromkeys(design.components, 0.0)
    visits[design.traffic.entry] = float(_replicas_asked(design.components[design.traffic.entry]))
    classes = design.traffic.classes
    for name in reversed(wiring.downstream_first(design)):
        part = design.components[name]
        asking = visits[name]
        if isinstance(part, Cache):
            asking *= 1 - hit_ratio(part, design.traffic.keys, _nominal_rate_per_s(design) * asking)
        for _, call in wiring.calls_of(part):
            copies = _copies(call, design) * _replicas_asked(design.components[call.to])
            visits[call.to] += asking * call.share * _share_of_classes(call, classes) * copies
        if part.kind == "load_balancer":
            sizes = {to: getattr(design.components[to], "replicas", 1) for to in part.targets}
            for to, size in sizes.items():
                visits[to] += asking * size / sum(sizes.values())
        if part.kind == "router":
            for route, share in zip(part.routes, part.shares(), strict=True):
                visits[route.to] += asking * share
    return visits


def _share_of_classes(call: Call, classes: tuple[RequestClass, ...]) -> float:
    return sum(one.share for one in classes if not call.classes or one.name in call.classes)


def _copies(call: Call, design: Design) -> int:
    if call.fan_out is None:
        return 1
    target = design.components[call.to]
    return target.shards if isinstance(target, Store) and call.fan_out.copies == "all" else int(call.fan_out.copies)


def _replicas_asked(part: ComponentSpec) -> int:
    """How many visits one read is: a quorum asks every replica of the shard."""
    if isinstance(part, Store) and part.quorum is not None and part.concurrency != "unlimited":
        return part.replicas
    return 1


def evenness(design: Design, name: str) -> float:
    """The share of a store's capacity that is of use when its busiest shard is full; 1 for other components."""
    part = design.components[name]
    return 1 / (part.shards * sharding.busiest_share(design, name)) if isinstance(part, Store) else 1.0


def capacity_of(design: Design, name: str) -> float | None:
    """The most visits per second that a component can sustain in its design; None where nothing ever waits."""
    part = design.components[name]
    return capacity_per_s(part, mean_items(design), evenness(design, name), mean_prompt_tokens(design))


def capacity_per_s(
    part: ComponentSpec, items_per_visit: float, evenness: float = 1.0, prompt_tokens: float = 1.0
) -> float | None:
    """The most visits per second that a component can sustain; None where nothing ever waits.

    Of a model server that is the rate with full batches, which hold a whole number of average requests; of a store the
    rate at which the busiest shard is full; of an llm_server the rate with as many average requests running as are
    allowed and fit into memory; of a stream that of its consumers, without the time that their own calls take.
    """
    if isinstance(part, Service):
        mean_s = part.service_time.mean() / 1000
        return part.replicas * part.concurrency / mean_s if mean_s else None
    if isinstance(part, Store) and part.concurrency != "unlimited":
        mean_s = part.read_time.mean() / 1000
        return part.shards * part.replicas * part.concurrency * evenness / mean_s if mean_s else None
    if isinstance(part, ModelServer):
        return _batch_capacity_per_s(part, items_per_visit)
    if isinstance(part, Stream):
        mean_s = part.consumer_time.mean() / 1000
        return min(part.partitions, part.replicas) / mean_s if mean_s else None
    if isinstance(part, LlmServer):
        return _token_capacity_per_s(part, items_per_visit, prompt_tokens)
    return None


def _batch_capacity_per_s(part: ModelServer, items_per_visit: float) -> float | None:
    devices = part.replicas * part.streams
    if part.max_items == "unlimited":
        per_visit_s = part.batch_time.per_item_ms * items_per_visit / 1000
        return devices / per_visit_s if per_visit_s else None
    requests = max(1, int(part.max_items / items_per_visit))
    return devices * requests / part.batch_time.mean_s(requests * items_per_visit)


def _token_capacity_per_s(part: LlmServer, tokens: float, prompt_tokens: float) -> float:
    running, needs = part.max_running, prompt_tokens + tokens
    if part.kv_memory_tokens != "unlimited":
        running = max(1, min(running, int(part.kv_memory_tokens / needs)))
    return part.replicas * 1000 / _tokens_ms(part, tokens, prompt_tokens, running)


def _tokens_ms(part: LlmServer, tokens: float, prompt_tokens: float, running: int) -> float:
    """The time of a server that one request takes, if so many always run together, in ms."""
    context = prompt_tokens + (tokens - 1) / 2
    step_ms = part.step_ms + running * (part.per_running_ms + part.per_context_token_ms * context)
    return tokens * step_ms / running + part.prefill_ms_per_token * prompt_tokens


def mean_prompt_tokens(design: Design) -> float:
    """How long a prompt is on average."""
    return sum(one.share * mean_amount(one.prompt_tokens) for one in design.traffic.classes)


def mean_items(design: Design) -> float:
    """How many items a request carries on average."""
    return sum(one.share * mean_amount(one.items) for one in design.traffic.classes)
