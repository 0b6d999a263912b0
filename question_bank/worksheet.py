"""How the rows of a worksheet are judged: the number in its unit against a reference, and the cause of a wrong one."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from question_bank.formula import FormulaProblem, evaluate
from question_bank.quantity import OtherDimension, QuantityProblem, parse, shown
from question_bank.schema import Range, RatioMistake, Row, Worksheet
from question_bank.slips import recognized
from question_bank.units import Measure, is_whole, measures

State = Literal["empty", "ok", "follows", "partial", "wrong", "no_unit", "other_dimension", "unreadable"]

HALF = 0.5
_ROUNDING = 1e-9  # 20,000 GB is 20.000000000000004 TB in floating point


class Entry(Protocol):
    """A number and a unit as they were typed."""

    @property
    def value(self) -> str: ...

    @property
    def unit(self) -> str: ...


@dataclass(frozen=True)
class RowVerdict:
    """One judged row. `value` is in the row's unit and `ratio` is to the reference; both are None where there is no
    number to compare. `mistake` names the cause of a wrong number if it is a known one. A row `follows` when it is
    right for an earlier number of the person's own that is not.
    """

    row_id: str
    state: State
    credit: float
    sentence: str
    value: float | None = None
    ratio: float | None = None
    mistake: str | None = None
    remark: str | None = None
    is_accepted: bool = False


@dataclass(frozen=True)
class Basis:
    """What a row is held against, in the row's unit.

    `reference` follows from the constants, the person's own ones included: `yours` names those that move it, and
    `theirs` the question's in their place. `followed` follows in addition from the person's own earlier rows, of which
    `sources` were not accepted.
    """

    reference: float
    mistakes: tuple[RatioMistake, ...]
    measured: frozenset[Measure] = frozenset()
    yours: str = ""
    theirs: str = ""
    followed: float | None = None
    sources: tuple[str, ...] = ()


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
    return judge_on(row, Basis(reference, row.mistakes, measures(row.unit)), value_text, unit_text)


def judge_on(row: Row, basis: Basis, value_text: str, unit_text: str) -> RowVerdict:
    """As `judge`, with all that the row may be held against."""
    if not value_text.strip():
        return RowVerdict(row.id, "empty", 0.0, f"{row.label}: not answered.")
    try:
        written = parse(value_text, unit_text)
    except QuantityProblem as problem:
        return RowVerdict(row.id, "unreadable", 0.0, f"{row.label}: {problem}.")
    if not written.unit:
        subject = f"{shown(written.value)} what? Read as {row.unit}, it"
        return _without_unit(_judged(row, basis, written.value, subject))
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
    return _judged(row, basis, value, subject)


def _without_unit(judged: RowVerdict) -> RowVerdict:
    sentence = f"{judged.sentence} Without a unit a row earns half at most."
    return replace(judged, state="no_unit", credit=min(judged.credit, HALF), sentence=sentence)


def _judged(row: Row, basis: Basis, value: float, subject: str) -> RowVerdict:
    state, credit = _band(row, basis, value)
    mistake = _cause(basis, value) if state in ("partial", "wrong") else None
    sentence = f"{row.label}: {subject} {_comparison(row, basis, state, value)}"
    if mistake:
        sentence += f" Likely cause: {mistake}."
    elif state in ("partial", "wrong") and basis.yours and _inside(value, row.accept):
        sentence += " It is the answer without your assumption, which you did not use here."
    ratio, remark, is_accepted = value / basis.reference, _remark(row, value), state == "ok"
    return RowVerdict(row.id, state, credit, sentence, value, ratio, mistake, remark, is_accepted)


def _comparison(row: Row, basis: Basis, state: State, value: float) -> str:
    """How a value stands to what it is held against; arithmetic and assumption are told apart."""
    reference, given = f"{shown(basis.reference)} {row.unit}", f"{shown(row.reference)} {row.unit}"
    if state == "follows":
        sources = " and ".join(basis.sources)
        return f"is consistent with your {sources}, which earns half; with the reference there it would be {reference}."
    if state == "ok" and not _agrees(row, basis.reference, value):
        return f"follows from your own earlier numbers; from exact ones it would be {reference}."
    if state == "ok" and basis.yours:
        return f"is right for your own {basis.yours}; the question takes {basis.theirs}, which gives {given}."
    if state == "ok":
        return f"agrees with the reference of {reference}."
    against = f"is {value / basis.reference:.3g} times the reference of {reference}"
    if basis.yours:
        against += f", which follows from your own {basis.yours}"
    return against + (", near enough for half." if state == "partial" else ".")


def _band(row: Row, basis: Basis, value: float) -> tuple[State, float]:
    """Where a value lies; the bands move with the reference when a person's own numbers move it."""
    if _agrees(row, basis.reference, value):
        return "ok", 1.0
    if basis.followed is not None and _agrees(row, basis.followed, value):
        return ("follows", HALF) if basis.sources else ("ok", 1.0)
    return ("partial", HALF) if _inside(value * row.reference / basis.reference, row.partial) else ("wrong", 0.0)


def _agrees(row: Row, reference: float, value: float) -> bool:
    return _inside(value * row.reference / reference, row.accept)


def _inside(value: float, band: Range) -> bool:
    low, high = band
    return low * (1 - _ROUNDING) <= value <= high * (1 + _ROUNDING)


def _cause(basis: Basis, value: float) -> str | None:
    """The known mistake that a value shows, also one made on top of an earlier wrong number."""
    against = [basis.reference, *([] if basis.followed is None else [basis.followed])]
    return recognized([value / reference for reference in against], basis.mistakes, basis.measured)


def _remark(row: Row, value: float) -> str | None:
    pieces = math.ceil(value - _ROUNDING * abs(value))
    is_whole_number = math.isclose(value, round(value), rel_tol=_ROUNDING)
    return f"in practice {pieces:,}" if is_whole(row.unit) and value > 0 and not is_whole_number else None


def share(verdicts: Iterable[RowVerdict]) -> float:
    """The accepted share of all rows, 0-1; a partly accepted row counts half. Without rows it is 0."""
    earned = [verdict.credit for verdict in verdicts]
    return sum(earned) / len(earned) if earned else 0.0
