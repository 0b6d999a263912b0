"""The settings of the capacity page: where they start from, and a field or a slider for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from practice.attempt import Attempt
from practice.capacity import known_constants
from question_bank.capacity import preset_values, read_amount, said, typed
from question_bank.capacity_file import Amount, Choice, Preset, Setting, Slider, load_capacity, load_presets
from question_bank.quantity import QuantityProblem, shown
from question_bank.schema import Question
from ui.cached import questions
from ui.capacity.figures import device, price
from ui.words import many, plain

NEUTRAL = "Neutral numbers"
OPEN = ("traffic", "service", "promise")
COUNTED = ("user", "request", "item", "key")  # the label says these already
_START = "capacity:start"


@dataclass(frozen=True)
class Start:
    """Where the settings started from: a question, or nothing in particular."""

    question: Question | None = None
    preset: Preset | None = None
    values: Mapping[str, float | str] | None = None
    given: frozenset[str] = frozenset()

    @property
    def nouns(self) -> Mapping[str, str]:
        return self.preset.nouns if self.preset is not None else {}


def settings(attempt: Attempt | None) -> tuple[Start, dict[str, float | str] | None]:
    """Draw every setting. The values are None while one of them cannot be read; the field says why."""
    start = _start(attempt)
    file = load_capacity()
    values: dict[str, float | str | None] = {}
    for group, title in file.groups.items():
        with st.expander(title, expanded=group in OPEN, key=f"capacity:group:{group}"):
            for setting in file.settings:
                if setting.group == group:
                    values[setting.id] = _setting(setting, start, values)
            if group == "service":
                device(_put)
            elif group == "money":
                price(_put)
    read = {name: value for name, value in values.items() if value is not None}
    return start, read if len(read) == len(values) else None


def _start(attempt: Attempt | None) -> Start:
    """What to start from is chosen here; choosing fills the fields."""
    options = [NEUTRAL, *(slug for slug in questions() if slug in load_presets())]
    chosen = st.selectbox(
        "Start from",
        options,
        format_func=lambda slug: slug if slug == NEUTRAL else questions()[slug].title,
        key=_START,
        on_change=lambda: _fill(_start_from(st.session_state[_START], attempt)),
        persist_state="session",
    )
    start = _start_from(chosen, attempt)
    if start.given:
        st.caption(f"{many(len(start.given), 'number')} from the question; each field says which.")
    if attempt is not None and attempt.question == chosen and attempt.finished_at is None:
        st.caption("You are working on this question, so only what you were told or have assumed is filled in.")
    st.button("Fill in again", key="capacity:again", on_click=_fill, args=(start,), help="Undo all changes below.")
    return start


def _start_from(chosen: str, attempt: Attempt | None) -> Start:
    question, preset = questions().get(chosen), load_presets().get(chosen)
    if question is None or preset is None:
        return Start()
    values, given = preset_values(preset, known_constants(question, attempt))
    return Start(question, preset, values, given)


def _fill(start: Start) -> None:
    """Put every setting to where the start has it, and those that it leaves out to the neutral number."""
    for setting in load_capacity().settings:
        _put(setting.id, (start.values or {}).get(setting.id, setting.start))


def _put(name: str, value: float | str) -> None:
    st.session_state[_key(name)] = _for_widget(next(one for one in load_capacity().settings if one.id == name), value)


def _key(name: str) -> str:
    return f"capacity:{name}"


def _for_widget(setting: Setting, value: float | str) -> float | int | str:
    if isinstance(setting, Amount):
        return typed(float(value))
    if isinstance(setting, Slider):
        return round(float(value)) if setting.whole else float(value)
    return str(value)


def _setting(setting: Setting, start: Start, values: Mapping[str, float | str | None]) -> float | str | None:
    """One setting where it stands. One that is not shown keeps its last value."""
    key = _key(setting.id)
    st.session_state.setdefault(key, _for_widget(setting, setting.start))
    if not setting.is_shown(values):
        return setting.start if isinstance(setting, Choice) else _hidden(setting, st.session_state[key], start)
    if isinstance(setting, Choice):
        st.selectbox(
            setting.label, list(setting.options), format_func=lambda one: setting.options[one], key=key,
            help=setting.help, persist_state="session",
        )  # fmt: skip
        return str(st.session_state[key])
    value = _amount(setting, start, key) if isinstance(setting, Amount) else _slider(setting, key)
    if setting.id in start.given and start.values is not None and value is not None:
        _mark(setting, value, float(start.values[setting.id]), start)
    return value


def _hidden(setting: Amount | Slider, standing: str | float, start: Start) -> float:
    if isinstance(setting, Slider):
        return float(standing)
    try:
        return read_amount(setting, str(standing), start.nouns)
    except QuantityProblem:
        return setting.start


def _slider(setting: Slider, key: str) -> float:
    number = int if setting.whole else float
    value = st.slider(
        setting.label, number(setting.low), number(setting.high), step=number(setting.step), key=key,
        format="%g", help=setting.help, persist_state="session",
    )  # fmt: skip
    return float(value)


def _amount(setting: Amount, start: Start, key: str) -> float | None:
    unit = said(setting.unit, start.nouns)
    text = st.text_input(
        plain(setting.label if unit in COUNTED else f"{setting.label}, {unit}"), key=key, help=setting.help,
        max_chars=60, live="500ms", persist_state="session",
    )  # fmt: skip
    try:
        return read_amount(setting, text or "", start.nouns)
    except QuantityProblem as problem:
        st.error(plain(f"{setting.label}: {problem}."))
        return None


def _mark(setting: Amount | Slider, value: float, theirs: float, start: Start) -> None:
    """That a number is the question's, or what the question has in its place."""
    if abs(value - theirs) <= 1e-6 * abs(theirs):
        st.caption("From the question.")
    else:
        unit = said(setting.unit, start.nouns).removeprefix("times")
        st.caption(plain(f"Your own; the question has {shown(theirs)} {unit}".rstrip() + "."))
