"""What the twist and the drill of a round showed, as parts of a report. Shares are of the requests that arrived."""

from collections.abc import Iterator, Sequence

from practice.interviewer.state import Said
from practice.prediction import compare
from practice.recovery import compared
from practice.report.document import Part, Table
from practice.trials import Trial, story
from simulator.results.summary import Summary

_NOT_RUN = "It was not run to its end."


def trials_parts(trials: Sequence[Trial], said: Sequence[Said], attempt: str) -> Iterator[Part]:
    """The twist before and after, and the drill with what a changed design gained; nothing if neither was run."""
    sides = {one.kind: one for one in trials}
    after, before = sides.get("twist_after"), sides.get("twist_before")
    if before is not None and after is not None:
        yield from _twist(before, after, next((one.text for one in said if one.kind == "twist"), ""))
    drills = [one for one in trials if one.kind.startswith("drill")]
    if drills:
        yield _drill(drills, attempt)


def _twist(before: Trial, after: Trial, text: str) -> Iterator[Part]:
    asked = (text,) if text else ()
    if before.summary is None or after.summary is None:
        yield Part(title="The twist", sentences=(*asked, _NOT_RUN))
        return
    sides = zip(_numbers(before.summary), _numbers(after.summary), strict=True)
    rows = tuple((name, one, other) for (name, one), (_, other) in sides)
    yield Part(
        title="The twist", sentences=asked, table=Table(columns=("Number", "Before", "After the twist"), rows=rows)
    )
    if after.prediction is not None:
        found = compare(after.prediction, after.summary)
        yield Part(
            title="The twist: prediction and measurement",
            table=Table(
                columns=("What", "Predicted", "Measured", "What it says"),
                rows=tuple((one.what, one.predicted, one.measured, one.sentence) for one in found),
            ),
        )


def _numbers(summary: Summary) -> Iterator[tuple[str, str]]:
    latency, share = summary.latency, summary.outcomes.in_time_share
    for name, one in (("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)):
        yield name, "too few" if one is None else f"{one.value:,.1f} ms"
    yield "answered in time", "unknown" if share is None else f"{share.value:.2%}"
    yield "cost", f"{summary.cost.usd_per_month:,.0f} USD per month"
    yield "bottleneck", "none" if summary.bottleneck is None else summary.bottleneck.component


def _drill(drills: Sequence[Trial], attempt: str) -> Part:
    first = drills[0]
    if first.recovery is None:
        return Part(title="The failure drill", sentences=(story(first, attempt), _NOT_RUN))
    tried = [one.recovery for one in drills[1:] if one.recovery is not None]
    again = (f"The changed design under the same fault: {compared(first.recovery, tried[-1])}",) if tried else ()
    return Part(title="The failure drill", sentences=(story(first, attempt), first.recovery.sentence, *again))
