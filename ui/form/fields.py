"""The fields of one part of a design, whatever the vocabulary says it is made of."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import streamlit as st

from simulator.design import Fallback
from simulator.spec import Spec
from ui.form.editing import Editing
from ui.form.fallbacks import fallback_fields
from ui.form.lists import item_list
from ui.form.shapes import (
    Choice,
    Flag,
    Group,
    Many,
    Maybe,
    Number,
    Reference,
    Shape,
    Table,
    Text,
    Variants,
    Varying,
    shapes,
)
from ui.form.starts import option_of, options_of, start_of
from ui.form.tables import table_field
from ui.form.widgets import small_field
from ui.form.words import Word, title, word

COLUMN = 180  # pixels; a column of fields is at least so wide


def fields(editing: Editing, model: type[Spec], path: str, names: list[str] | None = None) -> None:
    """The fields of the data at `path`: small ones side by side, those that open below one another."""
    for look, some in groupby(_flat(editing, model, path, names), lambda one: _look(one.shape)):
        if look == "part":
            for one in some:
                _part(editing, one.shape, one.path, one.said)
            continue
        with _side_by_side(look):
            for one in some:
                small_field(editing, one.shape, one.path, one.said)


class _Placed(NamedTuple):
    """A field where it stands in this design."""

    shape: Shape
    path: str
    said: Word


def _flat(editing: Editing, model: type[Spec], path: str, names: list[str] | None) -> Iterator[_Placed]:
    """The fields of a model, with those of the groups in it that are always there."""
    known, data = shapes(model), editing.at(path)
    for name in names or known:
        if name in known and _applies(model, name, data):
            shape, place = known[name], f"{path}.{name}" if path else name
            if isinstance(shape, Group):
                yield from _flat(editing, shape.model, place, None)
            else:
                yield _Placed(shape, place, word(model, name))


def _side_by_side(look: str) -> Any:
    return st.grid(min_column_width=COLUMN) if look == "field" else st.container(horizontal=True, gap="medium")


def _look(shape: Shape) -> str:
    match shape:
        case Number() | Text() | Choice() | Reference() | Maybe(inner=Number() | Text() | Reference()):
            return "field"
        case Flag():
            return "flag"
        case _:
            return "part"


def _applies(model: type[Spec], name: str, data: Any) -> bool:
    """Of the two ways to say a lognormal the one in use; no column of a file without a file."""
    if model.__name__ == "Lognormal":
        return data[name] is not None
    return not (model.__name__ == "Trace" and name == "column" and data["file"] is None)


def _part(editing: Editing, shape: Shape, path: str, said: Word) -> None:
    match shape:
        case Maybe(inner=Group(model=model)):
            _switched(editing, model, path, said)
        case Variants(models=models):
            _variants(editing, models, path, said, may_be_none=False)
        case Maybe(inner=Variants(models=models)):
            _variants(editing, models, path, said, may_be_none=True)
        case Varying(model=model):
            _varying(editing, shape, model, path, said)
        case Many(item=item):
            item_list(editing, shape, path, said, lambda place: _item(editing, item, place, said))
        case Table(columns=columns):
            table_field(editing, columns, path, said)
        case _:
            raise TypeError(f"{path} has a shape that nobody draws: {shape}")


def _item(editing: Editing, item: Shape, path: str, said: Word) -> None:
    if isinstance(item, Variants):
        _variants(editing, item.models, path, said.model_copy(update={"label": "What happens"}), may_be_none=False)
    elif isinstance(item, Group) and item.model is Fallback:
        with st.grid(min_column_width=COLUMN):
            fallback_fields(editing, path)
    elif isinstance(item, Group):
        fields(editing, item.model, path)


def _switched(editing: Editing, model: type[Spec], path: str, said: Word) -> None:
    """A part that may be left out: a switch, and its fields while it is on."""
    key, there = editing.mark(path), editing.at(path) is not None

    def switched() -> None:
        if st.session_state[key] == there:
            return
        editing.draw_anew(path)
        editing.put(path, start_of(model, editing, path) if st.session_state[key] else None)

    st.toggle(said.label, value=there, help=said.help, key=key, on_change=switched)
    if there:
        with st.container(border=True):
            fields(editing, model, path)


def _variants(editing: Editing, models: tuple[type[Spec], ...], path: str, said: Word, *, may_be_none: bool) -> None:
    """One of several kinds, and the fields of that kind."""
    now = editing.at(path)
    options = options_of(models)
    names: list[str | None] = [None, *options] if may_be_none else list(options)
    key = editing.mark(path) + ".kind"
    current = None if now is None else option_of(now)

    def chosen() -> None:
        option = st.session_state[key]
        if option == current:
            return
        editing.draw_anew(path)
        editing.put(path, None if option is None else start_of(options[option], editing, path, option))

    with st.grid(min_column_width=COLUMN):
        st.selectbox(
            said.label,
            names,
            index=names.index(current),
            format_func=lambda one: said.empty or "none" if one is None else _say(options[one], one),
            help=said.help,
            key=key,
            on_change=chosen,
        )
        if current is not None:
            _inline(editing, options[current], path)
    if current is not None:
        known = shapes(options[current])
        fields(editing, options[current], path, [name for name in known if _look(known[name]) != "field"] or ["-"])


def _inline(editing: Editing, model: type[Spec], path: str) -> None:
    """The small fields of a kind, in the row of the kind itself."""
    for name, shape in shapes(model).items():
        if _look(shape) == "field" and _applies(model, name, editing.at(path)):
            small_field(editing, shape, f"{path}.{name}", word(model, name))


def _say(model: type[Spec], option: str) -> str:
    ways = {"lognormal": "lognormal: median and p99", "lognormal by mean": "lognormal: mean and variation"}
    return ways.get(option, title(model))


def _varying(editing: Editing, shape: Varying, model: type[Spec], path: str, said: Word) -> None:
    """A whole number that is always the same, or varies."""
    now, key = editing.at(path), editing.mark(path) + ".kind"
    varies = isinstance(now, dict)

    def chosen() -> None:
        if (st.session_state[key] == "varies") == varies:
            return
        editing.draw_anew(path)
        mean = max(1, round(now["mean"])) if isinstance(now, dict) else now
        editing.put(path, mean if varies else {"shape": "geometric", "mean": float(mean or 1)})

    with st.grid(min_column_width=COLUMN):
        st.selectbox(
            said.label, ["the same for all", "varies"], index=int(varies), help=said.help, key=key, on_change=chosen
        )
        if varies:
            _inline(editing, model, path)
        else:
            small_field(editing, shape.number, path, said.model_copy(update={"label": f"{said.label}, each"}))
