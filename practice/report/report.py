"""What a report says of an attempt, part by part. References and suggestions stand in it only once there is a card."""

from collections.abc import Iterator
from datetime import UTC, datetime

from practice.attempt import Attempt, StoredRun
from practice.phases import phases, planned_minutes
from practice.prediction import compare
from practice.report.document import Bar, Bars, Document, Histogram, Line, Part, Table
from practice.review import judged_sheet, outcomes
from practice.versions import Versions
from question_bank.schema import Question
from rubrics import Card
from rubrics.card import DimensionCard
from simulator.design_file import write_design
from simulator.results.summary import Summary

_PASSED = {True: "passed", False: "missed", None: "not run"}
_SET_BY = {"measured": "runs", "checked": "arithmetic", "self": "own level", None: "nobody"}


def report(
    question: Question,
    attempt: Attempt,
    runs: dict[str, StoredRun],
    card: Card | None,
    made_by: Versions,
    now: float,
) -> Document:
    """The report; `now`, in seconds since the epoch, is for a clock that still runs."""
    words = sum(len(draft.text.split()) for draft in attempt.sections.values())
    spent = sum(attempt.times(now).spent_s.values()) / 60
    return Document(
        title=f"Report: {question.title}",
        lead=(
            f"Begun on {_day(attempt.created_at)}, {_state(attempt)}, {spent:.0f} minutes, {words:,} words.",
            "Points come from runs, from arithmetic, or from own levels with a sentence; each says which.",
        ),
        parts=tuple(_parts(question, attempt, runs, card, made_by, now)),
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
    now: float,
) -> Iterator[Part]:
    if card is None:
        yield Part(title="Card", sentences=("This attempt has not been graded yet.",))
    else:
        yield from _card(card)
    yield from _predictions(question, attempt, runs)
    yield from _runs(question, attempt, runs)
    if attempt.is_graded or attempt.finished_at is not None:
        yield _worksheet(question, attempt)
    yield _clock(question, attempt, now)
    yield from _answer(attempt)
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


def _runs(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> Iterator[Part]:
    found = outcomes(question, attempt, runs)
    yield Part(
        title="The design under load",
        table=Table(
            columns=("Scenario", "Verdict", "What the run says"),
            rows=tuple((one.title, _PASSED[one.passed], one.sentence) for one in found),
        ),
    )
    for one in found:
        run = runs.get(one.id)
        if run is not None and one.passed is not None:
            yield _measured(one.title, run)


def _measured(title: str, run: StoredRun) -> Part:
    summary, latency = run.summary, run.summary.latency
    numbers = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    rows = [
        (name, "too few" if one is None else f"{one.value:,.1f} ms", _between(one.low, one.high) if one else "")
        for name, one in numbers
    ]
    share = summary.outcomes.in_time_share
    rows.append(("answered in time", "unknown" if share is None else f"{share.value:.2%}", ""))
    rows.append(("cost", f"{summary.cost.usd_per_month:,.0f} USD per month", ""))
    return Part(
        title=f"Measured: {title}",
        sentences=(summary.bottleneck.sentence,) if summary.bottleneck is not None else (),
        picture=_histogram(summary, run.design.promise.p99_ms),
        table=Table(columns=("Number", "Value", "In 95% of such runs"), rows=tuple(rows)),
        points=summary.remarks,
    )


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:,.1f} to {high:,.1f} ms"


def _histogram(summary: Summary, promised_ms: float | None) -> Histogram | None:
    latency = summary.latency
    if not latency.histogram_counts:
        return None
    found = [("p50", latency.p50_ms), ("p99", latency.p99_ms)]
    marks = [Line(at=one.value, text=f"{name} {one.value:,.1f} ms") for name, one in found if one and one.value > 0]
    if promised_ms is not None:
        marks.append(Line(at=promised_ms, text=f"promise {promised_ms:,g} ms", is_promise=True))
    return Histogram(
        title="How long answers take",
        edges=latency.histogram_edges_ms,
        counts=latency.histogram_counts,
        marks=tuple(marks),
        unit="latency of answers, ms",
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


def _clock(question: Question, attempt: Attempt, now: float) -> Part:
    planned, spent = planned_minutes(question.minutes), attempt.times(now).spent_s
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
