"""The three drills on the screen: a worksheet, a design to repair, a probe to answer."""

import time

import streamlit as st

from practice.attempt import Written
from practice.drills import Drill, Drilled
from practice.scenario_runs import Planned, passed, plan
from question_bank.judged_sheet import judge_sheet
from question_bank.quantity import shown
from question_bank.schema import Question
from question_bank.worksheet import share
from simulator.design import Design
from simulator.design_file import fingerprint
from storage.attempts import load_attempt
from storage.practiced import add_drill
from ui.cached import questions
from ui.editor.editor import design_editor
from ui.interview.number_fields import number_fields
from ui.people import current_person
from ui.review.sheet import sheet
from ui.simulations import simulation
from ui.words import plain
from ui.words import share as percent

_STATE = "drill"
LONGEST_MIN = 60.0
_TITLES = {"worksheet": "One worksheet", "repair": "Repair a design that failed", "probe": "Answer a probe"}


def drill(one: Drill) -> None:
    """The drill with its reason; what is typed here belongs to this visit and is not kept."""
    state = st.session_state.get(_STATE)
    if state is None or state["id"] != one.id:
        state = st.session_state[_STATE] = {"id": one.id, "since": time.time(), "is_done": False}
    question = questions()[one.question]
    st.subheader(_TITLES[one.kind], anchor=False)
    st.caption(f"{plain(one.why)} About {one.minutes} minutes, on \u201c{plain(question.title)}\u201d.")
    match one.kind:
        case "worksheet":
            _worksheet(one, question, state)
        case "repair":
            _repair(one, question, state)
        case "probe":
            _probe(one, question, state)


def _finish(one: Drill, state: dict[str, object], how_well: float) -> None:
    """Write it down, once."""
    if not state["is_done"]:
        state["is_done"] = True
        spent = min(LONGEST_MIN, (time.time() - float(str(state["since"]))) / 60)
        done = Drilled(drill=one.id, dimension=one.dimension, at=time.time(), share=how_well)
        add_drill(current_person(), done, spent)


def _worksheet(one: Drill, question: Question, state: dict[str, object]) -> None:
    st.markdown(plain(question.prompt))
    constants = question.worksheet.constants.values()
    rows, given = st.columns([3, 2], gap="large")
    with given, st.expander("What is given", expanded=True, key="drill:given"):
        st.markdown("\n".join(f"- {plain(f'{one.label}: {shown(one.value)} {one.unit}')}" for one in constants))
    typed: dict[str, Written] = state.setdefault("typed", {})  # type: ignore[assignment]  # session state is untyped
    with rows:
        _rows(one, question, state, typed)


def _rows(one: Drill, question: Question, state: dict[str, object], typed: dict[str, Written]) -> None:
    if state["is_done"]:
        sheet(question, judge_sheet(question.worksheet, typed))
        return
    for row in question.worksheet.rows:
        number_fields(
            row.label,
            typed.get(row.id, Written()),
            key=f"drill:{one.id}:{row.id}",
            save=lambda written, row=row: typed.update({row.id: written}),  # type: ignore[misc]  # bound at once
            read_as=lambda written: plain(f"{written.value} {written.unit}"),
        )
    st.button("Compare", type="primary", key="drill:compare", on_click=_compare, args=(one, question, state, typed))


def _compare(one: Drill, question: Question, state: dict[str, object], typed: dict[str, Written]) -> None:
    _finish(one, state, share(judge_sheet(question.worksheet, typed).rows))


def _repair(one: Drill, question: Question, state: dict[str, object]) -> None:
    scenario = next(each for each in question.simulation.scenarios if each.id == one.item)
    drawn = load_attempt(current_person(), one.attempt).design
    if drawn is None:
        st.info("The attempt has no design any more.")
        return
    design: Design = state.setdefault("design", drawn)  # type: ignore[assignment]  # session state is untyped
    st.markdown(f"**{plain(scenario.title)}.** {plain(scenario.story)} Change a copy of your design until it holds.")
    planned = next(each for each in plan(question, design) if each.scenario.id == scenario.id)
    if planned.design is None:
        st.error(plain(planned.problem or "It cannot run."))
    else:
        st.button(
            "Run it", type="primary", key="drill:run",
            on_click=lambda: state.update({"ran": fingerprint(planned.design)}),  # type: ignore[arg-type]  # not None
        )  # fmt: skip
        if state.get("ran") == fingerprint(planned.design):
            job = simulation("drill", planned.design, planned.settings, planned.checks)
            st.fragment(_verdict, run_every=None if job.is_over else 0.5)(one, state, planned, design == drawn)
    design_editor(design, key=f"drill:{one.id}", save=lambda new: state.update({"design": new}))


def _verdict(one: Drill, state: dict[str, object], planned: Planned, is_unchanged: bool) -> None:
    assert planned.design is not None
    job = simulation("drill", planned.design, planned.settings, planned.checks)
    if not job.is_over:
        state["polled"] = True
        st.progress(job.progress, text="Simulating")
        return
    if state.pop("polled", False):
        st.rerun()
    if job.summary is None:
        st.error(plain(" ".join(job.problems) or "It was stopped."))
        return
    for check in job.summary.checks:
        st.markdown(f"{'met' if check.met else 'missed'}: {plain(check.sentence)}")
    if passed(job.summary):
        _finish(one, state, 1.0)
        said = "Repaired. Say to yourself which change did it, and what it costs."
        st.success("It holds as it is now; you had changed it after the run that missed." if is_unchanged else said)


def _probe(one: Drill, question: Question, state: dict[str, object]) -> None:
    probe = next(each for each in question.followups if each.id == one.item)
    with st.container(border=True):
        st.markdown(f"**An interviewer asks:** {plain(probe.ask)}")
        st.caption("Answer in five to eight sentences, with a number and an alternative that you reject.")
        with st.form("drill:probe", border=False):
            text = st.text_area("Your answer", height=180, max_chars=6000, key=f"drill:text:{one.id}")
            sent = st.form_submit_button("Compare with a strong answer", type="primary")
        if sent and not text.strip():
            st.info("Write something first; only what you have tried to recall can be compared.")
        elif sent:
            state["shown"] = True
        if not state.get("shown"):
            return
        st.markdown(f"**A strong answer has:** {plain(probe.strong)}")
        if state["is_done"]:
            st.success("Written down.")
            return
        hit = st.segmented_control(
            "How much of it did yours have?", [0.0, 0.5, 1.0], format_func=percent, key=f"drill:hit:{one.id}"
        )
        st.button(
            "Done", key="drill:done", disabled=hit is None, on_click=lambda: _finish(one, state, float(hit or 0.0))
        )
