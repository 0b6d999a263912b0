"""The failure drill: an unannounced fault that fits a person's own design, and the same again on a changed one."""

import hashlib
import math
from collections.abc import Iterator

from question_bank.schema import Words
from simulator import wiring
from simulator.design import (
    Cache,
    CutLink,
    Design,
    FaultSpec,
    FlushCache,
    KillReplicas,
    LoseZone,
    Slow,
)
from simulator.design_file import DesignProblem, design_from
from simulator.load import mean_rate_per_s, static_load
from simulator.settings import RunSettings
from simulator.spec import Positive, Spec
from simulator.support import DoesNotRunYet, check

REQUESTS = 10_000  # enough for fifty steps of a timeline, and for seconds of computing
SHORTEST_S, LONGEST_S = 3.0, 3_000.0
BEGINS, LASTS = 0.35, 0.2  # of the run
FITS_WELL, FITS, POSSIBLE = 3, 2, 1
SLOWER = 5.0
LEAST_KILLED, MOST_KILLED = 0.25, 0.5  # of the replicas of a part that has several
_KILLED = ("service", "model_server", "llm_server", "stream")


class Possible(Spec):
    """A fault that a design could be struck by; `weight` says how well it fits, `story` what happened."""

    fault: FaultSpec
    weight: int
    target: Words
    story: str


class Drill(Spec):
    """A design with its fault, ready to run. Until it is over, only the seconds may be shown."""

    fault: FaultSpec
    target: Words
    story: str
    at_s: Positive
    until_s: Positive
    design: Design
    settings: RunSettings


class NoDrill(ValueError):
    """Nothing in the design can fail in a way that runs; the message says why."""


def drill_for(design: Design, attempt: str) -> Drill:
    """The drill of an attempt: the same id and design give the same fault. Raise NoDrill."""
    plain = design.model_copy(update={"faults": ()})
    duration_s = min(LONGEST_S, max(SHORTEST_S, REQUESTS / mean_rate_per_s(plain)))
    at_s, for_s = BEGINS * duration_s, LASTS * duration_s
    found = [one for one in possible(plain, at_s, for_s) if _struck(plain, one.fault) is not None]
    if not found:
        raise NoDrill("Nothing in the drawing can fail yet; give a component replicas, or a call to another.")
    best = max(one.weight for one in found)
    chosen = _drawn([one for one in found if one.weight >= min(best, FITS)], attempt)
    struck = _struck(plain, chosen.fault)
    assert struck is not None, "it was tried above"
    return Drill(
        fault=chosen.fault,
        target=chosen.target,
        story=chosen.story,
        at_s=at_s,
        until_s=at_s + for_s,
        design=struck,
        settings=RunSettings(seed=_number(attempt) % 10_000 + 1, replications=1, duration_s=duration_s),
    )


def again(drill: Drill, changed: Design) -> Drill:
    """The same fault, at the same time and with the same luck, on a changed design. Raise NoDrill if it has gone."""
    struck = _struck(changed.model_copy(update={"faults": ()}), drill.fault)
    if struck is None:
        raise NoDrill(f"The fault struck {drill.target!r}, which the changed design no longer has in that way.")
    return drill.model_copy(update={"design": struck})


def possible(design: Design, at_s: float, for_s: float) -> Iterator[Possible]:
    """The faults that a design could be struck by, in its order."""
    unreached = set(wiring.unreached(design))
    loads = {name: one.load for name, one in static_load(design).items() if name not in unreached}
    hottest = max(loads, key=lambda one: loads[one], default=None)
    for name, part in design.components.items():
        if name in unreached:
            continue
        title = part.label or name
        if part.kind in _KILLED:
            yield _killing(design, name, title, at_s, for_s, load=loads[name] if name == hottest else None)
        if isinstance(part, Cache):
            fault = FlushCache(at_s=at_s, for_s=for_s, component=name)
            yield Possible(fault=fault, weight=FITS, target=name, story=f"{title} lost all that it held.")
        if part.kind == "store":
            fault_s = Slow(at_s=at_s, for_s=for_s, component=name, factor=SLOWER)
            weight = FITS_WELL if name == hottest else FITS if _is_waited_for(design, name) else POSSIBLE
            yield Possible(fault=fault_s, weight=weight, target=name, story=f"{title} took five times as long.")
    yield from _links(design, unreached, at_s, for_s)
    if design.zones > 1:
        lost = LoseZone(at_s=at_s, for_s=for_s)
        yield Possible(fault=lost, weight=FITS_WELL, target="zone", story="A zone was gone, with all that stood in it.")


def _killing(design: Design, name: str, title: str, at_s: float, for_s: float, *, load: float | None) -> Possible:
    """Some of a part's replicas die; what nobody waits for is a fault to think of, but not one that shows."""
    replicas = getattr(design.components[name], "replicas", 1)
    gone = _lost(replicas, load)
    what = "its only replica" if replicas == 1 else f"{gone} of {replicas} replicas"
    shows = design.components[name].kind != "stream" and (load is not None or replicas == 1)
    return Possible(
        fault=KillReplicas(at_s=at_s, for_s=for_s, component=name, replicas=gone),
        weight=FITS_WELL if shows else POSSIBLE,
        target=name,
        story=f"{title} lost {what}.",
    )


def _lost(replicas: int, load: float | None) -> int:
    """How many of the replicas die: so many that the others are asked for more than they can do, if half is enough."""
    least, most = math.ceil(LEAST_KILLED * replicas), math.ceil(MOST_KILLED * replicas)
    needed = math.floor(replicas * (1 - (load or 0.0))) + 1
    return min(most, max(least, needed))


def _links(design: Design, unreached: set[str], at_s: float, for_s: float) -> Iterator[Possible]:
    for name, part in design.components.items():
        for _, call in wiring.calls_of(part) if name not in unreached else ():
            if not call.fallback and not call.fire_and_forget:
                cut = CutLink(at_s=at_s, for_s=for_s, caller=name, component=call.to)
                yield Possible(
                    fault=cut, weight=POSSIBLE, target=call.to, story=f"Nothing passed from {name} to {call.to}."
                )


def _is_waited_for(design: Design, name: str) -> bool:
    """Whether somebody calls a part without a time-out and without another answer."""
    calls = [call for part in design.components.values() for _, call in wiring.calls_of(part) if call.to == name]
    return any(call.timeout_ms is None and not call.fallback and not call.fire_and_forget for call in calls)


def _struck(design: Design, fault: FaultSpec) -> Design | None:
    """The design with a fault; None if that cannot be."""
    data = design.model_dump(mode="json") | {"faults": [fault.model_dump(mode="json")]}
    try:
        struck = design_from(data)
        check(struck)
    except (DesignProblem, DoesNotRunYet):
        return None
    return struck


def _drawn(found: list[Possible], attempt: str) -> Possible:
    """One of them, by the attempt's id, each as likely as it fits."""
    left = _number(attempt) / 2**64 * sum(one.weight for one in found)
    for one in found:
        left -= one.weight
        if left < 0:
            return one
    return found[-1]


def _number(attempt: str) -> int:
    return int.from_bytes(hashlib.sha256(f"drill/{attempt}".encode()).digest()[:8], "big")
