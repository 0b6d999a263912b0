"""Lists of a design: add, remove, earlier and later."""

from collections.abc import Callable

import streamlit as st

from simulator import places
from ui.form.editing import Editing
from ui.form.shapes import Group, Many, Variants
from ui.form.starts import start_of
from ui.form.words import Word


def item_list(editing: Editing, shape: Many, path: str, said: Word, show: Callable[[str], None]) -> None:
    """Every item with its fields, drawn by `show(place)`, and the buttons that change the list."""
    items = editing.at(path)
    if said.help:
        st.caption(said.help)
    for i in range(len(items)):
        with st.container(border=True):
            st.markdown(f"**{said.label.capitalize()} {i + 1}**")
            show(f"{path}.{i}")
            _buttons(editing, shape, path, i, said)
    if shape.most is None or len(items) < shape.most:
        st.button(f"Add a {said.label}", key=f"{editing.key}:{path}:add", on_click=_add, args=(editing, shape, path))


def _add(editing: Editing, shape: Many, path: str) -> None:
    item = shape.item
    assert isinstance(item, Group | Variants), "lists hold parts with fields"
    model = item.model if isinstance(item, Group) else item.models[0]
    new = start_of(model, editing, path)
    editing.replace(lambda one: places.insert(one, path, new), place=path)


def _buttons(editing: Editing, shape: Many, path: str, index: int, said: Word) -> None:
    count = len(editing.at(path))
    name = f"{said.label} {index + 1}"

    def button(label: str, change: places.Change) -> None:
        st.button(
            label,
            key=f"{editing.mark(path)}.{index}:{label}",
            type="tertiary",
            on_click=lambda: editing.replace(change, place=path),
        )

    with st.container(horizontal=True):
        if index > 0:
            button(f"Move {name} up", lambda one: places.move(one, path, index, -1))
        if index < count - 1:
            button(f"Move {name} down", lambda one: places.move(one, path, index, 1))
        if count > shape.least:
            button(f"Remove {name}", lambda one: places.take_out(one, path, index))
