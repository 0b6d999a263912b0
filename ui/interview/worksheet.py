"""The capacity estimate, row by row: a number and its unit."""

import streamlit as st

from practice.attempt import Attempt, Written
from question_bank.quantity import QuantityProblem, parse, shown
from question_bank.schema import Question, Row
from storage.attempts import save_worksheet_row
from ui.interview.assumptions import assumptions
from ui.interview.number_fields import number_fields
from ui.people import current_person
from ui.visit import current_attempt
from ui.words import plain


@st.fragment
def worksheet(question: Question) -> None:
    """Every row with what was typed; it is saved while one types and judged in the review."""
    attempt = current_attempt()
    if attempt is None:
        return
    st.subheader("Worksheet", anchor=False)
    st.caption(
        "Write numbers as you would say them, with a unit: `139k` and `request/s`, `14 TB/day`, `60 percent`. "
        "k is 1,000; b is bit and B is byte. They are judged in the review."
    )
    assumptions(question, attempt)
    for row in question.worksheet.rows:
        _row(attempt, row)


def _row(attempt: Attempt, row: Row) -> None:
    number_fields(
        row.label,
        attempt.worksheet.get(row.id, Written()),
        key=f"row:{attempt.id}:{row.id}",
        save=lambda typed: save_worksheet_row(current_person(), attempt.id, row.id, typed),
        read_as=_read,
    )


def _read(written: Written) -> str:
    """How the entry is understood, or what is wrong with it; never whether it is right."""
    try:
        quantity = parse(written.value, written.unit)
    except QuantityProblem as problem:
        return f"Saved, but {plain(str(problem))}."
    unit = plain(quantity.unit) if quantity.unit else "of what? A number without a unit earns half at most"
    return f"Saved: {plain(shown(quantity.value))} {unit}."
