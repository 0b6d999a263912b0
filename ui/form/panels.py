"""The parts of the form that open: groups of a component's fields, and what belongs to the design as a whole."""

import streamlit as st

from simulator.design import Design, Traffic
from ui.figures import figures
from ui.form.editing import Editing
from ui.form.fields import fields
from ui.form.shapes import shapes
from ui.form.words import FIRST, groups, word
from ui.words import plain


def component_fields(editing: Editing, name: str) -> None:
    """The few fields of a component that matter most, and the others in groups that open."""
    part, place = editing.design.components[name], f"components.{name}"
    model = type(part)
    for group, names in groups(model).items():
        if group == FIRST:
            fields(editing, model, place, names)
            if set_apart := _set_apart(editing, name):
                st.caption(f"Also set: {plain(', '.join(set_apart))}.")
        else:
            with st.expander(group, key=editing.opened(f"{place}.{group}"), on_change="rerun") as opening:
                if opening.open:
                    fields(editing, model, place, names)
    figures(editing.design, name, editing.prefix, editing.replace)


def _set_apart(editing: Editing, name: str) -> list[str]:
    """What is not as a new component has it, among the fields that are not in sight."""
    part = editing.design.components[name]
    model = type(part)
    hidden = [field for group, names in groups(model).items() if group != FIRST for field in names]
    known = shapes(model)
    return [
        word(model, field).label.split(",")[0].lower()
        for field in hidden
        if field != "label" and field in known and getattr(part, field) != model.model_fields[field].default
    ]


def whole_design(editing: Editing) -> None:
    """Traffic, promise, faults and the rest that belongs to no component."""
    st.markdown("**The whole design**")
    for model, place in ((Traffic, "traffic"), (Design, "")):
        for group, names in groups(model).items():
            with st.expander(group, key=editing.opened(f"{place}:{group}"), on_change="rerun") as opening:
                if opening.open:
                    fields(editing, model, place, names)
