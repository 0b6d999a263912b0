"""The settings of a drawn design that a text can speak of, each with the part that has it. Times are in ms or s as the
kind says, shares 0-1; counts are the cell's.
"""

from collections.abc import Iterable, Iterator
from math import inf
from typing import Literal, NamedTuple, get_args

from simulator.design import Cache, Call, Design, LlmServer, ModelServer, Router, Service, Store, Stream, Ttl
from simulator.design import ComponentSpec as Part
from simulator.wiring import calls_of

SettingKind = Literal[
    "batch_items", "batch_requests", "running", "batch_wait_ms", "timeout_ms", "deadline_ms", "promised_ms",
    "drop_older_ms", "retries", "tries", "retry_budget", "hedge_ms", "replicas", "devices", "shards", "ttl_s",
    "hit_ratio", "queue_limit", "canary_share",
]  # fmt: skip
PartKind = Literal[
    "batching", "cache", "retries", "hedging", "autoscaling", "circuit_breaker", "fallback", "rate_limit"
]
SETTING_KINDS: tuple[SettingKind, ...] = get_args(SettingKind)
PART_KINDS: tuple[PartKind, ...] = get_args(PartKind)


TOGETHER = "all parts together"


class Setting(NamedTuple):
    """A value from `low` to `high`: the same twice but for what an autoscaler moves, and infinite where unlimited."""

    kind: SettingKind
    where: str
    field: str
    low: float
    high: float


def settings(design: Design) -> list[Setting]:
    """Every setting of the design, part by part."""
    found = [one for name, part in design.components.items() for one in _of_part(name, part)]
    items = _mean_items(design)
    found += [
        one._replace(kind="batch_requests", low=one.low / items, high=one.high / items)
        for one in found
        if one.kind == "batch_items"
    ]
    promised = {design.promise.deadline_ms, design.promise.p99_ms} - {None}
    found += [_exactly("promised_ms", "the promise", "p99_ms", one) for one in promised if one is not None]
    together = sum(one.high for one in found if one.kind == "replicas")
    return [*found, _exactly("replicas", TOGETHER, "replicas", together)]


def parts(design: Design, kind: PartKind) -> list[str]:
    """Where the design has a part of the kind; empty if nowhere."""
    return [where for where, found in _parts(design) if found == kind]


def _parts(design: Design) -> Iterator[tuple[str, PartKind]]:
    items = _mean_items(design)
    for name, part in design.components.items():
        if isinstance(part, Cache):
            yield name, "cache"
        if isinstance(part, LlmServer) or (isinstance(part, ModelServer) and _limit(part.max_items) >= 2 * items):
            yield name, "batching"
        if getattr(part, "autoscaling", None) is not None:
            yield name, "autoscaling"
        if isinstance(part, Service) and part.rate_limits:
            yield name, "rate_limit"
        for where, call in _calls(name, part):
            for kind, is_there in _of_call(call):
                if is_there:
                    yield where, kind


def _of_call(call: Call) -> Iterable[tuple[PartKind, bool]]:
    return (
        ("retries", call.retries is not None),
        ("hedging", call.hedge is not None),
        ("circuit_breaker", call.circuit_breaker is not None),
        ("fallback", bool(call.fallback)),
    )


def _of_part(name: str, part: Part) -> Iterator[Setting]:
    yield from _counts(name, part)
    for where, call in _calls(name, part):
        yield from _limits(where, call)
    match part:
        case ModelServer():
            yield _exactly("batch_items", name, "max_items", _limit(part.max_items))
            yield _exactly("batch_wait_ms", name, "max_wait_ms", part.max_wait_ms)
        case LlmServer():
            yield _exactly("running", name, "max_running", part.max_running)
        case Cache():
            if isinstance(part.contents, Ttl):
                yield _exactly("ttl_s", name, "contents.ttl_s", part.contents.ttl_s)
            elif part.contents.kind == "fixed":
                yield _exactly("hit_ratio", name, "contents.hit_ratio", part.contents.hit_ratio)
        case Router():
            for i, route in enumerate(part.routes[1:], start=1):
                if not route.shadow:
                    yield _exactly("canary_share", name, f"routes.{i}.share", route.share or 0.0)
        case _:
            pass


def _counts(name: str, part: Part) -> Iterator[Setting]:
    replicas = getattr(part, "replicas", None)
    if replicas is not None:
        scaling = getattr(part, "autoscaling", None)
        low, high = (scaling.minimum, scaling.maximum) if scaling is not None else (replicas, replicas)
        yield Setting("replicas", name, "replicas", min(low, replicas), max(high, replicas))
        if isinstance(part, ModelServer | LlmServer):
            yield Setting("devices", name, "replicas", min(low, replicas), max(high, replicas))
    if isinstance(part, Store):
        yield _exactly("shards", name, "shards", part.shards)
        yield _exactly("replicas", name, "shards times replicas", part.shards * part.replicas)
    if isinstance(part, Stream):
        yield _exactly("shards", name, "partitions", part.partitions)
    queue = getattr(part, "queue", None)
    if queue is not None:
        yield _exactly("queue_limit", name, "queue.limit", _limit(queue.limit))
        if queue.drop_older_than_ms is not None:
            yield _exactly("drop_older_ms", name, "queue.drop_older_than_ms", queue.drop_older_than_ms)


def _limits(where: str, call: Call) -> Iterator[Setting]:
    if call.timeout_ms is not None:
        yield _exactly("timeout_ms", where, "timeout_ms", call.timeout_ms)
    if call.deadline_ms is not None:
        yield _exactly("deadline_ms", where, "deadline_ms", call.deadline_ms)
    if call.hedge is not None:
        yield _exactly("hedge_ms", where, "hedge.after_ms", call.hedge.after_ms)
    if call.retries is not None:
        yield _exactly("tries", where, "retries.attempts", call.retries.attempts)
        yield _exactly("retries", where, "retries.attempts", call.retries.attempts - 1)
        if call.retries.budget is not None:
            yield _exactly("retry_budget", where, "retries.budget.ratio", call.retries.budget.ratio)


def _calls(name: str, part: Part) -> Iterator[tuple[str, Call]]:
    return ((f"the call from {name} to {call.to}", call) for _, call in calls_of(part))


def _exactly(kind: SettingKind, where: str, field: str, value: float) -> Setting:
    return Setting(kind, where, field, value, value)


def _limit(value: float | str) -> float:
    return inf if isinstance(value, str) else value


def _mean_items(design: Design) -> float:
    """The mean number of items of a request."""
    means = [(one.share, one.items if isinstance(one.items, int) else one.items.mean) for one in design.traffic.classes]
    total = sum(share for share, _ in means)
    return sum(share * mean for share, mean in means) / total if total else 1.0
