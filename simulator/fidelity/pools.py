"""Shared cores, priorities, breakdowns and autoscaling."""

from collections.abc import Callable

import numpy as np

from simulator.design_file import design_from
from simulator.fidelity.counted import Counted, Data, Measured, design_of, station
from simulator.run import simulate


def _ps_insensitivity(n: int, seed: int) -> Measured:
    work: Data = {"kind": "lognormal", "time": {"scv": 10.0}}
    shared = Counted(design_of(0.7, {"server": station(sharing="processor_sharing", **work)}), n, seed)
    alone = Counted(design_of(0.7, {"server": station(**work)}), n, seed)
    yield "ps_mean", shared.mean()
    work_ms = _work_ms(alone)
    about_half = np.abs(work_ms - 0.5) < 0.05
    yield "ps_slowdown_of_x~.5", float((shared.latency_ms / work_ms)[about_half].mean())
    yield "fcfs_mean", alone.mean()


def _work_ms(some: Counted) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The work of each counted request, which is the same whatever the sharing."""
    visits = some.run.components["server"].visits
    work_ms = np.zeros(len(some.run.arrived_s))
    work_ms[visits.request] = (visits.ended_s - visits.started_s) * 1000
    return work_ms[some.rows]


def _priority_cobham(n: int, seed: int) -> Measured:
    classes = [
        {"name": "high", "share": 0.375, "priority": 1},
        {"name": "low", "share": 0.625, "priority": 0},
    ]
    server = station(queue={"limit": "unlimited", "discipline": "priority"})
    some = Counted(design_of(0.8, {"server": server}, classes=classes), n, seed)
    visits = some.run.components["server"].visits
    counted = (visits.request >= some.rows.start) & (visits.request < some.rows.stop)
    waits_ms, class_index = some.waits_ms("server"), some.run.class_index[visits.request[counted]]
    for i, name in enumerate(("wait_hi", "wait_lo")):
        yield name, float(waits_ms[class_index == i].mean())


def _replica_breakdowns(n: int, seed: int) -> Measured:
    times = {"mean_time_to_failure_s": 2.0, "mean_time_to_repair_s": 0.02}
    design = design_from(
        {
            "traffic": {"entry": "server", "arrival_rate_per_s": 500.0},
            "components": {"server": station()},
            "faults": [{"kind": "breakdowns", "component": "server", "at_s": 0, **times}],
        }
    )
    some = Counted(design, n, seed)
    yield "mean", some.mean()
    yield "p99", some.percentile(0.99)


def _autoscale_delay(_: int, seed: int) -> Measured:
    """At a tenth of the case's rates, which leaves the times as they are. A look after 60 s asks for 12 replicas."""
    look: Data = {"metric": "utilization", "target": 5 / 12, "minimum": 5, "maximum": 12}
    look |= {"period_s": 60.0, "start_delay_s": 120.0, "add_at_most": 7}
    server = station(100.0, 5, "constant", autoscaling=look)
    run = simulate(design_of(0.1, {"server": server}, arrivals={"kind": "evenly_spaced"}), seed=seed, duration_s=700.0)
    visits = run.components["server"].visits
    waits_s, entered_s, started_s = (
        visits.started_s - visits.entered_s,
        np.sort(visits.entered_s),
        np.sort(visits.started_s),
    )
    backlog = np.arange(1, len(entered_s) + 1) - np.searchsorted(started_s, entered_s, side="right")
    yield "peak_backlog", float(backlog.max() * 10)
    yield "drain_s_after_scaleout", float(visits.started_s[waits_s > 1e-6].max() - 180)
    yield "max_wait_s", float(waits_s.max())


CASES: dict[str, Callable[[int, int], Measured]] = {
    "ps_insensitivity": _ps_insensitivity,
    "priority_cobham": _priority_cobham,
    "replica_breakdowns": _replica_breakdowns,
    "autoscale_delay": _autoscale_delay,
}
