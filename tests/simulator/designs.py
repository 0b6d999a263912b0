"""Small designs for the tests, in whole simulated seconds, so that what must happen can be worked out by hand."""

from copy import deepcopy
from math import inf
from typing import Any

import numpy as np

from simulator.design import Design
from simulator.design_file import design_from
from simulator.results.counted import counted
from simulator.results.replications import Replications, replicate
from simulator.results.run import Run
from simulator.results.waterfall import waterfall
from simulator.run import simulate
from simulator.settings import RunSettings

Data = dict[str, Any]
Row = tuple[int, float, float | None, float]


def constant(seconds: float) -> Data:
    return {"kind": "constant", "value_ms": seconds * 1000}


def exponential(mean_s: float) -> Data:
    return {"kind": "exponential", "mean_ms": mean_s * 1000}


def service(seconds: float = 1.0, **more: Any) -> Data:
    """One replica that works `seconds` on each request, unless `more` says otherwise."""
    return {"kind": "service", "service_time": constant(seconds), "queue": {"limit": "unlimited"}, **more}


def wide(seconds: float = 1.0, **more: Any) -> Data:
    """A service in which nothing ever waits."""
    return service(seconds, concurrency=1000, **more)


def front(*steps: list[Data]) -> Data:
    """A service that takes no time of its own and asks others, step by step."""
    return wide(0.0, calls=[list(step) for step in steps])


def model_server(max_items: int | str, batch_s: float, max_wait_s: float = 0.0, **more: Any) -> Data:
    """A device whose batches take the same time whatever their size."""
    time = {"fixed_ms": batch_s * 1000, "per_item_ms": 0.0}
    batching = {"max_items": max_items, "max_wait_ms": max_wait_s * 1000, "batch_time": time}
    return {"kind": "model_server", "queue": {"limit": "unlimited"}, **batching, **more}


def store(seconds: float = 1.0, **more: Any) -> Data:
    return {"kind": "store", "read_time": constant(seconds), **more}


def balancer(target: str, policy: str = "round_robin", **more: Any) -> Data:
    return {"kind": "load_balancer", "targets": [target], "policy": policy, **more}


def dead_end() -> dict[str, Data]:
    """Components behind `dead`, which fails every request at once: a balancer before a replica that was killed."""
    return {"dead": balancer("corpse"), "corpse": service()}


def kill(component: str, at_s: float, for_s: float | None = None, replicas: int = 1) -> Data:
    return {"kind": "kill_replicas", "component": component, "at_s": at_s, "for_s": for_s, "replicas": replicas}


def slow(component: str, factor: float, at_s: float, for_s: float | None = None) -> Data:
    return {"kind": "slow", "component": component, "factor": factor, "at_s": at_s, "for_s": for_s}


def breakdowns(component: str, up_s: float, down_s: float, at_s: float = 0.0, for_s: float | None = None) -> Data:
    times = {"mean_time_to_failure_s": float(up_s), "mean_time_to_repair_s": float(down_s)}
    return {"kind": "breakdowns", "component": component, "at_s": at_s, "for_s": for_s, **times}


def lose_zone(at_s: float, for_s: float | None = None) -> Data:
    return {"kind": "lose_zone", "at_s": at_s, "for_s": for_s}


def design_data(components: dict[str, Data], rate_per_s: float = 1.0, **more: Any) -> Data:
    """A design as data; requests arrive evenly spaced at the first component, unless `more` says otherwise."""
    top = {key: more.pop(key) for key in ("name", "faults", "promise", "cell", "zones") if key in more}
    traffic = {"arrivals": {"kind": "evenly_spaced"}, "entry": next(iter(components)), **more}
    return {"traffic": {"arrival_rate_per_s": rate_per_s, **traffic}, "components": components, **top}


def with_part(data: Data, path: str, value: Any) -> Data:
    """The same data with another value at a path such as `components.x.calls.0.0.to`; parts on the way are added."""
    changed = deepcopy(data)
    *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    node: Any = changed
    for part in way:
        node = node.setdefault(part, {}) if isinstance(node, dict) else node[part]
    node[last] = value
    return changed


def without_part(data: Data, path: str) -> Data:
    """The same data without what stands at a path of keys."""
    first, *rest = path.split(".")
    if not rest:
        return {key: value for key, value in data.items() if key != first}
    return {**data, first: without_part(data[first], ".".join(rest))}


def a_design(components: dict[str, Data], rate_per_s: float = 1.0, **more: Any) -> Design:
    return design_from(design_data(components, rate_per_s, **more))


def run_of(design: Design, arrivals: int, *, seed: int = 1, replication: int = 0) -> Run:
    """A run with about so many arrivals; with evenly spaced ones, at second 1, 2, 3 ... divided by the rate."""
    lasts_s = (arrivals + 0.5) / design.traffic.arrival_rate_per_s
    return simulate(design, seed=seed, replication=replication, duration_s=lasts_s)


def replications_of(design: Design, arrivals: int, *, replications: int = 1, seed: int = 1) -> Replications:
    """Runs with about so many arrivals each, all of them counted."""
    lasts_s = (arrivals + 0.5) / design.traffic.arrival_rate_per_s
    settings = RunSettings(seed=seed, replications=replications, duration_s=lasts_s, warm_up_s=0.0)
    return replicate(design, settings)


def log(run: Run, name: str) -> list[Row]:
    """(request, entered, work began or None, left) for every visit to a component, by entry, then by begin."""
    visits = run.components[name].visits
    began = [None if np.isnan(at_s) else at_s for at_s in visits.started_s.tolist()]
    rows = zip(visits.request.tolist(), visits.entered_s.tolist(), began, visits.ended_s.tolist(), strict=True)
    return sorted(rows, key=lambda row: (row[1], row[0], inf if row[2] is None else row[2], row[3]))


def latencies_s(run: Run) -> list[float]:
    return (run.ended_s - run.arrived_s).tolist()


def path_of(design: Design, run: Run, request: int) -> dict[tuple[str, str], float]:
    """Where one request's latency went, in seconds, by component and part."""
    one = counted(design, [run], 0.0).only(np.array([request]))
    fall = waterfall([run], one, 0.5)
    assert fall is not None
    return {(segment.component, segment.part): segment.mean_ms / 1000 for segment in fall.segments}
