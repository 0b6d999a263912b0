"""Every control of the wind tunnel changes something: the design that runs, its settings, or a number of the run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import streamlit as st

from simulator.design import Design
from simulator.design_file import DesignProblem, fingerprint, write_design
from simulator.drills import load_drills
from simulator.knobs import value_at, with_value
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from simulator.sliders import Slider
from simulator.strikes import strikes
from simulator.workers import Job
from tests.ui.form_page import WIDGETS, FormPage, open_everything
from tests.ui.screen import Screen
from tests.ui.test_form_contract import DESIGNS
from ui.cached import templates, workers
from ui.fault_fields import TITLES
from ui.faults import NO_DRILL
from ui.form.editing import Editing
from ui.form.kept import fresh
from ui.knobs import _number, _sliders
from ui.map_figures import METRICS
from ui.map_work import SIZES
from ui.pictures import VIEWS
from ui.sources import FROM_FILE, Start, starts
from ui.tunnel_prediction import _Said as Said

pytestmark = pytest.mark.slow
ONCE = RunSettings(seed=1, replications=1, requests=300)
ABOUT_THE_RUN = {"design_fingerprint", "settings", "duration_s", "warm_up_s"}


@pytest.fixture
def tunnel(screen: Screen) -> Screen:
    """The tunnel before a prediction is made: all that changes the design is there, and no picture is drawn."""
    return screen.open("wind_tunnel")


def running(screen: Screen) -> Job:
    """What the screen has asked to run; it is what is looked at, so that it need not run."""
    job: Job = screen.at.session_state["jobs"]["tunnel"]
    workers().cancel(job)
    return job


def keyed(screen: Screen, kind: str, part: str) -> list[Any]:
    return [one for one in screen.at.get(kind) if part in (one.key or "")]


def another(widget: Any) -> Any:
    """A value that a widget does not have: a step up or, at its end, a step down."""
    if widget.type == "selectbox":
        index = widget.options.index(widget.format_func(widget.value))
        said = widget.options[(index + 1) % len(widget.options)]
        return said if isinstance(widget.value, str) else tuple(said.split(" to "))  # a link
    if widget.type in ("toggle", "checkbox"):
        return not widget.value
    step = widget.step or 1
    return widget.value + step if widget.max is None or widget.value + step <= widget.max else widget.value - step


# ---- knobs -----------------------------------------------------------------------------------------------------


def offered() -> dict[str, Start]:
    """The templates, and the reference of each question."""
    return {label: start for label, start in starts().items() if label.startswith(("Template", "Senior"))}


def knobs(start: Start) -> dict[str, Slider]:
    known = {knob.path: knob for knob in start.question.simulation.knobs} if start.question is not None else {}
    return _sliders(start.design, known)


def test_every_knob_of_every_template_and_question_turns_its_own_place(tunnel: Screen) -> None:
    """All of them at once, and each is looked for at its own place."""
    for label, start in offered().items():
        key = f"tunnel:{fingerprint(start.design)}:{start.label}"
        tunnel.at.session_state[f"{key}:more"] = True
        tunnel.set("selectbox", "Design", label)
        shown = keyed(tunnel, "slider", f"{key}:slider") + keyed(tunnel, "toggle", f"{key}:slider")
        paths = {one.key.removesuffix(":on").rsplit(":", 1)[1] for one in shown}
        assert paths == set(knobs(start)), label
        for widget in shown:
            widget.set_value(another(widget))
        tunnel.run()
        assert tunnel.values("warning") == [], label
        design = running(tunnel).design
        assert [path for path in paths if value_at(design, path) == value_at(start.design, path)] == [], label


def numbers(design: Design) -> dict[str, Any]:
    return summarize(replicate(design, ONCE)).model_dump(exclude=ABOUT_THE_RUN)


def turned(design: Design, slider: Slider) -> Iterator[Design]:
    for value in (slider.high, slider.low):
        try:
            changed = with_value(design, slider.path, _number(slider, value))
        except DesignProblem:
            continue
        if changed != design:
            yield changed


def test_every_knob_of_every_template_changes_a_number_of_the_run() -> None:
    for label, start in offered().items():
        if start.template is None:
            continue
        before = numbers(start.design)
        for path, slider in knobs(start).items():
            assert any(numbers(one) != before for one in turned(start.design, slider)), f"{label}: {path}"


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
