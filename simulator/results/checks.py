"""Checks: what a scenario demands of a run, as data, and whether it was met."""

from dataclasses import replace
from math import inf
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from simulator import special
from simulator.results.ages import ENOUGH_FOR_P95, request_ages_s, stale_share
from simulator.results.classes import of_class
from simulator.results.component_metrics import COMPONENT_METRICS, component_metric
from simulator.results.counted import Outcome
from simulator.results.estimates import ENOUGH_FOR_P99, mean_latency, nearest_rank, percentile
from simulator.results.levels import utilization
from simulator.results.replications import Replications
from simulator.spec import Name, NonNegative, Spec

Metric = Literal[
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "mean_ms",
    "in_time_share",
    "availability",
    "late_or_failed_share",
    "refused_share",
    "failed_share",
    "fallback_share",
    "utilization",
    "usd_per_month",
    "freshness_s",
    "stale_share",
    "ttft_p99_ms",
    "ttft_p95_ms",
    "time_per_token_p99_ms",
    "tokens_per_s",
    "peak_lag_s",
    "drain_s",
    "undone_after_s",
    "canary_share",
    "hit_ratio",
    "mean_wait_ms",
]

FEWEST_FOR_AN_INTERVAL = 3  # replications
_WORDS = {"below": "below", "at_most": "at most", "at_least": "at least", "above": "above"}
_NAMES: dict[str, str] = {
    "p50_ms": "p50",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "mean_ms": "mean latency",
    "in_time_share": "answered in time",
    "availability": "answered",
    "late_or_failed_share": "late, refused or failed",
    "refused_share": "refused",
    "failed_share": "failed",
    "fallback_share": "answered by the fallback",
    "utilization": "busy",
    "usd_per_month": "cost per month",
    "freshness_s": "p95 age of what is read",
    "stale_share": "answers that rest on stale data",
    "ttft_p99_ms": "p99 time to first token",
    "ttft_p95_ms": "p95 time to first token",
    "time_per_token_p99_ms": "p99 time per token",
    "tokens_per_s": "makes",
    "peak_lag_s": "peak lag",
    "drain_s": "drained after",
    "undone_after_s": "took the canary back after",
    "canary_share": "answered by the canary",
    "hit_ratio": "hit ratio",
    "mean_wait_ms": "mean wait",
}
_NEVER = {
    "drain_s": "never drained, as some messages wait for ever",
    "undone_after_s": "never took the canary back",
}
_OF_COMPONENTS = {"utilization", *COMPONENT_METRICS}
_OF_WHOLE_RUNS = {"drain_s", "undone_after_s", "hit_ratio"}

_SHARES = {
    "in_time_share": (Outcome.IN_TIME, Outcome.DEGRADED),
    "availability": (Outcome.IN_TIME, Outcome.DEGRADED, Outcome.LATE),
    "late_or_failed_share": (Outcome.LATE, Outcome.REFUSED, Outcome.FAILED),
    "refused_share": (Outcome.REFUSED,),
    "failed_share": (Outcome.FAILED,),
    "fallback_share": (Outcome.DEGRADED,),
}


class Check(Spec):
    """A bound on one metric, over the requests that arrive in [from_s, to_s), with `class_name` only over those of one
    class. Metrics of a component look at what it does in that time; a drain, an undo and a hit ratio are of whole runs.
    """

    metric: Metric
    component: Name | None = None
    class_name: Name | None = None
    below: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    above: float | None = None
    from_s: NonNegative | None = None
    to_s: NonNegative | None = None

    @model_validator(mode="after")
    def _has_one_bound(self) -> Self:
        if sum(getattr(self, word) is not None for word in _WORDS) != 1:
            raise ValueError("a check needs exactly one of below, at_most, at_least and above")
        return self

    @model_validator(mode="after")
    def _is_of_a_component_or_of_requests(self) -> Self:
        if self.metric in _OF_COMPONENTS:
            if self.component is None:
                raise ValueError(f"{self.metric} is of a component; name it in `component`")
            if self.class_name is not None:
                raise ValueError(f"{self.metric} is of a component and all its requests; leave class_name out")
        elif self.component is not None:
            raise ValueError(f"{self.metric} is not of a component; leave component out")
        if self.metric == "usd_per_month" and self.class_name is not None:
            raise ValueError("usd_per_month is of the whole design; leave class_name out")
        return self

    @model_validator(mode="after")
    def _has_a_window_only_where_it_can(self) -> Self:
        if self.metric in _OF_WHOLE_RUNS and (self.from_s is not None or self.to_s is not None):
            raise ValueError(f"{self.metric} is of the whole run; leave from_s and to_s out")
        return self

    def bound(self) -> tuple[str, float]:
        """The word and the number, such as ('below', 50.0)."""
        return next((word, bound) for word in _WORDS if (bound := getattr(self, word)) is not None)


class AnyOf(Spec):
    """At least one of several checks."""

    any_of: tuple[Check, ...]


CheckSpec = Check | AnyOf


class Verdict(Spec):
    """A check and what a run says to it; `met` is None where the run cannot tell."""

    met: bool | None
    value: float | None
    sentence: str


def judge(check: CheckSpec, replications: Replications) -> Verdict:
    """Hold a run against a check."""
    if isinstance(check, AnyOf):
        verdicts = [judge(one, replications) for one in check.any_of]
        met = True if any(v.met for v in verdicts) else None if any(v.met is None for v in verdicts) else False
        return Verdict(met=met, value=None, sentence=" or ".join(v.sentence for v in verdicts))
    value = measure(check, replications)
    word, bound = check.bound()
    who = _who(check)
    subject = f"{who}{_NAMES[check.metric]}"
    wanted = f"{_WORDS[word]} {_shown(check.metric, bound)}{_window(check)}"
    if value is None:
        return Verdict(met=None, value=None, sentence=f"{subject}: the run cannot tell; wanted {wanted}")
    met = {"below": value < bound, "at_most": value <= bound, "at_least": value >= bound, "above": value > bound}[word]
    if value == inf:
        return Verdict(met=met, value=None, sentence=f"{who}{_NEVER[check.metric]}; wanted {wanted}")
    return Verdict(met=met, value=value, sentence=f"{subject} {_shown(check.metric, value)}, wanted {wanted}")


def measure(check: Check, replications: Replications) -> float | None:
    """The metric's value in the check's window; None if too little was counted in it or the design has no such thing.
    What never happens, such as the end of a drain, is infinite.
    """
    if check.metric == "usd_per_month":
        return replications.cost.usd_per_month
    if check.metric == "utilization":
        return _utilization(check, replications)
    if check.component is not None:
        return component_metric(check.metric, replications, check.component, (check.from_s, check.to_s))
    return _of_requests(check, replications)


def _of_requests(check: Check, replications: Replications) -> float | None:
    some = replications.counted.between(check.from_s, check.to_s)
    if check.class_name is not None:
        some = of_class(replications, some, check.class_name)
    if check.metric == "stale_share":
        return stale_share(replications, some)
    if check.metric in _SHARES:
        value = some.share(*_SHARES[check.metric])
    elif check.metric == "mean_ms":
        value = mean_latency(some)
    elif check.metric == "freshness_s":
        return (
            nearest_rank(ages_s, 0.95) if len(ages_s := request_ages_s(replications, some)) >= ENOUGH_FOR_P95 else None
        )
    elif check.metric.startswith("p") and some.answered.sum() >= ENOUGH_FOR_P99:
        value = percentile(int(check.metric[1:3]) / 100)(some)
    else:
        return None
    return None if np.isnan(value) else value


def measure_each(check: Check, replications: Replications) -> list[float | None]:
    """The metric's value in every single replication, as `measure` would give it if there were no other."""
    return [measure(check, replace(replications, runs=[run])) for run in replications.runs]


def interval(check: Check, replications: Replications) -> tuple[float, float] | None:
    """The mean over the replications and the half width of its 95% interval (Student); None with fewer than three known
    values, or if one of them is infinite.
    """
    known = [value for value in measure_each(check, replications) if value is not None]
    if len(known) < FEWEST_FOR_AN_INTERVAL or inf in known:
        return None
    half = float(special.stdtrit(len(known) - 1, 0.975)) * float(np.std(known, ddof=1)) / len(known) ** 0.5
    return float(np.mean(known)), half


def _who(check: Check) -> str:
    if check.component is not None:
        return f"{check.component} "
    return f"{check.class_name} requests " if check.class_name is not None else ""


def _utilization(check: Check, replications: Replications) -> float | None:
    assert check.component is not None
    if check.component not in replications.design.components:
        return None
    from_s = max(check.from_s or 0.0, replications.warm_up_s)
    to_s = min(check.to_s or replications.duration_s, replications.duration_s)
    values = [utilization(run, check.component, from_s, to_s) for run in replications.runs]
    known = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(known)) if known else None


def _shown(metric: str, value: float) -> str:
    if metric.endswith("_ms"):
        return f"{value:,.1f} ms" if value < 1000 else f"{value / 1000:,.2f} s"
    if metric == "usd_per_month":
        return f"{value:,.0f} USD"
    if metric == "tokens_per_s":
        return f"{value:,.4g} tokens/s" if value < 1000 else f"{value:,.0f} tokens/s"
    if metric.endswith("_s"):
        return f"{value:,.6g} s"
    percent = value * 100
    return f"{percent:.4g}%" if percent > 99 else f"{percent:.3g}%"


def _window(check: Check) -> str:
    if check.from_s is None and check.to_s is None:
        return ""
    if check.to_s is None:
        return f" from second {check.from_s:g}"
    return f" in seconds {check.from_s or 0:g} to {check.to_s:g}"
