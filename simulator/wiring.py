"""Who asks whom in a design, and what in it does not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.design import Call, ComponentSpec, Design

MOST_SLOTS = 1_000_000
HAS_REPLICAS = ("service", "model_server", "llm_server")


def calls_of(spec: ComponentSpec) -> Iterator[tuple[str, Call]]:
    """Each call that a component makes, with its place, such as `calls.0.1`."""
    match spec.kind:
        case "service" | "stream":
            field, steps = "calls", spec.calls
        case "cache":
            field, steps = "on_miss", spec.on_miss
        case _:
            return
    for i, step in enumerate(steps):
        for j, call in enumerate(step):
            yield f"{field}.{i}.{j}", call


def references(spec: ComponentSpec) -> Iterator[tuple[str, str]]:
    """Each name that a component mentions, with its place."""
    for place, call in calls_of(spec):
        yield f"{place}.to", call.to
        for k, fallback in enumerate(call.fallback):
            if fallback.to is not None:
                yield f"{place}.fallback.{k}.to", fallback.to
    if spec.kind == "load_balancer":
        for i, target in enumerate(spec.targets):
            yield f"targets.{i}", target
    if spec.kind == "router":
        for i, route in enumerate(spec.routes):
            yield f"routes.{i}.to", route.to


def fed_by(spec: ComponentSpec) -> list[str]:
    """The stream whose consumers write what a store holds, if one does; no request takes that way."""
    feeder = spec.freshness.fed_by if spec.kind == "store" and spec.freshness is not None else None
    return [] if feeder is None else [feeder]


def downstream(spec: ComponentSpec) -> list[str]:
    """The components that one may send requests to, each once, in the order of the design."""
    return list(dict.fromkeys(name for _, name in references(spec)))


def downstream_first(design: Design) -> list[str]:
    """Every component's name, after the names of all it sends requests to. Raise CycleError if there is no such
    order.
    """
    return list(TopologicalSorter({name: downstream(spec) for name, spec in design.components.items()}).static_order())


def balanced(design: Design) -> set[str]:
    """The components whose replicas keep a queue each, because a load balancer chooses among them."""
    return {t for spec in design.components.values() if spec.kind == "load_balancer" for t in spec.targets}


def unreached(design: Design) -> list[str]:
    """Components that no request can arrive at."""
    seen, stack = set(), [design.traffic.entry]
    while stack:
        if (name := stack.pop()) not in seen:
            seen.add(name)
            stack.extend(downstream(design.components[name]))
    return [name for name in design.components if name not in seen]


def problems(design: Design) -> list[str]:
    """A sentence for everything that does not fit, each beginning with its place."""
    unknown = list(_unknown_names(design))
    if unknown:
        return unknown
    return [
        *_closed_loop(design),
        *_circles(design),
        *_targets(design),
        *_feeders(design),
        *_balancing(design),
        *_classes(design),
        *_rate_limits(design),
        *_batches(design),
        *_sizes(design),
        *_fan_outs(design),
        *_stale_answers(design),
        *_replays(design),
        *_faults(design),
    ]


def _unknown_names(design: Design) -> Iterator[str]:
    known = sorted(design.components)
    mentions = [("traffic.entry", design.traffic.entry)]
    for name, spec in design.components.items():
        mentions += [(f"components.{name}.{place}", to) for place, to in references(spec)]
        mentions += [(f"components.{name}.freshness.fed_by", to) for to in fed_by(spec)]
    for i, fault in enumerate(design.faults):
        mentions += [(f"faults.{i}.{field}", value) for field, value in fault if field in ("component", "caller")]
    for place, mentioned in mentions:
        if mentioned not in design.components:
            yield f"{place} is {mentioned!r}, which is not a component; choose one of {', '.join(known)}"


def _closed_loop(design: Design) -> Iterator[str]:
    """Users who wait for their answers have no rate that something else could change."""
    if design.traffic.arrivals.kind != "closed_loop":
        return
    if design.traffic.profile is not None:
        yield "traffic.profile changes a rate, and the users of a closed loop have none; leave it out"
    for i, fault in enumerate(design.faults):
        if fault.kind == "traffic_spike":
            yield f"faults.{i} is a traffic spike, and the users of a closed loop have no rate to raise; leave it out"


def _circles(design: Design) -> Iterator[str]:
    try:
        downstream_first(design)
    except CycleError as error:
        loop = list(reversed(error.args[1]))
        yield f"components.{loop[0]} asks in a circle: {' -> '.join(loop)}; take one of these calls out"


def _feeders(design: Design) -> Iterator[str]:
    for name, spec in design.components.items():
        for feeder in fed_by(spec):
            if (kind := design.components[feeder].kind) != "stream":
                yield f"components.{name}.freshness.fed_by is {feeder!r}, a {kind}; choose a stream, or leave it out"


def _targets(design: Design) -> Iterator[str]:
    for name, spec in design.components.items():
        if spec.kind == "load_balancer":
            for target in sorted({to for to in spec.targets if spec.targets.count(to) > 1}):
                yield f"components.{name}.targets has {target!r} twice; name each target once"


def _balancing(design: Design) -> Iterator[str]:
    apart = balanced(design)
    for name in sorted(apart):
        kind = design.components[name].kind
        if kind not in HAS_REPLICAS:
            choices = ", ".join(HAS_REPLICAS)
            yield f"components.{name} is a {kind}, which a load balancer cannot target; choose a {choices}"
    for name in sorted(apart):
        by = [lb for lb, spec in design.components.items() if spec.kind == "load_balancer" and name in spec.targets]
        if len(by) > 1:
            yield f"components.{name} is behind {' and '.join(by)}; a component can stand behind one load balancer only"
    if design.traffic.entry in apart:
        yield f"traffic.entry is {design.traffic.entry!r}, which is behind a load balancer; enter at the load balancer"
    for name, spec in design.components.items():
        if spec.kind == "load_balancer":
            continue
        for place, to in references(spec):
            if to in apart:
                yield f"components.{name}.{place} is {to!r}, which is behind a load balancer; call that instead"


def _classes(design: Design) -> Iterator[str]:
    classes = design.traffic.classes
    names = [one.name for one in classes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"traffic.classes has {name!r} twice; give each class a name of its own"
    total = sum(one.share for one in classes)
    if abs(total - 1) > 1e-6:
        yield f"traffic.classes has shares that add up to {total:.4g}; they must add up to 1"
    for name, spec in design.components.items():
        for place, call in calls_of(spec):
            for wanted in call.classes:
                if wanted not in names:
                    yield (
                        f"components.{name}.{place}.classes has {wanted!r}, which is not a class of requests; "
                        f"choose one of {', '.join(names)}"
                    )


def _rate_limits(design: Design) -> Iterator[str]:
    names = [one.name for one in design.traffic.classes]
    for name, spec in design.components.items():
        for i, limit in enumerate(spec.rate_limits if spec.kind == "service" else ()):
            if limit.class_name is not None and limit.class_name not in names:
                yield (
                    f"components.{name}.rate_limits.{i}.class_name is {limit.class_name!r}, which is not a class of "
                    f"requests; choose one of {', '.join(names)}"
                )


def _batches(design: Design) -> Iterator[str]:
    for name, spec in design.components.items():
        if spec.kind != "model_server":
            continue
        if spec.batch_time.fixed_ms == 0 and spec.batch_time.per_item_ms == 0:
            yield f"components.{name}.batch_time is 0 ms; give fixed_ms or per_item_ms a value above 0"
        if spec.max_items == "unlimited":
            continue
        for one in design.traffic.classes:
            if isinstance(one.items, int) and one.items > spec.max_items:
                yield (
                    f"components.{name}.max_items is {spec.max_items}, but a request of class {one.name!r} carries "
                    f"{one.items} items; raise max_items to {one.items} or more, or lower the items"
                )


def _sizes(design: Design) -> Iterator[str]:
    for name, spec in design.components.items():
        slots = getattr(spec, "replicas", 1) * _per_replica(spec)
        if slots > MOST_SLOTS:
            yield f"components.{name} has {slots:,} slots in all its replicas, and {MOST_SLOTS:,} is the most"


def _per_replica(spec: ComponentSpec) -> int:
    if spec.kind == "store":
        return spec.shards * (1 if spec.concurrency == "unlimited" else spec.concurrency)
    return getattr(spec, "concurrency", 1) * getattr(spec, "streams", 1)


def _fan_outs(design: Design) -> Iterator[str]:
    for name, spec in design.components.items():
        for place, call in calls_of(spec):
            if call.fan_out is None:
                continue
            where, target = f"components.{name}.{place}.fan_out", design.components[call.to]
            shards = target.shards if target.kind == "store" else None
            copies = shards if call.fan_out.copies == "all" else call.fan_out.copies
            if copies is None:
                yield f"{where}.copies is 'all', but {call.to} is a {target.kind} and has no shards; give a number"
                continue
            if shards is not None and copies > shards:
                yield f"{where}.copies is {copies}, but {call.to} has {shards} shards; ask at most that many"
            if call.fan_out.need != "all" and call.fan_out.need > copies:
                yield f"{where}.need is {call.fan_out.need}, but only {copies} are asked"


def _stale_answers(design: Design) -> Iterator[str]:
    for name, spec in design.components.items():
        for place, call in calls_of(spec):
            if call.stale_after_s is not None and call.fire_and_forget:
                where = f"components.{name}.{place}.stale_after_s is {call.stale_after_s:g}"
                yield f"{where}, but with fire_and_forget nobody looks at the answer; leave one of the two out"


def _faults(design: Design) -> Iterator[str]:
    for i, fault in enumerate(design.faults):
        if fault.kind == "kill_replicas":
            target = design.components[fault.component]
            if not (target.kind in HAS_REPLICAS or target.kind in ("store", "stream")):
                yield f"faults.{i}.component is {fault.component!r}, a {target.kind}, which has no replicas to kill"
            elif fault.replicas > (alive := getattr(target, "replicas", 0)):
                yield f"faults.{i}.replicas is {fault.replicas}, but {fault.component} has only {alive}"
        if fault.kind == "traffic_spike":
            yield from _spike(design, f"faults.{i}", fault.class_name)
        if fault.kind == "flush_cache" and design.components[fault.component].kind != "cache":
            yield f"faults.{i}.component is {fault.component!r}, which is not a cache"
        if fault.kind == "delay_features" and design.components[fault.component].kind != "store":
            yield f"faults.{i}.component is {fault.component!r}, which is not a store"
        if fault.kind == "bad_canary" and design.components[fault.component].kind != "router":
            yield f"faults.{i}.component is {fault.component!r}, which is not a router"


def _spike(design: Design, place: str, class_name: str | None) -> Iterator[str]:
    shares = {one.name: one.share for one in design.traffic.classes}
    if class_name is None:
        return
    if class_name not in shares:
        choices = ", ".join(shares)
        yield f"{place}.class_name is {class_name!r}, which is not a class of requests; choose one of {choices}"
    elif not shares[class_name]:
        yield f"{place}.class_name is {class_name!r}, a class with the share 0, which no factor changes; give it one"


def _replays(design: Design) -> Iterator[str]:
    for i, fault in enumerate(design.faults):
        if fault.kind != "replay":
            continue
        if design.components[fault.component].kind != "stream":
            yield f"faults.{i}.component is {fault.component!r}, which is not a stream"
        if fault.for_s is not None:
            yield f"faults.{i}.for_s is {fault.for_s:g}, but a replay takes as long as it takes; leave it out"
