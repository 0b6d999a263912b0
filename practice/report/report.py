"""What a report says of an attempt, part by part. References and suggestions stand in it only once there is a card."""

from collections.abc import Iterator
from datetime import UTC, datetime

from practice.attempt import Attempt, StoredRun
from practice.interviewer.state import Said
from practice.phases import phases, planned_minutes
from practice.prediction import compare
from practice.report.document import Bar, Bars, Document, Part, Table
from practice.report.measured import measured
from practice.report.trials import trials_parts
from practice.review import judged_sheet
from practice.rounds import Round
from practice.trials import Trial
from practice.versions import Versions
from question_bank.schema import Question
from rubrics import Card
from rubrics.card import DimensionCard
from simulator.design_file import write_design

_SET_BY = {"measured": "runs", "checked": "arithmetic", "self": "own level", None: "nobody"}


def report(
    question: Question,
    attempt: Attempt,
    runs: dict[str, StoredRun],
    card: Card | None,
    made_by: Versions,
    now: float,
    *,
    round_: Round | None = None,
    said: tuple[Said, ...] = (),
    trials: tuple[Trial, ...] = (),
) -> Document:
    """The report; `now`, in seconds since the epoch, is for a clock that still runs. With the round comes its plan,
    what its interviewer said, and, once it is over, what its twist and its drill showed.
    """
    words = sum(len(draft.text.split()) for draft in attempt.sections.values())
    spent = sum(attempt.times(now).spent_s.values()) / 60
    return Document(
        title=f"Report: {question.title}",
        lead=(
            f"Begun on {_day(attempt.created_at)}, {_state(attempt)}, {spent:.0f} minutes, {words:,} words.",
            "Points come from runs, from arithmetic, or from own levels with a sentence; each says which.",
        ),
        parts=tuple(
            _parts(question, attempt, runs, card, made_by, _clock(question, attempt, now, round_), said, trials)
        ),
    )


def _state(attempt: Attempt) -> str:
    return "not finished" if attempt.finished_at is None else "finished"


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _parts(
    question: Question,
    attempt: Attempt,
    runs: dict[str, StoredRun],
    card: Card | None,
    made_by: Versions,
    clock: Part,
    said: tuple[Said, ...],
    trials: tuple[Trial, ...],
) -> Iterator[Part]:
    if card is None:
        yield Part(title="Card", sentences=("This attempt has not been graded yet.",))
    else:
        yield from _card(card)
    yield from _predictions(question, attempt, runs)
    yield from measured(question, attempt, runs)
    if attempt.is_graded or attempt.finished_at is not None:
        yield from trials_parts(trials, said, attempt.id)
        yield _worksheet(question, attempt)
    yield clock
    yield from _answer(attempt)
    if said:
        yield Part(title="Interviewer", points=tuple(_exchange(one) for one in said))
    yield Part(title="How to repeat it", points=tuple(_origins(attempt, runs, made_by)))


def _card(card: Card) -> Iterator[Part]:
    yield Part(
        title="Card",
        sentences=(f"Score {card.total:g} of 100. {card.signal.sentence}", *_next(card)),
        picture=Bars(
            title="The level that counts in each dimension, 0 to 4",
            most=4,
            bars=tuple(
                Bar(label=row.title, value=row.verdict.level or 0, text=_level_text(row)) for row in card.dimensions
            ),
        ),
        table=Table(
            columns=("Dimension", "Counts", "Points", "Set by", "First", "Own", "Suggested"),
            rows=tuple(_row(row) for row in card.dimensions),
        ),
    )
    for gate in card.signal.gates:
        missing = tuple(one.sentence for one in gate.conditions if not one.is_met)
        met = sum(one.is_met for one in gate.conditions)
        said = f"{gate.outcome.replace('_', ' ').capitalize()}: {met} of {len(gate.conditions)} conditions are met."
        yield Part(title=f"Gate: {gate.target}", sentences=(said,), points=missing)
    for row in card.dimensions:
        points = tuple(
            f"{one.source}: {one.sentence}" + (f" \u201c{one.quote}\u201d" if one.quote else "")
            for one in row.verdict.evidence
        )
        yield Part(title=f"Evidence: {row.title}", sentences=(row.verdict.sentence,), points=points)


def _next(card: Card) -> tuple[str, ...]:
    if card.next_step is None:
        return ()
    title = next(row.title for row in card.dimensions if row.verdict.dimension == card.next_step.dimension)
    return (f"What would lift it most, in {title}: {card.next_step.advice}",)


def _level_text(row: DimensionCard) -> str:
    return "not shown" if row.verdict.level is None else f"{row.verdict.level}, {row.points:g} of {row.weight}"


def _row(row: DimensionCard) -> tuple[str, ...]:
    verdict = row.verdict
    by = "nothing written" if verdict.is_empty else _SET_BY[verdict.source]
    levels = (verdict.first_level, verdict.self_level, verdict.suggested)
    counts = "not shown" if verdict.level is None else str(verdict.level)
    return (
        row.title,
        counts,
        f"{row.points:g} of {row.weight}",
        by,
        *("" if one is None else str(one) for one in levels),
    )


def _predictions(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> Iterator[Part]:
    steady = [runs[one.id] for one in question.simulation.scenarios if one.steady and one.id in runs]
    if attempt.prediction is None or not steady:
        return
    rows = compare(attempt.prediction, steady[0].summary)
    yield Part(
        title="Prediction and measurement",
        table=Table(
            columns=("What", "Predicted", "Measured", "What it says"),
            rows=tuple((one.what, one.predicted, one.measured, one.sentence) for one in rows),
        ),
    )


def _worksheet(question: Question, attempt: Attempt) -> Part:
    rows = {row.id: row for row in question.worksheet.rows}
    judged = judged_sheet(question, attempt)
    return Part(
        title="Worksheet",
        table=Table(
            columns=("Row", "Written", "Verdict"),
            rows=tuple(
                (rows[one.row_id].label, _written(attempt, one.row_id), one.sentence)
                for one in judged.rows
                if one.state != "empty"
            ),
        ),
        sentences=tuple(one.sentence for one in judged.assumptions),
    )


def _written(attempt: Attempt, row: str) -> str:
    typed = attempt.worksheet.get(row)
    return "" if typed is None else f"{typed.value} {typed.unit}".strip()


def _exchange(said: Said) -> str:
    return f"{said.text} Answer: {said.answer}" if said.answer.strip() else f"{said.text} (no answer)"


def _clock(question: Question, attempt: Attempt, now: float, round_: Round | None) -> Part:
    planned = planned_minutes(question.minutes) if round_ is None else round_.phase_minutes
    spent = attempt.times(now).spent_s
    bars = tuple(
        Bar(label=one.title, value=spent[one.id] / 60, text=f"{spent[one.id] / 60:.1f} of {planned[one.id]} min",
            of=planned[one.id])
        for one in phases()
    )  # fmt: skip
    return Part(
        title="Time",
        picture=Bars(
            title="Minutes in each phase; the mark is the plan",
            bars=bars,
            most=max(max(bar.value, bar.of or 0) for bar in bars),
        ),
        table=Table(
            columns=("Phase", "Planned, min", "Spent, min"),
            rows=tuple((one.title, str(planned[one.id]), f"{spent[one.id] / 60:.1f}") for one in phases()),
        ),
    )


def _answer(attempt: Attempt) -> Iterator[Part]:
    for one in phases():
        if (text := attempt.section(one.id).text).strip():
            yield Part(title=f"Answer: {one.title}", verbatim=text)
    if attempt.asked:
        asked = tuple(one.text + ("" if one.fact else " (not specified)") for one in attempt.asked)
        yield Part(title="Asked", points=asked)
    if attempt.design is not None:
        yield Part(title="Design", verbatim=write_design(attempt.design))


def _origins(attempt: Attempt, runs: dict[str, StoredRun], made_by: Versions) -> Iterator[str]:
    known = ", ".join(f"{name} {value}" for name, value in made_by if value)
    yield f"Versions: {known}."
    for run in runs.values():
        settings = run.settings
        yield (
            f"Run of {run.scenario}: seed {settings.seed}, {run.summary.replications} replications of "
            f"{run.summary.duration_s:g} s, engine {run.summary.engine}, design {run.summary.design_fingerprint}."
        )
    yield f"The attempt file of {attempt.id} holds everything; `python -m practice attempt rerun FILE` runs it again."
