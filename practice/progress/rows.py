"""The raw points of progress as rows for tables, figures and CSV files, the oldest first."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from statistics import fmean

from practice.calibration import Calibration, calibration
from practice.phases import phases, planned_minutes
from practice.prediction import Compared
from practice.progress.past import Past, graded
from question_bank.schema import Question
from rubrics.schema import DimensionId, Level
from rubrics.score import LevelVerdict
from simulator.spec import Spec

FEW = 10  # two halves of five: fewer levels each, of which one spreads by about 0.8, cannot show a step of one level
NO_LEANING = 0.25  # of a level


class _Row(Spec):
    at: float
    question: str


class LevelRow(_Row):
    """One dimension of one card. `automatic` is what arithmetic, runs and words say without the person."""

    attempt: str
    dimension: DimensionId
    title: str
    level: Level | None
    own: Level | None
    first: Level | None
    automatic: Level | None
    source: str

    @property
    def difference(self) -> int | None:
        """The own level before any suggestion, else the own one, minus the automatic one."""
        said = self.first if self.first is not None else self.own
        return None if said is None or self.automatic is None else said - self.automatic


class PredictionRow(_Row):
    """One predicted thing. `factor` is predicted / measured; None for a bottleneck and where nothing was measured."""

    what: str
    predicted: str
    measured: str
    factor: float | None
    is_right: bool | None


class MinuteRow(_Row):
    """One phase of one attempt."""

    attempt: str
    phase: str
    planned_min: float
    spent_min: float


class QuestionRow(Spec):
    """One question: how often, the best and the last score, 0-100, None without a card."""

    question: str
    title: str
    attempts: int
    best: float | None
    last: float | None
    last_at: float


def level_rows(pasts: tuple[Past, ...]) -> Iterator[LevelRow]:
    """Every dimension of every card."""
    for past, card in graded(pasts):
        for row in card.dimensions:
            verdict = row.verdict
            yield LevelRow(
                at=past.at,
                question=past.question,
                attempt=past.attempt.id,
                dimension=verdict.dimension,
                title=row.title,
                level=verdict.level,
                own=verdict.self_level,
                first=verdict.first_level,
                automatic=_automatic(verdict),
                source="nothing written" if verdict.is_empty else verdict.source or "nobody",
            )


def _automatic(verdict: LevelVerdict) -> int | None:
    """The level of the arithmetic, else the suggested one under the cap of the runs."""
    if verdict.dimension == "capacity":
        return verdict.level if verdict.source == "checked" else None
    return None if verdict.suggested is None else min(verdict.suggested, verdict.cap)


def comparisons(pasts: tuple[Past, ...], questions: Mapping[str, Question]) -> list[tuple[Past, tuple[Compared, ...]]]:
    """What each prediction was worth, held against the first steady run after it."""
    found = []
    for past in sorted(pasts, key=lambda one: one.at):
        question = questions.get(past.question)
        steady = {one.id for one in question.simulation.scenarios if one.steady} if question is not None else set()
        found += [(past, run.compared()) for run in past.predicted if run.scenario in steady]
    return found


def prediction_rows(pasts: tuple[Past, ...], questions: Mapping[str, Question]) -> Iterator[PredictionRow]:
    """Every predicted thing that a run has answered."""
    for past, compared in comparisons(pasts, questions):
        for one in compared:
            is_bottleneck = one.what == "bottleneck"
            yield PredictionRow(
                at=past.at,
                question=past.question,
                what=one.what,
                predicted=one.predicted,
                measured=one.measured,
                factor=None if one.log_ratio is None else 2**one.log_ratio,
                is_right=one.predicted == one.measured if is_bottleneck and one.measured != "none" else None,
            )


def calibrated(pasts: tuple[Past, ...], questions: Mapping[str, Question]) -> Calibration:
    """How good all predictions were."""
    return calibration([compared for _, compared in comparisons(pasts, questions)])


def minute_rows(pasts: tuple[Past, ...], questions: Mapping[str, Question], now: float) -> Iterator[MinuteRow]:
    """Minutes of each phase of each attempt that has had any, beside the plan of its round, or of the question."""
    for past in sorted(pasts, key=lambda one: one.at):
        spent = past.attempt.times(min(now, past.attempt.last_seen)).spent_s
        question = questions.get(past.question)
        if question is None or not any(spent.values()):
            continue
        planned = past.round.phase_minutes if past.round is not None else planned_minutes(question.minutes)
        for phase in phases():
            yield MinuteRow(
                at=past.at,
                question=past.question,
                attempt=past.attempt.id,
                phase=phase.title,
                planned_min=planned[phase.id],
                spent_min=spent[phase.id] / 60,
            )


def question_rows(pasts: tuple[Past, ...], titles: Mapping[str, str]) -> list[QuestionRow]:
    """Every question that was tried, the newest first."""
    rows = []
    for slug in dict.fromkeys(one.question for one in sorted(pasts, key=lambda one: -one.at)):
        mine = sorted((one for one in pasts if one.question == slug), key=lambda one: one.at)
        scores = [one.card.total for one in mine if one.card is not None]
        rows.append(
            QuestionRow(
                question=slug,
                title=titles.get(slug, slug),
                attempts=len(mine),
                best=max(scores, default=None),
                last=scores[-1] if scores else None,
                last_at=mine[-1].at,
            )
        )
    return rows


def about_few(number: int) -> str:
    """What so many graded attempts can show, in one sentence."""
    if number == 0:
        return "Nothing has been graded yet, so there is nothing to see here."
    count = "One graded attempt is" if number == 1 else f"{number} graded attempts are"
    if number < FEW:
        return f"{count} too few to separate luck from progress; look at the notes, not at the trend."
    return f"{count} enough to see a change of a whole level, not of less; questions differ in difficulty too."


def about_honesty(rows: list[LevelRow]) -> str:
    """How own levels stand to the automatic part, in one sentence."""
    differences = [one.difference for one in rows if one.difference is not None]
    if not differences:
        return "No own level could be held beside an automatic one yet."
    mean = fmean(differences)
    over = f"over {len(differences)} levels"
    caution = "Suggestions are unsure themselves, so read a leaning and not single points."
    if abs(mean) < NO_LEANING:
        return f"Your own levels agree with the automatic part on average, {over}. {caution}"
    side = "above" if mean > 0 else "below"
    return f"Your own levels are {abs(mean):.1f} {side} the automatic part on average, {over}. {caution}"


def as_dicts(rows: Iterable[Spec]) -> list[dict[str, object]]:
    """Rows for a CSV file; moments are written as dates and times in UTC."""
    return [
        {
            name: datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M")
            if name in ("at", "last_at") and isinstance(value, float)
            else value
            for name, value in row
        }
        for row in rows
    ]
