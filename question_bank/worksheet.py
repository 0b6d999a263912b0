"""How the rows of a worksheet are judged: the number in its unit against a reference, and the cause of a wrong one."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from question_bank.formula import FormulaProblem, evaluate
from question_bank.quantity import OtherDimension, QuantityProblem, parse, shown
from question_bank.schema import Range, Row, Worksheet
from question_bank.units import is_whole

State = Literal["empty", "ok", "partial", "wrong", "no_unit", "other_dimension", "unreadable"]

RECOGNIZED_WITHIN = 0.03  # of a known mistake's ratio
_ROUNDING = 1e-9  # 20,000 GB is 20.000000000000004 TB in floating point


@dataclass(frozen=True)
class RowVerdict:
    """One judged row. `value` is in the row's unit and `ratio` is to the reference; both are None where there is no
    number to compare. `mistake` names the cause of a wrong number if it is a known one.
    """

    row_id: str
    state: State
    credit: float
    sentence: str
    value: float | None = None
    ratio: float | None = None
    mistake: str | None = None
    remark: str | None = None


def references(worksheet: Worksheet, constants: Mapping[str, float] | None = None) -> dict[str, float]:
    """The reference of every row; with a person's own constants, what follows from those.

    Raise FormulaProblem where a formula cannot be evaluated or is not above 0, and ValueError for a constant that the
    worksheet does not have.
    """
    given = calculated(worksheet)
    if not constants:
        return {row.id: row.reference for row in worksheet.rows}
    changed = calculated(worksheet, constants)
    return {row.id: _moved(row, given[row.id], changed[row.id]) for row in worksheet.rows}


def _moved(row: Row, given: float, changed: float) -> float:
    """The reference as the file rounds it, moved by what the constants change."""
    return row.reference if changed == given else row.reference * changed / given


def calculated(worksheet: Worksheet, constants: Mapping[str, float] | None = None) -> dict[str, float]:
    """What each row's formula gives, in the order of the rows. Raise FormulaProblem, or ValueError as `references`."""
    own = dict(constants or {})
    if unknown := sorted(set(own) - set(worksheet.constants)):
        choices = ", ".join(worksheet.constants)
        raise ValueError(f"{unknown[0]!r} is not a constant of this worksheet; choose one of {choices}")
    names = {name: constant.value for name, constant in worksheet.constants.items()} | own
    found: dict[str, float] = {}
    for row in worksheet.rows:
        try:
            found[row.id] = names[row.id] = evaluate(row.formula, names)
        except FormulaProblem as problem:
            raise FormulaProblem(f"rows.{row.id}.formula: {problem}") from problem
        if found[row.id] <= 0:
            raise FormulaProblem(
                f"rows.{row.id}.formula comes to {found[row.id]:g}; it must be above 0, check the constants"
            )
    return found


def judge(row: Row, reference: float, value_text: str, unit_text: str) -> RowVerdict:
    """Hold what a person wrote in the two fields of a row against its reference (of `references`)."""
    if not value_text.strip():
        return RowVerdict(row.id, "empty", 0.0, f"{row.label}: not answered.")
    try:
        written = parse(value_text, unit_text)
    except QuantityProblem as problem:
        return RowVerdict(row.id, "unreadable", 0.0, f"{row.label}: {problem}.")
    if not written.unit:
        subject = f"{shown(written.value)} what? Read as {row.unit}, it"
        return _judged(row, reference, written.value, subject, has_unit=False)
    try:
        value = written.to(row.unit)
    except OtherDimension:
        sentence = (
            f"{row.label}: {shown(written.value)} {written.unit} is no amount of {row.unit}; what is counted differs."
        )
        return RowVerdict(row.id, "other_dimension", 0.0, sentence)
    subject = f"{shown(value)} {row.unit}"
    if written.unit != row.unit:
        subject = f"{shown(written.value)} {written.unit}, or {subject},"
    return _judged(row, reference, value, subject, has_unit=True)


def _judged(row: Row, reference: float, value: float, subject: str, *, has_unit: bool) -> RowVerdict:
    ratio = value / reference
    state, credit = _band(row, reference, value)
    mistake = None if state == "ok" else _recognized(row, ratio)
    against = f"the reference of {shown(reference)} {row.unit}"
    sentence = f"{row.label}: {subject} {'agrees with' if state == 'ok' else f'is {ratio:.3g} times'} {against}"
    sentence += ", near enough for half." if state == "partial" else "."
    if mistake:
        sentence += f" Likely cause: {mistake}."
    if not has_unit:
        state, credit = "no_unit", min(credit, 0.5)
        sentence += " Without a unit a row earns half at most."
    return RowVerdict(row.id, state, credit, sentence, value, ratio, mistake, _remark(row, value))


def _band(row: Row, reference: float, value: float) -> tuple[State, float]:
    """Where a value lies; the bands move with the reference when a person's own constants move it."""
    scaled = value * row.reference / reference
    if _inside(scaled, row.accept):
        return "ok", 1.0
    return ("partial", 0.5) if _inside(scaled, row.partial) else ("wrong", 0.0)


def _inside(value: float, band: Range) -> bool:
    low, high = band
    return low * (1 - _ROUNDING) <= value <= high * (1 + _ROUNDING)


def _recognized(row: Row, ratio: float) -> str | None:
    """What the known mistake with the nearest ratio says, if that is near enough."""
    nearest = min(row.mistakes, key=lambda one: abs(ratio / one.ratio - 1), default=None)
    return nearest.say if nearest and abs(ratio / nearest.ratio - 1) <= RECOGNIZED_WITHIN + _ROUNDING else None


def _remark(row: Row, value: float) -> str | None:
    pieces = math.ceil(value - _ROUNDING * abs(value))
    is_whole_number = math.isclose(value, round(value), rel_tol=_ROUNDING)
    return f"in practice {pieces:,}" if is_whole(row.unit) and value > 0 and not is_whole_number else None


def share(verdicts: Iterable[RowVerdict]) -> float:
    """The accepted share of all rows, 0-1; a partly accepted row counts half. Without rows it is 0."""
    earned = [verdict.credit for verdict in verdicts]
    return sum(earned) / len(earned) if earned else 0.0
