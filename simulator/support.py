"""What the vocabulary can say and the simulator cannot run yet, refused by name."""

from collections.abc import Iterator

from simulator import wiring
from simulator.design import Autoscaling, Cache, Design, ModelServer, Queue, Service, Store

RUNNING_KINDS = ("service", "cache", "store", "model_server", "load_balancer")
RUNNING_FAULTS = ("kill_replicas", "slow", "traffic_spike", "error_rate", "cut_link")
RUNNING_ARRIVALS = ("poisson", "evenly_spaced", "renewal")


class DoesNotRunYet(ValueError):
    """The design is valid but says something that no engine runs yet; `problems` holds a sentence for each."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def check(design: Design) -> None:
    """Raise DoesNotRunYet with every part of the design that cannot run."""
    if problems := [*_kinds(design), *_traffic(design), *_components(design), *_faults(design)]:
        raise DoesNotRunYet(problems)


def _not_yet(place: str, value: object, choices: tuple[str, ...] | str) -> str:
    instead = choices if isinstance(choices, str) else f"these do: {', '.join(choices)}"
    return f"{place} is {value!r}, which does not run yet; {instead}"


def _kinds(design: Design) -> Iterator[str]:
    for name, part in design.components.items():
        if part.kind not in RUNNING_KINDS:
            yield _not_yet(f"components.{name}.kind", part.kind, RUNNING_KINDS)


def _traffic(design: Design) -> Iterator[str]:
    traffic = design.traffic
    if traffic.arrivals.kind not in RUNNING_ARRIVALS:
        yield _not_yet("traffic.arrivals.kind", traffic.arrivals.kind, RUNNING_ARRIVALS)
    if traffic.profile is not None and traffic.profile.kind != "steps":
        yield _not_yet("traffic.profile.kind", traffic.profile.kind, ("steps",))
    if traffic.keys is not None:
        yield _not_yet("traffic.keys", traffic.keys.count, "leave it out and give caches a fixed hit ratio")


def _components(design: Design) -> Iterator[str]:
    for name, part in design.components.items():
        place = f"components.{name}"
        match part:
            case Cache():
                yield from _cache(place, part)
            case Store():
                yield from _queue(place, part.queue)
                for field in ("hot_shard_share", "freshness", "quorum"):
                    if (value := getattr(part, field)) is not None:
                        yield _not_yet(f"{place}.{field}", value, "leave it out")
            case Service():
                yield from _queue(place, part.queue)
                yield from _service(place, part)
            case ModelServer():
                yield from _queue(place, part.queue)
                yield from _autoscaling(place, part.autoscaling)


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


def _cache(place: str, part: Cache) -> Iterator[str]:
    if part.contents.kind != "fixed":
        yield _not_yet(f"{place}.contents.kind", part.contents.kind, ("fixed",))
    if part.single_flight:
        yield _not_yet(f"{place}.single_flight", True, "leave it out")


def _faults(design: Design) -> Iterator[str]:
    for i, fault in enumerate(design.faults):
        if fault.kind not in RUNNING_FAULTS:
            yield _not_yet(f"faults.{i}.kind", fault.kind, RUNNING_FAULTS)
        elif fault.kind == "cut_link":
            if fault.component not in wiring.downstream(design.components[fault.caller]):
                yield (
                    f"faults.{i}.component is {fault.component!r}, which {fault.caller} never asks: "
                    "cutting their link would change nothing; name a component that it asks"
                )
        elif fault.kind == "kill_replicas":
            target = design.components[fault.component]
            if target.kind == "store" and target.concurrency == "unlimited":
                yield (
                    f"faults.{i}.component is {fault.component!r}, whose reads never wait: "
                    "losing a replica would change nothing; give the store a concurrency"
                )
