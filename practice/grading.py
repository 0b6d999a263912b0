"""The offline grade of an answer file: levels with their sources, concepts, worksheet, flags, score and signal."""

from dataclasses import asdict
from typing import Any, Literal

from practice.answer_file import AnswerFile, as_attempt
from practice.evidence import findings
from practice.review import card, judged_worksheet
from question_bank.schema import Question
from rubrics.card import DimensionCard
from rubrics.finder import Finding, Findings
from rubrics.hire_signal import signal
from rubrics.schema import DIMENSIONS, PHASES, DimensionId, Level
from rubrics.score import LevelVerdict, score
from rubrics.suggest import Suggestion, found_little, suggest
from simulator.spec import Spec

POLARITY = {
    "adopted_with_support": "for",
    "adopted": "for",
    "named_only": "none",
    "rejected_with_reason": "against",
    "rejected": "against",
    "not_found": None,
}


class LevelRow(Spec):
    """One dimension: the level that counts, who says so and on what; None where nobody does."""

    level: Level | None
    source: Literal["measured", "checked", "self", "suggested"] | None
    sentence: str
    evidence: tuple[str, ...] = ()
    suggestion: Level | None = None


class Flags(Spec):
    """What a reader should know about the text; each holds the sentences or sections concerned."""

    keyword_stuffing: tuple[str, ...]
    copied_text: tuple[str, ...]
    addressed_grader: tuple[str, ...]
    self_praise: tuple[str, ...]
    definitions: tuple[str, ...]
    empty_sections: tuple[str, ...]
    little_found: bool


class Grade(Spec):
    """Everything that `grade` prints. `score` is 0-100; a level of None adds nothing to it."""

    question: str
    levels: dict[DimensionId, LevelRow]
    concepts: tuple[dict[str, Any], ...]
    choices: tuple[dict[str, Any], ...]
    worksheet: tuple[dict[str, Any], ...]
    flags: Flags
    score: float
    signal: dict[str, Any]


def grade(question: Question, answer: AnswerFile) -> Grade:
    """The grade of an answer without runs: text alone counts, up to level 3. Raise AnswerProblem or GradeProblem."""
    attempt = as_attempt(answer)
    found = findings(question, answer.sections, tuple(one.text for one in answer.probes))
    suggestions = suggest(found)
    made = card(question, attempt, {})
    verdicts = [_verdict(row, suggestions.get(row.verdict.dimension)) for row in made.dimensions]
    weights = {row.verdict.dimension: row.weight for row in made.dimensions}
    titles = {row.verdict.dimension: row.title for row in made.dimensions}
    rows = {one.dimension: _row(one, suggestions.get(one.dimension)) for one in verdicts}
    return Grade(
        question=question.slug,
        levels={one: rows[one] for one in DIMENSIONS},
        concepts=tuple(_concept(one) for one in found.concepts),
        choices=tuple(one.model_dump() for one in found.choices),
        worksheet=tuple(asdict(one) for one in judged_worksheet(question, attempt.worksheet)),
        flags=_flags(answer, found),
        score=score({one.dimension: one.level for one in verdicts}, weights),
        signal=signal(verdicts, weights, titles).model_dump(),
    )


def _verdict(row: DimensionCard, suggestion: Suggestion | None) -> LevelVerdict:
    """The card's verdict, and where the person gave no level, the suggested one under the cap of the runs."""
    verdict = row.verdict
    if verdict.level is not None or suggestion is None or suggestion.level is None:
        return verdict
    return verdict.model_copy(
        update={"level": min(suggestion.level, verdict.cap), "sentence": suggestion.sentence},
    )


def _row(verdict: LevelVerdict, suggestion: Suggestion | None) -> LevelRow:
    is_suggested = verdict.source is None and verdict.level is not None
    own = tuple(one.quote or one.sentence for one in verdict.evidence)
    if verdict.level is None and suggestion is not None:
        return LevelRow(level=None, source=None, sentence=suggestion.sentence)
    return LevelRow(
        level=verdict.level,
        source="suggested" if is_suggested else verdict.source,
        sentence=verdict.sentence,
        evidence=suggestion.evidence if is_suggested and suggestion else own,
        suggestion=suggestion.level if suggestion else None,
    )


def _concept(one: Finding) -> dict[str, Any]:
    return {**one.model_dump(), "polarity": POLARITY[one.status], "remark": one.remark}


def _flags(answer: AnswerFile, found: Findings) -> Flags:
    def removed(why: str) -> tuple[str, ...]:
        return tuple(one.sentence for one in found.removed if one.why == why)

    return Flags(
        keyword_stuffing=found.lists,
        copied_text=removed("copied"),
        addressed_grader=removed("addresses_grader"),
        self_praise=removed("self_praise"),
        definitions=removed("definition"),
        empty_sections=tuple(phase for phase in PHASES if not answer.sections.get(phase, "").strip()),
        little_found=found_little(found),
    )
