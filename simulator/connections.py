"""A line between two components, drawn or taken away, whatever the kind of the one that it comes from calls it."""

from simulator import edits, wiring
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from


def toggle(design: Design, caller: str, to: str) -> Design:
    """The design in which one component asks another if it did not, and else does not. Raise DesignProblem."""
    for name in (caller, to):
        if name not in design.components:
            raise DesignProblem([f"components.{name} is not there any more; it was changed elsewhere"])
    if caller == to:
        raise DesignProblem([f"components.{caller} cannot ask itself; choose another component"])
    part = design.components[caller]
    return disconnect(design, caller, to) if to in wiring.downstream(part) else connect(design, caller, to)


def connect(design: Design, caller: str, to: str) -> Design:
    """The design with a call as the next step, one more target, or one more route that nobody is sent on yet."""
    part = design.components[caller]
    if edits.steps_field(part.kind) is not None:
        return edits.add_call(design, caller, to)
    data = design.model_dump(mode="json")
    one = data["components"][caller]
    if part.kind == "load_balancer":
        one["targets"].append(to)
    elif part.kind == "router":
        one["routes"].append({"to": to, "share": 0.0})
    else:
        raise DesignProblem([f"components.{caller} is a {part.kind.replace('_', ' ')}, which calls nobody"])
    return design_from(data)


def disconnect(design: Design, caller: str, to: str) -> Design:
    """The design without any call, fallback, target or route from one component to another."""
    data = design.model_dump(mode="json")
    one = data["components"][caller]
    edits.forget(one, to)
    if any(one.get(field) == [] for field in ("targets", "on_miss", "routes")):
        raise DesignProblem([f"components.{caller} stands only in front of {to}; let it ask another first"])
    return design_from(data)
