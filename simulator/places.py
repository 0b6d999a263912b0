"""Changes to a design by place, such as `components.api.queue.limit`, and what must change along with them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from simulator.design import Design
from simulator.design_file import design_from

Data = dict[str, Any]
Change = Callable[[Design], Design]

_SHARED = re.compile(r"(traffic\.classes|components\.\w+\.routes)\.\d+\.(share|shadow)")
_CLASS_NAME = re.compile(r"traffic\.classes\.(\d+)\.name")


def node_at(data: Any, path: str) -> Any:
    """What stands at a path of plain data. Raise LookupError if there is no such place."""
    for part in path.split(".") if path else ():
        data = data[int(part)] if isinstance(data, list) else data[part] if isinstance(data, dict) else None
        if data is None and part != path.rsplit(".", maxsplit=1)[-1]:
            raise LookupError(path)
    return data


def put(data: Data, path: str, value: Any) -> None:
    """Set what stands at a path. Raise LookupError if there is no such place."""
    before, _, last = path.rpartition(".")
    holder = node_at(data, before)
    if isinstance(holder, list):
        holder[int(last)] = value
    elif isinstance(holder, dict) and last in holder:
        holder[last] = value
    else:
        raise LookupError(path)


def with_values(design: Design, values: dict[str, Any]) -> Design:
    """The design with other values at several paths at once. Raise DesignProblem.

    A class that gets another name gets it wherever it is mentioned; of shares that add up to 1 the first takes what
    the others leave.
    """
    data = design.model_dump(mode="json")
    for path, value in values.items():
        if (found := _CLASS_NAME.fullmatch(path)) and isinstance(value, str):
            _rename_class(data, data["traffic"]["classes"][int(found[1])]["name"], value)
        put(data, path, value)
    for path in values:
        if _SHARED.fullmatch(path):
            settle_shares(node_at(data, path.rsplit(".", 2)[0]))
    return design_from(data)


def insert(design: Design, path: str, value: Any) -> Design:
    """The design with one more item at the end of the list at `path`."""
    return _with_list(design, path, lambda items: items.append(value))


def move(design: Design, path: str, index: int, by: int) -> Design:
    """The design with one item of the list at `path` earlier or later; at the ends it stays where it is."""

    def swap(items: list[Any]) -> None:
        if 0 <= index + by < len(items):
            items[index], items[index + by] = items[index + by], items[index]

    return _with_list(design, path, swap)


def take_out(design: Design, path: str, index: int) -> Design:
    """The design without one item of the list at `path`, nor what only made sense with it."""
    data = design.model_dump(mode="json")
    items = node_at(data, path)
    gone = items.pop(index)
    if path == "traffic.classes":
        _forget_class(data, gone["name"])
    if _SHARED.fullmatch(f"{path}.0.share") and items:
        settle_shares(items)
    return design_from(data)


def settle_shares(items: list[Data]) -> None:
    """Give the first item the share that the others leave; shadows are copies and take none."""
    if not all(isinstance(one["share"], int | float) for one in items):
        return  # the design says so itself
    others = sum(one["share"] for one in items[1:] if not one.get("shadow"))
    items[0]["share"] = round(max(0.0, 1 - others), 12)


def _with_list(design: Design, path: str, change: Callable[[list[Any]], None]) -> Design:
    data = design.model_dump(mode="json")
    change(node_at(data, path))
    return design_from(data)


def _calls(data: Data) -> Iterator[Data]:
    for part in data["components"].values():
        for step in [*part.get("calls", ()), *part.get("on_miss", ())]:
            yield from step


def _rename_class(data: Data, old: str, new: str) -> None:
    for call in _calls(data):
        call["classes"] = [new if one == old else one for one in call["classes"]]
    limits = [limit for part in data["components"].values() for limit in part.get("rate_limits", ())]
    for one in [*limits, *data["faults"]]:
        if one.get("class_name") == old:
            one["class_name"] = new


def _forget_class(data: Data, name: str) -> None:
    """A call, a limit or a spike that was for this class alone goes with it."""
    for part in data["components"].values():
        for field in ("calls", "on_miss"):
            if field in part:
                kept = [[call for call in step if call["classes"] != [name]] for step in part[field]]
                part[field] = [step for step in kept if step]
        if "rate_limits" in part:
            part["rate_limits"] = [one for one in part["rate_limits"] if one["class_name"] != name]
    for call in _calls(data):
        call["classes"] = [one for one in call["classes"] if one != name]
    data["faults"] = [one for one in data["faults"] if one.get("class_name") != name]
