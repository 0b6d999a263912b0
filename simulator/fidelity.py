"""The simulator held against theory and reference simulations: each case is a design, a run and expected numbers.

Expected values, tolerances and sources are data (`data/fidelity_cases.yaml`); a case here says only how to build the
system and what to read off the run. Tolerances are four standard deviations of the estimator at the stated number of
requests and widen with the root of fewer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.design import Design
from simulator.design_file import design_from
from simulator.distributions import Floats
from simulator.results.estimates import nearest_rank
from simulator.results.levels import busy_s, capacity_s
from simulator.results.run import Ending, Run
from simulator.run import simulate
from simulator.yaml_text import read_yaml

STANDARD_REQUESTS = 200_000

Data = dict[str, Any]
Measured = Iterator[tuple[str, float]]


@dataclass(frozen=True)
class Reading:
    """One expected number and what the simulator gave. `tolerance` is absolute; nan where only a bound or shape
    counts.
    """

    case: str
    metric: str
    expected: float
    measured: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return abs(self.measured - self.expected) <= self.tolerance


@cache
def cases() -> dict[str, Data]:
    """All cases of the data file by id."""
    text = (Path(__file__).parent / "data" / "fidelity_cases.yaml").read_text(encoding="utf-8")
    return {case["id"]: case for case in read_yaml(text)["cases"]}


def check(case: str, requests: int = STANDARD_REQUESTS, seed: int = 1) -> list[Reading]:
    """Run a case with so many counted requests and compare every number that it measures."""
    metrics, widen = cases()[case]["metrics"], (STANDARD_REQUESTS / requests) ** 0.5
    readings = []
    for path, measured in RUNNABLE[case](requests, seed):
        wanted: Any = metrics
        for key in path.split(" "):
            wanted = wanted[key]
        tolerance = wanted["tol_abs"] if "tol_abs" in wanted else wanted["tol_rel"] * wanted["expected"]
        readings.append(Reading(case, path, wanted["expected"], measured, tolerance * widen))
    return readings


class _Counted:
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


def _design(rate_per_ms: float, components: Data, **traffic: Any) -> Design:
    entry = next(iter(components))
    arrivals = {"entry": entry, "arrival_rate_per_s": rate_per_ms * 1000, **traffic}
    return design_from({"traffic": arrivals, "components": components})


def _station(mean_ms: float = 1.0, replicas: int = 1, kind: str = "exponential", **more: Any) -> Data:
    time = {"kind": kind, "value_ms" if kind == "constant" else "mean_ms": mean_ms, **more.pop("time", {})}
    return {"kind": "service", "replicas": replicas, "service_time": time, "queue": {"limit": "unlimited"}, **more}


def _batcher(fixed_ms: float, per_item_ms: float, max_items: int | str, wait_ms: float = 0.0, **more: Any) -> Data:
    time = {"fixed_ms": fixed_ms, "per_item_ms": per_item_ms, **more.pop("time", {})}
    batching = {"max_items": max_items, "max_wait_ms": wait_ms, "batch_time": time}
    return {"kind": "model_server", "queue": {"limit": "unlimited"}, **batching, **more}


def _mm1(n: int, seed: int) -> Measured:
    for rho in (0.5, 0.8, 0.9, 0.95):
        some = _Counted(_design(rho, {"server": _station()}), n, seed)
        yield f"rho={rho} mean", some.mean()
        yield f"rho={rho} p99", some.percentile(0.99)
        if rho != 0.9:
            yield f"rho={rho} util", some.utilization("server")
        if rho == 0.8:
            yield f"rho={rho} mean_wait", float(some.waits_ms("server").mean())
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p999", 0.999)):
                yield f"rho={rho} {name}", some.percentile(share)


def _mmc_pooling(n: int, seed: int) -> Measured:
    for servers, rate in ((10, 0.8), (100, 9.0)):
        some = _Counted(_design(rate, {"pool": _station(10.0, servers)}), n, seed)
        waits = some.waits_ms("pool")
        yield f"c={servers} p_wait", float((waits > 0).mean())
        yield f"c={servers} mean_wait", float(waits.mean())
        yield f"c={servers} p99", some.percentile(0.99)
        if servers == 10:
            yield "c=10 mean", some.mean()
            yield "c=10 p99_wait", nearest_rank(waits, 0.99)
            yield "c=10 util", some.utilization("pool")


def _mmck(n: int, seed: int) -> Measured:
    some = _Counted(_design(4.5, {"pool": _station(replicas=4, queue={"limit": 6})}), n, seed)
    yield "p_block", float((some.ending == Ending.REFUSED).mean())
    yield "mean", some.mean()
    yield "p99", some.percentile(0.99)


def _erlang_b(n: int, seed: int) -> Measured:
    shapes: dict[str, Data] = {"exp": {}, "lognormal_scv4": {"kind": "lognormal", "time": {"scv": 4.0}}}
    for name, shape in shapes.items():
        some = _Counted(_design(8, {"pool": _station(replicas=10, queue={"limit": 0}, **shape)}), n, seed)
        yield name, float((some.ending == Ending.REFUSED).mean())


def _waits(some: _Counted, name: str, prefix: str = "") -> Measured:
    waits = some.waits_ms(name)
    yield f"{prefix}mean_wait", float(waits.mean())
    yield f"{prefix}p99_wait", nearest_rank(waits, 0.99)
    yield f"{prefix}p_wait", float((waits > 1e-9).mean())


def _md1(n: int, seed: int) -> Measured:
    yield from _waits(_Counted(_design(0.8, {"server": _station(kind="constant")}), n, seed), "server")


def _mdc(n: int, seed: int) -> Measured:
    for servers, rho in ((4, 0.8), (10, 0.8), (10, 0.9)):
        pool = _station(replicas=servers, kind="constant")
        yield from _waits(_Counted(_design(servers * rho, {"pool": pool}), n, seed), "pool", f"c={servers},rho={rho} ")


def _mg1(n: int, seed: int) -> Measured:
    server = _station(kind="lognormal", time={"scv": 4.0})
    yield from _waits(_Counted(_design(0.7, {"server": server}), n, seed), "server")


def _gg1(n: int, seed: int) -> Measured:
    server = _station(kind="gamma", time={"scv": 0.25})
    design = _design(0.8, {"server": server}, arrivals={"kind": "renewal", "scv": 4.0})
    yield "mean_wait", float(_Counted(design, n, seed).waits_ms("server").mean())


def _ggc(n: int, seed: int) -> Measured:
    pool = _station(replicas=10, kind="lognormal", time={"scv": 2.0})
    design = _design(8, {"pool": pool}, arrivals={"kind": "renewal", "scv": 2.0})
    yield "mean_wait", float(_Counted(design, n, seed).waits_ms("pool").mean())


def _tandem(n: int, seed: int) -> Measured:
    stations = {
        "first": _station(1 / 2, calls=[[{"to": "second"}]]),
        "second": _station(1.0, calls=[[{"to": "third"}]]),
        "third": _station(1 / 1.25),
    }
    some = _Counted(_design(0.8, stations), n, seed)
    yield "mean", some.mean()
    yield "p99", some.percentile(0.99)


def _batch_numbers(some: _Counted, prefix: str = "") -> Measured:
    items = some.batch_items("device")
    yield f"{prefix}mean", some.mean()
    yield f"{prefix}mean_batch", float(items.mean())
    yield f"{prefix}batch_seen", float((items**2).sum() / items.sum())
    yield f"{prefix}p99", some.percentile(0.99)


def _bulk(n: int, seed: int) -> Measured:
    device = _batcher(1.0, 0.0, 8, time={"scv": 1.0})
    some = _Counted(_design(6, {"device": device}), n, seed)
    yield "mean", some.mean()
    yield "mean_batch", float(some.batch_items("device").mean())
    yield "util", some.utilization("device")


def _greedy(n: int, seed: int) -> Measured:
    for load, rate in ((0.3, 2.08623), (0.7, 4.86787), (0.9, 6.25869)):
        some = _Counted(_design(rate, {"device": _batcher(1.8874, 0.1438, "unlimited")}), n, seed)
        yield from _batch_numbers(some, f"load={load} ")
        yield f"load={load} util", some.utilization("device")


def _greedy_bounded(n: int, seed: int) -> Measured:
    yield from _batch_numbers(_Counted(_design(3, {"device": _batcher(1.8874, 0.1438, 16)}), n, seed))


def _window(n: int, seed: int) -> Measured:
    device = _batcher(0.001, 0.0, 8, 5.0, replicas=200)
    some = _Counted(_design(1, {"device": device}), n, seed)
    items, visits = some.batch_items("device"), some.run.components["device"].visits
    opened = np.unique(visits.started_s, return_inverse=True)[1]
    windows = np.zeros(opened.max() + 1)
    np.maximum.at(windows, opened, visits.started_s - visits.entered_s)
    yield "mean_wait", float(some.waits_ms("device").mean())
    yield "mean_batch", float(items.mean())
    yield "p_full", float((items == 8).mean())
    yield "mean_window", float(windows.mean() * 1000)


def _batch_timeout(n: int, seed: int) -> Measured:
    for rate in (1.0, 3.2):
        for wait in (0, 5, 20) if rate == 1.0 else (0, 5):
            prefix = f"lam={rate},T={wait} "
            some = _Counted(_design(rate, {"device": _batcher(2.0, 0.15, 16, float(wait))}), n, seed)
            yield f"{prefix}mean", some.mean()
            yield f"{prefix}p50", some.percentile(0.5)
            yield f"{prefix}p99", some.percentile(0.99)
            yield f"{prefix}mean_batch", float(some.batch_items("device").mean())
            yield f"{prefix}util", some.utilization("device")


def _balanced(policy: str, servers: int, **more: Any) -> Data:
    balancer = {"kind": "load_balancer", "targets": ["server"], "policy": policy, **more}
    return {"balancer": balancer, "server": _station(replicas=servers)}


def _lb_policies(n: int, seed: int) -> Measured:
    systems = {
        "random": _balanced("random", 10),
        "rr": _balanced("round_robin", 10),
        "p2c": _balanced("power_of_d", 10),
        "jsq": _balanced("least_outstanding", 10),
        "central": {"server": _station(replicas=10)},
    }
    for name, system in systems.items():
        some = _Counted(_design(9, system), n, seed, warm_up=40_000)
        yield f"{name} mean", some.mean()
        yield f"{name} p99", some.percentile(0.99)


def _power_of_d(n: int, seed: int) -> Measured:
    for rho in (0.5, 0.7, 0.8, 0.9, 0.95):
        some = _Counted(_design(100 * rho, _balanced("power_of_d", 100)), n, seed, warm_up=40_000)
        yield f"d=2,rho={rho} mean", some.mean()
        yield f"d=2,rho={rho} p99", some.percentile(0.99)


def _fork_join(n: int, seed: int) -> Measured:
    for branches, rho in ((2, 0.8), (10, 0.7)):
        names = [f"branch_{i}" for i in range(branches)]
        front = _station(0.0, kind="constant", concurrency=1000, calls=[[{"to": name} for name in names]])
        some = _Counted(_design(rho, {"front": front, **{name: _station() for name in names}}), n, seed)
        yield f"K={branches} mean", some.mean()
        yield f"K={branches} p99", some.percentile(0.99)


RUNNABLE: dict[str, Callable[[int, int], Measured]] = {
    "mm1": _mm1,
    "mmc_pooling": _mmc_pooling,
    "mmck": _mmck,
    "erlang_b_insensitivity": _erlang_b,
    "md1": _md1,
    "mdc_table": _mdc,
    "mg1_lognormal": _mg1,
    "gg1_kingman": _gg1,
    "ggc_allen_cunneen": _ggc,
    "tandem_jackson": _tandem,
    "bulk_mmk1": _bulk,
    "batch_window_collector": _window,
    "greedy_batching_inoue": _greedy,
    "greedy_batching_bmax": _greedy_bounded,
    "batch_timeout_sweep": _batch_timeout,
    "power_of_d": _power_of_d,
    "lb_policies": _lb_policies,
    "fork_join": _fork_join,
}
