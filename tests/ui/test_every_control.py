"""Every control of the wind tunnel changes something: the design that runs, its settings, or a number of the run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import streamlit as st

from simulator.design_file import fingerprint, write_design
from simulator.drills import load_drills
from simulator.strikes import strikes
from tests.ui.controls import another, keyed, offered, running
from tests.ui.form_page import WIDGETS, FormPage, open_everything
from tests.ui.screen import Screen
from tests.ui.test_form_contract import DESIGNS
from ui.cached import templates
from ui.fault_fields import TITLES
from ui.faults import NO_DRILL
from ui.form.editing import Editing
from ui.form.kept import fresh
from ui.map_figures import METRICS
from ui.map_work import SIZES
from ui.pictures import VIEWS
from ui.sources import FROM_FILE
from ui.tunnel_prediction import _Said as Said

pytestmark = pytest.mark.slow


@pytest.fixture
def tunnel(screen: Screen) -> Screen:
    """The tunnel before a prediction is made: all that changes the design is there, and no picture is drawn."""
    return screen.open("wind_tunnel")


# ---- what breaks it --------------------------------------------------------------------------------------------


def test_every_fault_and_every_field_of_it_changes_what_strikes(tunnel: Screen) -> None:
    """On two questions, which between them have the parts for every kind of fault: the first fields of all faults are
    turned at once, then the second ones, and so on.
    """
    seen = set()
    for slug in ("ml-platform", "feature-store"):
        start = next(one for one in offered().values() if one.question is not None and one.question.slug == slug)
        tunnel.set("selectbox", "Design", start.label)
        kinds = strikes(start.design)
        seen |= set(kinds)
        for kind in kinds:
            tunnel.field("toggle", TITLES[kind]).set_value(True)
        tunnel.run()
        before = struck(tunnel)
        assert list(before) == list(kinds)
        fields = {kind: keys(tunnel, f"{fingerprint(start.design)}:{kind}:") for kind in kinds}
        for place in range(max(map(len, fields.values()))):
            chosen = {kind: those[place] for kind, those in fields.items() if place < len(those)}
            turned_back = {key: keyed_one(tunnel, *key).value for key in chosen.values()}
            for key in chosen.values():
                keyed_one(tunnel, *key).set_value(another(keyed_one(tunnel, *key)))
            tunnel.run()
            after = struck(tunnel)  # without a fault that cannot be so, of which a sentence tells
            assert [key for kind, key in chosen.items() if after.get(kind) == before[kind]] == []
            for key, value in turned_back.items():
                keyed_one(tunnel, *key).set_value(value)
    assert seen == set(TITLES)


def struck(tunnel: Screen) -> dict[str, Any]:
    """Every fault of the design, with the number of zones."""
    design = running(tunnel).design
    return {one.kind: (one, design.zones if one.kind == "lose_zone" else 0) for one in design.faults}


def keys(tunnel: Screen, prefix: str) -> list[tuple[str, str]]:
    """The fields of a fault that have more than one value: what they are, and their keys."""
    boxes = [one for one in keyed(tunnel, "selectbox", prefix) if len(one.options) > 1]
    return [(one.type, one.key) for one in [*keyed(tunnel, "number_input", prefix), *boxes]]


def keyed_one(tunnel: Screen, kind: str, key: str) -> Any:
    [widget] = keyed(tunnel, kind, key)
    return widget


def test_every_drill_changes_the_design_or_says_what_it_costs_or_lacks(tunnel: Screen) -> None:
    design = running(tunnel).design
    for name, drill in load_drills().items():
        tunnel.set("selectbox", "Drill", name)
        done = running(tunnel).design != design and tunnel.says(drill.story)
        assert done or tunnel.says(drill.lacking) or (drill.needs.quality_loss and tunnel.says(drill.story)), name
    tunnel.set("selectbox", "Drill", NO_DRILL)
    assert running(tunnel).design == design


# ---- the rest of the page --------------------------------------------------------------------------------------


def test_luck_the_switch_the_pin_the_pictures_and_the_map_show_something_else(screen: Screen) -> None:
    screen.at.session_state["tunnel_predictions"] = Said(asks=False)
    screen.open("wind_tunnel").set("selectbox", "Design", FROM_FILE)
    screen.set("text_area", "or its text", write_design(templates()["online-serving"].design))
    seed = running(screen).settings.seed
    screen.set("number_input", "Luck", seed + 1)
    screen.at.session_state["jobs"]["tunnel"].wait(60)
    screen.run()
    assert screen.at.session_state["jobs"]["tunnel"].settings.seed == seed + 1
    shown = set()
    for view in VIEWS:
        screen.at.button_group(key="tunnel:view").set_value(view)
        screen.run()
        shown.add(drawn(screen))
    assert len(shown) == len(VIEWS)
    screen.click("Pin this run")
    assert screen.says("This is the pinned run.")
    screen.at.session_state["tunnel_section"] = "Map"
    screen.run()
    controls = {}
    for label in ("Across", "Up", "Shows", "Cells"):
        box = screen.field("selectbox", label)
        controls[label] = len(box.options)
        assert len(set(box.options)) == len(box.options) > 1
    assert (controls["Shows"], controls["Cells"]) == (len(METRICS), len(SIZES))
    screen.set("toggle", "Predict before each design", True)
    assert screen.says("Predict before you look.")


def drawn(screen: Screen) -> str:
    """What a picture shows, as a text that differs from that of any other."""
    charts = [one.proto.spec for one in screen.at.get("plotly_chart")]
    films = [one.proto.json for one in screen.at.get("bidi_component") if "playback" in str(one.proto)[:400]]
    return str((charts, films, screen.values("markdown", "caption"), [one.value.to_csv() for one in screen.at.table]))


# ---- the form --------------------------------------------------------------------------------------------------


def test_every_field_of_the_form_is_taken_by_the_design_or_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each widget of a design with every word: it is given another value, and what it calls then is called."""
    open_everything(monkeypatch)
    widgets = collect(monkeypatch)
    form = FormPage(DESIGNS["every word"])
    editing, places = widgets[0].editing, {one.key for one in widgets}
    assert len(places) > 200
    begin, dead = form.design, []
    for one in widgets:
        monkeypatch.setattr(st, "session_state", {one.key: one.other})
        one.on_change()
        if editing.design == begin and not editing.problems:
            dead.append(one.key)
        editing._state.update(fresh(begin))
        editing.design, editing._draft = begin, None
    assert dead == []


@dataclass
class Collected:
    """A widget with a value that it does not have, what it calls when it changes, and whom that tells."""

    key: str
    other: Any
    on_change: Callable[[], None]
    editing: Editing


def collect(monkeypatch: pytest.MonkeyPatch) -> list[Collected]:
    """Fills with every widget that is drawn."""
    found: list[Collected] = []
    editings: list[Editing] = []
    made = Editing.__init__

    def remember(self: Editing, *args: Any) -> None:
        made(self, *args)
        editings.append(self)

    def collecting(kind: str, widget: Callable[..., Any]) -> Callable[..., Any]:
        def shown(*args: Any, **more: Any) -> Any:
            if more.get("on_change") is not None:
                other = other_value(kind, args, more)
                found.append(Collected(more["key"], other, more["on_change"], editings[-1]))
            return widget(*args, **more)

        return shown

    monkeypatch.setattr(Editing, "__init__", remember)
    for kind in WIDGETS:
        monkeypatch.setattr(st, kind, collecting(kind, getattr(st, kind)))
    return found


def other_value(kind: str, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
    match kind:
        case "selectbox":
            options = list(args[1])
            return options[(more["index"] + 1) % len(options)]
        case "multiselect":
            return [] if more["default"] else list(args[1])[:1]
        case "checkbox" | "toggle":
            return not more["value"]
        case "number_input":
            now, low, high = more["value"], more["min_value"], more["max_value"]
            up = (now if now is not None else low or 0) + more["step"]
            return up if high is None or up <= high else now - more["step"]
        case _:
            return f"{more['value']} b"
