"""Changes to a design as a person makes them; each gives a new valid design or raises DesignProblem."""

from collections.abc import Callable, Collection
from copy import deepcopy
from itertools import count
from typing import Any

from simulator import wiring
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from simulator.places import settle_shares

Data = dict[str, Any]

NEW: dict[str, Data] = {
    "service": {
        "replicas": 2,
        "concurrency": 8,
        "service_time": {"kind": "lognormal", "median_ms": 5.0, "p99_ms": 20.0},
    },
    "cache": {"contents": {"kind": "fixed", "hit_ratio": 0.8}, "lookup_time": {"kind": "constant", "value_ms": 0.5}},
    "store": {"shards": 1, "replicas": 2, "read_time": {"kind": "lognormal", "median_ms": 3.0, "p99_ms": 9.0}},
    "model_server": {"replicas": 1, "max_wait_ms": 2.0, "batch_time": {"fixed_ms": 3.0, "per_item_ms": 0.01}},
    "llm_server": {
        "replicas": 1,
        "step_ms": 10.0,
        "per_running_ms": 0.05,
        "prefill_ms_per_token": 0.05,
        "max_running": 64,
    },
    "stream": {
        "partitions": 4,
        "replicas": 4,
        "consumer_time": {"kind": "lognormal", "median_ms": 5.0, "p99_ms": 20.0},
    },
    "load_balancer": {"policy": "round_robin"},
    "router": {},
}
"""What a new component of each kind is until somebody says otherwise."""

LONGEST_STEM = 36  # a number fits behind it
NEEDS_DOWNSTREAM = ("cache", "load_balancer", "router")


def add(design: Design, kind: str, name: str, downstream: tuple[str, ...] = ()) -> Design:
    """The design with one more component. A cache, load balancer or router needs what it stands in front of.

    A load balancer takes over the calls to its targets, whose replicas then keep a queue each.
    """
    if name in design.components:
        raise DesignProblem([f"components.{name} is there already; choose another name"])
    if kind not in NEW:
        raise DesignProblem([f"components.{name} has the kind {kind!r}; choose one of {', '.join(NEW)}"])
    if kind in NEEDS_DOWNSTREAM and not downstream:
        raise DesignProblem([f"components.{name} is a {kind.replace('_', ' ')}; choose what it stands in front of"])
    data, part = _data(design), {"kind": kind, **NEW[kind]}
    if kind == "model_server":
        part["max_items"] = 4 * max(_largest(one.items) for one in design.traffic.classes)
    if kind == "cache":
        part["on_miss"] = [[{"to": to}] for to in downstream]
    if kind == "router":
        part["routes"] = [{"to": to, "share": 1.0 if to == downstream[0] else 0.0} for to in downstream]
    if kind == "load_balancer":
        part["targets"] = list(downstream)
        _each_way(data, lambda place, key: place.__setitem__(key, name) if place[key] in downstream else None)
    data["components"][name] = part
    return design_from(data)


def _largest(items: Any) -> int:
    return items if isinstance(items, int) else int(4 * items.mean)


def remove(design: Design, name: str) -> Design:
    """The design without a component and without the calls, fallbacks and faults that mention it."""
    if name == design.traffic.entry:
        raise DesignProblem([f"components.{name} is where requests enter; choose another entry first"])
    callers = [other for other, part in design.components.items() if name in wiring.downstream(part)]
    data = _data(design)
    del data["components"][name]
    for caller in callers:
        forget(data["components"][caller], name)
        if any(data["components"][caller].get(field) == [] for field in ("targets", "on_miss", "routes")):
            raise DesignProblem([f"components.{caller} stands only in front of {name}; remove {caller} first"])
    for part in data["components"].values():
        if (part.get("freshness") or {}).get("fed_by") == name:
            part["freshness"]["fed_by"] = None
    data["faults"] = [fault for fault in data["faults"] if name not in (fault.get("component"), fault.get("caller"))]
    return design_from(data)


def forget(part: Data, name: str) -> None:
    """Take everything that sends requests to a component out of the data of another."""
    for field in ("calls", "on_miss"):
        if field in part:
            for step in part[field]:
                step[:] = [call for call in step if call["to"] != name]
                for call in step:
                    call["fallback"] = [one for one in call["fallback"] if one["to"] != name]
            part[field] = [step for step in part[field] if step]
    if "targets" in part:
        part["targets"] = [target for target in part["targets"] if target != name]
    if "routes" in part:
        part["routes"] = [route for route in part["routes"] if route["to"] != name]
        if part["routes"]:
            settle_shares(part["routes"])


def rename(design: Design, old: str, new: str) -> Design:
    """The design with another name for a component, wherever it is mentioned."""
    if new in design.components and new != old:
        raise DesignProblem([f"components.{new} is there already; choose another name"])
    data = _data(design)
    data["components"] = {new if name == old else name: part for name, part in data["components"].items()}
    _each_reference(data, lambda place, key: place.__setitem__(key, new) if place[key] == old else None)
    return design_from(data)


def duplicate(design: Design, name: str, new: str) -> Design:
    """The design with a second component like one that it has: it asks the same others, and nobody asks it yet."""
    if new in design.components:
        raise DesignProblem([f"components.{new} is there already; choose another name"])
    data, components = _data(design), {}
    for one, part in data["components"].items():
        components[one] = part
        if one == name:
            components[new] = deepcopy(part)
    data["components"] = components
    return design_from(data)


def free_name(design: Design, stem: str, first: int = 1) -> str:
    """The stem with a number, `first` or above, that makes it no component's name yet."""
    names = (f"{stem[:LONGEST_STEM]}_{n}" for n in count(first))
    return next(name for name in names if name not in design.components)


def _each_reference(data: Data, change: Callable[[Any, Any], object]) -> None:
    """Call `change(place, key)` for every mention of a component's name, which is then `place[key]`."""
    _each_way(data, change)
    for part in data["components"].values():
        if part.get("freshness"):
            change(part["freshness"], "fed_by")
    for fault in data["faults"]:
        for field in ("component", "caller"):
            if field in fault:
                change(fault, field)


def _each_way(data: Data, change: Callable[[Any, Any], object]) -> None:
    """The same for every mention that sends requests there."""
    change(data["traffic"], "entry")
    for part in data["components"].values():
        for step in [*part.get("calls", []), *part.get("on_miss", [])]:
            for call in step:
                change(call, "to")
                for fallback in call["fallback"]:
                    change(fallback, "to")
        for i in range(len(part.get("targets", []))):
            change(part["targets"], i)
        for route in part.get("routes", []):
            change(route, "to")


def set_part(design: Design, name: str, changes: Data) -> Design:
    """The design with other values for some fields of one component; nested data replaces what was there."""
    data = _data(design)
    data["components"][name] |= changes
    return design_from(data)


def set_entry(design: Design, name: str) -> Design:
    """The design with another component as the first that requests come to."""
    data = _data(design)
    data["traffic"]["entry"] = name
    return design_from(data)


def steps_field(kind: str) -> str | None:
    """The field that holds the steps of calls of a kind of component; None if it makes no calls."""
    return {"service": "calls", "stream": "calls", "cache": "on_miss"}.get(kind)


def add_call(design: Design, name: str, to: str, *, beside_last: bool = False) -> Design:
    """The design with one more call of a component, as a step of its own or beside the calls of the last step."""
    steps = _steps(design, name)
    if beside_last and steps:
        steps[-1].append({"to": to})
    else:
        steps.append([{"to": to}])
    return _with_steps(design, name, steps)


def come_between(design: Design, caller: str, name: str, behind: Collection[str]) -> Design:
    """The design in which a caller asks one component instead of others behind it or, if it asks none of them, also."""
    steps = _steps(design, caller)
    taken = [call for step in steps for call in step if call["to"] in behind]
    for call in taken:
        call["to"] = name
    return _with_steps(design, caller, steps) if taken else add_call(design, caller, name)


def remove_call(design: Design, name: str, step: int, call: int) -> Design:
    """The design without one call; a step that is left empty goes too."""
    steps = _steps(design, name)
    del steps[step][call]
    return _with_steps(design, name, [one for one in steps if one])


def move_step(design: Design, name: str, step: int, by: int) -> Design:
    """The design with one step of a component earlier or later; at the ends it stays where it is."""
    steps = _steps(design, name)
    other = step + by
    if 0 <= other < len(steps):
        steps[step], steps[other] = steps[other], steps[step]
    return _with_steps(design, name, steps)


def set_call(design: Design, name: str, step: int, call: int, changes: Data) -> Design:
    """The design with other values for some fields of one call."""
    steps = _steps(design, name)
    steps[step][call] |= changes
    return _with_steps(design, name, steps)


def _steps(design: Design, name: str) -> list[list[Data]]:
    part = _data(design)["components"][name]
    field = steps_field(part["kind"])
    if field is None:
        raise DesignProblem([f"components.{name} is a {part['kind']}, which calls nobody"])
    steps: list[list[Data]] = part[field]
    return steps


def _with_steps(design: Design, name: str, steps: list[list[Data]]) -> Design:
    field = steps_field(design.components[name].kind)
    assert field is not None, "_steps has refused the kinds that call nobody"
    return set_part(design, name, {field: steps})


def _data(design: Design) -> Data:
    return design.model_dump(mode="json")
