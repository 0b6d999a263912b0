"""What was checked and measured without anybody's opinion."""

import streamlit as st

from practice.attempt import Attempt, StoredRun
from practice.clock import Times
from practice.phases import phases, planned_minutes
from practice.review import judged_sheet, outcomes
from question_bank.assumptions import AssumptionVerdict
from question_bank.judged_sheet import JudgedSheet
from question_bank.schema import Question, Row
from question_bank.worksheet import RowVerdict, share
from ui.moments import minutes
from ui.words import capitalized, many, plain
from ui.words import share as percent

_STATES = {
    "empty": ("not answered", "gray"),
    "ok": ("right", "green"),
    "follows": ("half: follows", "blue"),
    "partial": ("half: near", "orange"),
    "wrong": ("off", "red"),
    "no_unit": ("no unit", "orange"),
    "other_dimension": ("other unit", "red"),
    "unreadable": ("unreadable", "red"),
}
_ASSUMPTIONS = {
    "same": ("as told", "green"),
    "plausible": ("plausible", "green"),
    "far": ("far off", "orange"),
    "off_by_ten": ("off by ten", "red"),
    "contradicts": ("contradicts", "red"),
    "unusable": ("not used", "red"),
    "other_dimension": ("other unit", "red"),
    "unreadable": ("unreadable", "red"),
}


def automatic(question: Question, attempt: Attempt, runs: dict[str, StoredRun], times: Times) -> None:
    """The worksheet, the runs, the facts and the clock."""
    st.header("1. Checked and measured", anchor=False)
    arithmetic, measured = st.columns(2, gap="medium")
    with arithmetic:
        _worksheet(question, judged_sheet(question, attempt))
    with measured:
        _runs(question, attempt, runs)
        _facts(question, attempt)
        _clock(times, question.minutes)


def _worksheet(question: Question, judged: JudgedSheet) -> None:
    st.subheader("Worksheet", anchor=False)
    st.markdown(f"{percent(share(judged.rows))} of the rows accepted; a row that is nearly right counts half.")
    rows = {row.id: row for row in question.worksheet.rows}
    for verdict in judged.rows:
        if verdict.state != "empty":
            _verdict(rows[verdict.row_id], verdict)
    if judged.assumptions:
        st.markdown("**Your own assumptions.** They earn and cost nothing; the rows above are judged with them.")
        for assumption in judged.assumptions:
            _assumption(question, assumption)
    if empty := [rows[verdict.row_id] for verdict in judged.rows if verdict.state == "empty"]:
        with st.expander(f"{many(len(empty), 'row')} not answered", key="empty_rows"):
            st.markdown("\n".join(f"- {plain(row.label)}: `{row.formula}`" for row in empty))


def _verdict(row: Row, verdict: RowVerdict) -> None:
    with st.container(border=True, gap="xsmall"):
        _headline(row.label, *_STATES[verdict.state])
        sentence = verdict.sentence.removeprefix(f"{row.label}: ")
        remark = f" {verdict.remark.capitalize()}." if verdict.remark else ""
        st.caption(f"{plain(sentence + remark)}  \nFormula: `{row.formula}`")


def _assumption(question: Question, verdict: AssumptionVerdict) -> None:
    label = question.worksheet.constants[verdict.constant].label
    with st.container(border=True, gap="xsmall"):
        _headline(label, *_ASSUMPTIONS[verdict.state])
        said = verdict.sentence.removeprefix(f"{label}: ")
        st.caption(plain(capitalized(said)))


def _headline(label: str, word: str, color: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(word, color=color)
        st.markdown(f"**{plain(capitalized(label))}**", width="content")


def _runs(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> None:
    st.subheader("Your design under load", anchor=False)
    for outcome in outcomes(question, attempt, runs):
        word, color = {True: ("passed", "green"), False: ("missed", "red"), None: ("not run", "gray")}[outcome.passed]
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge(word, color=color)
                st.markdown(f"**{plain(outcome.title)}**")
            st.caption(plain(outcome.sentence))


def _facts(question: Question, attempt: Attempt) -> None:
    must = [fact for fact in question.facts if fact.must]
    known = attempt.known_facts()
    asked = sum(fact.id in known for fact in must)
    st.subheader("Facts", anchor=False)
    st.markdown(f"You asked for {asked} of the {len(must)} facts that decide this question, {len(known)} facts in all.")


def _clock(times: Times, round_minutes: int) -> None:
    st.subheader("Time", anchor=False)
    planned = planned_minutes(round_minutes)
    st.table(
        {
            "phase": [one.title for one in phases()],
            "planned": [f"{planned[one.id]}:00" for one in phases()],
            "spent": [minutes(times.spent_s[one.id]) for one in phases()],
        },
        border="horizontal",
    )
