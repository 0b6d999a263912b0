"""The design that a person uses instead of the one of their source: after a change that was
tried, or a cell of a map.
"""

from dataclasses import replace

import streamlit as st

from simulator.design import Design
from simulator.design_file import fingerprint
from ui.tunnel import Source

_KEY = "tunnel_in_use"


def in_use(source: Source) -> Source:
    """The source with the design that was put in use since it was chosen, if there is one."""
    kept = st.session_state.get(_KEY)
    if kept is None or kept["source"] != _name(source):
        st.session_state.pop(_KEY, None)
        return source
    return replace(source, design=kept["design"])


def use(source: Source, design: Design) -> None:
    """Put a design in use; faults that were switched on beside the source stay switches."""
    design = design.model_copy(update={"faults": source.design.faults})
    st.session_state[_KEY] = {"source": _name(source), "design": design}


def _name(source: Source) -> str:
    return f"{source.label} {fingerprint(source.design)}"
