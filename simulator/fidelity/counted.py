"""What a case says to build a system, and what it reads off the run."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.design import Design
from simulator.design_file import design_from
from simulator.distributions import Floats
from simulator.results.estimates import nearest_rank
from simulator.results.levels import busy_s, capacity_s
from simulator.results.run import Ending, Run
from simulator.run import simulate

Data = dict[str, Any]
Measured = Iterator[tuple[str, float]]


class Counted:
    """The counted part of one long run: `warm_up` requests are dropped, then `n` are counted. Times are in ms."""

    def __init__(self, design: Design, n: int, seed: int, warm_up: int = 20_000):
        rate = design.traffic.arrival_rate_per_s
        total = n + warm_up
        self.run: Run = simulate(design, seed=seed, duration_s=(total + 8 * (10 * total) ** 0.5) / rate)
        self.rows = slice(warm_up, total)
        self.from_s, self.to_s = float(self.run.arrived_s[warm_up]), float(self.run.arrived_s[total - 1])
        self.latency_ms = (self.run.ended_s - self.run.arrived_s)[self.rows] * 1000
        self.ending = self.run.ending[self.rows]

    @property
    def answered_ms(self) -> Floats:
        answered: Floats = self.latency_ms[self.ending == Ending.ANSWERED]
        return answered

    def mean(self) -> float:
        return float(self.answered_ms.mean())

    def percentile(self, share: float) -> float:
        return nearest_rank(self.answered_ms, share)

    def waits_ms(self, name: str) -> Floats:
        visits = self.run.components[name].visits
        counted = (visits.request >= self.rows.start) & (visits.request < self.rows.stop) & ~np.isnan(visits.started_s)
        return (visits.started_s - visits.entered_s)[counted] * 1000

    def utilization(self, name: str) -> float:
        record, edges = self.run.components[name], np.array([self.from_s, self.to_s])
        return float(busy_s(record, edges)[0] / capacity_s(record, edges)[0])

    def batch_items(self, name: str) -> Floats:
        batches = self.run.components[name].batches
        assert batches is not None
        counted = (batches.fired_s >= self.from_s) & (batches.fired_s < self.to_s)
        return batches.items[counted].astype(np.float64)


def design_of(rate_per_ms: float, components: Data, *, faults: tuple[Data, ...] = (), **traffic: Any) -> Design:
    entry = next(iter(components))
    arrivals = {"entry": entry, "arrival_rate_per_s": rate_per_ms * 1000, **traffic}
    return design_from({"traffic": arrivals, "components": components, "faults": list(faults)})


def station(mean_ms: float = 1.0, replicas: int = 1, kind: str = "exponential", **more: Any) -> Data:
    time = {"kind": kind, "value_ms" if kind == "constant" else "mean_ms": mean_ms, **more.pop("time", {})}
    return {"kind": "service", "replicas": replicas, "service_time": time, "queue": {"limit": "unlimited"}, **more}


def batcher(fixed_ms: float, per_item_ms: float, max_items: int | str, wait_ms: float = 0.0, **more: Any) -> Data:
    time = {"fixed_ms": fixed_ms, "per_item_ms": per_item_ms, **more.pop("time", {})}
    batching = {"max_items": max_items, "max_wait_ms": wait_ms, "batch_time": time}
    return {"kind": "model_server", "queue": {"limit": "unlimited"}, **batching, **more}
