"""Windtunnel's rubric: levels with their evidence, the score, the hiring signal and the card."""

from rubrics.card import Card, Submission, make_card
from rubrics.evidence import ScenarioOutcome, WorksheetResult
from rubrics.quotes import sentences_of
from rubrics.reuse import reappears
from rubrics.rubric_file import load_rubric
from rubrics.schema import DimensionId, PhaseId, RubricProblem, weights_for
from rubrics.self_grade import GradeProblem, SelfGrade, grade_for

__all__ = [
    "Card",
    "DimensionId",
    "GradeProblem",
    "PhaseId",
    "RubricProblem",
    "ScenarioOutcome",
    "SelfGrade",
    "Submission",
    "WorksheetResult",
    "grade_for",
    "load_rubric",
    "make_card",
    "reappears",
    "sentences_of",
    "weights_for",
]
