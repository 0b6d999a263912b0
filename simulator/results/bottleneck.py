"""Which component limits a design, and by how much."""

import numpy as np

from simulator.load import Load, capacity_of
from simulator.results.levels import capacity_s
from simulator.results.replications import Replications
from simulator.results.run import ComponentRecord
from simulator.spec import Spec


class Bottleneck(Spec):
    """The component with the largest share of its capacity asked for. `saturates_at_per_s` is the entry rate at which
    that share would be 1."""

    component: str
    load: float
    saturates_at_per_s: float
    sentence: str


def measured_load(replications: Replications) -> dict[str, Load]:
    """The load of every component that can be full, as the run met it: retries, backup requests and faults included.

    Requests that were turned away count as asked for.
    """
    window = np.array([replications.warm_up_s, replications.duration_s])
    loads = {}
    for name in replications.design.components:
        capacity = capacity_of(replications.as_arrived, name)
        records = [run.components[name] for run in replications.runs]
        seconds = float(window[1] - window[0]) * len(records)
        if capacity is None or seconds <= 0:
            continue
        visits_per_s = sum(_entered(record, window) for record in records) / seconds
        slots = records[0].capacity[0][1]
        available = sum(float(capacity_s(record, window)[0]) for record in records) / (slots * seconds)
        if not visits_per_s and available:
            continue
        load = visits_per_s / (capacity * available) if available else float("inf")
        loads[name] = Load(visits_per_s / replications.arrival_rate_per_s, capacity * available, load)
    return loads


def _entered(record: ComponentRecord, window: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
    return int(((record.visits.entered_s >= window[0]) & (record.visits.entered_s < window[1])).sum())


def bottleneck(replications: Replications) -> Bottleneck | None:
    """The limiting component; None if nothing can be full."""
    loads = measured_load(replications)
    if not loads:
        return None
    name = max(loads, key=lambda one: loads[one].load)
    load, rate = loads[name].load, replications.arrival_rate_per_s
    at = rate / load if np.isfinite(load) else 0.0
    said = f"{name} is asked for {load:.0%} of what it can do" if np.isfinite(load) else f"{name} has no capacity left"
    verdict = "it cannot keep up" if load >= 1 else f"it would be full at {_rate(at)} requests/s"
    return Bottleneck(
        component=name,
        load=load if np.isfinite(load) else 1e12,
        saturates_at_per_s=at,
        sentence=f"{said} at {_rate(rate)} requests/s; {verdict}.",
    )


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"
