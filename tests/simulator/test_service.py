"""A service against recursions on the same draws, and on evenly spaced arrivals against pen and paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.draws import Draws
from simulator.results.run import Ending
from tests.simulator import oracles
from tests.simulator.designs import a_design, log, run_of, service

SEEDS = st.integers(0, 2**31)


def _station(mean_ms, replicas, concurrency, **queue):
    times = {"kind": "exponential", "mean_ms": mean_ms}
    queue = {"limit": "unlimited", **queue}
    return {"kind": "service", "service_time": times, "replicas": replicas, "concurrency": concurrency, "queue": queue}


def _run(part, rate_per_s, seed, arrivals=300):
    """A run of one service, and the arrivals and draws as its oracle gets them."""
    design = design_from({"traffic": {"entry": "x", "arrival_rate_per_s": rate_per_s}, "components": {"x": part}})
    run = run_of(design, arrivals, seed=seed)
    work_s = Draws(seed, 0, len(run.arrived_s)).durations_s("x", design.components["x"].service_time)
    return run, run.arrived_s.tolist(), work_s.tolist()


@given(seed=SEEDS, replicas=st.integers(1, 5), concurrency=st.integers(1, 4), load=st.floats(0.2, 1.5))
@settings(deadline=None, max_examples=60)
def test_a_service_is_first_come_first_served(seed, replicas, concurrency, load):
    run, arrived_s, work_s = _run(_station(50.0, replicas, concurrency), load * replicas * concurrency / 0.05, seed)
    expected = oracles.first_come_first_served(arrived_s, work_s, replicas * concurrency)
    assert run.ended_s.tolist() == expected.ended_s
    assert [row[2] for row in sorted(log(run, "x"))] == expected.began_s


_ENDINGS = {oracles.SERVED: Ending.ANSWERED, oracles.REFUSED: Ending.REFUSED, oracles.DROPPED: Ending.REFUSED}


@given(
    seed=SEEDS,
    servers=st.integers(1, 4),
    places=st.integers(0, 12),
    oldest_ms=st.none() | st.floats(1, 200),
    load=st.floats(0.5, 3),
)
@settings(deadline=None, max_examples=100)
def test_a_bounded_queue_refuses_and_drops_exactly_the_right_requests(seed, servers, places, oldest_ms, load):
    part = _station(50.0, servers, 1, limit=places, drop_older_than_ms=oldest_ms)
    run, arrived_s, work_s = _run(part, load * servers / 0.05, seed)
    oldest_s = np.inf if oldest_ms is None else oldest_ms / 1000
    expected = oracles.bounded_queue(arrived_s, work_s, servers, places, oldest_s)
    assert run.ending.tolist() == [_ENDINGS[fate] for fate in expected.fate]
    assert run.ended_s.tolist() == expected.ended_s


@given(seed=SEEDS, load=st.floats(0.3, 0.95), replicas=st.integers(1, 5))
@settings(deadline=None, max_examples=30)
def test_another_replica_never_makes_anybody_wait_longer(seed, load, replicas):
    rate = load * replicas / 0.05
    few, many = (_run(_station(50.0, size, 1), rate, seed)[0] for size in (replicas, replicas + 1))
    assert (many.ended_s <= few.ended_s).all()


def test_one_place_to_wait_by_hand():
    run = run_of(a_design({"x": service(2.5, queue={"limit": 1})}), 5)
    assert log(run, "x") == [(0, 1, 1, 3.5), (1, 2, 3.5, 6), (2, 3, None, 3), (3, 4, 6, 8.5), (4, 5, None, 5)]


def test_two_replicas_by_hand():
    run = run_of(a_design({"x": service(2.5, replicas=2)}), 5)
    assert log(run, "x") == [(0, 1, 1, 3.5), (1, 2, 2, 4.5), (2, 3, 3.5, 6), (3, 4, 4.5, 7), (4, 5, 6, 8.5)]


def test_a_request_that_waited_exactly_as_long_as_allowed_is_still_served():
    run = run_of(a_design({"x": service(3, queue={"drop_older_than_ms": 2000.0})}), 3)
    assert log(run, "x") == [(0, 1, 1, 4), (1, 2, 4, 7), (2, 3, None, 7)]


def test_dropped_work_gives_its_slot_to_the_next_that_is_young_enough():
    run = run_of(a_design({"x": service(4, queue={"drop_older_than_ms": 1500.0})}), 4)
    assert log(run, "x") == [(0, 1, 1, 5), (1, 2, None, 5), (2, 3, None, 5), (3, 4, 5, 9)]


def test_a_place_in_the_queue_is_free_again_when_its_work_begins():
    run = run_of(a_design({"x": service(1.5, queue={"limit": 1})}), 6)
    assert run.ending.tolist() == [
        Ending.ANSWERED,
        Ending.ANSWERED,
        Ending.ANSWERED,
        Ending.REFUSED,
        Ending.ANSWERED,
        Ending.ANSWERED,
    ]


def test_an_arrival_comes_before_the_end_of_work_at_the_same_instant():
    run = run_of(a_design({"x": service(1, queue={"limit": 0})}), 3)
    assert run.ending.tolist() == [Ending.ANSWERED, Ending.REFUSED, Ending.ANSWERED]


@pytest.mark.parametrize(("replicas", "concurrency"), [(6, 1), (3, 2), (1, 6)])
def test_slots_count_however_they_are_grouped(replicas, concurrency):
    run, arrived_s, work_s = _run(_station(50.0, replicas, concurrency), 100, seed=3)
    assert run.ended_s.tolist() == oracles.first_come_first_served(arrived_s, work_s, 6).ended_s
