"""How old what was read is: per store, and per request the oldest that its answer rests on."""

import numpy as np

from simulator.distributions import Floats
from simulator.results.counted import Counted
from simulator.results.estimates import nearest_rank
from simulator.results.replications import Replications
from simulator.spec import Spec

ENOUGH_FOR_P95 = 200


class Age(Spec):
    """Ages in seconds; the p95 is None where too few were counted."""

    mean_s: float
    p95_s: float | None
    max_s: float


def age(ages_s: Floats) -> Age | None:
    """The ages in short; None of nothing."""
    if not len(ages_s):
        return None
    p95_s = nearest_rank(ages_s, 0.95) if len(ages_s) >= ENOUGH_FOR_P95 else None
    return Age(mean_s=float(ages_s.mean()), p95_s=p95_s, max_s=float(ages_s.max()))


def store_ages_s(replications: Replications, name: str) -> Floats:
    """The age of everything that a store returned in the counted time, at its answer, in seconds."""
    found = [np.zeros(0)]
    for run in replications.runs:
        ages = run.components[name].ages
        if ages is not None:
            found.append(ages.age_s[(ages.read_s >= replications.warm_up_s) & (ages.read_s < replications.duration_s)])
    return np.concatenate(found)


def request_ages_s(replications: Replications, some: Counted) -> Floats:
    """How old the oldest of what each answered request had read was when it ended, in seconds.

    Requests that read nothing with an age are left out.
    """
    found = [np.zeros(0)]
    for run in replications.runs:
        if run.oldest_write_s is not None:
            mine = some.index[some.answered & (some.replication == run.replication)]
            ages_s = run.ended_s[mine] - run.oldest_write_s[mine]
            found.append(ages_s[np.isfinite(ages_s)])
    return np.concatenate(found)


def stale_share(replications: Replications, some: Counted) -> float | None:
    """The share of the answered requests that rest on something older than was promised; None without a promise, or
    where nobody knows an age.
    """
    promised_s, answered = replications.design.promise.freshness_s, int(some.answered.sum())
    if promised_s is None or not answered or all(run.oldest_write_s is None for run in replications.runs):
        return None
    return float((request_ages_s(replications, some) > promised_s).sum()) / answered
