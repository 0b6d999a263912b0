"""A fallback of a call: another component, or an answer that is ready at hand."""

import streamlit as st

from simulator.design import Fallback
from ui.form.editing import Editing
from ui.form.shapes import shapes
from ui.form.widgets import names_of, small_field
from ui.form.words import start, word

READY = "a ready answer"


def fallback_fields(editing: Editing, path: str) -> None:
    """Where the answer comes from and, if it is ready at hand, how long it takes."""
    now, key = editing.at(path), editing.mark(f"{path}.to")
    options = [READY, *names_of(editing, "component", path)]

    def chosen() -> None:
        to = st.session_state[key]
        if to == (now["to"] or READY):
            return
        ready = {"to": None, **start(Fallback)}
        editing.draw_anew(path)
        editing.put(path, {**now, **(ready if to == READY else {"to": to, "answer_ms": None})})

    said = word(Fallback, "to")
    st.selectbox(said.label, options, index=options.index(now["to"] or READY), key=key, on_change=chosen)
    for name in ("answer_ms", "label"):
        if name == "label" or now["to"] is None:
            small_field(editing, shapes(Fallback)[name], f"{path}.{name}", word(Fallback, name))
