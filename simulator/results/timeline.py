"""What happened when: latency, outcomes, queues and busy shares over simulated time."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from simulator.distributions import Floats
from simulator.results.counted import Outcome, counted
from simulator.results.estimates import nearest_rank
from simulator.results.levels import busy_s, capacity_s, steps_s, waiting_s
from simulator.results.replications import Replications
from simulator.results.run import ComponentRecord
from simulator.spec import Spec
from simulator.wiring import calls_of

MOST_STEPS = 120
FEWEST_PER_STEP = 200  # answered requests, for a median; p99 needs ten times as many


class ComponentLine(Spec):
    """One component over time; each tuple has one value for a step. `busy_share` is None where nothing ever waits."""

    component: str
    busy_share: tuple[float | None, ...] | None
    waiting: tuple[float, ...]  # requests in the queue, on average over the step
    replicas: tuple[float, ...] | None = None  # that can work, of each shard; None where that never changes


class CircuitLine(Spec):
    """One circuit breaker over time: the share of each step, and of the replications, in which it was not closed."""

    caller: str
    to: str
    open_share: tuple[float, ...]


class Timeline(Spec):
    """Steps of `step_s` seconds from the start of the run, warm-up included, over all replications."""

    step_s: float
    starts_s: tuple[float, ...]
    arrivals_per_s: tuple[float, ...]
    p50_ms: tuple[float | None, ...]
    p95_ms: tuple[float | None, ...]
    in_time_share: tuple[float | None, ...]
    outcome_shares: dict[str, tuple[float, ...]]
    components: tuple[ComponentLine, ...]
    circuits: tuple[CircuitLine, ...] = ()  # of those that opened at all


def timeline(replications: Replications) -> Timeline:
    """Requests count for the step in which they arrived."""
    everything = counted(replications.design, replications.runs, 0.0)
    steps = int(np.clip(everything.n / FEWEST_PER_STEP, 1, MOST_STEPS))
    edges = np.linspace(0, replications.duration_s, steps + 1)
    in_step = np.clip(np.searchsorted(edges, everything.arrived_s, side="right") - 1, 0, steps - 1)
    order = np.argsort(in_step, kind="stable")
    bounds = np.searchsorted(in_step[order], np.arange(steps + 1))
    latency_ms, answered = everything.latency_ms[order], everything.answered[order]
    answers_ms = [latency_ms[a:b][answered[a:b]] for a, b in pairwise(bounds)]
    arrivals = np.diff(bounds)
    ended = np.bincount(in_step * len(Outcome) + everything.outcome, minlength=steps * len(Outcome))
    shares = ended.reshape(steps, len(Outcome)) / np.maximum(arrivals, 1)[:, np.newaxis]
    in_time = ended.reshape(steps, len(Outcome))[:, [Outcome.IN_TIME, Outcome.DEGRADED]].sum(axis=1)
    width = float(edges[1])
    return Timeline(
        step_s=width,
        starts_s=tuple(edges[:-1].tolist()),
        arrivals_per_s=tuple((arrivals / width / len(replications.runs)).tolist()),
        p50_ms=tuple(_percentile(some_ms, 0.5) for some_ms in answers_ms),
        p95_ms=tuple(_percentile(some_ms, 0.95) for some_ms in answers_ms),
        in_time_share=tuple(n / of if of else None for n, of in zip(in_time.tolist(), arrivals.tolist(), strict=True)),
        outcome_shares={one.name.lower(): tuple(shares[:, one].tolist()) for one in Outcome},
        components=tuple(_line(replications, name, edges) for name in replications.design.components),
        circuits=tuple(_circuits(replications, edges)),
    )


def _percentile(latency_ms: Floats, share: float) -> float | None:
    return nearest_rank(latency_ms, share) if len(latency_ms) * (1 - share) >= 5 else None


def _line(replications: Replications, name: str, edges: Floats) -> ComponentLine:
    records = [run.components[name] for run in replications.runs]
    waited = np.sum([waiting_s(record, edges) for record in records], axis=0) / (np.diff(edges) * len(records))
    busy = None
    if records[0].capacity:
        worked = np.sum([busy_s(record, edges) for record in records], axis=0)
        available = np.sum([capacity_s(record, edges) for record in records], axis=0)
        busy = tuple(w / a if a > 0 else None for w, a in zip(worked.tolist(), available.tolist(), strict=True))
    replicas = _replicas(records, getattr(replications.design.components[name], "replicas", 1), edges)
    return ComponentLine(component=name, busy_share=busy, waiting=tuple(waited.tolist()), replicas=replicas)


def _replicas(records: list[ComponentRecord], at_first: int, edges: Floats) -> tuple[float, ...] | None:
    """Replicas that can work, on average over each step; each has its part of the slots that there are at first."""
    if all(slots == steps[0][1] for steps in (record.capacity for record in records) for _, slots in steps):
        return None
    slots = np.mean([capacity_s(record, edges) / (record.capacity[0][1] / at_first) for record in records], axis=0)
    return tuple((slots / np.diff(edges)).tolist())


def _circuits(replications: Replications, edges: Floats) -> Iterator[CircuitLine]:
    for name, part in replications.design.components.items():
        for place, call in calls_of(part):
            found = [run.calls[f"{name}.{place}"].circuit_changes for run in replications.runs if call.circuit_breaker]
            if any(found):
                shares = np.mean([_open_s(changes, edges) for changes in found], axis=0) / np.diff(edges)
                yield CircuitLine(caller=name, to=call.to, open_share=tuple(shares.tolist()))


def _open_s(changes: list[tuple[float, str]], edges: Floats) -> Floats:
    """The seconds of each step in which a circuit was open, or let a single attempt through."""
    levels = [(0.0, 0.0), *((at_s, float(state != "closed")) for at_s, state in changes)]
    times, open_now = (np.array(column) for column in zip(*levels, strict=True))
    return steps_s(times, open_now, edges)
