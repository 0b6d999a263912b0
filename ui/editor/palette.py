"""The palette: what a design can be made of, and where a new component goes."""

import streamlit as st

from simulator import edits, wiring
from simulator.catalogue import Entry, entries_for
from simulator.design import Design
from ui.figures import source_line, with_figures
from ui.form.editing import Editing
from ui.words import KIND_NAMES

KINDS = {
    "service": "A program in replicas that works on a request and then calls others.",
    "cache": "Answers what it knows and asks for the rest.",
    "store": "Sharded, replicated reads: features, keys, an index.",
    "model_server": "Devices that run batches.",
    "llm_server": "Writes answers token by token, many at once.",
    "stream": "A log that takes messages at once and has them worked on later.",
    "load_balancer": "Gives each replica behind it a queue of its own.",
    "router": "Splits requests between versions: a canary, a shadow.",
}
OURS = "our starting values, not measured"
NOBODY, REQUESTS = "nobody yet", "the requests themselves"


def palette(editing: Editing) -> None:
    """Choose a kind, say who calls it, and add it."""
    with st.popover("Add a component", key=f"{editing.prefix}:add", icon=":material/add:"):
        kind = st.radio(
            "Kind",
            list(KINDS),
            format_func=lambda one: KIND_NAMES[one],
            captions=list(KINDS.values()),
            key=_key(editing, "kind"),
        )
        st.text_input(
            "Name", key=_key(editing, "name"), placeholder=edits.free_name(editing.design, kind), max_chars=40
        )
        _wiring(editing, kind)
        _values(editing, kind)
        st.button("Add", key=_key(editing, "button"), type="primary", on_click=_added, args=(editing, kind))


def _key(editing: Editing, field: str) -> str:
    return f"{editing.prefix}:new_{field}"


def _wiring(editing: Editing, kind: str) -> None:
    """Who calls the new one and, where it makes no sense alone, what it stands in front of."""
    design, front = editing.design, ()
    if kind in edits.NEEDS_DOWNSTREAM:
        front = tuple(
            st.multiselect("In front of", _can_stand_behind(design, kind), key=_key(editing, f"{kind}_front"))
        )
    if kind == "load_balancer":  # it takes over the calls to its targets
        return
    callers = [name for name, part in design.components.items() if edits.steps_field(part.kind) is not None]
    options = [NOBODY, REQUESTS, *callers]
    start = _likely_caller(editing, callers, front)
    st.selectbox("Called by", options, index=options.index(start), key=_caller_key(editing, front))


def _caller_key(editing: Editing, front: tuple[str, ...]) -> str:
    return _key(editing, f"caller:{editing.chosen}:{','.join(front)}")


def _likely_caller(editing: Editing, callers: list[str], front: tuple[str, ...]) -> str:
    """Whoever asks what the new one stands in front of; else the component that is chosen."""
    if editing.design.traffic.entry in front:
        return REQUESTS
    asking = [name for name in callers if set(front) & set(wiring.downstream(editing.design.components[name]))]
    likely = [*asking, editing.chosen]
    return next((name for name in likely if name in callers and name not in front), NOBODY)


def _can_stand_behind(design: Design, kind: str) -> list[str]:
    if kind in ("cache", "router"):
        return list(design.components)
    return [name for name, part in design.components.items() if part.kind in ("service", "model_server", "llm_server")]


def _values(editing: Editing, kind: str) -> None:
    """What its numbers begin with: ours, or measured ones with their source."""
    ready = _ready(kind)
    if not ready:
        return
    chosen = st.selectbox(
        "Numbers",
        [None, *ready],
        format_func=lambda one: OURS if one is None else ready[one].title,
        key=f"{_key(editing, 'values')}:{kind}",
    )
    if chosen is not None:
        st.caption(source_line(ready[chosen]))


def _ready(kind: str) -> dict[str, Entry]:
    return {entry.id: entry for entry in entries_for(kind) if entry.fragment(kind) is not None}


def _added(editing: Editing, kind: str) -> None:
    said = st.session_state
    name = "_".join(said[_key(editing, "name")].lower().split()) or edits.free_name(editing.design, kind)
    front = tuple(said.get(_key(editing, f"{kind}_front")) or ())
    caller = said.get(_caller_key(editing, front), NOBODY) if kind != "load_balancer" else NOBODY
    entry = _ready(kind).get(said.get(f"{_key(editing, 'values')}:{kind}"))

    def change(design: Design) -> Design:
        design = edits.add(design, kind, name, front)
        if entry is not None:
            design = with_figures(design, name, entry)
        if caller == REQUESTS:
            return edits.set_entry(design, name)
        return edits.come_between(design, caller, name, front) if caller != NOBODY else design

    if editing.replace(change):
        editing.choose(name)
