"""The constants of the worksheet: those that were told with their value, the others to be assumed, and own numbers."""

import streamlit as st

from practice.attempt import Attempt, Written
from practice.review import told_facts
from question_bank.assumptions import amount, read_constant
from question_bank.quantity import QuantityProblem
from question_bank.schema import Constant, Question
from storage.attempts import save_assumption
from ui.interview.number_fields import number_fields
from ui.people import current_person
from ui.words import capitalized, plain

_ABOUT = (
    "The rows follow from these numbers. Assume what nobody told you, or plan with another number than the one told: "
    "the rows are then judged by yours, and the assumption by itself. A field left empty means the question's number."
)


def assumptions(question: Question, attempt: Attempt) -> None:
    """A list of the known constants, and fields for those that nobody told and those that are to be changed."""
    told, constants = told_facts(question, attempt), question.worksheet.constants
    known = {name: one for name, one in constants.items() if one.from_fact in told}
    unknown = {name: one for name, one in constants.items() if name not in known}
    own = [name for name in constants if attempt.assumptions.get(name, Written()).value.strip()]
    counts = f"{len(known)} told, {len(unknown)} to assume, {len(own)} of your own"
    with st.expander(f"Numbers to calculate with: {counts}", key=f"assumptions:{attempt.id}"):
        st.caption(_ABOUT)
        if known:
            st.markdown("**Told**")
            st.markdown("\n".join(_told(one) for one in known.values()))
            _changed(attempt, known)
        if unknown:
            st.markdown("**Yours to assume**")
        for name, constant in unknown.items():
            _own_number(attempt, name, constant)


def _told(constant: Constant) -> str:
    return f"- {plain(capitalized(constant.label))}: **{plain(amount(constant.value, constant.unit))}**"


def _changed(attempt: Attempt, known: dict[str, Constant]) -> None:
    """The fields of told constants that were changed, and the way to change one more."""
    chosen = st.selectbox(
        "Calculate with another number than the one told",
        list(known),
        index=None,
        format_func=lambda name: capitalized(known[name].label),
        placeholder="Choose the number to change",
        key=f"changed:{attempt.id}",
    )
    for name, constant in known.items():
        if name == chosen or name in attempt.assumptions:
            _own_number(attempt, name, constant)


def _own_number(attempt: Attempt, name: str, constant: Constant) -> None:
    number_fields(
        constant.label,
        attempt.assumptions.get(name, Written()),
        key=f"constant:{attempt.id}:{name}",
        save=lambda typed: save_assumption(current_person(), attempt.id, name, typed),
        read_as=lambda written: _read(constant, written),
        placeholder=constant.unit,
    )


def _read(constant: Constant, written: Written) -> str:
    """How an own number is understood; never whether it is a good one."""
    try:
        return f"Saved: the rows are judged with {plain(amount(read_constant(constant, written), constant.unit))}."
    except QuantityProblem as problem:
        return f"Saved, but {plain(str(problem))}. The question's number is used."
