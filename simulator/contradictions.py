"""What routers, token servers and calls can say and cannot mean, a sentence for each."""

from collections.abc import Iterator

from simulator.design import Call, Design, LlmServer, Router
from simulator.wiring import calls_of


def contradictions(design: Design) -> Iterator[str]:
    """Every contradiction in a design, each beginning with its place."""
    for name, part in design.components.items():
        if isinstance(part, Router):
            yield from _router(f"components.{name}", part)
        elif isinstance(part, LlmServer):
            yield from _memory(f"components.{name}", part, design)
        for place, call in calls_of(part):
            yield from _forgotten(f"components.{name}.{place}", call)
    yield from _faults(design)


def _faults(design: Design) -> Iterator[str]:
    for i, fault in enumerate(design.faults):
        if fault.kind not in ("bad_canary", "slow"):
            continue
        part = design.components[fault.component]
        if not isinstance(part, Router):
            continue
        place = f"faults.{i}.component is {fault.component!r}"
        if fault.kind == "slow":
            yield f"{place}, a router, which takes no time of its own; slow down what it routes to"
        elif not _has_canary(part):
            yield f"{place}, which has no canary: a second route that is no shadow; add one"


def _has_canary(part: Router) -> bool:
    return any(not route.shadow for route in part.routes[1:])


def _router(place: str, part: Router) -> Iterator[str]:
    if part.routes[0].shadow:
        yield f"{place}.routes.0.shadow is true, but somebody must answer; begin with a route that is no shadow"
        return
    for i, route in enumerate(part.routes[1:], start=1):
        if route.share is None:
            yield f"{place}.routes.{i}.share is missing, and only the first route takes what the others leave; give one"
    total = sum(share for share, route in zip(part.shares(), part.routes, strict=True) if not route.shadow)
    if abs(total - 1) > 1e-6:
        yield f"{place}.routes has shares that add up to {total:.4g} without the shadows; they must add up to 1"
    if part.undo is not None and not _has_canary(part):
        yield f"{place}.undo watches a canary, and there is none: a second route that is no shadow; add one"


def _forgotten(place: str, call: Call) -> Iterator[str]:
    """Nobody waits for the answer of a call that is fired and forgotten."""
    if not call.fire_and_forget:
        return
    if call.fallback:
        yield f"{place}.fallback would answer, but with fire_and_forget nobody waits for an answer; leave one out"
    if call.fan_out is None or call.fan_out.need == "all":
        return
    if not call.cancel and call.retries is None and call.circuit_breaker is None:
        yield (
            f"{place}.fan_out.need is {call.fan_out.need}, but with fire_and_forget nobody waits for so many answers; "
            "leave it out, or cancel or retry what is not answered"
        )


def _memory(place: str, part: LlmServer, design: Design) -> Iterator[str]:
    if part.kv_memory_tokens == "unlimited":
        return
    for one in design.traffic.classes:
        if isinstance(one.items, int) and isinstance(one.prompt_tokens, int):
            needed = one.items + one.prompt_tokens
            if needed > part.kv_memory_tokens:
                yield (
                    f"{place}.kv_memory_tokens is {part.kv_memory_tokens}, but a request of class {one.name!r} needs "
                    f"{needed} for prompt and answer and would always be refused; raise it to {needed} or more"
                )
