"""The design editor: a form of components and calls, with the drawing and the file always in step."""

from collections.abc import Callable

import streamlit as st

from simulator import edits, wiring
from simulator.design import Design
from simulator.design_file import read_design, write_design
from ui.diagram import in_words, mermaid
from ui.form.calls import call_fields
from ui.form.editing import Editing
from ui.form.found import Found
from ui.form.panels import component_fields, whole_design
from ui.words import KIND_NAMES, plain

KINDS = {
    "service": "a program in replicas that works on a request and then calls others",
    "cache": "answers what it knows, asks for the rest",
    "store": "sharded, replicated reads: features, keys, an index",
    "model_server": "devices that run batches",
    "llm_server": "writes answers token by token, many at once",
    "stream": "a log that takes messages at once and has them worked on later",
    "load_balancer": "gives each replica behind it a queue of its own",
    "router": "splits requests between versions: a canary, a shadow",
}


def design_form(design: Design, *, key: str, save: Callable[[Design], None]) -> None:
    """Edit a design; `save` is called with every new valid one. What is wrong is said and changes nothing.

    `key` tells editors apart.
    """
    editing = Editing(design, key, save)
    found = Found(editing)
    _drawing(editing, found)
    as_form, as_text = st.tabs(["Form", "File"])
    with as_form:
        _form(editing, found)
    with as_text:
        _file(editing)


def _drawing(editing: Editing, found: Found) -> None:
    design = editing.design
    st.mermaid_chart(mermaid(design, editing.chosen), alt=in_words(design))
    found.elsewhere(editing.chosen)
    if unreached := wiring.unreached(design):
        st.info(f"No request comes to {plain(', '.join(unreached))} yet. Choose who calls it.")
    with st.container(horizontal=True):
        for label, back in (("Undo", "undo"), ("Redo", "redo")):
            st.button(
                label,
                key=f"{editing.key}:{back}",
                disabled=not editing.can(back),
                on_click=editing.step,
                args=(back,),
            )


def _form(editing: Editing, found: Found) -> None:
    design = editing.design
    key = f"{editing.prefix}:chosen"
    st.pills(
        "Components",
        list(design.components),
        default=editing.chosen,
        required=True,
        format_func=lambda name: f":material/error: {name}" if name in found.names else name,
        key=key,
        on_change=lambda: editing.choose(st.session_state[key]),
    )
    _add(editing)
    name = editing.chosen
    asks = edits.steps_field(design.components[name].kind) is not None
    numbers, calls = st.columns(2, gap="medium") if asks else (st.container(), None)
    with numbers, st.container(border=True):
        _identity(editing, name)
        found.of(name)
        component_fields(editing, name)
    if calls is not None:
        with calls:
            call_fields(editing, name)
    whole_design(editing)


def _identity(editing: Editing, name: str) -> None:
    design, part = editing.design, editing.design.components[name]
    new_name = f"{editing.prefix}:{name}:name"
    st.text_input(
        f"Name of this {KIND_NAMES[part.kind].lower()}",
        value=name,
        key=new_name,
        max_chars=40,
        on_change=lambda: _rename(editing, name, st.session_state[new_name]),
    )
    with st.container(horizontal=True):
        if name == design.traffic.entry:
            st.badge("Requests enter here", color="primary")
        else:
            st.button(
                "Let requests enter here",
                key=f"{editing.prefix}:{name}:entry",
                on_click=lambda: editing.replace(lambda one: edits.set_entry(one, name)),
            )
            st.button(
                "Remove",
                key=f"{editing.prefix}:{name}:remove",
                on_click=lambda: editing.replace(lambda one: edits.remove(one, name)),
            )


def _rename(editing: Editing, old: str, typed: str) -> None:
    new = "_".join(typed.lower().split())
    if new != old and editing.replace(lambda one: edits.rename(one, old, new)):
        editing.choose(new)


def _add(editing: Editing) -> None:
    with st.popover("Add a component", key=f"{editing.prefix}:add"):
        kind_key, name_key, front_key = (f"{editing.prefix}:new_{field}" for field in ("kind", "name", "front"))
        kind = st.selectbox("Kind", list(KINDS), format_func=lambda one: KIND_NAMES[one], key=kind_key)
        st.caption(f"{KIND_NAMES[kind]}: {KINDS[kind]}.")
        st.text_input("Name", key=name_key, placeholder="features", max_chars=40)
        if kind in edits.NEEDS_DOWNSTREAM:
            st.multiselect("In front of", _can_stand_behind(editing.design, kind), key=front_key)
        st.button("Add", key=f"{editing.prefix}:add_button", type="primary", on_click=_added, args=(editing, kind))


def _can_stand_behind(design: Design, kind: str) -> list[str]:
    if kind in ("cache", "router"):
        return list(design.components)
    return [name for name, part in design.components.items() if part.kind in ("service", "model_server", "llm_server")]


def _added(editing: Editing, kind: str) -> None:
    typed = st.session_state[f"{editing.prefix}:new_name"]
    name = "_".join(typed.lower().split()) or _free_name(editing.design, kind)
    behind = tuple(st.session_state.get(f"{editing.prefix}:new_front") or ())
    if editing.replace(lambda one: edits.add(one, kind, name, behind)):
        editing.choose(name)


def _free_name(design: Design, kind: str) -> str:
    numbers = range(1, len(design.components) + 2)
    return next(name for name in (f"{kind}_{n}" for n in numbers) if name not in design.components)


def _file(editing: Editing) -> None:
    text_key = f"{editing.prefix}:text"
    st.text_area("The design as YAML", value=write_design(editing.design), height=420, key=text_key)
    with st.container(horizontal=True):
        st.button(
            "Use this text",
            key=f"{editing.prefix}:use_text",
            on_click=lambda: editing.replace(lambda _: read_design(st.session_state[text_key]), forget=True),
        )
        st.download_button(
            "Download",
            write_design(editing.design),
            file_name="design.yaml",
            mime="application/yaml",
            key=f"{editing.prefix}:download",
            on_click="ignore",
        )
