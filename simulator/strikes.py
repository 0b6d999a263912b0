"""What can strike a design, and whom: the faults that a screen offers, each with values to begin with."""

from typing import Any, Literal, assert_never, get_args

from simulator import wiring
from simulator.design import (
    Cache,
    ComponentSpec,
    Design,
    LlmServer,
    LoadBalancer,
    ModelServer,
    Router,
    Service,
    Store,
    Stream,
)
from simulator.load import static_load
from simulator.settings import RunSettings, duration_s

Data = dict[str, Any]

FaultKind = Literal[
    "kill_replicas", "breakdowns", "lose_zone", "slow", "error_rate", "cut_link", "flush_cache", "delay_features",
    "bad_canary", "replay", "traffic_spike",
]  # fmt: skip
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

EARLIEST_S, SHORTEST_S = 3.0, 4.0
BEGINS_AFTER, LASTS_FOR = 0.35, 0.2  # of a run without faults
ZONES = 3


def strikes(design: Design) -> tuple[FaultKind, ...]:
    """The kinds of faults that would change something in this design."""
    return tuple(kind for kind in FAULT_KINDS if _applies(design, kind))


def _applies(design: Design, kind: FaultKind) -> bool:
    match kind:
        case "traffic_spike":
            return design.traffic.arrivals.kind != "closed_loop"
        case "lose_zone":
            return bool(victims(design, "kill_replicas"))
        case "cut_link":
            return bool(links(design))
        case _:
            return bool(victims(design, kind))


def victims(design: Design, kind: FaultKind) -> list[str]:
    """The components that a fault of this kind can strike, in the order of the design."""
    return [name for name, part in design.components.items() if _can_suffer(part, kind)]


def _can_suffer(part: ComponentSpec, kind: FaultKind) -> bool:
    match part:
        case Store():
            waits = ("kill_replicas", "breakdowns") if part.concurrency != "unlimited" else ()
            kinds: tuple[FaultKind, ...] = (*waits, "slow", "error_rate", "delay_features")
        case Router():
            has_canary = any(not route.shadow for route in part.routes[1:])
            kinds = ("error_rate", "bad_canary") if has_canary else ("error_rate",)
        case Cache():
            kinds = ("slow", "error_rate", "flush_cache")
        case Stream():
            kinds = ("kill_replicas", "breakdowns", "slow", "error_rate", "replay")
        case LoadBalancer():
            kinds = ("slow", "error_rate")
        case Service() | ModelServer() | LlmServer():
            kinds = ("kill_replicas", "breakdowns", "slow", "error_rate")
        case _:
            assert_never(part)
    return kind in kinds


def links(design: Design) -> list[tuple[str, str]]:
    """(caller, component) for everybody whom somebody asks."""
    return [(name, to) for name, part in design.components.items() for to in wiring.downstream(part)]


def likeliest(design: Design, names: list[str]) -> str:
    """The one whose loss would teach most: the one with the greatest load, else the dearest, else the first."""
    loads = static_load(design)

    def weight(name: str) -> tuple[float, float]:
        price = getattr(design.components[name], "usd_per_replica_hour", None) or 0.0
        return (loads[name].load if name in loads else 0.0, price)

    return max(names, key=weight)


def when(design: Design, requests: int) -> tuple[float, float]:
    """A time in seconds at which a fault can be seen in a run of so many requests, and how long it should last."""
    quiet_s = duration_s(design.model_copy(update={"faults": ()}), RunSettings(requests=requests, replications=1))
    at_s, for_s = max(EARLIEST_S, BEGINS_AFTER * quiet_s), max(SHORTEST_S, LASTS_FOR * quiet_s)
    return _round(at_s), _round(for_s)


def _round(seconds: float) -> float:
    return float(f"{seconds:.1g}") if seconds >= 10 else float(round(seconds))


def first_guess(design: Design, kind: FaultKind, at_s: float, for_s: float) -> Data:
    """A fault of this kind as data, with values that show something."""
    fault: Data = {"kind": kind, "at_s": at_s} | ({} if kind == "replay" else {"for_s": for_s})
    if kind == "cut_link":
        loudest = likeliest(design, [to for _, to in links(design)])
        caller, component = next(link for link in links(design) if link[1] == loudest)
        return fault | {"caller": caller, "component": component}
    if kind in ("traffic_spike", "lose_zone"):
        return fault | ({"factor": 2.0} if kind == "traffic_spike" else {})
    return fault | {"component": likeliest(design, victims(design, kind))} | _amounts(kind, for_s)


def _amounts(kind: FaultKind, for_s: float) -> Data:
    amounts: dict[FaultKind, Data] = {
        "kill_replicas": {"replicas": 1},
        "breakdowns": {"mean_time_to_failure_s": 5 * for_s, "mean_time_to_repair_s": for_s},
        "slow": {"factor": 3.0},
        "error_rate": {"share": 0.2},
        "delay_features": {"lag_s": for_s},
        "bad_canary": {"failure_share": 0.5, "slow_factor": 1.0},
        "replay": {"of_s": for_s},
    }
    return amounts.get(kind, {})
