"""Two designs beside each other: what is different in them, and settings under which they can be compared."""

from collections.abc import Iterator
from typing import Any

from simulator.design import Design
from simulator.fault_words import fault_in_words
from simulator.settings import RunSettings, duration_s

MOST_CHANGES = 8


def same_length(one: Design, other: Design, settings: RunSettings) -> RunSettings:
    """The settings with which both run as long as the longer of the two would: the same arrivals and the same luck.

    Raise DoesNotRunYet or TooLong if one of them cannot run.
    """
    if settings.duration_s is not None:
        return settings
    longest_s = max(duration_s(one, settings), duration_s(other, settings))
    return settings.model_copy(update={"duration_s": longest_s})


def changes(before: Design, after: Design) -> list[str]:
    """What is different in the second design, a short phrase each: `ranker.max_items 1,200 -> 9,600`."""
    old, new = _flat(before.model_dump(mode="json")), _flat(after.model_dump(mode="json"))
    said = list(_parts(before, after))
    known = {name for design in (before, after) for name in design.components}
    both = set(before.components) & set(after.components)
    for path in dict.fromkeys([*old, *new]):
        name = path.split(".")[1] if path.startswith("components.") else None
        if path.startswith("faults.") or (name in known and name not in both):
            continue
        if old.get(path) != new.get(path):
            said.append(f"{path.removeprefix('components.')} {_shown(old.get(path))} -> {_shown(new.get(path))}")
    said += [fault_in_words(one, after) for one in after.faults if one not in before.faults]
    said += [f"no more: {fault_in_words(one, before)}" for one in before.faults if one not in after.faults]
    return said if len(said) <= MOST_CHANGES else [*said[: MOST_CHANGES - 1], f"{len(said) - MOST_CHANGES + 1} more"]


def _parts(before: Design, after: Design) -> Iterator[str]:
    for name in after.components:
        if name not in before.components:
            yield f"{name} is new"
    for name in before.components:
        if name not in after.components:
            yield f"{name} is gone"


def _flat(node: Any, path: str = "") -> dict[str, Any]:
    """Every single value by its path; what is empty is not there."""
    if isinstance(node, dict | list):
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        flat: dict[str, Any] = {}
        for key, value in pairs:
            flat |= _flat(value, f"{path}.{key}" if path else str(key))
        return flat
    return {} if node is None else {path: node}


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)
