"""What the candidate expects before a run, beside what the run shows."""

import math

from simulator.results.summary import Summary
from simulator.spec import Name, Positive, Spec

SMALLEST = 1e-9  # a measured zero, so that a ratio exists
CLOSE = 1.25  # within a quarter up or down


class Prediction(Spec):
    """Committed before the run: the component that limits, the p99 in ms and the cost in USD per month."""

    bottleneck: Name
    p99_ms: Positive
    usd_per_month: Positive


class Compared(Spec):
    """One predicted number beside the measured one. `log_ratio` is log2(predicted / measured): 0 is right, 1 is
    twice.
    """

    what: str
    predicted: str
    measured: str
    log_ratio: float | None
    sentence: str


def compare(prediction: Prediction, summary: Summary) -> tuple[Compared, ...]:
    """The prediction held against the measurement: bottleneck, p99 and cost."""
    p99 = summary.latency.p99_ms.value if summary.latency.p99_ms is not None else None
    return (_bottleneck(prediction, summary), *compare_numbers(prediction, p99, summary.cost.usd_per_month))


def compare_numbers(
    prediction: Prediction, p99_ms: float | None, usd_per_month: float | None
) -> tuple[Compared, Compared]:
    """Predicted p99 and cost beside measured ones; a cost of nothing is none."""
    return (
        _number("p99", prediction.p99_ms, p99_ms, "{:,.1f} ms"),
        _number("cost per month", prediction.usd_per_month, usd_per_month or None, "{:,.0f} USD"),
    )


def _bottleneck(prediction: Prediction, summary: Summary) -> Compared:
    found = summary.bottleneck
    if found is None:
        measured, sentence = "none", "Nothing in this design can be full."
    elif found.component == prediction.bottleneck:
        measured, sentence = found.component, "Right."
    else:
        mine = next((c.load for c in summary.components if c.component == prediction.bottleneck), None)
        load = "can never be full" if mine is None else f"is asked for {mine:.0%}"
        measured, sentence = found.component, f"{prediction.bottleneck} {load}; {found.sentence}"
    return Compared(
        what="bottleneck", predicted=prediction.bottleneck, measured=measured, log_ratio=None, sentence=sentence
    )


def _number(what: str, predicted: float, measured: float | None, form: str) -> Compared:
    if measured is None:
        said = "The run gave no number to compare with."
        return Compared(what=what, predicted=form.format(predicted), measured="unknown", log_ratio=None, sentence=said)
    ratio = predicted / max(measured, SMALLEST)
    distance = ratio if ratio >= 1 else 1 / ratio
    side = "high" if ratio >= 1 else "low"
    if distance <= CLOSE:
        said = "Close."
    else:
        said = f"Too {side} by a factor of {distance:.1f}." if distance < 100 else f"Too {side} by far."
    return Compared(
        what=what,
        predicted=form.format(predicted),
        measured=form.format(measured),
        log_ratio=math.log2(ratio),
        sentence=said,
    )
