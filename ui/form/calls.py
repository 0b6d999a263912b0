"""The calls of a component: the steps in their order, and each call with every policy."""

import streamlit as st

from simulator import edits, wiring
from simulator.design import Call
from ui.form.editing import Editing
from ui.form.fields import fields
from ui.form.words import FIRST, groups


def call_fields(editing: Editing, name: str) -> None:
    """Show what a component asks of others, step by step."""
    part = editing.design.components[name]
    field = edits.steps_field(part.kind)
    if field is None:
        return
    steps: tuple[tuple[Call, ...], ...] = getattr(part, field)
    st.markdown("**On a miss it asks**" if part.kind == "cache" else "**Then it asks**")
    if not steps:
        st.caption("Nobody yet.")
    for i, step in enumerate(steps):
        for j, call in enumerate(step):
            title = f"Step {i + 1}: {call.to}" if j == 0 else f"Step {i + 1}, at the same time: {call.to}"
            place = f"components.{name}.{field}.{i}.{j}"
            with st.expander(title, key=editing.opened(place), on_change="rerun") as opening:
                if opening.open:
                    _one_call(editing, place)
                    _step_buttons(editing, name, (i, j), len(steps))
    _add_call(editing, name, has_steps=bool(steps))


def _one_call(editing: Editing, place: str) -> None:
    for group, names in groups(Call).items():
        if group != FIRST:
            st.markdown(f"**{group}**")
        fields(editing, Call, place, names)


def _step_buttons(editing: Editing, name: str, at: tuple[int, int], steps: int) -> None:
    step, call = at
    place = f"components.{name}.{edits.steps_field(editing.design.components[name].kind)}"
    key = f"{editing.key}:{place}.{step}.{call}"
    with st.container(horizontal=True):
        for label, by in (("Earlier", -1), ("Later", 1)):
            if call == 0 and 0 <= step + by < steps:
                st.button(
                    label,
                    key=f"{key}:{label}",
                    on_click=lambda by=by: editing.replace(
                        lambda one: edits.move_step(one, name, step, by), place=place
                    ),
                )
        st.button(
            "Remove this call",
            key=f"{key}:remove",
            on_click=lambda: editing.replace(lambda one: edits.remove_call(one, name, step, call), place=place),
        )


def _add_call(editing: Editing, name: str, *, has_steps: bool) -> None:
    design = editing.design
    called = {call.to for _, call in wiring.calls_of(design.components[name])}
    others = sorted((one for one in design.components if one != name), key=lambda one: one in called)
    if not others:
        st.caption("Add another component to call it.")
        return
    key = f"{editing.prefix}:{name}.new_call"

    def add(*, beside_last: bool) -> None:
        to = st.session_state[key]
        editing.replace(lambda one: edits.add_call(one, name, to, beside_last=beside_last))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Call", others, key=key)
        st.button("Add as next step", key=f"{key}.step", on_click=add, kwargs={"beside_last": False})
        if has_steps:
            st.button(
                "Add beside the last",
                key=f"{key}.beside",
                help="Both are asked at the same time.",
                on_click=add,
                kwargs={"beside_last": True},
            )
