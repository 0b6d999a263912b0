"""What a person has made of designs in the wind tunnel, kept over a reload."""

import streamlit as st

from simulator.design import Design
from simulator.design_file import DesignProblem, design_from
from storage.notes import forget_note, load_note, noted, save_note
from ui.people import current_person

MOST = 30
_LAST = "the last"
_RESTORED = "tunnel_restored"


def keep(name: str, design: Design, begun: Design) -> None:
    """Keep what has become of a design; nothing if it is again as it was. Only the newest `MOST` are kept."""
    restored().discard(name)
    if design == begun:
        forget_note(current_person(), "design", name)
        return
    save_note(current_person(), "design", name, design.model_dump(mode="json"))
    for old in noted(current_person(), "design")[MOST + 1 :]:
        forget_note(current_person(), "design", old)


def kept(name: str) -> Design | None:
    """What was kept in an earlier visit; None if nothing was, or if it is no design any more."""
    data = load_note(current_person(), "design", name)
    if data is None:
        return None
    try:
        design = design_from(data)
    except DesignProblem:
        forget_note(current_person(), "design", name)
        return None
    restored().add(name)
    return design


def restored() -> set[str]:
    """The names of those that come from an earlier visit and have not been changed in this one."""
    found: set[str] = st.session_state.setdefault(_RESTORED, set())
    return found


def remember_choice(label: str) -> None:
    """Which design was last chosen."""
    save_note(current_person(), "design", _LAST, label)


def last_choice() -> str | None:
    """The label of the design that was last chosen, in whichever visit."""
    found = load_note(current_person(), "design", _LAST)
    return found if isinstance(found, str) else None
