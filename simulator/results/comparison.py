"""Two runs side by side, on the same luck where they had it: what changed, by how much, and where the time went.

With the same settings and the same traffic, replication k of both met the same requests with the same draws, so the
interval of a difference comes from the differences of single replications (common random numbers; Law, Simulation
Modeling and Analysis, 5th ed., 2015, section 11.2).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simulator import special
from simulator.results.estimates import Estimate
from simulator.results.summary import Summary
from simulator.spec import Spec

SMALL_MS = 0.05


class Change(Spec):
    """After minus before, and the interval that holds the true difference in about 95% of such pairs of runs."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class Difference(Spec):
    """One metric of both; `change` is None where one of them has no such number."""

    metric: str
    before: float | None
    after: float | None
    change: Change | None
    sentence: str


class Comparison(Spec):
    """All differences, and where the p99 request spends the time that it gained or lost."""

    same_luck: bool
    differences: tuple[Difference, ...]
    moved: str


def compare(before: Summary, after: Summary) -> Comparison:
    """What the second run has that the first has not."""
    same = is_same_luck(before, after)
    return Comparison(
        same_luck=same,
        differences=tuple(_difference(metric, before, after, same=same) for metric in _PATHS),
        moved=_moved(before, after),
    )


def is_same_luck(before: Summary, after: Summary) -> bool:
    """Whether replication k of both drew the same numbers for the same time."""
    return (
        before.settings.seed == after.settings.seed
        and before.replications == after.replications
        and before.duration_s == after.duration_s
    )


def around(value: float, singles: Sequence[float]) -> Change:
    """A change with Student's interval from the changes of single replications."""
    if len(singles) < 2:
        return Change(value=value)
    half = float(special.stdtrit(len(singles) - 1, 0.975)) * float(np.std(singles, ddof=1)) / len(singles) ** 0.5
    return Change(value=value, low=value - half, high=value + half)


_PATHS = ("p99_ms", "in_time_share", "full_share", "availability", "fallback_share", "usd_per_month")
_NAMES = {
    "p99_ms": "p99",
    "in_time_share": "answered in time",
    "full_share": "answered in time without a fallback",
    "availability": "answered",
    "fallback_share": "answered by the fallback",
    "usd_per_month": "cost per month",
}


def number(summary: Summary, metric: str) -> float | None:
    """One of the compared numbers of a run; None where too little was counted or nothing has a price."""
    ends = summary.outcomes
    match metric:
        case "p99_ms":
            return _value(summary.latency.p99_ms)
        case "usd_per_month":
            return summary.cost.usd_per_month if summary.cost.is_priced else None
        case "full_share":
            return ends.in_time / ends.arrivals if ends.arrivals else None
        case "fallback_share":
            return ends.degraded / ends.arrivals if ends.arrivals else None
        case _:
            return _value(getattr(ends, metric))


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _difference(metric: str, before: Summary, after: Summary, *, same: bool) -> Difference:
    old, new = number(before, metric), number(after, metric)
    change = None
    if old is not None and new is not None:
        singles = paired(before, after, metric) if same and metric != "usd_per_month" else []
        change = around(new - old, singles)
    return Difference(metric=metric, before=old, after=new, change=change, sentence=_said(metric, old, new, change))


def paired(before: Summary, after: Summary, metric: str) -> list[float]:
    """After minus before in each replication that counted both; nothing for a run that kept no single ones."""
    if len(before.by_run) != len(after.by_run):
        return []
    pairs = [(getattr(a, metric), getattr(b, metric)) for a, b in zip(before.by_run, after.by_run, strict=True)]
    return [new - old for old, new in pairs if old is not None and new is not None]


def _said(metric: str, old: float | None, new: float | None, change: Change | None) -> str:
    sentence = f"{_NAMES[metric]} {_shown(metric, old)} -> {_shown(metric, new)}"
    if change is None or change.low is None or change.high is None or change.low == change.high:
        return sentence
    between = f"{_signed(metric, change.low)} to {_signed(metric, change.high)}"
    return f"{sentence} ({between} in 95% of such runs)"


def _shown(metric: str, value: float | None) -> str:
    if value is None:
        return "unknown"
    if metric == "p99_ms":
        return f"{value:,.1f} ms"
    return f"{value:,.0f} USD" if metric == "usd_per_month" else f"{value:.2%}"


def _signed(metric: str, value: float) -> str:
    if metric == "p99_ms":
        return f"{value:+,.1f} ms"
    return f"{value:+,.0f} USD" if metric == "usd_per_month" else f"{value * 100:+.2f} points"


def _moved(before: Summary, after: Summary) -> str:
    """Which part of the way of a p99 request explains most of the change."""
    falls = [
        {(one.component, one.part): one.mean_ms for one in fall.segments}
        for summary in (before, after)
        for fall in summary.waterfalls
        if fall.percentile == 0.99
    ]
    if len(falls) < 2:
        return ""
    [(old, new)] = pairwise(falls)
    gaps = {key: new.get(key, 0.0) - old.get(key, 0.0) for key in {**old, **new}}
    total = sum(gaps.values())
    (component, part), most = max(gaps.items(), key=lambda item: item[1] * np.sign(total))
    if abs(total) < SMALL_MS or abs(most) < SMALL_MS:
        return "The requests around p99 spend their time as before."
    what = "pauses and lost time" if component.startswith("(") else f"{part} at {component}"
    verb, gone = ("added", "adds") if total > 0 else ("saved", "saves")
    if abs(most) > abs(total):
        return f"Around p99, {what} {gone} {abs(most):,.1f} ms; other parts make up for {abs(most - total):,.1f} ms."
    return f"Around p99, {abs(most):,.1f} of the {abs(total):,.1f} {verb} ms is {what}."
