"""Closed loops, and the start of a run."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simulator.design import Design
from simulator.distributions import Floats
from simulator.fidelity.counted import Data, Measured, design_of, station
from simulator.load import mean_rate_per_s
from simulator.results.run import Run
from simulator.run import simulate

WARM_UP = 20_000  # requests


def _loop_of(users: int, think_ms: float, component: Data) -> Design:
    think = {"kind": "exponential", "mean_ms": think_ms}
    return design_of(1.0, {"x": component}, arrivals={"kind": "closed_loop", "users": users, "think_time": think})


def _run_of(design: Design, n: int, seed: int) -> Run:
    """A closed loop of at least `n` requests, cut to as many, as if they had stopped asking then."""
    duration_s = 1.2 * n / mean_rate_per_s(design)
    run = simulate(design, seed=seed, duration_s=duration_s)
    while len(run.arrived_s) <= n:
        duration_s *= 1.5
        run = simulate(design, seed=seed, duration_s=duration_s)
    return replace(run, duration_s=float(run.arrived_s[n]), arrived_s=run.arrived_s[:n], ended_s=run.ended_s[:n])


def _finite_source(n: int, seed: int) -> Measured:
    some = _run_of(_loop_of(50, 100.0, station(8.0, 4)), n + WARM_UP, seed)
    yield "a_throughput_per_ms", n / (some.duration_s - float(some.arrived_s[WARM_UP])) / 1000
    yield "a_mean_response", float((some.ended_s - some.arrived_s)[WARM_UP:].mean() * 1000)
    yield from _repair_crew(n, seed)


def _repair_crew(n: int, seed: int) -> Measured:
    """Machines think while they run and are served by the repairer; an hour is a second."""
    machines = 8
    some = _run_of(_loop_of(machines, 1_000_000.0, station(50_000.0)), n + WARM_UP, seed)
    window = (float(some.arrived_s[WARM_UP]), some.duration_s)
    shares = _time_shares(some, window, machines)
    yield "b_p_at_least_7_up", float(shares[:2].sum())
    yield "b_p_at_least_6_up", float(shares[:3].sum())
    yield "b_mean_down", float(shares @ np.arange(machines + 1))


def _time_shares(run: Run, window: tuple[float, float], most: int) -> Floats:
    """The share of the window's time in which so many requests are in the system, from none to `most`."""
    moments = np.concatenate([run.arrived_s, run.ended_s])
    order = np.argsort(moments, kind="stable")
    inside = np.repeat([1, -1], len(run.arrived_s))[order].cumsum()
    edges = np.clip(moments[order], *window)
    spent = np.bincount(inside[:-1], np.diff(edges), minlength=most + 1)
    return np.asarray(spent / spent.sum(), dtype=np.float64)


def _warm_up(n: int, seed: int) -> Measured:
    for rho, name in ((0.8, ".8"), (0.9, ".9"), (0.95, ".95")):
        for first in (100, 1000, 5000, 20_000) if rho == 0.95 else (100, 1000, 5000):
            yield f"rho={name} n={first}", _mean_of_the_first(first, rho, max(1, n // first), seed)


def _mean_of_the_first(n: int, rho: float, replications: int, seed: int) -> float:
    """The mean wait of the first n requests, in service times."""
    design = design_of(rho, {"x": station()})
    lasts_s = (n + 8 * n**0.5 + 8) / (rho * 1000)
    runs = (simulate(design, seed=seed, replication=one, duration_s=lasts_s) for one in range(replications))
    return float(np.mean([_mean_wait(run, n) for run in runs])) * 1000


def _mean_wait(run: Run, n: int) -> float:
    visits = run.components["x"].visits
    return float((visits.started_s - visits.entered_s)[visits.request < n].mean())


CASES: dict[str, Callable[[int, int], Measured]] = {"finite_source": _finite_source, "warmup_bias": _warm_up}
