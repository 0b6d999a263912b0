"""The card of one attempt: each dimension's level with its evidence, the total, the signal, and what would lift it."""

from rubrics.evidence import Cap, ScenarioOutcome, WorksheetResult, operations_cap, run_evidence, serving_cap
from rubrics.hire_signal import Signal, signal
from rubrics.next_step import NextStep, next_step
from rubrics.rubric_file import fingerprint
from rubrics.schema import DIMENSIONS, Dimension, DimensionId, PhaseId, Rubric, RubricProblem, Weights
from rubrics.score import LevelVerdict, capacity_verdict, empty_verdict, graded_verdict, score
from rubrics.self_grade import GradeProblem, SelfGrade, require_quotes
from simulator.spec import Spec


class Submission(Spec):
    """What is graded: the text by phase, the answers to probes, what was computed, drawn and run, and the self-grades.

    `design_drawn` says whether the person drew or changed a design, rather than leaving the one given.
    """

    sections: dict[PhaseId, str]
    probe_answers: tuple[str, ...] = ()
    worksheet: WorksheetResult = WorksheetResult()
    design_drawn: bool = False
    outcomes: tuple[ScenarioOutcome, ...] = ()
    grades: tuple[SelfGrade, ...] = ()


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
    """

    rubric_version: str
    rubric_fingerprint: str
    dimensions: tuple[DimensionCard, ...]
    total: float
    signal: Signal
    next_step: NextStep | None
    not_shown: tuple[DimensionId, ...]
    empty: tuple[DimensionId, ...]


def make_card(rubric: Rubric, weights: Weights, submission: Submission) -> Card:
    """The card of a submission; the order of its sections and grades does not matter.

    Raise GradeProblem for a quote that does not stand in the answer or a dimension that is graded twice, and
    RubricProblem for weights that are not those of all eight dimensions or do not add up to 100.
    """
    if set(weights) != set(DIMENSIONS) or sum(weights.values()) != 100:
        raise RubricProblem(f"weights are {dict(weights)}; give all eight dimensions, adding up to 100")
    grades = _by_dimension(submission)
    verdicts = [_verdict(dimension, submission, grades) for dimension in rubric.dimensions]
    return Card(
        rubric_version=rubric.version,
        rubric_fingerprint=fingerprint(rubric),
        dimensions=tuple(_row(rubric.dimension(one.dimension), one, weights) for one in verdicts),
        total=score({one.dimension: one.level for one in verdicts}, weights),
        signal=signal(verdicts, weights, {one.id: one.title for one in rubric.dimensions}),
        next_step=next_step(verdicts, weights, rubric),
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


def _verdict(dimension: Dimension, submission: Submission, grades: dict[DimensionId, SelfGrade]) -> LevelVerdict:
    grade = grades.get(dimension.id)
    if is_empty(dimension, submission):
        return empty_verdict(dimension, grade)
    if dimension.id == "capacity":
        return capacity_verdict(submission.worksheet, grade)
    measured = [one for one in run_evidence(submission.outcomes) if one.dimension == dimension.id]
    return graded_verdict(dimension.id, grade, _cap(dimension.id, submission, grade), measured)


def _cap(dimension: DimensionId, submission: Submission, grade: SelfGrade | None) -> Cap | None:
    explained = grade is not None and grade.explains_failure
    if dimension == "serving_scale":
        return serving_cap(submission.outcomes, explained=explained)
    if dimension == "reliability_operations":
        return operations_cap(submission.outcomes, explained=explained)
    return None


def _row(dimension: Dimension, verdict: LevelVerdict, weights: Weights) -> DimensionCard:
    return DimensionCard(
        title=dimension.title,
        weight=weights[dimension.id],
        points=score({dimension.id: verdict.level}, weights),
        descriptor=None if verdict.level is None else dimension.levels[verdict.level],
        verdict=verdict,
    )
