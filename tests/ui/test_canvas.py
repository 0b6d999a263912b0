"""The canvas: every box and line once and none on another, and what it asks for is done or refused with a sentence."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from question_bank.loader import load_question
from simulator import connections, edits, wiring
from simulator.design import Design
from simulator.design_file import design_from
from tests.simulator.designs import a_design, front, kill, service, store, wide
from tests.simulator.random_designs import running_designs
from ui.editor.canvas_view import BOX, act, canvas_data
from ui.editor.layout import layout
from ui.form.editing import Editing
from ui.form.found import Found

SHOP = a_design(
    {
        "front": front([{"to": "near", "fallback": [{"to": "spare"}]}], [{"to": "rows"}]),
        "near": front([{"to": "rows"}]),
        "rows": store(),
        "spare": wide(),
        "alone": service(),
    }
)


class Kept:
    """An editor without a screen, and what it has saved."""

    def __init__(self, design: Design, key: str):
        self.saved: list[Design] = []
        self.editing = Editing(design, f"canvas test {key}", self.saved.append)

    @property
    def shown(self) -> dict[str, Any]:
        return canvas_data(self.editing, Found(self.editing))


def everything_has_its_place(design: Design) -> None:
    found = layout(design)
    places = [*found.boxes.values(), *(gap for gaps in found.gaps.values() for gap in gaps)]
    assert len(places) == len(set(places)), "two on one place"
    assert set(found.boxes) == set(design.components)
    asked = {(name, to) for name, part in design.components.items() for to in wiring.downstream(part)}
    assert set(found.gaps) == asked
    for (name, to), gaps in found.gaps.items():
        columns = [found.boxes[name][0], *(column for column, _ in gaps), found.boxes[to][0]]
        assert columns == list(range(columns[0], columns[-1] + 1)), "a line jumps or goes back"
    for column in range(found.columns):
        rows = sorted(row for one, row in places if one == column)
        assert rows == list(range(found.rows(column))), "a hole in a column"


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(running_designs())
def test_every_box_and_line_of_any_design_has_a_place_of_its_own(design: dict[str, Any]) -> None:
    everything_has_its_place(design_from(design))


@pytest.mark.parametrize("slug", ["realtime-recommendation", "multi-model-serving", "image-classification-platform"])
def test_every_box_and_line_of_a_large_design_has_a_place_of_its_own(slug: str) -> None:
    everything_has_its_place(load_question(slug).designs.staff.design)


def test_a_line_past_a_column_goes_through_a_gap_in_it() -> None:
    found = layout(SHOP)
    assert found.boxes == {"front": (0, 0), "alone": (0, 1), "near": (1, 0), "spare": (1, 1), "rows": (2, 0)}
    assert found.gaps[("front", "rows")] == [(1, 2)]


def test_the_canvas_shows_every_component_and_line_inside_its_frame_and_names_what_is_wrong() -> None:
    kept = Kept(a_design({"web": front([{"to": "db"}]), "db": store()}, faults=[kill("db", 1.0)]), "shown")
    kept.editing.replace(lambda one: edits.remove(one, "web"))
    shown = kept.shown
    web, db = shown["nodes"]
    assert web["words"] == "web, Service, asks db, requests enter here, has a problem"
    assert (web["wrong"], db["wrong"], web["asks"], db["asks"]) == (True, False, True, False)
    assert shown["lines"] == [{"from": "web", "to": "db", "dashed": False, "through": []}]
    assert all(one["x"] + BOX[0] <= shown["width"] and one["y"] + BOX[1] <= shown["height"] for one in shown["nodes"])


def test_a_call_is_a_full_line_and_a_mere_fallback_a_dashed_one() -> None:
    dashed = {(one["from"], one["to"]) for one in Kept(SHOP, "dashed").shown["lines"] if one["dashed"]}
    assert dashed == {("front", "spare")}


def test_a_line_that_is_asked_for_is_drawn_and_one_that_cannot_be_is_refused() -> None:
    kept = Kept(SHOP, "line")
    act(kept.editing, {"kind": "line", "from": "near", "to": "alone"})
    assert kept.saved == [connections.connect(SHOP, "near", "alone")]
    act(kept.editing, {"kind": "line", "from": "rows", "to": "alone"})
    assert kept.editing.problems == ["components.rows is a store, which calls nobody"]
    assert len(kept.saved) == 1


def test_what_is_chosen_is_chosen_and_what_is_removed_leaves_a_caller_chosen() -> None:
    kept = Kept(SHOP, "remove")
    act(kept.editing, {"kind": "choose", "name": "rows"})
    assert kept.editing.chosen == "rows"
    act(kept.editing, {"kind": "remove", "name": "spare"})
    assert kept.saved == [edits.remove(SHOP, "spare")]
    assert kept.editing.chosen == "front"


@pytest.mark.parametrize(
    "action",
    [
        None,
        "x",
        {},
        {"kind": "remove"},
        {"kind": "remove", "name": "gone"},
        {"kind": "choose", "name": 3},
        [1],
        {"kind": 1},
    ],
    ids=str,
)
def test_what_no_canvas_asks_for_changes_nothing(action: Any) -> None:
    kept = Kept(SHOP, "nothing")
    act(kept.editing, action)
    assert (kept.saved, kept.editing.problems) == ([], [])
