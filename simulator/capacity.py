"""How many machines a promise needs, and the design that puts the answer to the test.

A machine works on `slots` requests at a time, all of one queue. Rates are per second, times in milliseconds; an SCV is
the squared coefficient of variation of the gaps between arrivals or of the service times.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from simulator.design import Design
from simulator.design_file import design_from
from simulator.theory.refusals import require_positive, require_whole
from simulator.theory.sizing import MOST_SERVERS, GeneralPool, fewest, service_tail

PromiseKind = Literal["p99_latency", "p99_wait", "mean_wait"]
P99 = 0.99
MOST_REPLICAS = 200  # of a cell; more take longer to fill than a run lasts


class NoNumber(Exception):
    """No number of machines keeps the promise; the message says why and what to do."""


@dataclass(frozen=True)
class Demand:
    """What arrives and how long it takes: a mean rate, a mean service time, how uneven both are, and slots."""

    rate_per_s: float
    service_ms: float
    slots: int = 1
    arrival_scv: float = 1.0
    service_scv: float = 1.0

    def offered_load(self) -> float:
        """How many slots are busy on average, in erlangs."""
        return self.rate_per_s * self.service_ms / 1000

    def least_machines(self) -> int:
        """The smallest number that keeps up at all."""
        return math.floor(self.offered_load() / self.slots * (1 + 1e-12)) + 1

    def pool(self, machines: int) -> GeneralPool:
        """So many machines, with times in milliseconds. Raise ValueError if they do not keep up."""
        return GeneralPool(
            self.rate_per_s / 1000, self.service_ms, machines * self.slots, self.arrival_scv, self.service_scv
        )

    def promised_ms(self, kind: PromiseKind, machines: int) -> float:
        """What the promise is about, in milliseconds. Raise ValueError if so many machines do not keep up."""
        pool = self.pool(machines)
        if kind == "mean_wait":
            return pool.mean_wait()
        return pool.wait_percentile(P99) if kind == "p99_wait" else pool.sojourn_percentile(P99)


def fewest_machines(demand: Demand, kind: PromiseKind, promise_ms: float) -> int:
    """The smallest number of machines that keeps the promise. Raise NoNumber."""
    require_positive(rate_per_s=demand.rate_per_s, service_ms=demand.service_ms, promise_ms=promise_ms)
    require_whole(slots=demand.slots)
    least, most = demand.least_machines(), MOST_SERVERS // demand.slots
    if least >= most:
        raise NoNumber(
            f"it would take more than {most:,} machines; check the number of users and the unit of the service time"
        )
    if kind == "p99_latency" and service_tail(demand.service_ms, demand.service_scv, promise_ms) > 1 - P99:
        raise NoNumber(
            f"no number of machines keeps a p99 of {promise_ms:g} ms, because one request in a hundred takes longer "
            "even if nobody waits; promise more, or make the service shorter or less variable"
        )
    found = fewest(least, _keeps(demand, kind, promise_ms), most)
    if found is None:
        raise NoNumber(f"{most:,} machines do not keep {promise_ms:g} ms; promise more, or make the service shorter")
    return found


def _keeps(demand: Demand, kind: PromiseKind, promise_ms: float) -> Callable[[int], bool]:
    if kind == "p99_latency":  # one value of the tail tells, without looking for the percentile
        return lambda machines: demand.pool(machines).sojourn_tail(promise_ms) <= 1 - P99
    return lambda machines: demand.promised_ms(kind, machines) <= promise_ms


def cell_design(
    demand: Demand,
    machines: int,
    *,
    zones: int = 1,
    usd_per_hour: float | None = None,
    p99_ms: float | None = None,
    most_replicas: int = MOST_REPLICAS,
) -> Design:
    """A pool of so many machines with one queue that refuses nobody, as formulas take it to be.

    More than `most_replicas` are simulated as a cell, an n-th of the fleet with an n-th of the traffic.
    """
    require_whole(machines=machines, zones=zones)
    parts = math.ceil(machines / most_replicas)
    component: dict[str, Any] = {
        "kind": "service",
        "label": "Machines of the estimate",
        "replicas": math.ceil(machines / parts),
        "concurrency": demand.slots,
        "service_time": _service_time(demand),
        "queue": {"limit": "unlimited"},
        "usd_per_replica_hour": usd_per_hour,
    }
    whole = f"1 of {parts:,} parts of a fleet of {machines:,} machines"
    return design_from(
        {
            "name": "From the capacity page",
            "cell": {"fraction": 1 / parts, "note": whole} if parts > 1 else {},
            "zones": zones,
            "traffic": {
                "entry": "machines",
                "arrival_rate_per_s": demand.rate_per_s / parts,
                "arrivals": _arrivals(demand.arrival_scv),
            },
            "components": {"machines": component},
            "promise": {} if p99_ms is None else {"p99_ms": p99_ms},
        }
    )


def _arrivals(scv: float) -> dict[str, Any]:
    if scv == 1:
        return {"kind": "poisson"}
    return {"kind": "evenly_spaced"} if scv < 1e-6 else {"kind": "renewal", "scv": scv}


def _service_time(demand: Demand) -> dict[str, Any]:
    mean, scv = demand.service_ms, demand.service_scv
    if scv == 1:
        return {"kind": "exponential", "mean_ms": mean}
    return {"kind": "constant", "value_ms": mean} if scv < 1e-6 else {"kind": "gamma", "mean_ms": mean, "scv": scv}
