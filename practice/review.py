"""The review of an attempt: its worksheet judged, its runs held against the question, its card."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from practice.attempt import Attempt, OwnLevel, StoredRun, Written
from practice.contradictions import Contradiction
from practice.contradictions import contradictions as of_attempt
from practice.evidence import findings
from practice.facts import facts_cap, facts_evidence, must_asked
from practice.rounds import ProfileId, shifted_weights
from practice.scenario_runs import outcome, plan, starting_design
from question_bank.judged_sheet import JudgedSheet, judge_sheet
from question_bank.schema import Question
from question_bank.worksheet import RowVerdict, share
from rubrics import (
    Card,
    DimensionId,
    PhaseId,
    ScenarioOutcome,
    SelfGrade,
    Submission,
    WorksheetResult,
    grade_for,
    load_rubric,
    make_card,
    reappears,
    weights_for,
)
from rubrics.evidence import Evidence
from rubrics.finder import Findings
from rubrics.suggest import Suggestion, suggest
from simulator import wiring
from simulator.design import Design, LoadBalancer, Router
from simulator.design_file import fingerprint

AFTER_THE_WORKSHEET = ("high_level_design", "detailed_design", "bottlenecks_tradeoffs")


def judged_worksheet(question: Question, worksheet: dict[str, Written]) -> list[RowVerdict]:
    """Every row of a worksheet with its verdict, in order, by the question's own constants."""
    return list(judge_sheet(question.worksheet, worksheet).rows)


def judged_sheet(question: Question, attempt: Attempt) -> JudgedSheet:
    """The verdicts on the rows and on the own constants of an attempt."""
    return judge_sheet(question.worksheet, attempt.worksheet, attempt.assumptions, told_facts(question, attempt))


def told_facts(question: Question, attempt: Attempt) -> set[str]:
    """The facts that the candidate knows: those asked for and, after the first phase, those that decide."""
    rest = {fact.id for fact in question.facts if fact.must} if attempt.has_left_first_phase() else set()
    return rest | set(attempt.known_facts())


def texts(attempt: Attempt) -> list[str]:
    """Everything that was written, section by section."""
    return [draft.text for draft in attempt.sections.values() if draft.text.strip()]


def outcomes(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> tuple[ScenarioOutcome, ...]:
    """What the runs of the attempt's own design say, scenario by scenario."""
    if attempt.design is None:
        return tuple(
            ScenarioOutcome(id=s.id, title=s.title, steady=s.steady, passed=None, sentence="no design was drawn.")
            for s in question.simulation.scenarios
        )
    return tuple(outcome(one.scenario, runs.get(one.scenario.id), one) for one in plan(question, attempt.design))


@dataclass(frozen=True)
class _Read:
    """The text of an attempt with what it is held against, known by content: a page that is redrawn reads it once."""

    sections: tuple[tuple[PhaseId, str], ...]
    design: str | None
    identity: int  # of the question, which stays alive as long as this does
    answers: tuple[str, ...]
    question: Question = field(compare=False)
    attempt: Attempt = field(compare=False)


def _read(question: Question, attempt: Attempt, answers: tuple[str, ...] = ()) -> _Read:
    sections = tuple((phase, draft.text) for phase, draft in sorted(attempt.sections.items()))
    design = fingerprint(attempt.design) if attempt.design is not None else None
    return _Read(sections, design, id(question), answers, question, attempt)


def suggestions(
    question: Question, attempt: Attempt, answers: tuple[str, ...] = ()
) -> tuple[Findings, dict[DimensionId, Suggestion]]:
    """What the finder sees in the sections of an attempt and the answers to probes, and the levels that it suggests."""
    return _suggestions(_read(question, attempt, answers))


@lru_cache(maxsize=16)
def _suggestions(read: _Read) -> tuple[Findings, dict[DimensionId, Suggestion]]:
    found = findings(read.question, dict(read.sections), read.answers)
    return found, suggest(found)


def contradictions(question: Question, attempt: Attempt) -> tuple[Contradiction, ...]:
    """Where the text of an attempt clearly contradicts the drawn design."""
    return _contradictions(_read(question, attempt))


@lru_cache(maxsize=16)
def _contradictions(read: _Read) -> tuple[Contradiction, ...]:
    return of_attempt(read.question, read.attempt)


def card(
    question: Question,
    attempt: Attempt,
    runs: dict[str, StoredRun],
    *,
    answers: tuple[str, ...] = (),
    profile: ProfileId = "balanced",
    counts_facts: bool = False,
) -> Card:
    """The card of an attempt as it stands, with the answers to probes as evidence and the weights of the round's
    profile. Raise GradeProblem for a quote that is no longer in the answer.

    A suggested level stands on it only beside an own one. With `counts_facts` the facts that were asked for limit the
    level of requirements, as in a mock interview.
    """
    asking = must_asked(question.facts, attempt.known_facts())
    rubric = load_rubric()
    suggested = suggestions(question, attempt, answers)[1] if attempt.own_levels else {}
    written = [*texts(attempt), *answers]
    submission = Submission(
        sections={phase: draft.text for phase, draft in attempt.sections.items()},
        probe_answers=answers,
        worksheet=_worksheet_result(question, attempt),
        design_drawn=attempt.design is not None and attempt.design != starting_design(question),
        outcomes=outcomes(question, attempt, runs),
        grades=tuple(_grade(dimension, own, written) for dimension, own in attempt.own_levels.items()),
        contradictions=tuple(
            Evidence(source="checked", dimension=one.dimension, sentence=one.sentence, quote=one.quote)
            for one in contradictions(question, attempt)
        ),
        asking=(facts_evidence(*asking),) if counts_facts else (),
        asking_cap=facts_cap(*asking) if counts_facts else None,
        first_levels={dimension: one.level for dimension, one in attempt.first_levels.items()},
        suggestions={
            dimension: one.level
            for dimension, one in suggested.items()
            if one.level is not None and dimension in attempt.own_levels
        },
    )
    weights = shifted_weights(dict(question.rubric_weights), profile)
    return make_card(rubric, weights_for(rubric, {str(one): weight for one, weight in weights.items()}), submission)


def _grade(dimension: DimensionId, own: OwnLevel, written: list[str]) -> SelfGrade:
    return grade_for(dimension, own.level, texts=written, quote=own.quote, explained_failure=own.explains_failure)


def _worksheet_result(question: Question, attempt: Attempt) -> WorksheetResult:
    judged = judged_sheet(question, attempt)
    verdicts = judged.rows
    filled = [verdict for verdict in verdicts if verdict.state != "empty"]
    return WorksheetResult(
        share=share(verdicts),
        filled=len(filled),
        sentences=tuple(verdict.sentence for verdict in filled),
        assumptions=tuple(verdict.sentence for verdict in judged.assumptions),
        reused_in=_reused(question, attempt, verdicts),
    )


def _reused(question: Question, attempt: Attempt, verdicts: Iterable[RowVerdict]) -> str | None:
    """Where an accepted number comes back: in what was written after the worksheet, or in the design's settings."""
    rows = {row.id: row for row in question.worksheet.rows}
    accepted = [
        (rows[one.row_id].label, one.value, rows[one.row_id].unit)
        for one in verdicts
        if one.state == "ok" and one.value is not None
    ]
    later = [attempt.sections[phase].text for phase in AFTER_THE_WORKSHEET if phase in attempt.sections]
    settings = fleet_settings(attempt.design) if attempt.design is not None else {}
    return reappears(accepted, later, settings)


def fleet_settings(design: Design) -> dict[str, float]:
    """How many replicas the candidate chose, scaled up from the cell to the fleet, for every part that is reached."""
    reached = set(design.components) - set(wiring.unreached(design))
    return {
        f"{name}.replicas": part.replicas / design.cell.fraction
        for name, part in design.components.items()
        if name in reached and not isinstance(part, LoadBalancer | Router)
    }
