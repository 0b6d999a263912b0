"""A number and its unit beside each other, saved while one types; on a phone they stay on one line."""

from collections.abc import Callable

import streamlit as st

from practice.attempt import Written
from ui.words import capitalized, plain

LONGEST_VALUE, LONGEST_UNIT = 60, 40
_UNIT_WIDTH = 140


def number_fields(
    label: str,
    written: Written,
    *,
    key: str,
    save: Callable[[Written], None],
    read_as: Callable[[Written], str],
    placeholder: str = "unit",
) -> None:
    """The two fields with what was typed before; `save` gets what is typed now, `read_as` says how it is understood."""
    value_key, unit_key = f"value:{key}", f"unit:{key}"

    def keep() -> None:
        save(Written(value=st.session_state[value_key], unit=st.session_state[unit_key]))

    def field(name: str, value: str, key: str, longest: int, width: int | str, hint: str | None = None) -> None:
        st.text_input(
            name, value=value, key=key, max_chars=longest, live="500ms", on_change=keep, placeholder=hint,
            label_visibility="collapsed", width=width,
        )  # fmt: skip

    with st.container(gap="xxsmall"):
        st.markdown(plain(capitalized(label)))
        with st.container(horizontal=True, gap="small"):
            field(label, written.value, value_key, LONGEST_VALUE, "stretch")
            field(f"Unit of: {label}", written.unit, unit_key, LONGEST_UNIT, _UNIT_WIDTH, placeholder)
        if written.value.strip():
            st.caption(read_as(written))
