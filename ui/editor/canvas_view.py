"""The canvas: the design as boxes and lines, as a second way to change it."""

from typing import Any

import streamlit as st

from simulator import connections, edits, wiring
from simulator.design import Design
from ui.components.canvas import canvas
from ui.diagram import in_words, size_in_words
from ui.editor.layout import Layout, Place, layout
from ui.form.editing import Editing
from ui.form.found import Found

MARGIN, COLUMN, ROW = 16, 228, 76  # pixels
BOX = (172, 52)
DOT = 8


def canvas_view(editing: Editing, found: Found) -> None:
    """Boxes and lines; what is asked for there is done here."""
    key = f"{editing.key}:canvas"
    canvas(canvas_data(editing, found), key=key, on_action=lambda: act(editing, st.session_state[key].action))


def canvas_data(editing: Editing, found: Found) -> dict[str, Any]:
    """What the canvas shows."""
    design = editing.design
    where = layout(design)
    rows = max(where.rows(column) for column in range(where.columns))
    return {
        "label": f"The design as boxes and lines. {in_words(design)}",
        "box": BOX,
        "width": 2 * MARGIN + (where.columns - 1) * COLUMN + BOX[0] + DOT,
        "height": 2 * MARGIN + (rows - 1) * ROW + BOX[1],
        "entry": design.traffic.entry,
        "chosen": editing.chosen,
        "nodes": [
            {
                "name": name,
                "kind": size_in_words(part),
                "words": _in_words(design, name, found),
                **_at(where, where.boxes[name], rows),
                "wrong": name in found.names,
                "asks": edits.steps_field(part.kind) is not None or part.kind in edits.NEEDS_DOWNSTREAM,
            }
            for name, part in design.components.items()
        ],
        "lines": [
            {
                "from": name,
                "to": to,
                "dashed": to not in _asked(design, name),
                "through": [_at(where, gap, rows) for gap in gaps],
            }
            for (name, to), gaps in where.gaps.items()
        ],
    }


def act(editing: Editing, action: Any) -> None:
    """Do what the canvas has asked for; what no canvas asks for is left alone."""
    match action:
        case {"kind": "choose", "name": str(name)}:
            editing.choose(name)
        case {"kind": "remove", "name": str(name)} if name in editing.design.components:
            callers = [one for one, part in editing.design.components.items() if name in wiring.downstream(part)]
            if editing.replace(lambda one: edits.remove(one, name)) and callers:
                editing.choose(callers[0])
        case {"kind": "line", "from": str(caller), "to": str(to)}:
            editing.replace(lambda one: connections.toggle(one, caller, to))


def _at(found: Layout, place: Place, rows: int) -> dict[str, int]:
    """The upper left corner of a place, pixels; a short column stands in the middle of `rows`."""
    column, row = place
    return {"x": MARGIN + column * COLUMN, "y": MARGIN + row * ROW + (rows - found.rows(column)) * ROW // 2}


def _asked(design: Design, name: str) -> list[str]:
    """Those that are asked not only when another has failed."""
    part = design.components[name]
    calls = [call.to for _, call in wiring.calls_of(part)]
    return calls or wiring.downstream(part)


def _in_words(design: Design, name: str, found: Found) -> str:
    part = design.components[name]
    said = [name, size_in_words(part)]
    if asked := wiring.downstream(part):
        said.append(f"asks {', '.join(asked)}")
    if name == design.traffic.entry:
        said.append("requests enter here")
    if name in found.names:
        said.append("has a problem")
    return ", ".join(said)
