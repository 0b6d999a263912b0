"""The component that is chosen: its name, where it stands, and what can be done with all of it."""

import streamlit as st

from simulator import edits
from ui.figures import origins, source_line
from ui.form.calls import call_fields
from ui.form.editing import Editing
from ui.form.found import Found
from ui.form.panels import component_fields
from ui.words import KIND_NAMES, plain


def chosen_component(editing: Editing, found: Found) -> None:
    """The name, the problems, the fields and the calls of the chosen component."""
    name = editing.chosen
    part = editing.design.components[name]
    numbers, calls = (
        st.columns([3, 2], gap="medium") if edits.steps_field(part.kind) is not None else (st.container(), None)
    )
    with numbers, st.container(border=True):
        _name(editing, name)
        _buttons(editing, name)
        found.of(name)
        component_fields(editing, name)
        for entry in origins(editing.design, name):
            st.caption(f"Values of: {plain(entry.title)}. {source_line(entry)}")
    if calls is not None:
        with calls:
            call_fields(editing, name)


def _name(editing: Editing, name: str) -> None:
    key = f"{editing.prefix}:{name}:name"
    kind = KIND_NAMES[editing.design.components[name].kind]
    st.text_input(
        f"Name of this {kind if kind.isupper() else kind[0].lower() + kind[1:]}",
        value=name,
        key=key,
        max_chars=40,
        on_change=lambda: _rename(editing, name, st.session_state[key]),
    )


def _rename(editing: Editing, old: str, typed: str) -> None:
    new = "_".join(typed.lower().split())
    if new != old and editing.replace(lambda one: edits.rename(one, old, new)):
        editing.choose(new)


def _buttons(editing: Editing, name: str) -> None:
    design, key = editing.design, f"{editing.prefix}:{name}"
    is_entry = name == design.traffic.entry
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_entry:
            st.badge("Requests enter here", color="primary")
        else:
            st.button(
                "Let requests enter here",
                key=f"{key}:entry",
                on_click=lambda: editing.replace(lambda one: edits.set_entry(one, name)),
            )
        if design.components[name].kind != "load_balancer":  # two could not have the same targets
            st.button("Duplicate", key=f"{key}:duplicate", on_click=_duplicate, args=(editing, name))
        if not is_entry:
            st.button(
                "Remove",
                key=f"{key}:remove",
                on_click=lambda: editing.replace(lambda one: edits.remove(one, name)),
            )


def _duplicate(editing: Editing, name: str) -> None:
    copy = edits.free_name(editing.design, name, first=2)
    if editing.replace(lambda one: edits.duplicate(one, name, copy)):
        editing.choose(copy)
