"""The worksheet judged: what was not right stands open, what was right is folded."""

import streamlit as st

from question_bank.assumptions import AssumptionVerdict
from question_bank.judged_sheet import JudgedSheet
from question_bank.schema import Question, Row
from question_bank.worksheet import RowVerdict, share
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


def sheet(question: Question, judged: JudgedSheet) -> None:
    """Every row with its verdict, the own assumptions, and the rows that were left empty."""
    st.subheader("Worksheet", anchor=False)
    st.markdown(f"{percent(share(judged.rows))} of the rows accepted; a row that is nearly right counts half.")
    rows = {row.id: row for row in question.worksheet.rows}
    for verdict in judged.rows:
        if verdict.state not in ("empty", "ok"):
            _verdict(rows[verdict.row_id], verdict)
    if right := [verdict for verdict in judged.rows if verdict.state == "ok"]:
        with st.expander(f"{many(len(right), 'row')} right", key="right_rows"):
            for verdict in right:
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
