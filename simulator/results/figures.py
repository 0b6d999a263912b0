"""The few numbers of a run that a cell of a map shows, for a fraction of the work of a whole summary."""

from simulator.results.bottleneck import Bottleneck, bottleneck
from simulator.results.checks import Verdict
from simulator.results.comparison import number
from simulator.results.cost import Cost
from simulator.results.counted import Outcome
from simulator.results.estimates import ENOUGH_FOR_P99, Estimate, estimate, percentile
from simulator.results.replications import Replications
from simulator.results.summary import Summary, promise_verdicts
from simulator.spec import Spec


class Figures(Spec):
    """What the runs of one design showed. `overload` says in words that a component cannot keep up; latencies then
    depend on how long the run was. `keeps` is whether the promise is kept, None if the run cannot tell.
    """

    overload: str | None = None
    p99_ms: Estimate | None = None
    in_time_share: Estimate | None = None
    full_share: float | None = None
    fallback_share: float | None = None
    usd_per_month: float | None = None
    load: float | None = None
    bottleneck: str | None = None
    keeps: bool | None = None
    missed: tuple[str, ...] = ()


def figures(replications: Replications) -> Figures:
    """The same numbers as `figures_of` the summary, without the rest of it."""
    some = replications.counted
    enough = int(some.answered.sum()) >= ENOUGH_FOR_P99
    return _figures(
        replications.cost,
        bottleneck(replications),
        promise_verdicts(replications),
        p99_ms=estimate(some, percentile(0.99)) if enough else None,
        in_time_share=estimate(some, lambda s: s.share(Outcome.IN_TIME, Outcome.DEGRADED), at_most=1.0),
        full_share=some.share(Outcome.IN_TIME) if some.n else None,
        fallback_share=some.share(Outcome.DEGRADED) if some.n else None,
    )


def figures_of(summary: Summary) -> Figures:
    """What of a whole summary a cell shows."""
    return _figures(
        summary.cost,
        summary.bottleneck,
        summary.promise,
        p99_ms=summary.latency.p99_ms,
        in_time_share=summary.outcomes.in_time_share,
        full_share=number(summary, "full_share"),
        fallback_share=number(summary, "fallback_share"),
    )


def _figures(
    price: Cost, limit: Bottleneck | None, promise: tuple[Verdict, ...], **of_requests: Estimate | float | None
) -> Figures:
    known = [verdict.met for verdict in promise]
    return Figures.model_validate(
        {
            **of_requests,
            "overload": limit.sentence if limit is not None and limit.load >= 1 else None,
            "usd_per_month": price.usd_per_month if price.is_priced else None,
            "load": None if limit is None else limit.load,
            "bottleneck": None if limit is None else limit.component,
            "keeps": False if False in known else None if None in known or not known else True,
            "missed": tuple(verdict.sentence for verdict in promise if verdict.met is False),
        }
    )
