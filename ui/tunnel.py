"""The pieces of the wind tunnel: where a design comes from, its sliders, its faults."""

import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from question_bank.schema import Knob, Question
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from, fingerprint, read_design
from simulator.knobs import value_at, with_value
from simulator.sliders import Slider, sliders
from storage.attempts import list_attempts, load_attempt
from ui.cached import questions
from ui.moments import ago
from ui.people import current_person
from ui.words import plain

FROM_FILE = "A file or text"
MOST_OWN = 10
RATE = "traffic.arrival_rate_per_s"


Fault = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A design to start from, and the question that it belongs to."""

    label: str
    design: Design
    question: Question | None


def sources() -> dict[str, Source]:
    """Everything that can be loaded: the designs of one's own attempts, the newest first, and the reference designs."""
    found: dict[str, Source] = {}
    for listed in list_attempts(current_person())[:MOST_OWN]:
        question = questions().get(listed.question)
        attempt = load_attempt(current_person(), listed.id)
        if question is not None and attempt.design is not None:
            which = "Mine" if not found else f"Mine, begun {ago(listed.created_at, time.time())}"
            label = f"{which}: {question.title}"
            found[label] = Source(label, attempt.design, question)
    for question in questions().values():
        for name in ("senior", "junior", "staff", "cell"):
            label = f"{'Bare cell' if name == 'cell' else name.capitalize()}: {question.title}"
            found[label] = Source(label, question.designs.by_name(name), question)
    return found


def choose_source() -> Source | None:
    """Let the person pick a design, or bring one as a file or text. None while there is none that can be read."""
    found = sources()
    chosen = st.selectbox("Design", [*found, FROM_FILE], key="tunnel_source")
    if chosen != FROM_FILE:
        return found[chosen]
    return _from_file()


def _from_file() -> Source | None:
    uploaded = st.file_uploader("A design file", type=["yaml", "yml", "json"], key="tunnel_file")
    if uploaded is not None:
        try:
            text = uploaded.getvalue().decode("utf-8")
        except UnicodeDecodeError:
            st.error("The file is not text in UTF-8. Save it as UTF-8 and load it again.")
            return None
    else:
        text = st.text_area("or its text", key="tunnel_text", height=240, placeholder="traffic:\n  entry: api\n  ...")
    if not text.strip():
        st.info("Load a file or paste the text of a design. examples/ads-cell.yaml is one to start from.")
        return None
    try:
        return Source(FROM_FILE, read_design(text), None)
    except DesignProblem as problem:
        for sentence in problem.problems[:10]:
            st.error(plain(sentence))
        return None


def turned(source: Source) -> Design:
    """The source's design with every slider where the person has put it: what the question is about first."""
    knobs = {knob.path: knob for knob in source.question.simulation.knobs} if source.question is not None else {}
    found = {slider.path: slider for slider in sliders(source.design)}
    for path, knob in knobs.items():
        if _exists(source.design, path):
            may_be_off = found[path].may_be_off if path in found else knob.may_be_off
            found[path] = _from_knob(knob).model_copy(update={"may_be_off": may_be_off})
    first = [path for path in found if path in knobs or path == RATE] if knobs else list(found)
    design, prefix = source.design, fingerprint(source.design)
    for path in first:
        design = _turn(design, found[path], f"{prefix}:{path}", knobs.get(path))
    rest = [path for path in found if path not in first]
    if rest:
        with st.expander("More knobs", key=f"{prefix}:more"):
            for path in rest:
                design = _turn(design, found[path], f"{prefix}:{path}", None)
    return design


def knobs_of(source: Source) -> list[Slider]:
    """What the question of a source is about, as sliders."""
    return [_from_knob(knob) for knob in source.question.simulation.knobs] if source.question is not None else []


def _exists(design: Design, path: str) -> bool:
    try:
        value_at(design, path)
    except DesignProblem:
        return False
    return True


def _from_knob(knob: Knob) -> Slider:
    return Slider(
        path=knob.path,
        label=knob.label,
        unit=knob.unit,
        low=knob.low,
        high=knob.high,
        step=knob.step,
        may_be_off=knob.may_be_off,
    )


def _turn(design: Design, slider: Slider, key: str, knob: Knob | None) -> Design:
    now = value_at(design, slider.path)
    label = f"{slider.label}, {slider.unit}" if slider.unit else slider.label
    help_text = knob.teaches if knob is not None else None
    if slider.may_be_off:
        on = st.toggle(label, value=now is not None, key=f"{key}:on", help=help_text)
        if not on:
            return with_value(design, slider.path, None)
        label = f"{label}:"
    value = _slider(label, slider, now, key, help_text)
    try:
        return with_value(design, slider.path, value)
    except DesignProblem as problem:
        st.warning(plain(problem.problems[0]))
        return design


def _slider(label: str, slider: Slider, now: Any, key: str, help_text: str | None) -> float | int:
    number: type[int | float] = int if slider.is_whole else float
    start = now if isinstance(now, int | float) else slider.low
    low, high = min(slider.low, start), max(slider.high, start)
    value = st.slider(label, number(low), number(high), number(start), number(slider.step), key=key, help=help_text)
    return number(value)


def choose_fault(design: Design) -> Fault | None:
    """Let the person choose what happens to the design while it runs."""
    kinds = {
        "Nothing": None,
        "Replicas die": "kill_replicas",
        "A part is slow": "slow",
        "More traffic": "traffic_spike",
    }
    chosen = kinds[st.selectbox("What happens", list(kinds), key="tunnel_fault")]
    if chosen is None:
        return None
    fault: Fault = {"kind": chosen}
    if chosen == "kill_replicas":
        names = [name for name, part in design.components.items() if _can_lose(part)]
        if not names:
            st.info("No part of this design has replicas to lose.")
            return None
        fault["component"] = st.selectbox("Of", names, index=_most_costly(design, names), key="tunnel_victim")
        fault["replicas"] = int(st.number_input("How many", 1, 1000, 1, key="tunnel_deaths"))
    elif chosen == "slow":
        names = list(design.components)
        fault["component"] = st.selectbox("Which", names, index=_most_costly(design, names), key="tunnel_slowed")
        fault["factor"] = float(st.number_input("Times as slow", 1.0, 100.0, 3.0, key="tunnel_slowness"))
    else:
        fault["factor"] = float(st.number_input("Times the traffic", 0.1, 20.0, 2.0, key="tunnel_spike"))
    start, length = st.columns(2)
    fault["at_s"] = float(start.number_input("From second", 0.0, 600.0, 3.0, key="tunnel_at"))
    fault["for_s"] = float(length.number_input("For seconds", 0.1, 600.0, 4.0, key="tunnel_for"))
    return fault


def with_fault(design: Design, fault: Fault | None) -> Design:
    """The design with the fault; if it does not fit, that is said and the design stays as it is."""
    if fault is None:
        return design
    data = design.model_dump(mode="json")
    data["faults"].append(fault)
    try:
        return design_from(data)
    except DesignProblem as problem:
        st.error(plain(problem.problems[0]))
        return design


def _most_costly(design: Design, names: list[str]) -> int:
    prices = [getattr(design.components[name], "usd_per_replica_hour", None) or 0.0 for name in names]
    return prices.index(max(prices))


def _can_lose(part: Any) -> bool:
    return part.kind in ("service", "model_server") or (part.kind == "store" and part.concurrency != "unlimited")
