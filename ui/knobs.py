"""Sliders for the numbers of a design that are worth turning; what they change is the design that is edited."""

from typing import Literal

import streamlit as st

from question_bank.schema import Knob
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import value_at, with_value
from simulator.sliders import Slider, sliders, why_idle
from ui import at_once
from ui.form.editing import Editing
from ui.look import LABELED, LINE, SWITCH, at_least
from ui.sources import Source
from ui.words import plain

ONE_LINE = 46  # characters of a label
RATE = "traffic.arrival_rate_per_s"


def turned(source: Source) -> Design:
    """The sliders of a design: what the question is about first. The design as they stand."""
    editing = source.editing
    known = {knob.path: knob for knob in source.question.simulation.knobs} if source.question is not None else {}
    found = _sliders(editing.anchor, known)
    first = [path for path in found if path in known or path == RATE] if known else list(found)
    for path in first:
        with st.container():  # one place for each, whatever is drawn in it
            _turn(editing, found[path], known.get(path))
    rest = [path for path in found if path not in first]
    if rest:
        with st.expander("More knobs", key=f"{editing.key}:more", on_change="rerun") as more:
            if more.open:
                for path in rest:
                    _turn(editing, found[path], None)
    return editing.design


def _sliders(design: Design, known: dict[str, Knob]) -> dict[str, Slider]:
    """Those that fit the design, and those of the question, which know better."""
    found = {slider.path: slider for slider in sliders(design)}
    for path, knob in known.items():
        slider = from_knob(knob)
        match _state_of(design, slider):
            case "on":
                may_be_off = found[path].may_be_off if path in found else knob.may_be_off
                found[path] = slider.model_copy(update={"may_be_off": may_be_off})
            case "off":
                found[path] = slider.model_copy(update={"may_be_off": True})
    return found


def _state_of(design: Design, slider: Slider) -> Literal["on", "off", "no place"]:
    """Whether a design has a number there, could have one in place of nothing or of a word, or has no place for it."""
    try:
        if isinstance(value_at(design, slider.path), int | float):
            return "on"
        with_value(design, slider.path, _number(slider, slider.low))
    except DesignProblem:
        return "no place"
    return "off"


def from_knob(knob: Knob) -> Slider:
    """A question's knob as a slider."""
    return Slider(
        path=knob.path,
        label=knob.label,
        unit=knob.unit,
        low=knob.low,
        high=knob.high,
        step=knob.step,
        may_be_off=knob.may_be_off,
    )


def _turn(editing: Editing, slider: Slider, knob: Knob | None) -> None:
    """A slider and, where it may be off, its switch. Both begin anew when something else changes the design."""
    now = value_at(editing.design, slider.path)
    label = f"{slider.label}, {slider.unit}" if slider.unit else slider.label
    help_text = knob.teaches if knob is not None else None
    key = f"{editing.key}:slider{editing.anchored}:{slider.path}"
    held = value_at(editing.anchor, slider.path)
    begin = held if isinstance(held, int | float) else slider.low
    off = held if isinstance(held, str) else None  # such as unlimited
    number: type[int | float] = int if slider.is_whole and float(begin).is_integer() else float
    if slider.may_be_off:
        switch = f"{key}:on"

        def switched() -> None:
            editing.turn(slider.path, number(begin) if st.session_state[switch] else off)

        is_number = isinstance(now, int | float)
        said = label if off is None else f"{label} (off: {off})"
        with at_least(SWITCH):
            is_on = st.toggle(said, value=is_number, key=switch, help=help_text, on_change=switched)
        if not is_on:
            return
        label = f"{label}:"
    low, high = min(slider.low, begin), max(slider.high, begin)
    idle = why_idle(editing.design, slider.path)
    with at_least(LABELED if len(label) <= ONE_LINE else LABELED + LINE):
        st.slider(
            label,
            number(low),
            number(high),
            number(min(max(now, low), high) if isinstance(now, int | float) else begin),
            number(slider.step),
            key=key,
            help=help_text,
            disabled=bool(idle),
            on_change=lambda: _slid(editing, slider.path, number(st.session_state[key])),
        )
    if idle:
        st.caption(idle)
    if refused := editing.refused_at(slider.path):
        st.warning(plain(refused))


def _slid(editing: Editing, path: str, value: float) -> None:
    """A slider has been moved: change the design and, if it can be so, show at once what that does."""
    editing.turn(path, value)
    if not editing.refused_at(path):
        at_once.show()


def _number(slider: Slider, value: float) -> int | float:
    return int(value) if slider.is_whole else float(value)
