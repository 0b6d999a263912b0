"""The numbers of each class of requests by itself."""

from collections.abc import Iterator

import numpy as np

from simulator.results.counted import Counted, Outcome
from simulator.results.estimates import ENOUGH_FOR_P99, Estimate, estimate, percentile
from simulator.results.replications import Replications
from simulator.spec import Name, Spec

ENOUGH_FOR_P50 = 20


class ClassSummary(Spec):
    """One class of requests: the latency of its answers in ms, None where too few were counted, and how its requests
    ended.
    """

    name: Name
    requests: int
    p50_ms: Estimate | None
    p99_ms: Estimate | None
    in_time_share: Estimate | None  # in time or degraded: an answer before the deadline
    availability: Estimate | None  # any answer at all
    fallback_share: Estimate | None
    refused_share: Estimate | None
    failed_share: Estimate | None


def of_class(replications: Replications, some: Counted, name: str) -> Counted:
    """Those of one class; nobody where there is no such class."""
    names = [one.name for one in replications.design.traffic.classes]
    wanted = names.index(name) if name in names else -1
    mine = np.zeros(some.n, dtype=bool)
    for run in replications.runs:
        here = some.replication == run.replication
        mine[here] = run.class_index[some.index[here]] == wanted
    return some.only(mine)


def class_summaries(replications: Replications) -> Iterator[ClassSummary]:
    """One for each class of the design."""
    for one in replications.design.traffic.classes:
        some = of_class(replications, replications.counted, one.name)
        answered = int(some.answered.sum())
        yield ClassSummary(
            name=one.name,
            requests=some.n,
            p50_ms=estimate(some, percentile(0.5)) if answered >= ENOUGH_FOR_P50 else None,
            p99_ms=estimate(some, percentile(0.99)) if answered >= ENOUGH_FOR_P99 else None,
            in_time_share=_share(some, Outcome.IN_TIME, Outcome.DEGRADED),
            availability=_share(some, Outcome.IN_TIME, Outcome.DEGRADED, Outcome.LATE),
            fallback_share=_share(some, Outcome.DEGRADED),
            refused_share=_share(some, Outcome.REFUSED),
            failed_share=_share(some, Outcome.FAILED),
        )


def _share(some: Counted, *outcomes: Outcome) -> Estimate | None:
    return estimate(some, lambda these: these.share(*outcomes))
