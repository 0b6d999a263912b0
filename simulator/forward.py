"""Which designs feed forward: no request comes back to a component, and none changes what another one does later."""

from collections import Counter
from collections.abc import Iterator

from simulator import design as spec
from simulator import wiring
from simulator.class_spikes import class_spikes
from simulator.design import Call, Design


def feeds_forward(design: Design) -> bool:
    """Whether the components can be computed one after the other: plain calls only, each component asked in one place
    alone, first come first served, without faults, retries, autoscaling or caches that remember; and batches last, as
    those of one batch go on at the same instant.
    """
    if design.traffic.arrivals.kind == "closed_loop" or class_spikes(design):
        return False
    if any(fault.kind != "traffic_spike" for fault in design.faults):
        return False
    mentioned = [to for part in design.components.values() for _, to in wiring.references(part)]
    if Counter([design.traffic.entry, *mentioned]) != Counter(list(design.components)):
        return False
    if not all(_is_plain(part) for part in design.components.values()):
        return False
    *first, _ = _in_turn(design, design.traffic.entry)
    return all(design.components[name].kind != "model_server" for name in first)


def _is_plain(part: spec.ComponentSpec) -> bool:
    match part:
        case spec.Service():
            return not part.rate_limits and part.sharing == "slots" and _waits_plainly(part) and _asks_plainly(part)
        case spec.ModelServer():
            return part.trim is None and _waits_plainly(part)
        case spec.Cache():
            is_plain = part.contents.kind == "fixed" and part.pattern == "read_through" and not part.single_flight
            return is_plain and _asks_plainly(part)
        case spec.Store():
            return part.concurrency == "unlimited" and part.quorum is None and part.freshness is None
    return False


def _waits_plainly(part: spec.Service | spec.ModelServer) -> bool:
    return part.queue.discipline == "fifo" and part.autoscaling is None


def _asks_plainly(part: spec.ComponentSpec) -> bool:
    steps = part.calls if isinstance(part, spec.Service) else part.on_miss if isinstance(part, spec.Cache) else ()
    return all(len(step) == 1 and step[0] == Call(to=step[0].to) for step in steps)


def _in_turn(design: Design, name: str) -> Iterator[str]:
    """The components in the order in which a request comes to them."""
    yield name
    for _, call in wiring.calls_of(design.components[name]):
        yield from _in_turn(design, call.to)
