"""A run that is pinned, so that others can be held against it on the same luck."""

from dataclasses import dataclass

import streamlit as st

from simulator.design import Design
from simulator.fair_comparison import changes, same_length
from simulator.results.difference import in_words
from simulator.results.summary import Summary
from simulator.settings import RunSettings, TooLong
from simulator.support import DoesNotRunYet
from ui.sources import Source
from ui.words import plain

_KEY = "pinned_design"


@dataclass(frozen=True)
class Pinned:
    """A design, and whether it was pinned as what it is without its faults."""

    design: Design
    label: str


def pinned() -> Pinned | None:
    """What is pinned in this visit."""
    found = st.session_state.get(_KEY)
    return found if isinstance(found, Pinned) else None


def pin(design: Design, label: str) -> None:
    """Hold this design fast; the next runs are compared with it."""
    st.session_state[_KEY] = Pinned(design, label)


def unpin() -> None:
    """Compare with nothing again."""
    st.session_state.pop(_KEY, None)


def pin_buttons(design: Design, without_faults: Design, source: Source) -> None:
    """Pin what is on the screen, or the same without its faults; or let go of what is pinned."""
    held, label = pinned(), source.label

    def pin_this() -> None:  # without faults the words may be those of a knob turned since the button was drawn
        pin(source.editing.design if design == without_faults else design, label)

    with st.container(horizontal=True, vertical_alignment="center"):
        if held is not None:
            st.markdown(f"Pinned: **{plain(held.label)}**", width="content")
        if held is None or held.design != design:
            st.button("Pin this run", key="pin", on_click=pin_this, help=_HELP)
        if without_faults != design and (held is None or held.design != without_faults):
            quiet = f"{label}, undisturbed"
            st.button("Compare with no faults", key="pin_quiet", on_click=pin, args=(without_faults, quiet))
        if held is not None:
            st.button("Unpin", key="unpin", on_click=unpin)


_HELP = "Keep this run in every picture, and hold what you change next against it."


def compared_settings(design: Design, settings: RunSettings) -> RunSettings:
    """Settings under which this design and the pinned one meet the same requests for the same time."""
    held = pinned()
    if held is None:
        return settings
    try:
        return same_length(held.design, design, settings)
    except (DoesNotRunYet, TooLong):  # the run says so itself
        return settings


def difference(before: Summary, after: Summary, held: Pinned, design: Design) -> None:
    """What has been changed, and what has come of it, in words."""
    if held.design == design:
        st.info("This is the pinned run. Turn a knob or break something to see the difference.")
        return
    with st.container(border=True, key="difference"):
        changed = changes(held.design, design)
        said = [f"**Against the pinned run.** Changed: {plain('; '.join(changed))}.", ""]
        st.markdown("\n".join([*said, *(f"- {plain(sentence)}" for sentence in in_words(before, after))]))
        st.caption("Both runs met the same requests with the same luck.")
