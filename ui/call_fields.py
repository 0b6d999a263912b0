"""The calls of a component as form fields."""

from typing import Any

import streamlit as st

from simulator import edits, wiring
from simulator.design import Call, Design, Store
from ui.component_fields import Apply, Field, number_field

NO_FALLBACK = "none"
READY_ANSWER = "a ready answer"
READY_ANSWER_MS = 1.0


def call_fields(design: Design, name: str, prefix: str, apply: Apply) -> None:
    """Show what a component asks of others, step by step, with every policy of every call."""
    part = design.components[name]
    field = edits.steps_field(part.kind)
    if field is None:
        st.caption(f"{name} calls nobody.")
        return
    steps: tuple[tuple[Call, ...], ...] = getattr(part, field)
    st.markdown("**On a miss it asks**" if part.kind == "cache" else "**Then it asks**")
    if not steps:
        st.caption("Nobody yet.")
    for i, step in enumerate(steps):
        for j, call in enumerate(step):
            title = f"Step {i + 1}: {call.to}" if j == 0 else f"Step {i + 1}, at the same time: {call.to}"
            with st.expander(title, key=f"{prefix}:{name}.call.{i}.{j}"):
                _one_call(design, name, (i, j), call, f"{prefix}:{name}.{i}.{j}.{call.to}", apply)
                _step_buttons(name, (i, j), len(steps), prefix, apply)
    _add_call(design, name, prefix, apply, has_steps=bool(steps))


def _one_call(design: Design, name: str, at: tuple[int, int], call: Call, prefix: str, apply: Apply) -> None:
    field = edits.steps_field(design.components[name].kind)
    place = f"components.{name}.{field}.{at[0]}.{at[1]}."
    left, right = st.columns(2)
    with left:
        timeout = Field("timeout_ms", "Give up after, ms", 0.1, empty="never", help="One attempt, with all its copies.")
        number_field(design, place, timeout, prefix, apply)
        hedge = Field(
            "hedge.after_ms", "Second copy after, ms", 0, empty="never", help="A hedge: the first answer wins."
        )
        number_field(design, place, hedge, prefix, apply)
    with right:
        attempts = Field("retries.attempts", "Tries in all", 2, whole=True, empty="one", maximum=10)
        number_field(design, place, attempts, prefix, apply)
        share = Field("share", "Share of requests that ask, 0 to 1", 0, maximum=1, step=0.05)
        number_field(design, place, share, prefix, apply)
    if isinstance(design.components[call.to], Store):
        _shards_field(name, at, call, prefix, apply)
    _fallback_fields(design, name, at, call, prefix, apply)
    _switch("Nobody waits for the answer", "fire_and_forget", name, at, call, prefix, apply)
    if call.timeout_ms is not None:
        _switch("Giving up stops the work below", "cancel", name, at, call, prefix, apply)


def _switch(label: str, field: str, name: str, at: tuple[int, int], call: Call, prefix: str, apply: Apply) -> None:
    key = f"{prefix}.{field}"
    st.checkbox(
        label,
        value=getattr(call, field),
        key=key,
        on_change=lambda: apply(lambda one: edits.set_call(one, name, *at, {field: st.session_state[key]})),
    )


def _shards_field(name: str, at: tuple[int, int], call: Call, prefix: str, apply: Apply) -> None:
    key = f"{prefix}.fan_out"
    options = {"the shard of its key": None, "all shards at once": {"copies": "all", "need": "all"}}
    if call.fan_out is not None and call.fan_out.copies != "all":
        options[f"{call.fan_out.copies} shards at once"] = call.fan_out.model_dump(mode="json")
    now = 0 if call.fan_out is None else len(options) - 1
    st.selectbox(
        "Reads",
        list(options),
        index=now,
        key=key,
        on_change=lambda: apply(
            lambda one: edits.set_call(one, name, *at, {"fan_out": options[st.session_state[key]]})
        ),
    )


def _fallback_fields(design: Design, name: str, at: tuple[int, int], call: Call, prefix: str, apply: Apply) -> None:
    others = [one for one in design.components if one not in (name, call.to)]
    options = [NO_FALLBACK, READY_ANSWER, *others]
    current = [one.to or READY_ANSWER for one in call.fallback]
    columns = st.columns(2)
    for rung, label in enumerate(("If it fails", "If that fails too")):
        if rung > len(current):
            break
        key = f"{prefix}.fallback.{rung}.{len(current)}"

        def changed(rung: int = rung, key: str = key) -> None:
            chosen = [*current[:rung], st.session_state[key], *current[rung + 1 :]]
            ladder = [_rung(choice, call, i) for i, choice in enumerate(chosen) if choice != NO_FALLBACK]
            apply(lambda one: edits.set_call(one, name, *at, {"fallback": ladder}))

        shown = current[rung] if rung < len(current) else NO_FALLBACK
        with columns[rung]:
            st.selectbox(label, options, index=options.index(shown), key=key, on_change=changed)


def _rung(choice: str, call: Call, rung: int) -> dict[str, Any]:
    if choice != READY_ANSWER:
        return {"to": choice}
    before = call.fallback[rung] if rung < len(call.fallback) else None
    if before is not None and before.answer_ms is not None:
        return {"answer_ms": before.answer_ms, "label": before.label}
    return {"answer_ms": READY_ANSWER_MS}


def _step_buttons(name: str, at: tuple[int, int], steps: int, prefix: str, apply: Apply) -> None:
    step, call = at
    with st.container(horizontal=True):
        if call == 0 and steps > 1:
            for label, by in (("Earlier", -1), ("Later", 1)):
                st.button(
                    label,
                    key=f"{prefix}:{name}.{step}.{call}.{label}",
                    on_click=lambda by=by: apply(lambda one: edits.move_step(one, name, step, by)),
                )
        st.button(
            "Remove this call",
            key=f"{prefix}:{name}.{step}.{call}.remove",
            on_click=lambda: apply(lambda one: edits.remove_call(one, name, step, call)),
        )


def _add_call(design: Design, name: str, prefix: str, apply: Apply, *, has_steps: bool) -> None:
    called = {call.to for _, call in wiring.calls_of(design.components[name])}
    others = sorted((one for one in design.components if one != name), key=lambda one: one in called)
    if not others:
        st.caption("Add another component to call it.")
        return
    key = f"{prefix}:{name}.new_call"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Call", others, key=key)
        st.button(
            "Add as next step",
            key=f"{key}.step",
            on_click=lambda: apply(lambda one: edits.add_call(one, name, st.session_state[key])),
        )
        if has_steps:
            st.button(
                "Add beside the last",
                key=f"{key}.beside",
                help="Both are asked at the same time.",
                on_click=lambda: apply(lambda one: edits.add_call(one, name, st.session_state[key], beside_last=True)),
            )
