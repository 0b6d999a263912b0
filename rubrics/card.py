"""The card of one attempt: each dimension's level with its evidence, the total, the signal, and what would lift it."""

from collections.abc import Sequence
from functools import lru_cache

from pydantic import Field

from rubrics.evidence import Cap, Evidence, ScenarioOutcome, WorksheetResult, operations_cap, run_evidence, serving_cap
from rubrics.hire_signal import Signal, signal
from rubrics.next_step import Change, NextStep, next_step
from rubrics.rubric_file import fingerprint
from rubrics.schema import DIMENSIONS, Dimension, DimensionId, Level, PhaseId, Rubric, RubricProblem, Weights
from rubrics.score import LevelVerdict, capacity_verdict, empty_verdict, graded_verdict, score
from rubrics.self_grade import GradeProblem, SelfGrade, require_quotes
from simulator.spec import Spec


class Submission(Spec):
    """What is graded: the text by phase, the answers to probes, what was computed, drawn and run, and the self-grades.

    `design_drawn` says whether the person drew or changed a design, rather than leaving the one given. Three things
    only stand beside: `contradictions` between text and drawing, as evidence; `first_levels`, the self-grades before
    any suggestion was seen; and `suggestions`, which count for one thing, whether a level is disputed. `asking` is what
    the questions for facts show, and `asking_cap` the level of requirements that they allow; None where none is set.
    """

    sections: dict[PhaseId, str]
    probe_answers: tuple[str, ...] = ()
    worksheet: WorksheetResult = WorksheetResult()
    design_drawn: bool = False
    outcomes: tuple[ScenarioOutcome, ...] = ()
    grades: tuple[SelfGrade, ...] = ()
    contradictions: tuple[Evidence, ...] = ()
    asking: tuple[Evidence, ...] = ()
    asking_cap: Cap | None = None
    first_levels: dict[DimensionId, Level] = Field(default_factory=dict)
    suggestions: dict[DimensionId, Level] = Field(default_factory=dict)


class DimensionCard(Spec):
    """One dimension on the card; `points` is weight times level / 4, `descriptor` the sentence of the level reached."""

    title: str
    weight: int
    points: float
    descriptor: str | None
    verdict: LevelVerdict


class Card(Spec):
    """Everything a card shows. It holds the descriptors it was scored with, so that a later rubric changes no old card.

    `total` is 0-100. `not_shown` are the dimensions without a level, `empty` those nothing was written for: both add 0.
    `suggested_total` is the total if the suggested levels stood, under the same caps, where there are any.
    """

    rubric_version: str
    rubric_fingerprint: str
    dimensions: tuple[DimensionCard, ...]
    total: float
    suggested_total: float | None = None
    signal: Signal
    next_step: NextStep | None
    not_shown: tuple[DimensionId, ...]
    empty: tuple[DimensionId, ...]


@lru_cache(maxsize=1024)
def read_card(data: str) -> Card:
    """The card in a JSON text. A card is frozen, so that the same text is read once."""
    return Card.model_validate_json(data)


def make_card(rubric: Rubric, weights: Weights, submission: Submission) -> Card:
    """The card of a submission; the order of its sections and grades does not matter.

    Raise GradeProblem for a quote that does not stand in the answer or a dimension that is graded twice, and
    RubricProblem for weights that are not those of all eight dimensions or do not add up to 100.
    """
    if set(weights) != set(DIMENSIONS) or sum(weights.values()) != 100:
        raise RubricProblem(f"weights are {dict(weights)}; give all eight dimensions, adding up to 100")
    grades = _by_dimension(submission)
    verdicts = _verdicts(rubric, submission, grades)
    changes = _changes(rubric, submission, grades)
    return Card(
        rubric_version=rubric.version,
        rubric_fingerprint=fingerprint(rubric),
        dimensions=tuple(_row(rubric.dimension(one.dimension), one, weights) for one in verdicts),
        total=score({one.dimension: one.level for one in verdicts}, weights),
        suggested_total=_suggested_total(verdicts, weights),
        signal=signal(verdicts, weights, {one.id: one.title for one in rubric.dimensions}),
        next_step=next_step(verdicts, weights, rubric, changes),
        not_shown=tuple(one.dimension for one in verdicts if one.level is None),
        empty=tuple(one.dimension for one in verdicts if one.is_empty),
    )


def is_empty(dimension: Dimension, submission: Submission) -> bool:
    """Whether every section that feeds the dimension is blank and nothing but text could speak for it either.

    Beside text, worksheet rows speak for capacity, a drawn design for architecture, steady runs for serving, fault runs
    for operations and answers to probes for trade-offs.
    """
    if any(submission.sections.get(phase, "").strip() for phase in dimension.phases):
        return False
    run = [one.steady for one in submission.outcomes if one.passed is not None]
    beside_text: dict[DimensionId, bool] = {
        "capacity": submission.worksheet.filled > 0,
        "architecture": submission.design_drawn,
        "serving_scale": True in run,
        "reliability_operations": False in run,
        "tradeoffs_judgment": any(answer.strip() for answer in submission.probe_answers),
    }
    return not beside_text.get(dimension.id, False)


def _by_dimension(submission: Submission) -> dict[DimensionId, SelfGrade]:
    texts = [*submission.sections.values(), *submission.probe_answers]
    grades: dict[DimensionId, SelfGrade] = {}
    for grade in submission.grades:
        if grade.dimension in grades:
            raise GradeProblem(f"{grade.dimension} is graded twice; keep one of the two levels")
        require_quotes(grade, texts)
        grades[grade.dimension] = grade
    return grades


def _verdicts(rubric: Rubric, submission: Submission, grades: dict[DimensionId, SelfGrade]) -> list[LevelVerdict]:
    """Each dimension's verdict, with the first and the suggested level beside it; capacity has no suggestion."""
    return [
        _verdict(one, submission, grades).model_copy(
            update={
                "first_level": submission.first_levels.get(one.id),
                "suggested": submission.suggestions.get(one.id) if one.id != "capacity" else None,
            }
        )
        for one in rubric.dimensions
    ]


def _suggested_total(verdicts: Sequence[LevelVerdict], weights: Weights) -> float | None:
    """The total with the suggested level, capped, in place of the own one wherever there is a suggestion."""
    if all(one.suggested is None for one in verdicts):
        return None
    return score({one.dimension: _as_suggested(one) for one in verdicts}, weights)


def _as_suggested(one: LevelVerdict) -> int | None:
    return one.level if one.suggested is None or one.is_empty else min(one.suggested, one.cap)


def _changes(rubric: Rubric, submission: Submission, grades: dict[DimensionId, SelfGrade]) -> list[Change]:
    """What the card would be if a run that failed passed, or if all those passed that were not run."""
    waiting = [one.id for one in submission.outcomes if one.passed is None]
    wished = [
        ([one.id], f"Make your design pass \u201c{one.title}\u201d: {one.sentence}")
        for one in submission.outcomes
        if one.passed is False
    ]
    if waiting:
        wished.append((waiting, "Run what has not been run on your design; this is if all of it passes."))
    now = _verdicts(rubric, submission, grades)
    changes = [(advice, _verdicts(rubric, _if_passed(submission, ids), grades)) for ids, advice in wished]
    return [
        Change(kind="runs", dimension=moved[0], advice=advice, verdicts=tuple(then))
        for advice, then in changes
        if (moved := [new.dimension for old, new in zip(now, then, strict=True) if new.level != old.level])
    ]


def _if_passed(submission: Submission, ids: Sequence[str]) -> Submission:
    outcomes = tuple(one.model_copy(update={"passed": True}) if one.id in ids else one for one in submission.outcomes)
    return submission.model_copy(update={"outcomes": outcomes})


def _verdict(dimension: Dimension, submission: Submission, grades: dict[DimensionId, SelfGrade]) -> LevelVerdict:
    grade = grades.get(dimension.id)
    if is_empty(dimension, submission):
        return empty_verdict(dimension, grade)
    if dimension.id == "capacity":
        return capacity_verdict(submission.worksheet, grade)
    found = (*run_evidence(submission.outcomes), *submission.contradictions, *submission.asking)
    beside = [one for one in found if one.dimension == dimension.id]
    return graded_verdict(dimension.id, grade, _cap(dimension.id, submission, grade), beside)


def _cap(dimension: DimensionId, submission: Submission, grade: SelfGrade | None) -> Cap | None:
    explained = grade is not None and grade.explains_failure
    if dimension == "serving_scale":
        return serving_cap(submission.outcomes, explained=explained)
    if dimension == "reliability_operations":
        return operations_cap(submission.outcomes, explained=explained)
    return submission.asking_cap if dimension == "requirements_framing" else None


def _row(dimension: Dimension, verdict: LevelVerdict, weights: Weights) -> DimensionCard:
    return DimensionCard(
        title=dimension.title,
        weight=weights[dimension.id],
        points=score({dimension.id: verdict.level}, weights),
        descriptor=None if verdict.level is None else dimension.levels[verdict.level],
        verdict=verdict,
    )
