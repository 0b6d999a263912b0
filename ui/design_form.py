"""The design editor: a form of components and calls, with the drawing and the file always in step."""

from collections.abc import Callable

import streamlit as st

from simulator import edits, wiring
from simulator.design import Design
from simulator.design_file import DesignProblem, read_design, write_design
from simulator.support import DoesNotRunYet, check
from ui.call_fields import call_fields
from ui.component_fields import component_fields
from ui.diagram import in_words, mermaid
from ui.figures import figures
from ui.words import KIND_NAMES, plain

KINDS = {
    "service": "a program in replicas that works on a request and then calls others",
    "cache": "answers what it knows, asks for the rest",
    "store": "sharded, replicated reads: features, keys, an index",
    "model_server": "devices that run batches",
    "llm_server": "writes answers token by token, many at once",
    "stream": "a log that takes messages at once and has them worked on later",
    "load_balancer": "gives each replica behind it a queue of its own",
}
UNDO_DEPTH = 50


def design_form(design: Design, *, key: str, save: Callable[[Design], None]) -> None:
    """Edit a design; `save` is called with every new valid one. What is wrong is said and changes nothing.

    `key` tells editors apart.
    """
    editing = _Editing(design, key, save)
    _drawing(editing)
    as_form, as_text = st.tabs(["Form", "File"])
    with as_form:
        _form(editing)
    with as_text:
        _file(editing)


class _Editing:
    """A design being edited: the marks that widgets are named by, the problem last met, and what undo brings back."""

    def __init__(self, design: Design, key: str, save: Callable[[Design], None]):
        self.design, self.key, self._save = design, key, save
        self.state = st.session_state.setdefault(f"{key}:editing", {"round": 0, "undo": [], "redo": [], "problems": []})

    @property
    def prefix(self) -> str:
        """Names widgets anew when something else than a widget has changed the design."""
        return f"{self.key}:{self.state['round']}"

    @property
    def chosen(self) -> str:
        wanted = self.state.get("chosen")
        return wanted if wanted in self.design.components else next(iter(self.design.components))

    def choose(self, name: str | None) -> None:
        self.state["chosen"] = name

    def apply(self, change: Callable[[Design], Design]) -> None:
        """Make a change that comes from a field; if it is not possible, say why and keep what was there."""
        try:
            changed = change(self.design)
        except DesignProblem as problem:
            self.state["problems"] = problem.problems
            return
        self.state["problems"] = []
        if changed != self.design:
            self.state["undo"] = [*self.state["undo"][-UNDO_DEPTH:], self.design]
            self.state["redo"] = []
            self._save(changed)
            self.design = changed

    def replace(self, change: Callable[[Design], Design]) -> bool:
        """Make a change after which the fields must be drawn anew; whether it was possible."""
        before = self.design
        self.apply(change)
        if self.design != before:
            self.state["round"] += 1
        return self.design != before

    def step(self, back: str, forth: str) -> None:
        """Undo or redo."""
        if self.state[back]:
            self.state[forth] = [*self.state[forth], self.design]
            *self.state[back], design = self.state[back]
            self.state["round"] += 1
            self.state["problems"] = []
            self._save(design)


def _drawing(editing: _Editing) -> None:
    design = editing.design
    st.mermaid_chart(mermaid(design, editing.chosen), alt=in_words(design))
    for problem in editing.state["problems"]:
        st.error(plain(problem))
    try:
        check(design)
    except DoesNotRunYet as problem:
        for sentence in problem.problems:
            st.warning(plain(sentence))
    if unreached := wiring.unreached(design):
        st.info(f"No request comes to {plain(', '.join(unreached))} yet. Choose who calls it.")
    with st.container(horizontal=True):
        for label, back, forth in (("Undo", "undo", "redo"), ("Redo", "redo", "undo")):
            st.button(
                label,
                key=f"{editing.key}:{back}",
                disabled=not editing.state[back],
                on_click=editing.step,
                args=(back, forth),
            )


def _form(editing: _Editing) -> None:
    design = editing.design
    names = list(design.components)
    key = f"{editing.prefix}:chosen"
    st.pills(
        "Components",
        names,
        default=editing.chosen,
        required=True,
        key=key,
        on_change=lambda: editing.choose(st.session_state[key]),
    )
    _add(editing)
    name = editing.chosen
    part = design.components[name]
    numbers, calls = st.columns(2, gap="medium")
    with numbers, st.container(border=True):
        _identity(editing, name)
        component_fields(design, name, editing.prefix, editing.apply)
        figures(design, name, editing.prefix, editing.replace)
        if part.kind == "store" and part.concurrency == "unlimited":
            st.caption(
                "Reads never wait for one another here. Set how many each replica reads at a time to change that."
            )
    with calls:
        call_fields(design, name, editing.prefix, editing.replace)
        if part.kind == "load_balancer":
            st.markdown(f"In front of {plain(', '.join(part.targets))}, whose replicas keep a queue each.")


def _identity(editing: _Editing, name: str) -> None:
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


def _rename(editing: _Editing, old: str, typed: str) -> None:
    new = "_".join(typed.lower().split())
    if new != old and editing.replace(lambda one: edits.rename(one, old, new)):
        editing.choose(new)


def _add(editing: _Editing) -> None:
    with st.popover("Add a component", key=f"{editing.prefix}:add"):
        kind_key, name_key, front_key = (f"{editing.prefix}:new_{field}" for field in ("kind", "name", "front"))
        kind = st.selectbox("Kind", list(KINDS), format_func=lambda one: KIND_NAMES[one], key=kind_key)
        st.caption(f"{KIND_NAMES[kind]}: {KINDS[kind]}.")
        st.text_input("Name", key=name_key, placeholder="features", max_chars=40)
        if kind in edits.NEEDS_DOWNSTREAM:
            st.multiselect("In front of", _can_stand_behind(editing.design, kind), key=front_key)
        st.button("Add", key=f"{editing.prefix}:add_button", type="primary", on_click=_added, args=(editing, kind))


def _can_stand_behind(design: Design, kind: str) -> list[str]:
    if kind == "cache":
        return list(design.components)
    return [name for name, part in design.components.items() if part.kind in ("service", "model_server", "llm_server")]


def _added(editing: _Editing, kind: str) -> None:
    typed = st.session_state[f"{editing.prefix}:new_name"]
    name = "_".join(typed.lower().split()) or _free_name(editing.design, kind)
    behind = tuple(st.session_state.get(f"{editing.prefix}:new_front") or ())
    if editing.replace(lambda one: edits.add(one, kind, name, behind)):
        editing.choose(name)


def _free_name(design: Design, kind: str) -> str:
    numbers = range(1, len(design.components) + 2)
    return next(name for name in (f"{kind}_{n}" for n in numbers) if name not in design.components)


def _file(editing: _Editing) -> None:
    text_key = f"{editing.prefix}:text"
    st.text_area("The design as YAML", value=write_design(editing.design), height=420, key=text_key)
    with st.container(horizontal=True):
        st.button(
            "Use this text",
            key=f"{editing.prefix}:use_text",
            on_click=lambda: editing.replace(lambda _: read_design(st.session_state[text_key])),
        )
        st.download_button(
            "Download",
            write_design(editing.design),
            file_name="design.yaml",
            mime="application/yaml",
            key=f"{editing.prefix}:download",
            on_click="ignore",
        )
