"""How much work a design is asked to do and how much it can do, from its numbers alone, without running it."""

from dataclasses import dataclass

from simulator import wiring
from simulator.design import (
    Amount,
    Cache,
    Call,
    ComponentSpec,
    Design,
    FixedHits,
    LlmServer,
    ModelServer,
    RequestClass,
    Service,
    Spread,
    Store,
    Stream,
)


@dataclass(frozen=True)
class Load:
    """Offered work against capacity. `load` is the share of capacity that is asked for; 1 and more cannot last."""

    visits_per_request: float
    capacity_per_s: float  # visits per second at most
    load: float


def static_load(design: Design) -> dict[str, Load]:
    """The load of every component that can be full, without faults, retries, backup requests and fallbacks."""
    rate, visits, loads = design.traffic.arrival_rate_per_s, visits_per_request(design), {}
    for name, part in design.components.items():
        capacity = capacity_per_s(part, mean_items(design), mean_prompt_tokens(design))
        if capacity is not None and visits[name] > 0:
            loads[name] = Load(visits[name], capacity, rate * visits[name] / capacity)
    return loads


def visits_per_request(design: Design) -> dict[str, float]:
    """How often a request comes to each component on average, if every first attempt succeeds."""
    visits = dict.fromkeys(design.components, 0.0)
    visits[design.traffic.entry] = 1.0
    classes = design.traffic.classes
    for name in reversed(wiring.downstream_first(design)):
        part = design.components[name]
        asking = visits[name]
        if isinstance(part, Cache) and isinstance(part.contents, FixedHits):
            asking *= 1 - part.contents.hit_ratio
        for _, call in wiring.calls_of(part):
            visits[call.to] += asking * call.share * _share_of_classes(call, classes) * _copies(call, design)
        if part.kind == "load_balancer":
            sizes = {to: getattr(design.components[to], "replicas", 1) for to in part.targets}
            for to, size in sizes.items():
                visits[to] += asking * size / sum(sizes.values())
        if part.kind == "router":
            for route in part.routes:
                visits[route.to] += asking * route.share
    return visits


def _share_of_classes(call: Call, classes: tuple[RequestClass, ...]) -> float:
    return sum(one.share for one in classes if not call.classes or one.name in call.classes)


def _copies(call: Call, design: Design) -> int:
    if call.fan_out is None:
        return 1
    target = design.components[call.to]
    return target.shards if isinstance(target, Store) and call.fan_out.copies == "all" else int(call.fan_out.copies)


def capacity_per_s(part: ComponentSpec, items_per_visit: float, prompt_tokens: float = 1.0) -> float | None:
    """The most visits per second that a component can sustain; None where nothing ever waits.

    Of a model server that is the rate with full batches, which hold a whole number of average requests; of an
    llm_server the rate with as many average requests running as are allowed and fit into memory; of a stream that of
    its consumers, without the time that their own calls take.
    """
    if isinstance(part, Service):
        mean_s = part.service_time.mean() / 1000
        return part.replicas * part.concurrency / mean_s if mean_s else None
    if isinstance(part, Store) and part.concurrency != "unlimited":
        mean_s = part.read_time.mean() / 1000
        return part.shards * part.replicas * part.concurrency / mean_s if mean_s else None
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
    context = prompt_tokens + (tokens - 1) / 2
    step_ms = part.step_ms + running * (part.per_running_ms + part.per_context_token_ms * context)
    per_request_ms = tokens * step_ms / running + part.prefill_ms_per_token * prompt_tokens
    return part.replicas * 1000 / per_request_ms


def mean_prompt_tokens(design: Design) -> float:
    """How long a prompt is on average."""
    return sum(one.share * _mean(one.prompt_tokens) for one in design.traffic.classes)


def _mean(amount: Amount) -> float:
    return max(1.0, amount.mean) if isinstance(amount, Spread) else amount


def mean_items(design: Design) -> float:
    """How many items a request carries on average."""
    return sum(
        one.share * (max(1.0, one.items.mean) if isinstance(one.items, Spread) else one.items)
        for one in design.traffic.classes
    )
