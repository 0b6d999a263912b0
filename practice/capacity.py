"""The capacity page and an attempt: which of the question's numbers may be used, and what goes into the worksheet."""

from collections.abc import Mapping
from dataclasses import dataclass

from practice.attempt import Attempt, Written
from practice.review import told_facts
from question_bank.assumptions import read_constant
from question_bank.capacity import Line, row_value
from question_bank.capacity_file import Preset
from question_bank.quantity import QuantityProblem, shown
from question_bank.schema import Question, Row


def known_constants(question: Question, attempt: Attempt | None) -> dict[str, float]:
    """The constants of a worksheet that the page may use.

    While an attempt at the question is under way these are what the interviewer has told and what the candidate has
    assumed, so that the page gives nothing away; otherwise all.
    """
    constants = question.worksheet.constants
    if attempt is None or attempt.question != question.slug or attempt.finished_at is not None:
        return {name: one.value for name, one in constants.items()}
    told = told_facts(question, attempt)
    known = {name: one.value for name, one in constants.items() if one.from_fact in told}
    for name, written in attempt.assumptions.items():
        if name in constants and written.value.strip():
            try:
                known[name] = read_constant(constants[name], written)
            except QuantityProblem:
                continue
    return known


@dataclass(frozen=True)
class Filling:
    """What the page would write into one row, and what stands there now."""

    row: Row
    new: Written
    now: Written

    @property
    def is_empty(self) -> bool:
        return not self.now.value.strip()

    @property
    def is_same(self) -> bool:
        return self.new == self.now


def fillings(question: Question, preset: Preset, lines: Mapping[str, Line], attempt: Attempt) -> tuple[Filling, ...]:
    """Every row of the question's worksheet that the results answer, in the order of the worksheet."""
    found = []
    for row in question.worksheet.rows:
        if row.id not in preset.rows:
            continue
        value = row_value(row, lines[preset.rows[row.id]], preset.nouns)
        if value is not None:
            new = Written(value=shown(value), unit=row.unit)
            found.append(Filling(row, new, attempt.worksheet.get(row.id, Written())))
    return tuple(found)
