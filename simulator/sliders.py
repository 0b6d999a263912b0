"""The numbers of a design that are worth turning, with a range for each."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from simulator import wiring
from simulator.design import (
    Cache,
    ClosedLoop,
    ComponentSpec,
    Design,
    FanOut,
    FixedHits,
    KillReplicas,
    LoadBalancer,
    Lru,
    ModelServer,
    Service,
    Spread,
    Store,
    Trace,
    Ttl,
)
from simulator.spec import Spec

MOST_COUNT, MOST_SECONDS = 1_000_000, 1e12  # of a `Count` and of a `Positive`


class Slider(Spec):
    """A number at `path` between `low` and `high` in steps; one that `may_be_off` can also be None."""

    path: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    may_be_off: bool = False

    @property
    def is_whole(self) -> bool:
        return self.step.is_integer() and self.low.is_integer()


def sliders(design: Design) -> list[Slider]:
    """The sliders of a design: traffic first, then every component in order, then what its calls may do."""
    return [*_traffic(design), *_components(design), *_calls(design)]


def _traffic(design: Design) -> Iterator[Slider]:
    rate, arrivals = design.traffic.arrival_rate_per_s, design.traffic.arrivals
    step = _nice(rate / 20)
    if isinstance(arrivals, ClosedLoop):
        high = float(max(2, 3 * arrivals.users))
        yield Slider(path="traffic.arrivals.users", label="Users", unit="users", low=1.0, high=high, step=1.0)
    elif not isinstance(arrivals, Trace):
        high = _up(3 * rate, step)
        yield Slider(path="traffic.arrival_rate_per_s", label="Requests", unit="per s", low=step, high=high, step=step)
    for i, one in enumerate(design.traffic.classes):
        if not isinstance(one.items, Spread) and one.items > 1:
            step = float(ceil(_nice(one.items / 6)))
            label = "Items of a request" if len(design.traffic.classes) == 1 else f"Items of a {one.name} request"
            high = min(_up(2 * one.items, step), _smallest_batch(design))
            if high > step:
                yield Slider(
                    path=f"traffic.classes.{i}.items", label=label, unit="items", low=step, high=high, step=step
                )


def _smallest_batch(design: Design) -> float:
    limits = [
        part.max_items
        for part in design.components.values()
        if isinstance(part, ModelServer) and part.max_items != "unlimited"
    ]
    return float(min(limits, default=1_000_000))


def _components(design: Design) -> Iterator[Slider]:
    for name, part in design.components.items():
        place: dict[str, Any] = {"path": f"components.{name}."}
        match part:
            case ModelServer():
                yield _replicas(design, name, part.replicas, "devices")
                yield from _batching(design, name, part)
            case Service():
                yield _replicas(design, name, part.replicas, "replicas")
            case Cache(contents=FixedHits()):
                yield Slider(
                    path=f"{place['path']}contents.hit_ratio",
                    label=f"{name}: hit ratio",
                    unit="",
                    low=0,
                    high=1,
                    step=0.05,
                )
            case Cache(contents=Lru(capacity_keys=keys)):
                yield _up_to(
                    f"{place['path']}contents.capacity_keys", f"{name}: keys it holds", "keys", keys, whole=True
                )
            case Cache(contents=Ttl(ttl_s=ttl_s)):
                yield _up_to(f"{place['path']}contents.ttl_s", f"{name}: time to live", "s", ttl_s)
            case Store() if _shards_count(design, name, part):
                high = max(4.0 * part.shards, 16)
                yield Slider(
                    path=f"{place['path']}shards",
                    label=f"{name}: shards",
                    unit="",
                    low=float(_fewest_shards(design, name)),
                    high=high,
                    step=1,
                )
            case LoadBalancer() | _:
                continue


def _up_to(path: str, label: str, unit: str, now: float, *, whole: bool = False) -> Slider:
    """From one step to about twice the present value, in some forty steps."""
    step, most = _nice(now / 20), float(MOST_COUNT if whole else MOST_SECONDS)
    step = max(step, 1.0) if whole else step
    high = max(now, min(_up(2 * now, step), most))
    return Slider(path=path, label=label, unit=unit, low=min(step, now), high=max(high, 2 * step), step=step)


def _replicas(design: Design, name: str, now: int, what: str) -> Slider:
    path = f"components.{name}.replicas"
    low = max([1, *(one.replicas for one in design.faults if isinstance(one, KillReplicas) and one.component == name)])
    high = float(max(8, 2 * now))
    return Slider(path=path, label=f"{name}: {what}", unit="", low=float(low), high=high, step=1)


def _shards_count(design: Design, name: str, part: Store) -> bool:
    """Whether another number of shards changes anything: reads queue, a call waits for all of them, or they cost."""
    waits_for_all = any(fan.copies == "all" for fan in _fans(design, name))
    return part.concurrency != "unlimited" or waits_for_all or bool(part.usd_per_replica_hour)


def _fewest_shards(design: Design, name: str) -> int:
    """As many as some call asks for by number."""
    asked = [number for fan in _fans(design, name) for number in (fan.copies, fan.need) if number != "all"]
    return max([1, *asked])


def _fans(design: Design, name: str) -> list[FanOut]:
    calls = [call for part in design.components.values() for _, call in wiring.calls_of(part)]
    return [call.fan_out for call in calls if call.to == name and call.fan_out is not None]


def why_idle(design: Design, path: str) -> str:
    """Why turning a place alone changes nothing as the design stands; nothing if it may."""
    match path.split("."):
        case ["components", name, "max_wait_ms"]:
            if _one_fills_a_batch(design, design.components[name]):
                return "One request fills a batch, so none waits for others. Let a batch hold more to turn this."
    return ""


def _one_fills_a_batch(design: Design, part: ComponentSpec) -> bool:
    if not isinstance(part, ModelServer) or part.max_items == "unlimited" or part.trim is not None:
        return False
    return part.max_items <= min(one.items if isinstance(one.items, int) else 1 for one in design.traffic.classes)


def _batching(design: Design, name: str, part: ModelServer) -> Iterator[Slider]:
    largest = max((one.items for one in design.traffic.classes if isinstance(one.items, int)), default=1)
    if part.max_items != "unlimited":
        high = float(max(32 * largest, 2 * part.max_items))
        path = f"components.{name}.max_items"
        yield Slider(
            path=path, label=f"{name}: batch at most", unit="items", low=float(largest), high=high, step=float(largest)
        )
    high = max(25.0, _up(2 * part.max_wait_ms, 5))
    path = f"components.{name}.max_wait_ms"
    yield Slider(path=path, label=f"{name}: longest wait for a batch", unit="ms", low=0, high=high, step=0.5)


def _calls(design: Design) -> Iterator[Slider]:
    for name, part in design.components.items():
        for place, call in wiring.calls_of(part):
            label = f"{name} to {call.to}: second copy after"
            path = f"components.{name}.{place}.hedge.after_ms"
            now = call.hedge.after_ms if call.hedge is not None else 0.0
            high = max(50.0, _up(now, 1))
            yield Slider(path=path, label=label, unit="ms", low=0, high=high, step=1, may_be_off=True)


def _nice(value: float) -> float:
    """The next of 1, 2, 5, 10, ... at or above a value."""
    for exponent in range(-3, 9):
        for digit in (1, 2, 5):
            if digit * 10.0**exponent >= value:
                return digit * 10.0**exponent
    return value


def _up(value: float, step: float) -> float:
    return ceil(value / step - 1e-9) * step
