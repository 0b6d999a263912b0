"""What a load balancer knows: a ring of keys that stays put, stale counts, and replicas kept in order of length."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.build import build
from simulator.clock import Clock
from simulator.components.hash_ring import HashRing
from simulator.components.outstanding import Levels, Outstanding
from simulator.components.request import Request
from simulator.draws import Draws
from tests.simulator.designs import a_design, balancer, exponential, kill, latencies_s, log, run_of, service

NAMES = [f"x/{i}" for i in range(10)]
AGE = 2.0**24


def _owners(ring, among, keys=20_000):
    return [ring.owner(key, among) for key in range(keys)]


def test_a_ring_spreads_keys_over_all_names():
    shares = np.bincount(_owners(HashRing(NAMES), range(10))) / 20_000
    # the share of a name is a sum of 100 of 1000 gaps: its coefficient of variation is about 1 / sqrt(100)
    assert shares == pytest.approx([0.1] * 10, abs=4 * 0.1 * 0.1)


def test_when_a_name_goes_only_its_keys_move_and_to_many_others():
    ring = HashRing(NAMES)
    before, after = _owners(ring, range(10)), _owners(ring, [i for i in range(10) if i != 3])
    moved = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert {a for a, _ in moved} == {3}
    assert len(moved) == before.count(3)
    assert len({b for _, b in moved}) == 9


def test_when_a_name_comes_it_takes_its_keys_from_all_and_nothing_else_moves():
    fewer, more = HashRing(NAMES[:9]), HashRing(NAMES)
    moved = [(a, b) for a, b in zip(_owners(fewer, range(9)), _owners(more, range(10)), strict=True) if a != b]
    assert {b for _, b in moved} == {9}
    assert len({a for a, _ in moved}) == 9


def test_a_ring_is_the_same_in_every_run():
    assert [HashRing(["a", "b", "c"]).owner(key, range(3)) for key in range(8)] == [0, 2, 2, 1, 1, 1, 2, 0]


def _homes(faults=(), arrivals=300):
    """For each request, when the replica that it went to got its first one (see test_load_balancer.py)."""
    parts = {"lb": balancer("x", "consistent_hash"), "x": service(AGE, replicas=5)}
    run = run_of(a_design(parts, faults=list(faults)), arrivals)
    return {request: began % AGE for request, _, began, _ in log(run, "x") if began is not None}


def test_requests_without_keys_spread_over_the_replicas_by_their_number():
    counts = Counter(_homes().values())
    assert len(counts) == 5
    assert min(counts.values()) > 300 / 5 / 3


def test_a_dead_replica_moves_its_own_requests_only():
    ring = HashRing([f"x/{i}" for i in range(5)])
    parts = {"lb": balancer("x", "consistent_hash"), "x": service(0.5, replicas=5)}
    run = run_of(a_design(parts, faults=[kill("x", 100.2, 100.0)]), 300)
    where = [ring.owner(i, range(4) if 100 <= i + 1 - 0.2 < 200 else range(5)) for i in range(300)]
    last = {}
    expected = []
    for i, home in enumerate(where):
        starts_s = max(i + 1.0, last.get(home, 0.0))
        last[home] = starts_s + 0.5
        expected.append(last[home] - (i + 1))
    assert latencies_s(run) == pytest.approx(expected)


def test_keys_go_by_their_popularity_rank():
    parts = {"lb": balancer("x", "consistent_hash"), "x": service(1, replicas=5)}
    system = build(Clock(), a_design(parts, keys={"count": 50}), Draws(1, 0, 40))
    requests = [Request(index, "all", 1) for index in range(40)]
    for request in requests:
        request.rank = 7 if request.index % 2 else 7 + request.index
        system.env.process(system.parts["lb"][0].serve(request))
    system.env.run()
    visits = system.records()["x"].visits
    of_seven = visits.ended_s[visits.request % 2 == 1]
    assert np.diff(of_seven).min() >= 1  # one replica has them all
    assert visits.ended_s.max() < 40


def test_stale_counts_are_those_of_the_last_refresh():
    """Two replicas; counts are read every 4 s, and the work takes an age, so that they only grow."""
    parts = {"lb": balancer("x", "least_outstanding", stale_ms=4000.0), "x": service(AGE, replicas=2)}
    run = run_of(a_design(parts), 40)
    first = log(run, "x")[0][2]
    to_first = [began % AGE == first % AGE for _, _, began, _ in log(run, "x")]
    counts, seen, expected = [0, 0], [0, 0], []
    for i, one in enumerate(to_first):
        if (i + 1) % 4 == 0:
            seen = counts.copy()
        expected.append(None if seen[0] == seen[1] else seen[0] < seen[1])
        counts[not one] += 1
    assert sum(one is not None for one in expected) >= 20
    assert all(wanted in (None, got) for got, wanted in zip(to_first, expected, strict=True))


def test_a_refresh_sees_what_was_so_at_its_instant():
    """At second 2.5 nothing is known of what ends at 2.25 until the refresh at 3."""
    clock = Clock()
    some = Outstanding(clock, 2, stale_s=1.0)
    seen = []

    def scene():
        some.add(0, 1)
        yield clock.at(1.5)
        some.add(1, 1)
        seen.append(some.seen.copy())
        yield clock.at(2.25)
        some.add(0, -1)
        seen.append(some.seen.copy())
        yield clock.at(4.75)
        some.refresh()
        seen.append(some.seen.copy())

    clock.process(scene())
    clock.run()
    assert seen == [[1, 0], [1, 1], [0, 1]]


def test_staler_counts_never_help():
    means = []
    for stale_ms in (0.0, 2000.0, 20_000.0):
        part = service(service_time=exponential(1), replicas=10)
        parts = {"lb": balancer("x", "least_outstanding", stale_ms=stale_ms), "x": part}
        run = run_of(a_design(parts, rate_per_s=8.0, arrivals={"kind": "poisson"}), 8000)
        means.append(np.mean(latencies_s(run)))
    assert means[0] < 0.8 * means[1] < 0.64 * means[2]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=200), st.sets(st.integers(0, 5), min_size=1))
def test_levels_always_know_the_least(steps, members):
    counts = [0] * 6
    levels = Levels(sorted(members), counts)
    for one, up in steps:
        if up or counts[one]:
            before = counts[one]
            counts[one] += 1 if up else -1
            levels.move(one, before, counts[one])
        least = min(counts[i] for i in members)
        assert sorted(levels.least()) == [i for i in sorted(members) if counts[i] == least]
