"""What the vocabulary can say and the simulator cannot run yet, refused by name."""

from collections.abc import Iterator

from simulator import wiring
from simulator.contradictions import contradictions
from simulator.design import (
    Autoscaling,
    Cache,
    Design,
    LlmServer,
    LoadBalancer,
    ModelServer,
    Queue,
    Service,
    Store,
    Trace,
)

RUNNING_KINDS = ("service", "cache", "store", "model_server", "llm_server", "stream", "load_balancer", "router")
RUNNING_FAULTS = ("kill_replicas", "slow", "traffic_spike", "flush_cache", "delay_features", "bad_canary")


class DoesNotRunYet(ValueError):
    """The design is valid but says something that no engine runs yet; `problems` holds a sentence for each."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def check(design: Design) -> None:
    """Raise DoesNotRunYet with every part of the design that cannot run."""
    if problems := [*_kinds(design), *_traffic(design), *_components(design), *_calls(design), *_faults(design)]:
        raise DoesNotRunYet(problems)
    if problems := list(contradictions(design)):
        raise DoesNotRunYet(problems)


def _not_yet(place: str, value: object, choices: tuple[str, ...] | str) -> str:
    instead = choices if isinstance(choices, str) else f"these do: {', '.join(choices)}"
    return f"{place} is {value!r}, which does not run yet; {instead}"


def _kinds(design: Design) -> Iterator[str]:
    for name, part in design.components.items():
        if part.kind not in RUNNING_KINDS:
            yield _not_yet(f"components.{name}.kind", part.kind, RUNNING_KINDS)


def _traffic(design: Design) -> Iterator[str]:
    arrivals = design.traffic.arrivals
    if isinstance(arrivals, Trace) and arrivals.file is not None:
        yield (
            f"traffic.arrivals.file is {arrivals.file!r}, and only the command line reads files; "
            "run the design there, or write the times into times_s"
        )


def _components(design: Design) -> Iterator[str]:
    for name, part in design.components.items():
        place = f"components.{name}"
        match part:
            case Cache():
                yield from _cache(place, part, design)
            case Store():
                yield from _queue(place, part.queue)
                if part.quorum is not None and part.quorum > part.replicas:
                    yield f"{place}.quorum is {part.quorum}, but a shard has {part.replicas} replicas; ask that many"
            case Service():
                yield from _queue(place, part.queue)
                yield from _service(place, part)
            case ModelServer() | LlmServer():
                yield from _queue(place, part.queue)
                yield from _autoscaling(place, part.autoscaling)
            case LoadBalancer():
                yield from _load_balancer(place, part)


def _queue(place: str, queue: Queue) -> Iterator[str]:
    if queue.discipline != "fifo":
        yield _not_yet(f"{place}.queue.discipline", queue.discipline, ("fifo",))


def _autoscaling(place: str, autoscaling: Autoscaling | None) -> Iterator[str]:
    if autoscaling is not None:
        yield _not_yet(f"{place}.autoscaling", autoscaling.metric, "leave it out and set replicas")


def _service(place: str, part: Service) -> Iterator[str]:
    yield from _autoscaling(place, part.autoscaling)
    if part.sharing != "slots":
        yield _not_yet(f"{place}.sharing", part.sharing, ("slots",))
    if part.rate_limits:
        yield _not_yet(f"{place}.rate_limits", len(part.rate_limits), "leave them out")


def _cache(place: str, part: Cache, design: Design) -> Iterator[str]:
    """What a cache holds depends on what requests ask for."""
    if design.traffic.keys is not None:
        return
    if part.contents.kind != "fixed":
        said = "which depends on what requests ask for; give traffic.keys, or a fixed hit ratio"
        yield f"{place}.contents.kind is {part.contents.kind!r}, {said}"
    if part.single_flight:
        yield f"{place}.single_flight is True, but nothing says which misses are for the same key; give traffic.keys"


def _load_balancer(place: str, part: LoadBalancer) -> Iterator[str]:
    if part.policy == "consistent_hash":
        running = ("random", "round_robin", "least_outstanding", "power_of_d")
        yield _not_yet(f"{place}.policy", part.policy, running)
    if part.stale_ms:
        yield _not_yet(f"{place}.stale_ms", part.stale_ms, "leave it out: the state is fresh")


def _calls(design: Design) -> Iterator[str]:
    for name, part in design.components.items():
        for where, call in wiring.calls_of(part):
            place = f"components.{name}.{where}"
            if call.deadline_ms is not None:
                yield _not_yet(f"{place}.deadline_ms", call.deadline_ms, "use timeout_ms")
            if call.circuit_breaker is not None:
                yield _not_yet(f"{place}.circuit_breaker", "on", "leave it out")
            if call.retries is not None and call.retries.budget is not None:
                yield _not_yet(f"{place}.retries.budget", call.retries.budget.ratio, "leave it out")


def _faults(design: Design) -> Iterator[str]:
    for i, fault in enumerate(design.faults):
        if fault.kind not in RUNNING_FAULTS:
            yield _not_yet(f"faults.{i}.kind", fault.kind, RUNNING_FAULTS)
        elif fault.kind == "kill_replicas":
            target = design.components[fault.component]
            if target.kind == "store" and target.concurrency == "unlimited":
                yield (
                    f"faults.{i}.component is {fault.component!r}, whose reads never wait: "
                    "losing a replica would change nothing; give the store a concurrency"
                )
        elif fault.kind == "flush_cache" and fault.for_s is None:
            cache = design.components[fault.component]
            if cache.kind == "cache" and cache.contents.kind == "fixed":
                yield (
                    f"faults.{i}.component is {fault.component!r}, whose hit ratio is fixed, so that nothing shows "
                    "how it fills again; give the fault for_s, or the cache lru or ttl contents"
                )
