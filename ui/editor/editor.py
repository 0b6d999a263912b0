"""The editor of one design: a drawing, and a form, a canvas or a file to change it. All of them show one design."""

from collections.abc import Callable

import streamlit as st

from simulator import wiring
from simulator.design import Design
from ui.diagram import in_words, mermaid
from ui.editor.canvas_view import canvas_view
from ui.editor.chosen import chosen_component
from ui.editor.file_view import file_view
from ui.editor.palette import palette
from ui.form.editing import Editing
from ui.form.found import Found
from ui.form.panels import whole_design
from ui.look import WIDE_DRAWING
from ui.words import plain


def design_editor(design: Design, *, key: str, save: Callable[[Design], None]) -> None:
    """Edit a design; `save` is called with every new valid one. What is wrong is said and changes nothing.

    `key` tells editors apart.
    """
    edit(Editing(design, key, save))


def edit(editing: Editing) -> None:
    """The editor of a design that is being edited."""
    found = Found(editing)
    views = f"{editing.key}:views"
    if st.session_state.get(views) != "Canvas":  # which is a drawing itself
        _drawing(editing, found)
    _tools(editing)
    as_form, as_canvas, as_file = st.tabs(["Form", "Canvas", "File"], key=views, on_change="rerun")
    if as_form.open:
        with as_form:
            _form(editing, found)
    if as_canvas.open:
        with as_canvas:
            found.elsewhere(editing.chosen)
            canvas_view(editing, found)
            chosen_component(editing, found)
    if as_file.open:
        with as_file:
            found.everything()
            file_view(editing)


def _drawing(editing: Editing, found: Found) -> None:
    design = editing.design
    st.html(WIDE_DRAWING)
    st.mermaid_chart(mermaid(design, editing.chosen, found.names), alt=in_words(design))


def _tools(editing: Editing) -> None:
    if unreached := wiring.unreached(editing.design):
        st.info(f"No request comes to {plain(', '.join(unreached))} yet. Choose who calls it.")
    with st.container(horizontal=True):
        palette(editing)
        for label, back, icon in (("Undo", "undo", ":material/undo:"), ("Redo", "redo", ":material/redo:")):
            st.button(
                label,
                key=f"{editing.key}:{back}",
                icon=icon,
                disabled=not editing.can(back),
                on_click=editing.step,
                args=(back,),
            )


def _form(editing: Editing, found: Found) -> None:
    found.elsewhere(editing.chosen)
    key = f"{editing.prefix}:chosen"
    st.pills(
        "Components",
        list(editing.design.components),
        default=editing.chosen,
        required=True,
        format_func=lambda name: f":material/error: {name}" if name in found.names else name,
        key=key,
        on_change=lambda: editing.choose(st.session_state[key]),
    )
    chosen_component(editing, found)
    whole_design(editing)
