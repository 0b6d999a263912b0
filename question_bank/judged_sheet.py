"""A whole worksheet judged: the person's own constants, and every row from those and from her own earlier rows."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from question_bank.assumptions import AssumptionVerdict, amount, judge_assumptions
from question_bank.formula import FormulaProblem, evaluate, names_in
from question_bank.quantity import shown
from question_bank.schema import RatioMistake, Row, Worksheet
from question_bank.units import Measure, measures
from question_bank.worksheet import Basis, Entry, RowVerdict, calculated, judge_on, references

_SAME_FACTOR = 0.01


@dataclass(frozen=True)
class JudgedSheet:
    """The verdicts on all rows, and on the own constants that were given, each in the order of the worksheet."""

    rows: tuple[RowVerdict, ...]
    assumptions: tuple[AssumptionVerdict, ...] = ()


@dataclass(frozen=True)
class _Typed:
    value: str = ""
    unit: str = ""


def judge_sheet(
    worksheet: Worksheet,
    rows: Mapping[str, Entry],
    assumptions: Mapping[str, Entry] | None = None,
    told: Collection[str] = (),
) -> JudgedSheet:
    """Judge what was typed, by the ids of rows and constants; `told` are the facts that the person knows."""
    own = judge_assumptions(worksheet, assumptions or {}, told)
    judging = _Judging(worksheet, {one.constant: one.value for one in own if one.value is not None})
    return JudgedSheet(tuple(judging.verdict(row, rows.get(row.id, _Typed())) for row in worksheet.rows), own)


class _Judging:
    """The rows of one sheet, judged in their order; what was written before is carried on."""

    def __init__(self, worksheet: Worksheet, own: Mapping[str, float]):
        self._worksheet = worksheet
        self._own = own
        self._given = calculated(worksheet)
        self._calculated = calculated(worksheet, own)
        self._references = references(worksheet, own)
        self._carried = {name: constant.value for name, constant in worksheet.constants.items()} | dict(own)
        self._doubtful: dict[str, tuple[str, ...]] = {}  # the own numbers, not accepted, that a row rests on
        self._has_own_numbers: set[str] = set()

    def verdict(self, row: Row, entry: Entry) -> RowVerdict:
        """The verdict on the next row."""
        earlier = [one for one in self._worksheet.rows if one.id in names_in(row.formula)]
        verdict = judge_on(row, self._basis(row, earlier), entry.value, entry.unit)
        self._carry(row, earlier, verdict)
        return verdict

    def _basis(self, row: Row, earlier: list[Row]) -> Basis:
        constants = constants_of(self._worksheet, row)
        moving = [name for name in constants if name in self._own and not _is_same(self._own[name], self._value(name))]
        return Basis(
            reference=self._references[row.id],
            mistakes=tuple(self._moved(mistake, moving) for mistake in row.mistakes),
            measured=self._measured(row, constants),
            yours=self._named(moving, mine=True),
            theirs=self._named(moving, mine=False),
            followed=self._followed(row) if self._has_own_numbers & {one.id for one in earlier} else None,
            sources=self._sources(earlier),
        )

    def _followed(self, row: Row) -> float | None:
        """The reference that follows from the own earlier rows; None where they lead to nothing above 0."""
        try:
            found = evaluate(row.formula, self._carried)
        except FormulaProblem:
            return None
        followed = row.reference * found / self._given[row.id]
        return followed if 0 < followed < math.inf else None

    def _carry(self, row: Row, earlier: list[Row], verdict: RowVerdict) -> None:
        rests_on_own = bool(self._has_own_numbers & {one.id for one in earlier})
        if verdict.value is not None:
            self._carried[row.id] = verdict.value
            number = f"{shown(verdict.value)} {row.unit} ({row.label})"
            self._doubtful[row.id] = () if verdict.is_accepted else (number,)
            self._has_own_numbers.add(row.id)
            return
        self._doubtful[row.id] = self._sources(earlier)
        self._carried[row.id] = self._calculated[row.id]
        if rests_on_own and (followed := self._followed(row)) is not None:
            self._carried[row.id] = followed
            self._has_own_numbers.add(row.id)

    def _sources(self, earlier: list[Row]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for one in earlier for source in self._doubtful[one.id]))

    def _value(self, constant: str) -> float:
        return self._worksheet.constants[constant].value

    def _named(self, names: list[str], *, mine: bool) -> str:
        """Constants with their values for a sentence."""
        found = [(self._worksheet.constants[name], self._own[name] if mine else self._value(name)) for name in names]
        said = [f"{amount(value, one.unit)} ({one.label})" if mine else amount(value, one.unit) for one, value in found]
        return " and ".join(said)

    def _measured(self, row: Row, constants: list[str]) -> frozenset[Measure]:
        units = [row.unit, *(self._worksheet.constants[name].unit for name in constants)]
        return frozenset().union(*(measures(unit) for unit in units))

    def _moved(self, mistake: RatioMistake, moving: list[str]) -> RatioMistake:
        """The mistake with the ratio that it has with the own constants: the average is 1/3 of a peak of three."""
        for name in moving:
            if _is_same(mistake.ratio, self._value(name)):
                return mistake.model_copy(update={"ratio": self._own[name]})
            if _is_same(mistake.ratio * self._value(name), 1):
                return mistake.model_copy(update={"ratio": 1 / self._own[name]})
        return mistake


def constants_of(worksheet: Worksheet, row: Row) -> list[str]:
    """The constants that a row rests on, by way of earlier rows too, in the order of the worksheet."""
    names, rows = set(names_in(row.formula)), {one.id: one for one in worksheet.rows}
    while deeper := {deep for name in names if name in rows for deep in names_in(rows[name].formula)} - names:
        names |= deeper
    return [name for name in worksheet.constants if name in names]


def _is_same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SAME_FACTOR)
