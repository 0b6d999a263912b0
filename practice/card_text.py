"""A card in words and columns, for the terminal and for documents."""

from rubrics import Card
from rubrics.card import DimensionCard
from rubrics.evidence import Evidence
from rubrics.hire_signal import GateResult
from rubrics.measured_error import suggestion_error
from rubrics.next_step import NextStep
from rubrics.schema import Source
from rubrics.self_grade import MEASURED

_SET_BY: dict[Source, str] = {"measured": "runs", "checked": "arithmetic", "self": "own level"}
_COLUMNS = ("dimension", "counts", "points", "set by", "first", "own", "suggested", "runs allow")


def shown(card: Card) -> str:
    """The whole card: score and signal, a row for each dimension, gates, the next step, and the evidence."""
    parts = [
        f"score {card.total:g} of 100",
        f"signal {card.signal.sentence}",
        *_suggested(card),
        "",
        *_table([_COLUMNS, *(_row(one) for one in card.dimensions)]),
        "",
        *(line for gate in card.signal.gates for line in _gate(gate)),
        "",
        *_next(card.next_step),
        "",
        *(line for row in card.dimensions for line in _evidence(row)),
    ]
    return "\n".join(parts)


def _suggested(card: Card) -> list[str]:
    if card.suggested_total is None:
        return []
    low, high = suggestion_error().band(card.suggested_total)
    return [f"suggested score {card.suggested_total:g}, with its measured error {low:g} to {high:g}"]


def _row(row: DimensionCard) -> tuple[str, ...]:
    verdict = row.verdict
    by = "nothing written" if verdict.is_empty else _SET_BY[verdict.source] if verdict.source else "nobody"
    return (
        row.title,
        "not shown" if verdict.level is None else str(verdict.level),
        f"{row.points:g} of {row.weight}",
        by,
        _level(verdict.first_level),
        _level(verdict.self_level),
        f"{_level(verdict.suggested)}{' disputed' if verdict.is_disputed else ''}",
        str(verdict.cap) if verdict.dimension in MEASURED else "-",
    )


def _level(level: int | None) -> str:
    return "-" if level is None else str(level)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _gate(gate: GateResult) -> list[str]:
    missing = [f"  missing: {one.sentence}" for one in gate.conditions if not one.is_met]
    met = sum(one.is_met for one in gate.conditions)
    return [
        f"{gate.target}: {gate.outcome.replace('_', ' ')}, {met} of {len(gate.conditions)} conditions met",
        *missing,
    ]


def _next(found: NextStep | None) -> list[str]:
    if found is None:
        return ["next: nothing is left to lift"]
    lifts = f", {found.lifts}" if found.lifts else ""
    return [f"next ({found.kind}, {found.dimension}, {found.points:g} points{lifts}):", f"  {found.advice}"]


def _evidence(row: DimensionCard) -> list[str]:
    return [f"{row.title}: {row.verdict.sentence}", *(line for one in row.verdict.evidence for line in _said(one))]


def _said(one: Evidence) -> list[str]:
    return [f"  {one.source}: {one.sentence}", *([f"    \u201c{one.quote}\u201d"] if one.quote else [])]
