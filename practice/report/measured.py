"""The runs in a report: verdicts, numbers with their intervals, and how long answers took."""

from collections.abc import Iterator

from practice.attempt import Attempt, StoredRun
from practice.report.document import Histogram, Line, Part, Table
from practice.review import outcomes
from question_bank.schema import Question
from simulator.results.summary import Summary

_PASSED = {True: "passed", False: "missed", None: "not run"}


def measured(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> Iterator[Part]:
    """Every scenario with its verdict, and the numbers of each run that is of the design as it is."""
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
            yield _run(one.title, run)


def _run(title: str, run: StoredRun) -> Part:
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
