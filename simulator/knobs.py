"""One number of a design, named by its path, such as `components.ranker.max_items` or `traffic.classes.0.items`."""

from typing import Any

from simulator.design import Design
from simulator.design_file import DesignProblem, design_from


def value_at(design: Design, path: str) -> Any:
    """What stands at a path; None where an optional part is left out. Raise DesignProblem if there is no such place."""
    node: Any = design.model_dump(mode="json")
    for depth, part in enumerate(path.split(".")):
        if node is None:
            return None
        node = _child(node, part, path, depth)
    return node


def with_value(design: Design, path: str, value: Any) -> Design:
    """The design with another value at a path. Raise DesignProblem if the path or the value does not fit.

    Optional parts on the way are added; None takes out the innermost part that can be left out, so that
    `calls.0.0.hedge.after_ms` set to None is a call without a hedge.
    """
    data = design.model_dump(mode="json")
    *way, last = path.split(".")
    node: Any = data
    added = False
    for depth, part in enumerate(way):
        child = None if added else _child(node, part, path, depth)
        if child is None:
            added = True
            if value is None:
                return design
            child = node[part] = {}
        node = child
    if not added:
        _child(node, last, path, len(way))
    node[int(last) if isinstance(node, list) else last] = value
    try:
        return design_from(data)
    except DesignProblem:
        if value is None and way:
            try:
                return with_value(design, ".".join(way), None)
            except DesignProblem:
                pass
        raise


def _child(node: Any, part: str, path: str, depth: int) -> Any:
    if isinstance(node, dict) and part in node:
        return node[part]
    if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
        return node[int(part)]
    before = ".".join(path.split(".")[:depth]) or "the design"
    known = (
        list(node) if isinstance(node, dict) else [str(i) for i in range(len(node))] if isinstance(node, list) else []
    )
    empty = ", which is empty" if isinstance(node, dict | list) else ", which is a single value"
    choices = f"; choose one of {', '.join(known)}" if known else empty
    raise DesignProblem([f"{path} is no place in this design: there is no {part!r} in {before}{choices}"])
