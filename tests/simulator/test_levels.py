"""Busy shares, queue lengths and time lines against brute force and against pen and paper."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.results.levels import busy_s, capacity_s, integral, utilization, waiting_s
from simulator.results.replications import replicate
from simulator.results.sums import Moments
from simulator.results.timeline import MOST_STEPS, timeline
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, exponential, kill, model_server, replications_of, run_of, service
from tests.simulator.random_designs import running_designs

INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted), max_size=12)
EDGES = st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True).map(sorted)


@given(intervals=INTERVALS, edges=EDGES)
def test_an_integral_is_what_counting_in_small_steps_gives(intervals, edges):
    middles = np.arange(40) + 0.5  # whole numbers as ends: one sample in each unit is exact
    starts, ends = (np.array([pair[i] for pair in intervals], dtype=float) for i in (0, 1))
    present = ((starts[:, None] <= middles) & (middles < ends[:, None])).sum(axis=0)
    expected = [present[a:b].sum() for a, b in pairwise(edges)]
    assert integral(starts, ends, np.array(edges, dtype=float)).tolist() == expected


@given(moments=st.lists(st.integers(0, 40), max_size=12), edges=EDGES)
def test_time_passed_since_moments_in_any_order_is_that_since_each(moments, edges):
    passed = Moments(np.array(moments, dtype=float)).passed_s(np.array(edges, dtype=float))
    assert passed.tolist() == [sum(max(0, edge - one) for one in moments) for edge in edges]


@given(data=running_designs(), cuts=st.lists(st.floats(0.0, 3.0), min_size=2, max_size=8, unique=True).map(sorted))
@settings(deadline=None, max_examples=30)
def test_busy_and_waiting_time_add_up_over_any_steps(data, cuts):
    run = run_of(design_from(data), 100)
    edges = np.array(cuts)
    for record in run.components.values():
        for measure in (busy_s, waiting_s, *([capacity_s] if record.capacity else [])):
            assert measure(record, edges).sum() == pytest.approx(measure(record, edges[[0, -1]])[0], abs=1e-9)
            assert (measure(record, edges) >= 0).all()


def test_work_and_waiting_by_hand():
    run = run_of(a_design({"x": service(1.5)}), 3)  # work from 1 to 5.5, waiting 0.5 before 2.5 and 1 before 4
    edges = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    record = run.components["x"]
    assert busy_s(record, edges).tolist() == [0, 1, 1, 1, 1, 0.5]
    assert waiting_s(record, edges).tolist() == [0, 0, 0.5, 1, 0, 0]


def test_a_batch_keeps_its_device_busy_once_however_many_it_holds():
    run = run_of(a_design({"x": model_server(4, 2, max_wait_s=60)}), 4)
    assert busy_s(run.components["x"], np.array([0.0, 4.0, 5.0, 9.0])).tolist() == [0, 1, 1]


def test_refused_and_dropped_requests_do_no_work_but_may_have_waited():
    run = run_of(a_design({"x": service(3, queue={"limit": 1, "drop_older_than_ms": 1500.0})}), 3)
    record, edges = run.components["x"], np.array([0.0, 10.0])
    assert busy_s(record, edges).tolist() == [3]
    assert waiting_s(record, edges).tolist() == [2]  # from 2 to 4, then dropped; the third was refused at once


def test_capacity_follows_the_replicas_that_are_alive():
    run = run_of(a_design({"x": service(1, replicas=4)}, faults=[kill("x", 2, 3, replicas=3)]), 8)
    assert capacity_s(run.components["x"], np.array([0.0, 1.0, 3.0, 5.0, 6.0])).tolist() == [4, 5, 2, 4]
    assert utilization(run, "x", 3.0, 5.0) == 1.0
    assert utilization(run, "x", 6.0, 8.0) == 0.25


def test_utilization_without_capacity_is_unknown():
    run = run_of(a_design({"x": service(1)}, faults=[kill("x", 2, 3)]), 8)
    assert np.isnan(utilization(run, "x", 2.5, 4.5))


def _timeline(**settings):
    part = service(0.01, service_time=exponential(0.01))
    design = a_design({"x": part}, rate_per_s=80.0, arrivals={"kind": "poisson"}, promise={"deadline_ms": 50.0})
    return replicate(design, RunSettings(**{"replications": 2, "duration_s": 60.0, **settings}))


def test_the_steps_of_a_timeline_add_up_to_the_run():
    replications = _timeline()
    line = timeline(replications)
    requests = sum(len(run.arrived_s) for run in replications.runs)
    per_step = np.array(line.arrivals_per_s) * line.step_s * 2
    assert per_step.sum() == pytest.approx(requests)
    assert len(line.starts_s) * line.step_s == pytest.approx(60)
    totals = {name: float((np.array(shares) * per_step).sum()) for name, shares in line.outcome_shares.items()}
    assert sum(totals.values()) == pytest.approx(requests)
    ends = np.array(line.outcome_shares["in_time"]) + np.array(line.outcome_shares["degraded"])
    assert ends == pytest.approx(np.array(line.in_time_share))


def test_the_busy_share_of_a_timeline_is_that_of_the_run():
    replications = _timeline(warm_up_s=0.0)
    [line] = timeline(replications).components
    whole = np.mean([utilization(run, "x", 0.0, 60.0) for run in replications.runs])
    assert np.mean(line.busy_share) == pytest.approx(whole)
    waited = sum(waiting_s(run.components["x"], np.array([0.0, 60.0]))[0] for run in replications.runs)
    assert np.mean(line.waiting) * 60 * 2 == pytest.approx(waited)


def test_a_timeline_shows_the_warm_up_too():
    assert timeline(_timeline(warm_up_s=30.0)) == timeline(_timeline(warm_up_s=0.0))


def test_a_timeline_has_at_least_two_hundred_requests_in_a_step_and_not_too_many_steps():
    assert len(timeline(_timeline()).starts_s) == pytest.approx(2 * 60 * 80 / 200, abs=2)
    assert len(timeline(_timeline(duration_s=600.0)).starts_s) == MOST_STEPS


def test_a_timeline_shows_a_fault_when_it_happens():
    design = a_design({"x": service(0.5, replicas=4)}, rate_per_s=100 / 64, faults=[kill("x", 256, 256, replicas=4)])
    line = timeline(replications_of(design, 1600, replications=1))
    busy = dict(zip(line.starts_s, line.components[0].busy_share, strict=True))
    inside = [share for start, share in busy.items() if 256 <= start < 512 - line.step_s]
    assert set(inside) == {None}
    assert all(share is not None for start, share in busy.items() if start >= 512)


def test_what_can_never_be_full_has_no_busy_share():
    part = {"kind": "store", "read_time": exponential(1)}
    assert timeline(replications_of(a_design({"x": part}), 10)).components[0].busy_share is None


def _steady(faults=(), seconds=60.0, part=None):
    """Enough requests for many steps of a timeline."""
    parts = {"x": part or service(0.01, replicas=4)}
    design = a_design(parts, rate_per_s=100.0, faults=list(faults), promise={"deadline_ms": 50.0})
    return timeline(replicate(design, RunSettings(replications=1, duration_s=seconds, warm_up_s=0.0)))


def test_a_timeline_says_how_many_replicas_can_work_while_some_are_dead():
    line = _steady([kill("x", 20.0, 10.0, replicas=3)])
    [component] = line.components
    dead = [at_s for at_s, alive in zip(line.starts_s, component.replicas, strict=True) if alive == pytest.approx(1)]
    assert 20 <= dead[0] < dead[-1] + line.step_s <= 30
    assert sum(component.replicas) * line.step_s == pytest.approx(4 * 60 - 3 * 10)
    assert (component.replicas[0], component.replicas[-1]) == pytest.approx((4, 4))


def test_replicas_of_a_store_are_those_of_each_shard():
    part = {"kind": "store", "shards": 8, "replicas": 3, "concurrency": 2, "read_time": exponential(0.001)}
    [component] = _steady([kill("x", 20.0, 10.0, replicas=2)], part=part).components
    assert (max(component.replicas), min(component.replicas)) == pytest.approx((3, 1))


def test_a_timeline_follows_autoscaled_replicas_and_is_silent_where_nothing_changes():
    rules = {"metric": "utilization", "target": 0.5, "minimum": 1, "maximum": 8, "period_s": 5.0, "start_delay_s": 5.0}
    [scaled] = _steady(part=service(0.02, replicas=1, autoscaling=rules)).components
    assert scaled.replicas[0] == 1
    assert scaled.replicas[-1] > 2
    assert _steady().components[0].replicas is None


def test_a_timeline_says_when_a_circuit_was_not_closed():
    """It opens when x fails at 20 s and, as x fails for 10 s, stays open until the attempt after the last failure."""
    breaker = {"window": 10, "failure_share": 0.5, "open_s": 4.0}
    front = service(
        0.001, replicas=4, calls=[[{"to": "x", "circuit_breaker": breaker, "fallback": [{"answer_ms": 1.0}]}]]
    )
    error = {"kind": "error_rate", "component": "x", "share": 1.0, "at_s": 20.0, "for_s": 10.0}
    design = a_design({"front": front, "x": service(0.001, replicas=4)}, rate_per_s=100.0, faults=[error])
    line = timeline(replicate(design, RunSettings(replications=1, duration_s=60.0, warm_up_s=0.0)))
    [circuit] = line.circuits
    assert (circuit.caller, circuit.to) == ("front", "x")
    open_s = np.array(circuit.open_share) * line.step_s
    assert open_s[np.array(line.starts_s) + line.step_s <= 20].sum() == 0
    assert 12.0 <= open_s.sum() <= 12.5  # three times 4 s, and the ends of the three attempts
    assert _steady().circuits == ()
