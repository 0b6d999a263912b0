"""Levels over time, integrated exactly from starts and ends: how many were busy, how many waited."""

import numpy as np

from simulator.distributions import Floats
from simulator.results.own_records import MessageRecord, ReplayRecord
from simulator.results.run import ComponentRecord, Run
from simulator.results.sums import Moments


def integral(starts_s: Floats, ends_s: Floats, edges_s: Floats) -> Floats:
    """The time that intervals spend inside each step of `edges_s`, in seconds, shape (len(edges_s) - 1,)."""
    return _between(Moments(starts_s), Moments(ends_s), edges_s)


def _between(starts: Moments, ends: Moments, edges_s: Floats) -> Floats:
    inside: Floats = np.diff(starts.passed_s(edges_s) - ends.passed_s(edges_s))
    return np.maximum(inside, 0.0)  # sums of large numbers may cancel to a little less than nothing


def busy_s(record: ComponentRecord, edges_s: Floats) -> Floats:
    """Slot-seconds of work inside each step: batches of a model server, steps of tokens, visits of anything else."""
    if record.tokens is not None:
        return integral(record.tokens.stretch_from_s, record.tokens.stretch_to_s, edges_s)
    if record.messages is not None:
        return _consumed_s(record.messages, edges_s) + _consumed_s(record.messages.replays, edges_s)
    if record.batches is not None:
        begun_s = integral(record.batches.fired_s, record.batches.ended_s, edges_s)
    else:
        begun_s = _between(*record.visits.worked, edges_s)
    if record.held_up is None:
        return begun_s
    return np.maximum(begun_s - steps_s(record.held_up.at_s, record.held_up.level, edges_s), 0.0)


def _consumed_s(some: MessageRecord | ReplayRecord | None, edges_s: Floats) -> Floats:
    if some is None:
        return np.zeros(len(edges_s) - 1)
    read = np.isfinite(some.read_s)
    return integral(some.read_s[read], some.done_s[read], edges_s)


def waiting_s(record: ComponentRecord, edges_s: Floats) -> Floats:
    """Request-seconds of waiting inside each step."""
    return _between(record.visits.entered, record.visits.left_queue, edges_s)


def inside_s(record: ComponentRecord, edges_s: Floats) -> Floats:
    """Request-seconds of waiting and of work inside each step."""
    return _between(record.visits.entered, record.visits.ended, edges_s)


def capacity_s(record: ComponentRecord, edges_s: Floats) -> Floats:
    """Slot-seconds available inside each step."""
    times, slots = (np.array(column, dtype=float) for column in zip(*record.capacity, strict=True))
    return steps_s(times, slots, edges_s)


def mean_replicas(record: ComponentRecord, from_s: float, to_s: float) -> float | None:
    """Replicas that were paid for in [from_s, to_s), starting and leaving ones too; None where nobody scales."""
    if not record.replicas or to_s <= from_s:
        return None
    times, replicas = (np.array(column, dtype=float) for column in zip(*record.replicas, strict=True))
    return float(steps_s(times, replicas, np.array([from_s, to_s]))[0]) / (to_s - from_s)


def steps_s(times_s: Floats, levels: Floats, edges_s: Floats) -> Floats:
    """The integral over each step of `edges_s` of a level that is given as steps."""
    sums = np.concatenate([[0.0], np.cumsum(np.diff(times_s) * levels[:-1])])
    at = np.searchsorted(times_s, edges_s, side="right") - 1
    return np.diff(sums[at] + (edges_s - times_s[at]) * levels[at])


def utilization(run: Run, name: str, from_s: float, to_s: float) -> float | None:
    """The busy share of a component's slots in [from_s, to_s); None where nothing ever waits, nan without capacity."""
    record = run.components[name]
    if not record.capacity or to_s <= from_s:
        return None
    edges = np.array([from_s, to_s])
    available = float(capacity_s(record, edges)[0])
    if not available:
        return float("nan")
    return min(1.0, float(busy_s(record, edges)[0]) / available)  # sums of many may round to a little more
