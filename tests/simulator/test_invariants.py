"""Laws that every run obeys, on random designs with every kind, policy and fault that runs."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.results.levels import busy_s, capacity_s
from simulator.results.replications import replicate
from simulator.results.run import Ending
from simulator.results.summary import summarize
from simulator.run import simulate
from simulator.settings import RunSettings
from simulator.text_report import text_report
from tests.simulator.random_designs import running_designs, times

examples = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _run(data, seed=1, duration_s=1.0):
    design = design_from(data)
    return design, simulate(design, seed=seed, duration_s=duration_s)


@given(data=running_designs())
@examples
def test_every_request_ends_exactly_once_and_after_its_arrival(data):
    _, run = _run(data)
    assert (run.ended_s >= run.arrived_s).all()
    assert np.isin(run.ending, list(Ending)).all()
    assert len(run.ended_s) == len(run.ending) == len(run.arrived_s) == len(run.items)


@given(data=running_designs())
@examples
def test_every_visit_is_entered_begun_and_left_in_this_order(data):
    _, run = _run(data)
    for record in run.components.values():
        visits = record.visits
        assert (visits.ended_s >= visits.entered_s).all()
        began = ~np.isnan(visits.started_s)
        assert (visits.started_s[began] >= visits.entered_s[began]).all()
        assert (visits.ended_s[began] >= visits.started_s[began]).all()
        assert began[visits.answered].all()
        assert (visits.waited_for_until_s <= visits.ended_s).all()
        assert (visits.entered_s >= run.arrived_s[visits.request]).all()


@given(data=running_designs())
@examples
def test_littles_law_holds_in_every_component(data):
    """The time integral of the number present, summed up event by event, is the sum of all times spent there."""
    _, run = _run(data)
    for record in run.components.values():
        entered, left = record.visits.entered_s, record.visits.ended_s
        moments = np.concatenate([entered, left])
        order = np.argsort(moments, kind="stable")
        present = np.cumsum(np.concatenate([np.ones(len(entered)), -np.ones(len(left))])[order])
        integral = float((present[:-1] * np.diff(moments[order])).sum()) if len(moments) else 0.0
        assert integral == pytest.approx(float((left - entered).sum()), abs=1e-7)


@given(data=running_designs())
@examples
def test_nobody_works_beyond_capacity(data):
    _, run = _run(data)
    for record in run.components.values():
        if record.capacity:
            last_s = max([2.0, *record.visits.ended_s.tolist(), *_moments(record).tolist()]) + 1
            steps = [at_s for at_s, _ in record.capacity]
            stood = [] if record.held_up is None else record.held_up.at_s
            edges = np.unique(np.concatenate([_moments(record), steps, stood, [0.0, last_s]]))
            busy, available = busy_s(record, edges), capacity_s(record, edges)
            assert (busy <= available + 1e-9).all()
            assert busy.sum() == pytest.approx(_work_s(record) - _stood_still_s(record, last_s), abs=1e-7)


def _moments(record):
    if record.tokens is not None:
        return np.concatenate([record.tokens.stretch_from_s, record.tokens.stretch_to_s])
    if record.messages is not None:
        return np.concatenate(_readings(record.messages))
    if record.batches is not None:
        return np.concatenate([record.batches.fired_s, record.batches.ended_s])
    visits = record.visits
    return np.concatenate([visits.started_s[~np.isnan(visits.started_s)], visits.ended_s])


def _stood_still_s(record, last_s):
    if record.held_up is None:
        return 0.0
    return float((record.held_up.level * np.diff(np.append(record.held_up.at_s, last_s))).sum())


def _readings(messages):
    some = [messages] if messages.replays is None else [messages, messages.replays]
    read_s, done_s = (
        np.concatenate(column) for column in zip(*((one.read_s, one.done_s) for one in some), strict=True)
    )
    return read_s[np.isfinite(read_s)], done_s[np.isfinite(read_s)]


def _work_s(record):
    if record.tokens is not None:
        return float((record.tokens.stretch_to_s - record.tokens.stretch_from_s).sum())
    if record.messages is not None:
        read_s, done_s = _readings(record.messages)
        return float((done_s - read_s).sum())
    if record.batches is not None:
        return float((record.batches.ended_s - record.batches.fired_s).sum())
    return float(np.nansum(record.visits.ended_s - record.visits.started_s))


@given(data=running_designs(with_faults=False))
@examples
def test_nobody_waits_in_a_service_while_a_slot_is_idle(data):
    design, run = _run(data)
    behind = {to for part in design.components.values() if part.kind == "load_balancer" for to in part.targets}
    for name, part in design.components.items():
        if part.kind == "service" and name not in behind:
            _assert_no_idle_slot_while_somebody_waits(run.components[name])


def _assert_no_idle_slot_while_somebody_waits(record):
    visits, (changes_s, slots) = record.visits, zip(*record.capacity, strict=True)
    began = ~np.isnan(visits.started_s)
    left_queue = np.where(began, visits.started_s, visits.ended_s)
    moments = np.unique(np.concatenate([visits.entered_s, left_queue, visits.ended_s, changes_s]))
    middles = (moments[1:] + moments[:-1])[np.diff(moments) > 1e-12] / 2
    for at_s in middles:
        waiting = ((visits.entered_s < at_s) & (at_s < left_queue)).any()
        busy = ((visits.started_s < at_s) & (at_s < visits.ended_s)).sum()
        assert not waiting or busy == slots[np.searchsorted(changes_s, at_s) - 1]


@given(data=running_designs())
@examples
def test_what_a_caller_sends_arrives(data):
    """Visits to a component are what its callers' counts say, where every way to it is a call with policies."""
    design, run = _run(data)
    for name, part in design.components.items():
        calls = _calls_to(design, name)
        known = calls and all(place in run.calls for place, _ in calls) and not _is_fallback(design, name)
        known = known and not _is_route(design, name)
        cut = any(fault.kind == "cut_link" and fault.component == name for fault in design.faults)
        asks_many = part.kind == "store" and (part.concurrency == "unlimited" or part.quorum is not None)
        if known and not cut and not asks_many:
            sent = sum(_sent(run.calls[place], call) for place, call in calls)
            record = run.components[name]
            assert len(record.visits.request) == sent + record.counts.get("write_backs", 0)


def _calls_to(design, name):
    return [
        (f"{caller}.{where}.{i}.{j}", call)
        for caller, part in design.components.items()
        for where in ("calls", "on_miss")
        for i, step in enumerate(getattr(part, where, ()))
        for j, call in enumerate(step)
        if call.to == name
    ]


def _is_route(design, name):
    return any(part.kind == "router" and name in {to.to for to in part.routes} for part in design.components.values())


def _is_fallback(design, name):
    calls = [call for other in design.components for _, call in _calls_to(design, other)]
    return any(fallback.to == name for call in calls for fallback in call.fallback)


def _sent(counts, call):
    attempts = counts.made + counts.retries - counts.circuit_refusals
    return attempts * (call.fan_out.copies if call.fan_out else 1) + counts.backup_requests


@given(data=running_designs())
@examples
def test_the_entry_sees_every_request_once_and_its_replicas_too(data):
    design, run = _run(data)
    everyone = list(range(len(run.arrived_s)))
    assert sorted(run.components[design.traffic.entry].visits.request.tolist()) == everyone
    if design.traffic.entry == "lb":
        lb = run.components["lb"].visits
        assert sorted(run.components["a"].visits.request.tolist()) == sorted(lb.request[lb.answered].tolist())


@given(data=running_designs())
@examples
def test_the_same_seed_gives_the_same_run_to_the_last_bit(data):
    assert _same(_run(data, seed=7)[1], _run(data, seed=7)[1])


@given(data=running_designs(with_faults=False))
@examples
def test_another_seed_gives_another_run(data):
    design, run = _run(data | {"traffic": data["traffic"] | {"arrivals": {"kind": "poisson"}}}, seed=7)
    other = simulate(design, seed=8, duration_s=1.0)
    assert run.arrived_s.tolist() != other.arrived_s.tolist()


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if hasattr(one, "__dataclass_fields__"):
        return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return bool(one == other)


@given(data=running_designs())
@examples
def test_a_longer_run_begins_with_the_shorter_one(data):
    """Whatever has ended before the shorter run stopped, ended so in the longer one."""
    short, long = (_run(data, duration_s=lasts_s)[1] for lasts_s in (0.5, 1.0))
    n = len(short.arrived_s)
    assert long.arrived_s[:n].tolist() == short.arrived_s.tolist()
    before = short.ended_s < 0.5
    assert long.ended_s[:n][before].tolist() == short.ended_s[before].tolist()
    assert long.items[:n].tolist() == short.items.tolist()
    assert long.class_index[:n].tolist() == short.class_index.tolist()


def _numbers(value: Any) -> list[float]:
    """All numbers but the lower ends of intervals, which may be below nothing."""
    if isinstance(value, dict):
        return [number for name, one in value.items() if name != "low" for number in _numbers(one)]
    if isinstance(value, list | tuple):
        return [number for one in value for number in _numbers(one)]
    return [value] if isinstance(value, float | int) and not isinstance(value, bool) else []


@given(data=running_designs())
@examples
def test_every_number_of_a_summary_is_finite_and_not_negative(data):
    design = design_from(data)
    replications = replicate(design, RunSettings(replications=2, duration_s=1.0, warm_up_s=0.2))
    summary = summarize(replications)
    numbers = np.array(_numbers(summary.model_dump()), dtype=float)
    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    ends = summary.outcomes
    busy = [one.utilization for one in summary.components]
    assert all(one.high <= 1 for one in (ends.in_time_share, ends.availability, *busy) if one is not None)
    assert ends.in_time + ends.late + ends.degraded + ends.refused + ends.failed == ends.arrivals
    assert sum(summary.latency.histogram_counts) == ends.in_time + ends.late + ends.degraded
    assert text_report(summary, "a design")


@given(
    rate=st.floats(20.0, 200.0),
    service=times(),
    replicas=st.integers(1, 4),
    more=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_more_replicas_never_make_a_request_of_a_fifo_pool_later(rate, service, replicas, more, seed):
    """With the same draws and nothing lost (Kiefer and Wolfowitz 1955)."""

    def ended_s(size):
        part = {"kind": "service", "service_time": service, "replicas": size, "queue": {"limit": "unlimited"}}
        traffic = {"entry": "a", "arrival_rate_per_s": rate}
        return simulate(design_from({"traffic": traffic, "components": {"a": part}}), seed=seed, duration_s=1.0).ended_s

    few, many = ended_s(replicas), ended_s(replicas + more)
    assert (many <= few + 1e-9).all()
