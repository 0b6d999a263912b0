"""What went wrong in the newest attempt at each question, gathered by dimension: the misses that drills are made of."""

from collections.abc import Iterator, Mapping
from typing import Literal

from practice.progress.past import Past, graded
from practice.review import judged_sheet
from question_bank.schema import Question
from rubrics import Card, load_rubric
from rubrics.schema import DIMENSIONS, TOP_LEVEL, DimensionId, Level
from simulator.spec import Spec

WEAK, MIDDLING = 1, 2
_WRONG = ("partial", "wrong", "no_unit", "other_dimension", "unreadable")


class Miss(Spec):
    """One thing that was missed: a low level, a worksheet row or a failed run; `item` is the row or the scenario."""

    kind: Literal["level", "row", "run"]
    dimension: DimensionId
    question: str
    attempt: str
    at: float
    item: str
    sentence: str


class Weakness(Spec):
    """A dimension as it stands: the newest level, 0 where none was shown, how much of its weight is missing, and the
    misses behind it.
    """

    dimension: DimensionId
    title: str
    level: Level
    at: float
    weight: float
    misses: tuple[Miss, ...]

    @property
    def missing(self) -> float:
        """Weight times missing level, in points of 100."""
        return self.weight * (TOP_LEVEL - self.level) / TOP_LEVEL

    @property
    def state(self) -> Literal["weak", "middling", "good"]:
        return "weak" if self.level <= WEAK else "middling" if self.level == MIDDLING else "good"


def newest(pasts: tuple[Past, ...]) -> list[tuple[Past, Card]]:
    """The newest graded attempt at each question, the oldest first."""
    return list({past.question: (past, card) for past, card in graded(pasts)}.values())


def misses(pasts: tuple[Past, ...], questions: Mapping[str, Question]) -> list[Miss]:
    """Everything that was missed in the newest attempts, the newest first."""
    found: list[Miss] = []
    for past, card in newest(pasts):
        found += _levels(past, card)
        if (question := questions.get(past.question)) is not None:
            found += _rows(past, question)
            found += _runs(past, question)
    return sorted(found, key=lambda one: -one.at)


def _levels(past: Past, card: Card) -> Iterator[Miss]:
    for row in card.dimensions:
        verdict = row.verdict
        if verdict.level is None or verdict.level <= WEAK:
            shown = "not shown" if verdict.level is None else f"level {verdict.level}"
            yield _miss(past, "level", verdict.dimension, verdict.dimension, f"{row.title}: {shown}.")


def _rows(past: Past, question: Question) -> Iterator[Miss]:
    for verdict in judged_sheet(question, past.attempt).rows:
        if verdict.state in _WRONG:
            yield _miss(past, "row", "capacity", verdict.row_id, verdict.sentence)


def _runs(past: Past, question: Question) -> Iterator[Miss]:
    scenarios = {one.id: one for one in question.simulation.scenarios}
    for run in past.runs:
        if run.passed is False and (scenario := scenarios.get(run.scenario)) is not None:
            dimension: DimensionId = "serving_scale" if scenario.steady else "reliability_operations"
            yield _miss(past, "run", dimension, scenario.id, f"{scenario.title}: your design missed it.")


def _miss(past: Past, kind: Literal["level", "row", "run"], dimension: DimensionId, item: str, sentence: str) -> Miss:
    return Miss(
        kind=kind, dimension=dimension, question=past.question, attempt=past.attempt.id, at=past.at, item=item,
        sentence=sentence,
    )  # fmt: skip


def weaknesses(pasts: tuple[Past, ...], questions: Mapping[str, Question]) -> list[Weakness]:
    """All dimensions, the one with most to gain first; none before anything was graded.

    A level is the newest one that was given; a dimension that the newest card does not show counts as 0.
    """
    cards = graded(pasts)
    if not cards:
        return []
    past, card = cards[-1]
    rows = {row.verdict.dimension: row for row in card.dimensions}
    titles = {one.id: one.title for one in load_rubric().dimensions}
    missed = misses(pasts, questions)
    found = [
        Weakness(
            dimension=one,
            title=titles[one],
            level=rows[one].verdict.level or 0,
            at=past.at,
            weight=rows[one].weight,
            misses=tuple(miss for miss in missed if miss.dimension == one),
        )
        for one in DIMENSIONS
        if one in rows
    ]
    return sorted(found, key=lambda one: -one.missing)
