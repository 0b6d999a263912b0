"""Measured and published figures beside the part of a design that they are about, each with its source and date."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from simulator.catalogue import Entry, apply, entries_for, load_catalogue
from simulator.design import Design
from simulator.design_file import design_from
from ui.words import KIND_NAMES, plain

Replace = Callable[[Callable[[Design], Design]], object]


def figures(design: Design, name: str, prefix: str, replace: Replace) -> None:
    """What is known about components of this kind; values that fit can be taken over through `replace`."""
    kind = design.components[name].kind
    entries = {entry.id: entry for entry in entries_for(kind)}
    if not entries:
        return
    with st.expander(f"Measured figures: {KIND_NAMES[kind].lower()}", key=f"{prefix}:{name}:figures"):
        chosen = st.selectbox(
            "Figure",
            list(entries),
            format_func=lambda one: entries[one].title,
            key=f"{prefix}:{name}:figure",
        )
        entry = entries[chosen]
        _show(entry)
        if entry.fragment(kind) is not None:
            st.button(
                "Use these values",
                key=f"{prefix}:{name}:use_figure",
                on_click=lambda: replace(lambda one: with_figures(one, name, entry)),
            )


def _show(entry: Entry) -> None:
    """The figure as its source gives it, and how sure it is."""
    if entry.value is None:
        st.markdown("Nothing credible has been published.")
    elif isinstance(entry.value, dict):
        st.table(
            {
                "": list(map(_words, entry.value)),
                plain(entry.unit): [plain(_said(one)) for one in entry.value.values()],
            },
            border="horizontal",
        )
    else:
        st.markdown(f"**{plain(_said(entry.value))}** {plain(entry.unit)}")
    st.markdown(source_line(entry))
    for said in (entry.note, entry.confidence_note):
        if said:
            st.caption(plain(said))
    if entry.missing:
        st.caption(f"Not ready to use; missing: {plain(entry.missing)}")
    if entry.assumption:
        st.caption(f"Our assumption: {plain(entry.assumption)}")


def source_line(entry: Entry) -> str:
    """Where a figure comes from, when, and how sure it is; Markdown."""
    source = load_catalogue().source_of(entry)
    where = "no source" if source is None else plain(source.title)
    if source is not None and source.url is not None:
        where = f"[{where}]({source.url})"
    sure = f"confidence {entry.confidence}" if entry.confidence else "not known"
    return f"Source: {where}, {entry.date}, {sure}."


def origins(design: Design, name: str) -> list[Entry]:
    """The figures that values of a component are those of."""
    part = design.components[name].model_dump(mode="json")
    ready = ((entry, entry.fragment(part["kind"])) for entry in entries_for(part["kind"]))
    return [entry for entry, values in ready if values is not None and _within(values, part)]


def _within(some: Any, data: Any) -> bool:
    """Whether all that is said is so in the data."""
    if isinstance(some, dict) and isinstance(data, dict):
        return all(_within(value, data.get(key)) for key, value in some.items())
    return bool(some == data)


def with_figures(design: Design, name: str, entry: Entry) -> Design:
    """The design in which a component has the values of a figure. Raise DesignProblem if they do not fit."""
    data = design.model_dump(mode="json")
    data["components"][name] = apply(entry, data["components"][name])
    return design_from(data)


def _words(key: str) -> str:
    return plain(key.replace("_", " "))


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(one)}" for key, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
