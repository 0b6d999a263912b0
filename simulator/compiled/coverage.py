"""Which designs the compiled engine runs; the others run on SimPy."""

from collections.abc import Iterator

from simulator.design import (
    Breakdowns,
    ClosedLoop,
    Design,
    LoadBalancer,
    LoseZone,
    Service,
)


def covers(design: Design) -> str | None:
    """None if the compiled engine runs the design, else a sentence that says why it does not."""
    return next(_reasons(design), None)


def _reasons(design: Design) -> Iterator[str]:
    if isinstance(design.traffic.arrivals, ClosedLoop):
        yield "A closed loop runs on SimPy."
    for name, part in design.components.items():
        yield from _part(name, part)
    for fault in design.faults:
        if isinstance(fault, Breakdowns):
            yield "Breakdowns run on SimPy."
        elif isinstance(fault, LoseZone):
            yield "The loss of a zone runs on SimPy."


def _part(name: str, part: object) -> Iterator[str]:
    match part:
        case Service(sharing="processor_sharing"):
            yield f"{name} shares its cores among requests, which runs on SimPy."
        case LoadBalancer(policy="consistent_hash"):
            yield f"{name} balances by consistent hashing, which runs on SimPy."
