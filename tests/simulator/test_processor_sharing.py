"""Replicas that share their cores: by hand, against a second simulation, and by the laws of processor sharing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.draws import Draws
from simulator.results.levels import busy_s, capacity_s, utilization
from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    breakdowns,
    exponential,
    front,
    kill,
    log,
    run_of,
    service,
    slow,
)

ANSWERED, REFUSED, FAILED = Ending.ANSWERED, Ending.REFUSED, Ending.FAILED


def _shared(seconds=1.0, **more):
    return service(seconds, sharing="processor_sharing", **more)


def _ended(run, name="x"):
    return [row[3] for row in sorted(log(run, name))]


def test_two_requests_on_one_core_run_at_half_speed_each():
    """1-2: the first alone; 2-4: both; 4-5: the second alone."""
    run = run_of(a_design({"x": _shared(2)}), 2)
    assert log(run, "x") == [(0, 1, 1, 4), (1, 2, 2, 5)]


def test_three_on_two_cores_get_two_thirds_of_a_core_each():
    """By 3 the first has 2 of its 3 seconds and the second 1; with two thirds of a core each, the first ends at 4.5."""
    run = run_of(a_design({"x": _shared(3, concurrency=2)}), 3)
    assert _ended(run) == pytest.approx([4.5, 5.5, 6.5])


def test_nobody_waits_and_the_work_lasts_from_entry_to_end():
    run = run_of(a_design({"x": _shared(2.5)}), 20)
    assert all(began == entered for _, entered, began, _ in log(run, "x"))


def test_a_request_goes_to_the_replica_with_the_fewest():
    run = run_of(a_design({"x": _shared(2.5, replicas=3)}), 6)
    assert _ended(run) == [3.5, 4.5, 5.5, 6.5, 7.5, 8.5]


def test_behind_a_balancer_each_replica_shares_its_own_cores():
    run = run_of(a_design({"lb": balancer("x"), "x": _shared(3, replicas=2)}), 4)
    assert _ended(run) == pytest.approx([5, 6, 7, 8])


def test_the_queue_limit_bounds_those_beyond_the_cores():
    run = run_of(a_design({"x": _shared(9, concurrency=2, queue={"limit": 1})}), 5)
    assert run.ending.tolist() == [ANSWERED] * 3 + [REFUSED] * 2


def test_slowness_counts_for_work_that_begins_meanwhile():
    run = run_of(a_design({"x": _shared(0.5)}, faults=[slow("x", 1.5, 1.5, 1)]), 3)
    assert _ended(run) == [1.5, 2.75, 3.5]


def test_a_caller_who_withdraws_leaves_the_core_to_the_others():
    """The second is withdrawn at 3.5, when it has half of a second and the first has 1.5 + 0.75 of 3 to go."""
    call = {"to": "x", "timeout_ms": 1500.0, "cancel": True, "classes": ["quick"]}
    classes = [{"name": "quick", "share": 0.5}, {"name": "patient", "share": 0.5}]
    parts = {"front": front([call], [{"to": "x", "classes": ["patient"]}]), "x": _shared(3)}
    for seed in range(30):
        run = run_of(a_design(parts, classes=classes), 2, seed=seed)
        if run.class_index.tolist() == [1, 0]:
            break
    assert log(run, "x") == [(0, 1, 1, 4.75), (1, 2, 2, 3.5)]
    assert run.ending.tolist() == [ANSWERED, FAILED]


def test_a_replica_dies_with_all_that_it_holds():
    run = run_of(a_design({"x": _shared(5, replicas=2)}, faults=[kill("x", 4.5, 3)]), 4)
    assert run.ending.tolist() == [ANSWERED, FAILED, ANSWERED, FAILED]
    assert _ended(run)[1::2] == [4.5, 4.5]
    assert run.components["x"].capacity == ((0.0, 2), (4.5, 1), (7.5, 2))


def test_who_comes_while_all_replicas_are_dead_is_served_when_one_is_back():
    run = run_of(a_design({"x": _shared(1)}, faults=[kill("x", 0.5, 3)]), 2)
    assert log(run, "x") == [(0, 1, 3.5, 5.5), (1, 2, 3.5, 5.5)]


def test_who_comes_after_the_last_replica_has_died_for_good_fails():
    run = run_of(a_design({"x": _shared(1)}, faults=[kill("x", 1.5)]), 3)
    assert run.ending.tolist() == [FAILED] * 3
    assert run.ended_s.tolist() == [1.5, 2, 3]


@given(
    seed=st.integers(0, 2**31),
    replicas=st.integers(1, 3),
    cores=st.integers(1, 3),
    places=st.integers(0, 6) | st.just("unlimited"),
    load=st.floats(0.3, 1.5),
)
@settings(deadline=None, max_examples=60)
def test_sharing_agrees_with_a_second_simulation(seed, replicas, cores, places, load):
    part = _shared(replicas=replicas, concurrency=cores, service_time=exponential(0.05), queue={"limit": places})
    design = a_design({"x": part}, load * replicas * cores / 0.05, arrivals={"kind": "poisson"})
    run = run_of(design, 150, seed=seed)
    work_s = Draws(seed, 0, len(run.arrived_s)).durations_s("x", design.components["x"].service_time)
    limit = float("inf") if places == "unlimited" else replicas * cores + places
    expected = _share(run.arrived_s.tolist(), work_s.tolist(), replicas, cores, limit)
    assert run.ended_s.tolist() == pytest.approx(expected, rel=1e-9)


def _share(arrived_s, work_s, replicas, cores, limit):
    """From event to event, with the work that is left of each request."""
    ended, left, now_s = [0.0] * len(arrived_s), [{} for _ in range(replicas)], 0.0
    for request, at_s in [*enumerate(arrived_s), (None, float("inf"))]:
        while any(left):
            ends = [
                (now_s + work * max(1, len(own) / cores), one, place)
                for place, own in enumerate(left)
                for one, work in own.items()
            ]
            next_s, first, place = min(ends)
            until_s = min(next_s, at_s)
            for own in left:
                for one in own:
                    own[one] -= (until_s - now_s) * min(1, cores / len(own))
            now_s = until_s
            if next_s > at_s:
                break
            ended[first] = now_s
            del left[place][first]
        now_s = at_s
        if request is None:
            return ended
        if sum(map(len, left)) >= limit:
            ended[request] = at_s
        else:
            min(left, key=len)[request] = work_s[request]
    return ended


def _long(load=0.7, n=15_000, seed=1, sharing="processor_sharing", **times):
    part = service(sharing=sharing, service_time={"mean_ms": 10.0, **times})
    return run_of(a_design({"x": part}, load * 100, arrivals={"kind": "poisson"}), n, seed=seed)


@pytest.mark.parametrize(
    "times", [{"kind": "gamma", "scv": 0.2}, {"kind": "exponential"}, {"kind": "hyperexponential", "scv": 3.0}]
)
def test_the_mean_latency_does_not_depend_on_how_work_is_spread(times):
    """M/G/1-PS: E[T] = E[S] / (1 - rho) for every distribution (Sakata, Noguchi, Oizumi 1971)."""
    means = [
        float((run.ended_s - run.arrived_s)[2000:].mean()) for run in (_long(0.5, seed=s, **times) for s in range(5))
    ]
    error = np.std(means, ddof=1) / 5**0.5
    assert error < 0.05 * 0.02
    assert abs(np.mean(means) - 0.02) < 4.6 * error  # Student's t with 4 degrees of freedom at 99%


def test_a_core_is_busy_at_the_same_times_as_with_slots():
    """Work conservation: sharing decides who ends when, not how much work is done by when."""
    shared, slots = (_long(n=3000, kind="gamma", scv=3.0, sharing=one) for one in ("processor_sharing", "slots"))
    edges = np.linspace(0, shared.duration_s, 1000)
    assert busy_s(shared.components["x"], edges) == pytest.approx(busy_s(slots.components["x"], edges), abs=1e-7)


def test_the_busy_share_counts_cores_and_not_requests():
    run = run_of(a_design({"x": _shared(2, concurrency=2)}, 2.0), 8)
    assert [utilization(run, "x", a, b) for a, b in ((0, 0.5), (0.5, 1), (1, 4))] == pytest.approx([0, 0.5, 1])


@given(seed=st.integers(0, 2**31), up_s=st.floats(0.05, 1), down_s=st.floats(0.01, 0.5), at_s=st.floats(0, 1))
@settings(deadline=None, max_examples=40)
def test_nobody_works_beyond_capacity_whatever_breaks_and_all_work_is_done(seed, up_s, down_s, at_s):
    part = _shared(replicas=3, concurrency=2, service_time=exponential(0.05))
    faults = [breakdowns("x", up_s, down_s), kill("x", at_s, 0.3)]
    run = run_of(a_design({"x": part}, 100.0, arrivals={"kind": "poisson"}, faults=faults), 100, seed=seed)
    record, last_s = run.components["x"], float(np.nanmax(run.ended_s)) + 1
    assert not np.isnan(run.ended_s).any()
    moments = [at for at, _ in record.capacity] + record.visits.entered_s.tolist() + record.visits.ended_s.tolist()
    edges = np.unique([0.0, last_s, *(at for at in moments if at < last_s)])
    assert (busy_s(record, edges) <= capacity_s(record, edges) + 1e-9).all()
    work_s = Draws(seed, 0, len(run.arrived_s)).durations_s("x", a_design({"x": part}).components["x"].service_time)
    answered = work_s[run.ending == ANSWERED].sum()
    assert answered - 1e-7 <= busy_s(record, edges).sum() <= work_s.sum() + 1e-7
