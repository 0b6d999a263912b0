"""What was checked and measured without anybody's opinion."""

import streamlit as st

from practice.attempt import Attempt, StoredRun
from practice.clock import Times
from practice.phases import phases, planned_minutes
from practice.review import judged_worksheet, outcomes
from question_bank.schema import Question
from question_bank.worksheet import RowVerdict, share
from ui.moments import minutes
from ui.words import plain
from ui.words import share as percent

_STATES = {
    "empty": ("not answered", "gray"),
    "ok": ("right", "green"),
    "partial": ("half", "orange"),
    "wrong": ("off", "red"),
    "no_unit": ("no unit", "orange"),
    "other_dimension": ("other unit", "red"),
    "unreadable": ("unreadable", "red"),
}


def automatic(question: Question, attempt: Attempt, runs: dict[str, StoredRun], times: Times) -> None:
    """The worksheet, the runs, the facts and the clock."""
    st.header("1. Checked and measured", anchor=False)
    arithmetic, measured = st.columns(2, gap="medium")
    with arithmetic:
        _worksheet(question, judged_worksheet(question, attempt.worksheet))
    with measured:
        _runs(question, attempt, runs)
        _facts(question, attempt)
        _clock(times, question.minutes)


def _worksheet(question: Question, verdicts: list[RowVerdict]) -> None:
    st.subheader("Worksheet", anchor=False)
    st.markdown(f"{percent(share(verdicts))} of the rows accepted; a row that is nearly right counts half.")
    rows = {row.id: row for row in question.worksheet.rows}
    for verdict in verdicts:
        word, color = _STATES[verdict.state]
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge(word, color=color)
                st.markdown(f"**{plain(rows[verdict.row_id].label)}**")
            st.caption(plain(verdict.sentence + (f" {verdict.remark}." if verdict.remark else "")))
            st.caption(f"Formula: `{rows[verdict.row_id].formula}`")


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
