"""A design as a drawing: Mermaid text, which Streamlit renders as a picture, and the same in words."""

from collections.abc import Collection

from simulator import wiring
from simulator.design import Call, ComponentSpec, Design
from simulator.load import traffic_in_words
from ui.words import KIND_NAMES

CHOSEN = "stroke:#14908a,stroke-width:3px"  # both are seen on the background of either theme
WRONG = "stroke:#d64540,stroke-width:3px,stroke-dasharray:6 3"

_SHAPES = {
    "store": ("[(", ")]"),
    "stream": ("[[", "]]"),
    "cache": ("([", "])"),
    "load_balancer": ("{{", "}}"),
    "router": ("{{", "}}"),
}


def mermaid(design: Design, marked: str | None = None, wrong: Collection[str] = ()) -> str:
    """The design as a Mermaid flow chart: `marked` with an outline, what is `wrong` with a dashed one."""
    lines = ["flowchart LR", f'  requests(["{_text(traffic_in_words(design))}"]) --> {_id(design.traffic.entry)}']
    for name, part in design.components.items():
        opening, closing = _SHAPES.get(part.kind, ("[", "]"))
        lines.append(f'  {_id(name)}{opening}"{_text(name)}<br/>{_text(size_in_words(part))}"{closing}')
        lines += _arrows(name, part)
    for name in design.components:
        if name in wrong or name == marked:
            lines.append(f"  style {_id(name)} {WRONG if name in wrong else CHOSEN}")
    return "\n".join(lines)


def in_words(design: Design) -> str:
    """Who asks whom, as one sentence for each component that asks; the text alternative of the drawing."""
    said = [f"Requests enter at {design.traffic.entry}."]
    for name, part in design.components.items():
        if asked := wiring.downstream(part):
            said.append(f"{name} asks {', '.join(asked)}.")
    return " ".join(said)


def _arrows(name: str, part: ComponentSpec) -> list[str]:
    arrows = [(call.to, _policy(place, call)) for place, call in wiring.calls_of(part)]
    if part.kind == "load_balancer":
        arrows += [(target, part.policy.replace("_", " ")) for target in part.targets]
    if part.kind == "router":
        arrows += [(route.to, f"{share:.0%}") for route, share in zip(part.routes, part.shares(), strict=True)]
    lines = [f'  {_id(name)} -->|"{_text(label)}"| {_id(to)}' for to, label in arrows]
    fallbacks = [one.to for _, call in wiring.calls_of(part) for one in call.fallback if one.to is not None]
    return lines + [f"  {_id(name)} -.->|fallback| {_id(to)}" for to in dict.fromkeys(fallbacks)]


def _policy(place: str, call: Call) -> str:
    said = [str(int(place.split(".")[1]) + 1)]
    if call.timeout_ms is not None:
        said.append(f"{call.timeout_ms:g} ms")
    if call.retries is not None:
        said.append(f"{call.retries.attempts} tries")
    if call.hedge is not None:
        said.append(f"hedge {call.hedge.after_ms:g} ms")
    if any(one.answer_ms is not None for one in call.fallback):
        said.append("ready answer")
    return ", ".join(said)


def size_in_words(part: ComponentSpec) -> str:
    """The kind of a component and how much there is of it."""
    kind = KIND_NAMES[part.kind]
    match part.kind:
        case "store":
            return f"{kind}, {part.shards} shards" if part.shards > 1 else kind
        case "load_balancer" | "router":
            return kind
        case "cache":
            return f"{kind}, {part.contents.hit_ratio:.0%} hits" if part.contents.kind == "fixed" else kind
        case "model_server":
            return f"{kind}, {part.replicas} x {part.max_items} items"
        case _:
            return f"{kind}, {part.replicas} replicas" if part.replicas > 1 else kind


def _id(name: str) -> str:
    return f"c_{name}"  # `end` and `style` are words of Mermaid's own


def _text(text: str) -> str:
    """Letters that Mermaid takes as they are; a label of an arrow would show the code of a percent sign."""
    return "".join(char if char.isalnum() or char in " _,./%" else f"#{ord(char)};" for char in text.replace("%%", "%"))
