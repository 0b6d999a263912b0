"""Single changes that a rule may suggest: to replicas, batches, queues, caches and balancing."""

from collections.abc import Iterator
from math import ceil

from simulator import wiring
from simulator.advisor.case import FREE_SLOT, Case, Finding, ms
from simulator.advisor.change import Change, changed
from simulator.design import Autoscaling, Cache, LoadBalancer, Lru, ModelServer, Store, Stream, Ttl

COMFORTABLE = 0.7  # of capacity
TIGHT = 0.9
SMALLEST_SHARE = 0.1  # of the promised time


def more_replicas(case: Case, finding: Finding) -> Iterator[Change]:
    for name in _with_replicas(case, finding.component):
        yield from _more_of(case, name)


def _with_replicas(case: Case, name: str) -> list[str]:
    """The component or, of a balancer, what it stands in front of."""
    part = case.design.components[name]
    names = part.targets if isinstance(part, LoadBalancer) else (name,)
    return [one for one in names if hasattr(case.design.components[one], "replicas")]


def _more_of(case: Case, name: str) -> Iterator[Change]:
    part = case.design.components[name]
    now: int = getattr(part, "replicas", 1)
    enough = ceil(max(case.load(name), case.static[name].load if name in case.static else 0.0) * now / COMFORTABLE)
    for number in dict.fromkeys((now + 1, min(enough, 20 * now))):
        if number <= now:
            continue
        label = f"{name}: {_replicas(number)} instead of {now}"
        edits = {f"components.{name}.replicas": number}
        scaling: Autoscaling | None = getattr(part, "autoscaling", None)
        if scaling is not None:
            place = f"components.{name}.autoscaling"
            edits |= {f"{place}.maximum": max(number, scaling.maximum), f"{place}.minimum": number}
        if isinstance(part, Stream) and number > part.partitions:
            edits |= {f"components.{name}.partitions": number}
            label = f"{name}: {number} consumers, each with a partition, instead of {now}"
        yield from changed(case, label, edits)


def _replicas(number: int) -> str:
    return "1 replica" if number == 1 else f"{number:,} replicas"


def fewer_replicas(case: Case, finding: Finding) -> Iterator[Change]:
    name = finding.component
    part = case.design.components[name]
    now: int = getattr(part, "replicas", 1)
    load = max(case.load(name), case.static[name].load if name in case.static else 0.0)
    least = max(1, ceil(load * now / TIGHT))
    for number in dict.fromkeys((least, (least + now) // 2, now - 1)):
        if not 1 <= number < now:
            continue
        edits = {f"components.{name}.replicas": number}
        scaling = getattr(part, "autoscaling", None)
        if scaling is not None and scaling.minimum > number:
            edits[f"components.{name}.autoscaling.minimum"] = number
        yield from changed(case, f"{name}: {_replicas(number)} instead of {now}", edits)


def leaner(case: Case, finding: Finding) -> Iterator[Change]:
    """Two turns that belong together: larger batches do the work of a device that goes."""
    name, part = finding.component, case.design.components[finding.component]
    if isinstance(part, ModelServer) and part.max_items != "unlimited" and part.replicas > 1:
        items, number = 2 * part.max_items, part.replicas - 1
        label = f"{name}: batches of at most {items:,} items instead of {part.max_items:,}, and {_replicas(number)} "
        edits = {f"components.{name}.max_items": items, f"components.{name}.replicas": number}
        yield from changed(case, f"{label}instead of {part.replicas}", edits)


def more_shards(case: Case, finding: Finding) -> Iterator[Change]:
    part = case.design.components[finding.component]
    if isinstance(part, Store):
        label = f"{finding.component}: {2 * part.shards} shards instead of {part.shards}"
        yield from changed(case, label, {f"components.{finding.component}.shards": 2 * part.shards})


def fewer_shards(case: Case, finding: Finding) -> Iterator[Change]:
    """Only where half as many can carry the load."""
    name, part = finding.component, case.design.components[finding.component]
    if not isinstance(part, Store) or part.shards < 2 or case.load(name) > COMFORTABLE / 2:
        return
    half = part.shards // 2
    label = f"{name}: {half} shards instead of {part.shards}, each with twice as much to hold"
    yield from changed(case, label, {f"components.{name}.shards": half})


def bigger_batch(case: Case, finding: Finding) -> Iterator[Change]:
    name, part = finding.component, case.design.components[finding.component]
    if isinstance(part, ModelServer) and part.max_items != "unlimited":
        for items in (2 * part.max_items, 4 * part.max_items):
            label = f"{name}: batches of at most {items:,} items instead of {part.max_items:,}"
            yield from changed(case, label, {f"components.{name}.max_items": items})


def smaller_batch(case: Case, finding: Finding) -> Iterator[Change]:
    name, part = finding.component, case.design.components[finding.component]
    if isinstance(part, ModelServer) and part.max_items != "unlimited" and part.max_items >= 2:
        items = part.max_items // 2
        label = f"{name}: batches of at most {items:,} items instead of {part.max_items:,}"
        yield from changed(case, label, {f"components.{name}.max_items": items})


def shorter_batch_wait(case: Case, finding: Finding) -> Iterator[Change]:
    name, part = finding.component, case.design.components[finding.component]
    if isinstance(part, ModelServer) and part.max_wait_ms > 0:
        for wait_ms in (0.0, part.max_wait_ms / 2):
            label = f"{name}: a batch waits at most {wait_ms:g} ms instead of {part.max_wait_ms:g} ms"
            yield from changed(case, label, {f"components.{name}.max_wait_ms": wait_ms})


def queue_deadline(case: Case, finding: Finding) -> Iterator[Change]:
    name, part = finding.component, case.design.components[finding.component]
    left_ms = _left_ms(case, name)
    queue = getattr(part, "queue", None)
    if queue is None or left_ms is None:
        return
    for wait_ms in dict.fromkeys((round(left_ms, 1), round(left_ms / 2, 1))):
        if queue.drop_older_than_ms is None or wait_ms < queue.drop_older_than_ms:
            label = f"{name}: drop what has waited {ms(wait_ms)}"
            yield from changed(case, label, {f"components.{name}.queue.drop_older_than_ms": wait_ms})


def queue_limit(case: Case, finding: Finding) -> Iterator[Change]:
    name, part = finding.component, case.design.components[finding.component]
    left_ms, capacity = _left_ms(case, name), case.capacity_per_s(name)
    queue = getattr(part, "queue", None)
    if queue is None or left_ms is None or capacity is None:
        return
    limit = max(1, round(capacity * left_ms / 1000))
    if queue.limit == "unlimited" or limit < queue.limit:
        label = f"{name}: a queue of at most {limit:,} requests, {ms(left_ms)} of work"
        yield from changed(case, label, {f"components.{name}.queue.limit": limit})


def _left_ms(case: Case, name: str) -> float | None:
    """What of the promised time is left for waiting here, if the rest takes what a middling request needs."""
    fall, promised_ms = case.fall(0.5), case.promised_ms
    if promised_ms is None or fall is None:
        return None
    rest_ms = fall.latency_ms - case.time_ms(name, FREE_SLOT, 0.5)[0]
    return max(promised_ms - rest_ms, SMALLEST_SHARE * promised_ms)


def newest_first(case: Case, finding: Finding) -> Iterator[Change]:
    label = f"{finding.component}: the newest request first"
    yield from _discipline(case, finding.component, "lifo", label)


def priority(case: Case, finding: Finding) -> Iterator[Change]:
    if len({one.priority for one in case.design.traffic.classes}) > 1:
        label = f"{finding.component}: important requests first"
        yield from _discipline(case, finding.component, "priority", label)


def _discipline(case: Case, name: str, discipline: str, label: str) -> Iterator[Change]:
    if getattr(case.design.components[name], "queue", None) is not None:
        yield from changed(case, label, {f"components.{name}.queue.discipline": discipline})


def bigger_cache(case: Case, finding: Finding) -> Iterator[Change]:
    """Of the cache itself, or of the caches that ask the component."""
    for name, part in case.design.components.items():
        asks = finding.component in {call.to for _, call in wiring.calls_of(part)}
        if not isinstance(part, Cache) or (name != finding.component and not asks):
            continue
        place, contents = f"components.{name}.contents", part.contents
        if isinstance(contents, Lru):
            label = f"{name}: room for {2 * contents.capacity_keys:,} keys instead of {contents.capacity_keys:,}"
            yield from changed(case, label, {f"{place}.capacity_keys": 2 * contents.capacity_keys})
        elif isinstance(contents, Ttl):
            label = f"{name}: entries live {2 * contents.ttl_s:g} s instead of {contents.ttl_s:g} s"
            yield from changed(case, label, {f"{place}.ttl_s": 2 * contents.ttl_s})


def single_flight(case: Case, finding: Finding) -> Iterator[Change]:
    name = finding.component
    label = f"{name}: one fill for all misses of a key at once"
    if isinstance(case.design.components[name], Cache):
        yield from changed(case, label, {f"components.{name}.single_flight": True})


def autoscaling(case: Case, finding: Finding) -> Iterator[Change]:
    name, part = finding.component, case.design.components[finding.component]
    if not hasattr(part, "autoscaling") or part.autoscaling is not None:
        return
    now: int = getattr(part, "replicas", 1)
    settings = {"metric": "utilization", "target": 0.6, "minimum": now, "maximum": 3 * now}
    label = f"{name}: autoscaling from {now} to {3 * now} replicas at 60% busy"
    yield from changed(case, label, {f"components.{name}.autoscaling": settings})


def better_balancing(case: Case, finding: Finding) -> Iterator[Change]:
    for name, part in case.design.components.items():
        if isinstance(part, LoadBalancer) and finding.component in (name, *part.targets):
            for policy, words in (
                ("least_outstanding", "the replica with least to do"),
                ("power_of_d", f"the better of {part.choices} replicas"),
            ):
                yield from changed(case, f"{name}: {words}", {f"components.{name}.policy": policy})
