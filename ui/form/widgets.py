"""A widget for each single value. What it shows comes from the draft, what it is changed to goes to `Editing.put`."""

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from simulator import wiring
from ui.form.editing import Editing
from ui.form.shapes import Choice, Flag, Maybe, Number, Reference, Shape, Text
from ui.form.words import Word, choice

_TAKES_THE_REST = re.compile(r"(traffic\.classes|components\.\w+\.routes)\.0\.share")


def small_field(editing: Editing, shape: Shape, path: str, said: Word) -> None:
    """One widget for one value."""
    if _TAKES_THE_REST.fullmatch(path):
        _the_rest(editing, path, said)
        return
    match shape:
        case Maybe(inner=inner):
            _one(editing, inner, path, said, may_be_empty=True)
        case _:
            _one(editing, shape, path, said, may_be_empty=False)


def _one(editing: Editing, shape: Shape, path: str, said: Word, *, may_be_empty: bool) -> None:
    match shape:
        case Number():
            _number(editing, shape, path, said)
        case Text():
            _text(editing, shape, path, said, may_be_empty=may_be_empty)
        case Choice(options=options):
            _choose(editing, path, said, list(options), choice)
        case Reference(many=True):
            _choose_many(editing, shape, path, said)
        case Reference():
            found = names_of(editing, shape.of, path)
            _choose(editing, path, said, [None, *found] if may_be_empty else found, str)
        case Flag():
            key = editing.mark(path)
            changed = on_change(editing, path, key)
            st.checkbox(said.label, value=bool(editing.at(path)), help=said.help, key=key, on_change=changed)
        case _:
            raise TypeError(f"{path} needs more than one widget: {shape}")


def _the_rest(editing: Editing, path: str, said: Word) -> None:
    """The share of the first of several, which follows from the others."""
    share = editing.at(path)
    st.text_input(
        said.label,
        value=f"{share:g}, the rest" if isinstance(share, int | float) else "the rest",
        disabled=True,
        help="The first takes what the others leave.",
        key=f"{editing.mark(path)}:{share}",  # a widget keeps its value as long as its key
    )


def on_change(
    editing: Editing, path: str, key: str, read: Callable[[Any], Any] = lambda value: value
) -> Callable[[], None]:
    """What a widget calls when it has changed."""
    return lambda: editing.put(path, read(st.session_state[key]))


def _number(editing: Editing, shape: Number, path: str, said: Word) -> None:
    now = editing.at(path)
    shown = now if isinstance(now, int | float) and not isinstance(now, bool) else None
    number: type[int | float] = int if shape.whole else float
    low, high = (_bound(limit, shown, wider) for limit, wider in ((shape.low, min), (shape.high, max)))
    step = said.step or (1 if shape.whole else 0.05 if shape.high is not None and shape.high <= 1 else 1.0)
    key = editing.mark(path)
    st.number_input(
        said.label,
        min_value=None if low is None else number(low),
        max_value=None if high is None else number(high),
        value=None if shown is None else number(shown),
        step=number(step),
        format=None if shape.whole else "%.10g",
        placeholder=said.empty or "",
        help=said.help,
        key=key,
        on_change=on_change(editing, path, key, lambda value: shape.word if value is None else value),
    )


def _bound(limit: float | None, shown: float | None, wider: Callable[[float, float], float]) -> float | None:
    """A limit that does not shut out what is typed already."""
    return limit if limit is None or shown is None else wider(limit, shown)


def _text(editing: Editing, shape: Text, path: str, said: Word, *, may_be_empty: bool) -> None:
    key = editing.mark(path)
    st.text_input(
        said.label,
        value=editing.at(path) or "",
        max_chars=shape.longest,
        placeholder=said.empty or None,
        help=said.help,
        key=key,
        on_change=on_change(editing, path, key, lambda typed: typed or (None if may_be_empty else "")),
    )


def _choose(editing: Editing, path: str, said: Word, options: list[Any], say: Callable[[str], str]) -> None:
    now, key = editing.at(path), editing.mark(path)
    if now not in options:
        options = [*options, now]  # refused when it was chosen, or gone since
    st.selectbox(
        said.label,
        options,
        index=options.index(now),
        format_func=lambda one: (said.empty or "none") if one is None else say(one),
        help=said.help,
        key=key,
        on_change=on_change(editing, path, key),
    )


def _choose_many(editing: Editing, shape: Reference, path: str, said: Word) -> None:
    now, key = editing.at(path), editing.mark(path)
    options = names_of(editing, shape.of, path)
    st.multiselect(
        said.label,
        [*options, *(one for one in now if one not in options)],
        default=now,
        placeholder=said.empty or "choose",
        help=said.help,
        key=key,
        on_change=on_change(editing, path, key, list),
    )


def names_of(editing: Editing, of: str, path: str) -> list[str]:
    """What a field may name: classes of requests, or components other than the one that it belongs to."""
    design = editing.design
    if of == "class":
        return [one.name for one in design.traffic.classes]
    kinds = {"stream": ("stream",), "replicated": wiring.HAS_REPLICAS}.get(of)
    own = path.split(".")[1] if path.startswith("components.") else None
    return [name for name, part in design.components.items() if name != own and (kinds is None or part.kind in kinds)]
