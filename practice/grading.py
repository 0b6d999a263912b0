"""The offline grade of an answer file: levels with their sources, concepts, worksheet, flags, score and signal."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any, Literal

from practice.answer_file import AnswerFile, as_attempt
from practice.attempt import StoredRun
from practice.evidence import findings
from practice.review import card, judged_sheet, outcomes
from question_bank.schema import Question
from rubrics.card import DimensionCard
from rubrics.finder import Finding, Findings
from rubrics.hire_signal import signal
from rubrics.schema import DIMENSIONS, PHASES, TOP_LEVEL, DimensionId, Level
from rubrics.score import LevelVerdict, score
from rubrics.suggest import TOP_SUGGESTION, Suggestion, found_little, is_hollow, suggest
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
    reasons_without_numbers: bool


class Grade(Spec):
    """Everything that `grade` prints. `score` is 0-100; a level of None adds nothing to it.

    `constants` are the verdicts on own numbers, `runs` what the scenarios showed if they were run, `notes` what was
    passed over in the file.
    """

    question: str
    levels: dict[DimensionId, LevelRow]
    concepts: tuple[dict[str, Any], ...]
    choices: tuple[dict[str, Any], ...]
    worksheet: tuple[dict[str, Any], ...]
    constants: tuple[dict[str, Any], ...]
    runs: tuple[dict[str, Any], ...]
    flags: Flags
    notes: tuple[str, ...]
    score: float
    signal: dict[str, Any]


def grade(question: Question, answer: AnswerFile, runs: Mapping[str, StoredRun] | None = None) -> Grade:
    """The grade of an answer; without runs of its design, text counts up to level 3.

    Raise AnswerProblem for a design that cannot be read and GradeProblem for a quote that is not in the answer.
    """
    attempt = as_attempt(answer)
    found = findings(question, answer.sections, tuple(one.text for one in answer.probes))
    suggestions = suggest(found)
    made = card(question, attempt, dict(runs or {}))
    verdicts = [_verdict(row, suggestions.get(row.verdict.dimension)) for row in made.dimensions]
    weights = {row.verdict.dimension: row.weight for row in made.dimensions}
    titles = {row.verdict.dimension: row.title for row in made.dimensions}
    rows = {one.dimension: _row(one, suggestions.get(one.dimension)) for one in verdicts}
    sheet = judged_sheet(question, attempt)
    return Grade(
        question=question.slug,
        levels={one: rows[one] for one in DIMENSIONS},
        concepts=tuple(_concept(one) for one in found.concepts),
        choices=tuple(one.model_dump() for one in found.choices),
        worksheet=tuple(asdict(one) for one in sheet.rows),
        constants=tuple(asdict(one) for one in sheet.assumptions),
        runs=tuple(one.model_dump() for one in outcomes(question, attempt, dict(runs or {}))) if runs else (),
        flags=_flags(answer, found),
        notes=tuple(_passed_over(question, answer)),
        score=score({one.dimension: one.level for one in verdicts}, weights),
        signal=signal(verdicts, weights, titles).model_dump(),
    )


def _verdict(row: DimensionCard, suggestion: Suggestion | None) -> LevelVerdict:
    """The card's verdict, and where the person gave no level, the suggested one under the cap of the runs.

    Text that shows level 3 becomes level 4 where all runs passed: they show what text cannot.
    """
    verdict = row.verdict
    if verdict.level is not None or suggestion is None or suggestion.level is None:
        return verdict
    was_run = any(one.source == "measured" for one in verdict.evidence)
    level, sentence = suggestion.level, suggestion.sentence
    if level > verdict.cap:
        level, sentence = verdict.cap, f"{sentence} The runs allow level {verdict.cap} at most."
    elif was_run and level == TOP_SUGGESTION and verdict.cap == TOP_LEVEL:
        level, sentence = TOP_LEVEL, f"{sentence} All runs of the design passed, which lifts this to level {TOP_LEVEL}."
    return verdict.model_copy(update={"level": level, "sentence": sentence})


def _row(verdict: LevelVerdict, suggestion: Suggestion | None) -> LevelRow:
    is_suggested = verdict.source is None and verdict.level is not None
    own = tuple(one.quote or one.sentence for one in verdict.evidence)
    if verdict.level is None and suggestion is not None:
        return LevelRow(level=None, source=None, sentence=suggestion.sentence)
    return LevelRow(
        level=verdict.level,
        source="suggested" if is_suggested else verdict.source,
        sentence=verdict.sentence,
        evidence=(*suggestion.evidence, *own) if is_suggested and suggestion else own,
        suggestion=suggestion.level if suggestion else None,
    )


def _passed_over(question: Question, answer: AnswerFile) -> Iterator[str]:
    """A sentence for each id in the file that the question does not have."""
    known = {
        "worksheet row": {one.id for one in question.worksheet.rows},
        "constant": set(question.worksheet.constants),
        "fact": {one.id for one in question.facts},
    }
    named = [("worksheet row", one.id) for one in answer.worksheet]
    named += [("constant", one.id) for one in answer.constants]
    named += [("fact", one) for one in answer.facts_asked]
    for kind, name in named:
        if name not in known[kind]:
            close = get_close_matches(name, known[kind], n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield f"The {kind} {name!r} is none of this question's and was passed over{hint}"


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
        reasons_without_numbers=is_hollow(found),
    )
