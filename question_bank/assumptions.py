"""A person's own numbers in place of a worksheet's constants: how each is read, and how it stands to the question's."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from question_bank.formula import FormulaProblem
from question_bank.quantity import OtherDimension, QuantityProblem, parse, shown
from question_bank.schema import Constant, Worksheet
from question_bank.units import multiplier, parse_unit
from question_bank.worksheet import Entry, references

AssumptionState = Literal[
    "same", "plausible", "far", "off_by_ten", "contradicts", "unusable", "other_dimension", "unreadable"
]

SAME_WITHIN = 0.01
PLAUSIBLE_FACTOR = 2
FAR_FACTOR = 10
_ROUNDING = 1e-9
_LAST_WORD = re.compile(r"(-?fold|\u00d7|[^\W\d_]+(?:\s*/\s*\w+)?)\s*$")
_TIMES = ("x", "\u00d7", "time", "fold", "-fold")


@dataclass(frozen=True)
class AssumptionVerdict:
    """One own number. `value` is in the constant's unit; None where it is not calculated with."""

    constant: str
    state: AssumptionState
    sentence: str
    value: float | None = None


def amount(value: float, unit: str) -> str:
    """A number with its unit for a sentence; a fraction speaks for itself."""
    return shown(value) if unit == "fraction" else f"{shown(value)} {unit}"


def read_constant(constant: Constant, entry: Entry) -> float:
    """An own number in the constant's unit, which is also meant where none is written.

    Raise QuantityProblem, or OtherDimension.
    """
    try:
        parse_unit(constant.unit)
    except QuantityProblem:  # `times` and the like are counted by no table
        return _bare(constant, entry)
    written = parse(entry.value, entry.unit)
    return written.to(constant.unit) if written.unit else written.value


def _bare(constant: Constant, entry: Entry) -> float:
    """A number whose unit, if it is written, can only be the constant's own word."""
    own = _singular(constant.unit)
    words = (own, *_TIMES) if own == "time" else (own,)
    found = _LAST_WORD.search(entry.value)
    inside = found[1] if found and multiplier(found[1]) is None else ""
    for word in (inside, entry.unit.strip()):
        if word and _singular(word) not in words:
            raise OtherDimension(f"{word} is not {constant.unit}")
    return parse(entry.value.strip().removesuffix(inside)).value


def _singular(unit: str) -> str:
    what, slash, rest = unit.strip().lower().partition("/")
    return what.strip().removesuffix("s") + slash + rest.strip()


def judge_assumptions(
    worksheet: Worksheet, entries: Mapping[str, Entry], told: Collection[str] = ()
) -> tuple[AssumptionVerdict, ...]:
    """Every own number that was written, in the order of the constants; `told` are the facts that the person knows.

    A number without which the sheet could be calculated and with which it cannot is not used.
    """
    used: dict[str, float] = {}
    verdicts = []
    for name, constant in worksheet.constants.items():
        if name in entries and entries[name].value.strip():
            verdict = _judged(name, constant, entries[name], constant.from_fact in told)
            verdict = _usable(worksheet, used, constant, verdict)
            verdicts.append(verdict)
            if verdict.value is not None:
                used[name] = verdict.value
    return tuple(verdicts)


def _usable(
    worksheet: Worksheet, used: Mapping[str, float], constant: Constant, verdict: AssumptionVerdict
) -> AssumptionVerdict:
    """The verdict, unless a row cannot be calculated with this number."""
    if verdict.value is None:
        return verdict
    try:
        _try(worksheet, {**used, verdict.constant: verdict.value})
    except FormulaProblem as problem:
        sentence = (
            f"{constant.label}: your {amount(verdict.value, constant.unit)} cannot be calculated with, so the "
            f"question's {amount(constant.value, constant.unit)} is used; {_reason(worksheet, problem)}."
        )
        return AssumptionVerdict(verdict.constant, "unusable", sentence)
    return verdict


def _try(worksheet: Worksheet, own: Mapping[str, float]) -> None:
    """Raise FormulaProblem where a row does not come to a number above 0, or an own number is none."""
    if min(own.values()) <= 0:
        raise FormulaProblem("it must be above 0")
    if not all(0 < reference < math.inf for reference in references(worksheet, own).values()):
        raise FormulaProblem("the results are too large or too small to calculate with")


def _reason(worksheet: Worksheet, problem: FormulaProblem) -> str:
    """The problem in the words of the row that it is about."""
    for row in worksheet.rows:
        if str(problem).startswith(f"rows.{row.id}."):
            return f"{row.label!r} would not be above 0"
    return str(problem)


def _judged(name: str, constant: Constant, entry: Entry, is_told: bool) -> AssumptionVerdict:
    try:
        value = read_constant(constant, entry)
    except OtherDimension as problem:
        sentence = f"{constant.label}: {problem}; write it in {constant.unit}. The question's number is used."
        return AssumptionVerdict(name, "other_dimension", sentence)
    except QuantityProblem as problem:
        return AssumptionVerdict(
            name, "unreadable", f"{constant.label}: {problem}. The question's number is used instead."
        )
    ratio = value / constant.value if constant.value else math.inf
    state = _state(ratio, is_told)
    return AssumptionVerdict(name, state, _sentence(constant, value, ratio, state), value)


def _state(ratio: float, is_told: bool) -> AssumptionState:
    if abs(ratio - 1) <= SAME_WITHIN:
        return "same"
    if is_told:
        return "contradicts"
    if _is_within(ratio, PLAUSIBLE_FACTOR * (1 + _ROUNDING)):
        return "plausible"
    return "far" if _is_within(ratio, FAR_FACTOR * (1 - _ROUNDING)) else "off_by_ten"


def _is_within(ratio: float, factor: float) -> bool:
    return 1 / factor <= ratio <= factor


def _sentence(constant: Constant, value: float, ratio: float, state: AssumptionState) -> str:
    yours, theirs = amount(value, constant.unit), amount(constant.value, constant.unit)
    factor = _factor(ratio)
    said = {
        "same": f"{yours} is the question's own number",
        "contradicts": f"{yours} contradicts what you were told; that is {theirs}, and yours is {factor}",
        "plausible": f"{yours} is plausible; the question takes {theirs}",
        "far": f"{yours} is far from the question's {theirs}, {factor}; say what speaks for it",
        "off_by_ten": f"{yours} is off by ten or more, {factor}; the question takes {theirs}, so check the zeros",
    }
    return f"{constant.label}: {said[state]}."


def _factor(ratio: float) -> str:
    """How far apart two numbers are, in words."""
    way = "higher" if ratio > 1 else "lower"
    return f"{way} by a factor of {max(ratio, 1 / ratio):.3g}" if 0 < ratio < math.inf else way
