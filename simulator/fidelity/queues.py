"""Queues, batches and balancers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.fidelity.counted import Counted, Data, Measured, batcher, design_of, station
from simulator.results.estimates import nearest_rank
from simulator.results.run import Ending


def _mm1(n: int, seed: int) -> Measured:
    for rho in (0.5, 0.8, 0.9, 0.95):
        some = Counted(design_of(rho, {"server": station()}), n, seed)
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
        some = Counted(design_of(rate, {"pool": station(10.0, servers)}), n, seed)
        waits = some.waits_ms("pool")
        yield f"c={servers} p_wait", float((waits > 0).mean())
        yield f"c={servers} mean_wait", float(waits.mean())
        yield f"c={servers} p99", some.percentile(0.99)
        if servers == 10:
            yield "c=10 mean", some.mean()
            yield "c=10 p99_wait", nearest_rank(waits, 0.99)
            yield "c=10 util", some.utilization("pool")


def _mmck(n: int, seed: int) -> Measured:
    some = Counted(design_of(4.5, {"pool": station(replicas=4, queue={"limit": 6})}), n, seed)
    yield "p_block", float((some.ending == Ending.REFUSED).mean())
    yield "mean", some.mean()
    yield "p99", some.percentile(0.99)


def _erlang_b(n: int, seed: int) -> Measured:
    shapes: dict[str, Data] = {"exp": {}, "lognormal_scv4": {"kind": "lognormal", "time": {"scv": 4.0}}}
    for name, shape in shapes.items():
        some = Counted(design_of(8, {"pool": station(replicas=10, queue={"limit": 0}, **shape)}), n, seed)
        yield name, float((some.ending == Ending.REFUSED).mean())


def _waits(some: Counted, name: str, prefix: str = "") -> Measured:
    waits = some.waits_ms(name)
    yield f"{prefix}mean_wait", float(waits.mean())
    yield f"{prefix}p99_wait", nearest_rank(waits, 0.99)
    yield f"{prefix}p_wait", float((waits > 1e-9).mean())


def _md1(n: int, seed: int) -> Measured:
    yield from _waits(Counted(design_of(0.8, {"server": station(kind="constant")}), n, seed), "server")


def _mdc(n: int, seed: int) -> Measured:
    for servers, rho in ((4, 0.8), (10, 0.8), (10, 0.9)):
        pool = station(replicas=servers, kind="constant")
        yield from _waits(Counted(design_of(servers * rho, {"pool": pool}), n, seed), "pool", f"c={servers},rho={rho} ")


def _mg1(n: int, seed: int) -> Measured:
    server = station(kind="lognormal", time={"scv": 4.0})
    yield from _waits(Counted(design_of(0.7, {"server": server}), n, seed), "server")


def _gg1(n: int, seed: int) -> Measured:
    server = station(kind="gamma", time={"scv": 0.25})
    design = design_of(0.8, {"server": server}, arrivals={"kind": "renewal", "scv": 4.0})
    yield "mean_wait", float(Counted(design, n, seed).waits_ms("server").mean())


def _ggc(n: int, seed: int) -> Measured:
    pool = station(replicas=10, kind="lognormal", time={"scv": 2.0})
    design = design_of(8, {"pool": pool}, arrivals={"kind": "renewal", "scv": 2.0})
    yield "mean_wait", float(Counted(design, n, seed).waits_ms("pool").mean())


def _tandem(n: int, seed: int) -> Measured:
    stations = {
        "first": station(1 / 2, calls=[[{"to": "second"}]]),
        "second": station(1.0, calls=[[{"to": "third"}]]),
        "third": station(1 / 1.25),
    }
    some = Counted(design_of(0.8, stations), n, seed)
    yield "mean", some.mean()
    yield "p99", some.percentile(0.99)


def _batch_numbers(some: Counted, prefix: str = "") -> Measured:
    items = some.batch_items("device")
    yield f"{prefix}mean", some.mean()
    yield f"{prefix}mean_batch", float(items.mean())
    yield f"{prefix}batch_seen", float((items**2).sum() / items.sum())
    yield f"{prefix}p99", some.percentile(0.99)


def _bulk(n: int, seed: int) -> Measured:
    device = batcher(1.0, 0.0, 8, time={"scv": 1.0})
    some = Counted(design_of(6, {"device": device}), n, seed)
    yield "mean", some.mean()
    yield "mean_batch", float(some.batch_items("device").mean())
    yield "util", some.utilization("device")


def _greedy(n: int, seed: int) -> Measured:
    for load, rate in ((0.3, 2.08623), (0.7, 4.86787), (0.9, 6.25869)):
        some = Counted(design_of(rate, {"device": batcher(1.8874, 0.1438, "unlimited")}), n, seed)
        yield from _batch_numbers(some, f"load={load} ")
        yield f"load={load} util", some.utilization("device")


def _greedy_bounded(n: int, seed: int) -> Measured:
    yield from _batch_numbers(Counted(design_of(3, {"device": batcher(1.8874, 0.1438, 16)}), n, seed))


def _window(n: int, seed: int) -> Measured:
    device = batcher(0.001, 0.0, 8, 5.0, replicas=200)
    some = Counted(design_of(1, {"device": device}), n, seed)
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
            some = Counted(design_of(rate, {"device": batcher(2.0, 0.15, 16, float(wait))}), n, seed)
            yield f"{prefix}mean", some.mean()
            yield f"{prefix}p50", some.percentile(0.5)
            yield f"{prefix}p99", some.percentile(0.99)
            yield f"{prefix}mean_batch", float(some.batch_items("device").mean())
            yield f"{prefix}util", some.utilization("device")


def _balanced(policy: str, servers: int, **more: Any) -> Data:
    balancer = {"kind": "load_balancer", "targets": ["server"], "policy": policy, **more}
    return {"balancer": balancer, "server": station(replicas=servers)}


def _lb_policies(n: int, seed: int) -> Measured:
    systems = {
        "random": _balanced("random", 10),
        "rr": _balanced("round_robin", 10),
        "p2c": _balanced("power_of_d", 10),
        "jsq": _balanced("least_outstanding", 10),
        "central": {"server": station(replicas=10)},
    }
    for name, system in systems.items():
        some = Counted(design_of(9, system), n, seed, warm_up=40_000)
        yield f"{name} mean", some.mean()
        yield f"{name} p99", some.percentile(0.99)


def _power_of_d(n: int, seed: int) -> Measured:
    for rho in (0.5, 0.7, 0.8, 0.9, 0.95):
        some = Counted(design_of(100 * rho, _balanced("power_of_d", 100)), n, seed, warm_up=40_000)
        yield f"d=2,rho={rho} mean", some.mean()
        yield f"d=2,rho={rho} p99", some.percentile(0.99)


def _fork_join(n: int, seed: int) -> Measured:
    for branches, rho in ((2, 0.8), (10, 0.7)):
        names = [f"branch_{i}" for i in range(branches)]
        front = station(0.0, kind="constant", concurrency=1000, calls=[[{"to": name} for name in names]])
        some = Counted(design_of(rho, {"front": front, **{name: station() for name in names}}), n, seed)
        yield f"K={branches} mean", some.mean()
        yield f"K={branches} p99", some.percentile(0.99)


CASES: dict[str, Callable[[int, int], Measured]] = {
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
