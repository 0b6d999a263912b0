"""What each single replication gave, so that two designs can be compared run by run on the same luck."""

from collections.abc import Iterable

import numpy as np

from simulator.results.counted import Counted, Outcome
from simulator.results.estimates import percentile
from simulator.spec import Spec


class RunNumbers(Spec):
    """One replication by itself; None where it counted nothing. `full_share` were answered in time and not by a
    fallback.
    """

    p99_ms: float | None
    in_time_share: float | None
    full_share: float | None
    availability: float | None
    fallback_share: float | None


def run_numbers(some: Counted, replications: Iterable[int]) -> tuple[RunNumbers, ...]:
    """The numbers of each of these replications."""
    nothing = some.only(np.zeros(0, dtype=np.int64))
    return tuple(_numbers(some.of_replication.get(number, nothing)) for number in replications)


def _numbers(one: Counted) -> RunNumbers:
    return RunNumbers(
        p99_ms=_known(percentile(0.99)(one)),
        in_time_share=_known(one.share(Outcome.IN_TIME, Outcome.DEGRADED)),
        full_share=_known(one.share(Outcome.IN_TIME)),
        availability=_known(one.share(Outcome.IN_TIME, Outcome.DEGRADED, Outcome.LATE)),
        fallback_share=_known(one.share(Outcome.DEGRADED)),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
