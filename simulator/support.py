"""What the vocabulary can say and the simulator does not run, refused with a sentence."""

from collections.abc import Iterator

from simulator import wiring
from simulator.contradictions import contradictions
from simulator.design import (
    Breakdowns,
    Cache,
    CutLink,
    Design,
    FlushCache,
    KillReplicas,
    LlmServer,
    LoseZone,
    ModelServer,
    Service,
    Store,
    Trace,
)


class DoesNotRunYet(ValueError):
    """The design is valid but says something that no engine runs yet; `problems` holds a sentence for each."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def check(design: Design) -> None:
    """Raise DoesNotRunYet with every part of the design that cannot run."""
    if problems := [*_traffic(design), *_components(design), *_faults(design)]:
        raise DoesNotRunYet(problems)
    if problems := list(contradictions(design)):
        raise DoesNotRunYet(problems)


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
                if part.quorum is not None and part.quorum > part.replicas:
                    yield f"{place}.quorum is {part.quorum}, but a shard has {part.replicas} replicas; ask that many"
            case Service():
                yield from _service(place, part)
                yield from _autoscaling(name, part)
            case ModelServer() | LlmServer():
                yield from _autoscaling(name, part)


def _autoscaling(name: str, part: Service | ModelServer | LlmServer) -> Iterator[str]:
    place, autoscaling = f"components.{name}.autoscaling", part.autoscaling
    if autoscaling is None:
        return
    if autoscaling.minimum > autoscaling.maximum:
        yield f"{place}.minimum is {autoscaling.minimum}, which is above maximum, {autoscaling.maximum}; lower it"
    if autoscaling.metric == "queue_delay_ms" and getattr(part, "sharing", "") == "processor_sharing":
        yield (
            f"{place}.metric is 'queue_delay_ms', but with processor sharing nobody waits; "
            "use utilization or concurrency"
        )


def _service(place: str, part: Service) -> Iterator[str]:
    if part.sharing == "processor_sharing" and part.queue.discipline != "fifo":
        yield (
            f"{place}.queue.discipline is {part.queue.discipline!r}, but with processor sharing everybody is served at "
            "once and nobody has a turn; leave it out or share by slots"
        )
    for i, limit in enumerate(part.rate_limits):
        if limit.burst < 1:
            yield (
                f"{place}.rate_limits.{i}.burst is {limit.burst}, but a request takes a whole token, so that nothing "
                "would pass; give at least 1"
            )


def _cache(place: str, part: Cache, design: Design) -> Iterator[str]:
    """What a cache holds depends on what requests ask for."""
    if design.traffic.keys is not None:
        return
    if part.contents.kind != "fixed":
        said = "which depends on what requests ask for; give traffic.keys, or a fixed hit ratio"
        yield f"{place}.contents.kind is {part.contents.kind!r}, {said}"
    if part.single_flight:
        yield f"{place}.single_flight is True, but nothing says which misses are for the same key; give traffic.keys"


def _faults(design: Design) -> Iterator[str]:
    for i, fault in enumerate(design.faults):
        place = f"faults.{i}"
        match fault:
            case CutLink():
                yield from _cut(place, design, fault)
            case KillReplicas():
                yield from _kill(place, design, fault)
            case FlushCache():
                yield from _flush(place, design, fault)
            case Breakdowns():
                yield from _breakdowns(place, design, fault.component)
            case LoseZone():
                yield from _zone(place, design)


def _cut(place: str, design: Design, fault: CutLink) -> Iterator[str]:
    if fault.component not in wiring.downstream(design.components[fault.caller]):
        yield (
            f"{place}.component is {fault.component!r}, which {fault.caller} never asks: "
            "cutting their link would change nothing; name a component that it asks"
        )


def _kill(place: str, design: Design, fault: KillReplicas) -> Iterator[str]:
    target = design.components[fault.component]
    if target.kind == "store" and target.concurrency == "unlimited":
        yield (
            f"{place}.component is {fault.component!r}, whose reads never wait: "
            "losing a replica would change nothing; give the store a concurrency"
        )


def _flush(place: str, design: Design, fault: FlushCache) -> Iterator[str]:
    cache = design.components[fault.component]
    if fault.for_s is None and cache.kind == "cache" and cache.contents.kind == "fixed":
        yield (
            f"{place}.component is {fault.component!r}, whose hit ratio is fixed, so that nothing shows "
            "how it fills again; give the fault for_s, or the cache lru or ttl contents"
        )


def _breakdowns(place: str, design: Design, name: str) -> Iterator[str]:
    target = design.components[name]
    if target.kind not in (*wiring.HAS_REPLICAS, "store", "stream"):
        yield f"{place}.component is {name!r}, a {target.kind}, which has no replicas that break down"
    elif target.kind == "store" and target.concurrency == "unlimited":
        yield (
            f"{place}.component is {name!r}, whose reads never wait: "
            "a replica that breaks down would change nothing; give the store a concurrency"
        )


def _zone(place: str, design: Design) -> Iterator[str]:
    for name, part in design.components.items():
        never_waits = part.kind == "cache" or (part.kind == "store" and part.concurrency == "unlimited")
        if never_waits and design.zones == 1:
            yield (
                f"{place}.kind is 'lose_zone' and zones is 1, so that {name} would lose all its replicas; but a "
                f"{part.kind} whose requests never wait answers whatever it loses; set zones to 2 or more"
            )
