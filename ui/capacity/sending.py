"""Where an estimate goes: into the worksheet of the attempt that is open, and into the wind tunnel as a design."""

from collections.abc import Mapping

import streamlit as st

from practice.attempt import Attempt
from practice.capacity import Filling, fillings
from question_bank.capacity import Line, demand_of
from question_bank.capacity_file import Values, load_presets
from simulator.capacity import cell_design
from simulator.design_file import DesignProblem
from simulator.share import Shared, TooLongForALink, link_text
from storage.attempts import NoSuchAttempt, load_attempt, save_worksheet_row
from ui.cached import questions
from ui.people import current_person
from ui.share import PARAMETER
from ui.words import many, plain

_REPLACE, _DONE = "capacity:replace", "capacity:sent"


def to_the_worksheet(attempt: Attempt | None, lines: Mapping[str, Line]) -> None:
    """Fill the rows that are empty; rows with another number in them are named, and replaced only if chosen."""
    st.subheader("Send to the worksheet", anchor=False)
    if attempt is None or attempt.question not in load_presets() or attempt.question not in questions():
        st.caption("Open a question first; its worksheet is then filled from here.")
        return
    found = _fillings(attempt, lines)
    empty = [one for one in found if one.is_empty]
    other = {one.row.id: one for one in found if not one.is_empty and not one.is_same}
    st.caption(plain(f"{questions()[attempt.question].title}: {many(len(found), 'row')} can be filled from here."))
    replaced = st.multiselect(
        "These rows hold another number. Replace",
        list(other),
        format_func=lambda row: _asked(other[row]),
        placeholder="none of them",
        key=_REPLACE,
    ) if other else []  # fmt: skip
    count = len(empty) + len(replaced)
    st.button(
        f"Fill {many(count, 'row')}" if count else "Nothing to fill",
        key="capacity:send",
        disabled=not count,
        on_click=_send,
        args=(attempt.id, lines, tuple(one.row.id for one in empty), tuple(replaced)),
    )
    if sent := st.session_state.pop(_DONE, None):
        st.success(sent)


def _fillings(attempt: Attempt, lines: Mapping[str, Line]) -> tuple[Filling, ...]:
    return fillings(questions()[attempt.question], load_presets()[attempt.question], lines, attempt)


def _asked(one: Filling) -> str:
    return f"{one.row.label}: {one.now.value} {one.now.unit} by {one.new.value} {one.new.unit}"


def _send(attempt: str, lines: Mapping[str, Line], empty: tuple[str, ...], replaced: tuple[str, ...]) -> None:
    """Write the rows as they are now; one that was empty when it was drawn and is no longer stays."""
    try:
        found = _fillings(load_attempt(current_person(), attempt), lines)
        chosen = [one for one in found if (one.row.id in empty and one.is_empty) or one.row.id in replaced]
        for one in chosen:
            save_worksheet_row(current_person(), attempt, one.row.id, one.new)
    except NoSuchAttempt:
        st.session_state[_DONE] = "The attempt is no longer there; nothing was written."
        return
    st.session_state[_DONE] = f"{many(len(chosen), 'row')} written."
    st.session_state.pop(_REPLACE, None)


def to_the_wind_tunnel(values: Values, lines: Mapping[str, Line]) -> None:
    """Open the machines as a design: what formulas only approximate is then run."""
    st.subheader("Send to the wind tunnel", anchor=False)
    demand, machines = demand_of(values, lines), lines["machines_paid"].value
    if demand is None or machines is None:
        st.caption("There is no number of machines to simulate.")
        return
    by_latency = values["promise_kind"] == "p99_latency"
    try:
        design = cell_design(
            demand,
            int(machines),
            zones=int(float(values["zones"])),
            usd_per_hour=float(values["machine_usd"]),
            p99_ms=float(values["promise_ms"]) if by_latency else None,
        )
    except DesignProblem as problem:  # such as more requests a second than a design may have
        st.caption(plain(f"It cannot be simulated: {problem.problems[0]}."))
        return
    about = f"{machines:,.0f} machines with one queue, at the peak. Storage and memory are not part of it."
    if design.cell.fraction < 1:
        about += f" {plain(design.cell.note.capitalize())} is simulated, and a smaller pool waits longer."
    if not by_latency:
        about += " A design promises a latency, so the promise of a wait stays here."
    st.caption(about)
    if st.button("Open in the wind tunnel", key="capacity:tunnel"):
        try:
            text = link_text(Shared(design=design))
        except TooLongForALink as problem:  # never with one component
            st.error(plain(str(problem)))
            return
        st.switch_page("pages/wind_tunnel.py", query_params={PARAMETER: text})
