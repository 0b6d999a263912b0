"""What an editor keeps between two runs of the page."""

from typing import Any, TypedDict

from simulator.design import Design


class State(TypedDict):
    """`round` and `newer` name the widgets that are drawn; `typed` is not possible yet, for the `problems` it has.

    `refused` is what was wrong with the last thing asked for, by the slider of the place `refused_at` if by one.
    `anchor`, of the number `anchored`, is the design before sliders were turned, last the one of the place `turned`.
    """

    round: int
    newer: dict[str, int]
    undo: list[Design]
    redo: list[Design]
    typed: dict[str, Any]
    problems: list[str]
    refused: list[str]
    refused_at: str | None
    chosen: str | None
    saved: Design
    anchor: Design
    anchored: int
    turned: str | None


def fresh(design: Design) -> State:
    """The state of an editor of which nothing has been asked yet."""
    return State(
        round=0,
        newer={},
        undo=[],
        redo=[],
        typed={},
        problems=[],
        refused=[],
        refused_at=None,
        chosen=None,
        saved=design,
        anchor=design,
        anchored=0,
        turned=None,
    )
