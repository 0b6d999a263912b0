"""What routers and token servers can say and cannot mean, a sentence for each."""

from collections.abc import Iterator

from simulator.design import Design, LlmServer, Router


def contradictions(design: Design) -> Iterator[str]:
    """Every contradiction in a design, each beginning with its place."""
    for name, part in design.components.items():
        if isinstance(part, Router):
            yield from _router(f"components.{name}", part)
        elif isinstance(part, LlmServer):
            yield from _memory(f"components.{name}", part, design)
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
    total = sum(route.share for route in part.routes if not route.shadow)
    if abs(total - 1) > 1e-6:
        yield f"{place}.routes has shares that add up to {total:.4g} without the shadows; they must add up to 1"
    if part.undo is not None and not _has_canary(part):
        yield f"{place}.undo watches a canary, and there is none: a second route that is no shadow; add one"


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
