"""Which replica a load balancer chooses.

Where the work of a replica takes an age, the k-th request of a replica begins k - 1 ages after the replica's first one
arrived. So the rest of a division by the age names the replica.
"""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, balancer, exponential, kill, latencies_s, log, run_of, service, slow

AGE = 2.0**24  # seconds


def _chosen(policy, replicas, requests, faults=(), **more):
    """For each request, when the replica that it went to got its first one."""
    parts = {"lb": balancer("x", policy, **more), "x": service(AGE, replicas=replicas)}
    run = run_of(a_design(parts, faults=list(faults)), requests)
    return [began % AGE for _, _, began, _ in log(run, "x")]


def _choices_by_length(policy, replicas, requests, **more):
    """(lengths of all replicas' lists before, place of the chosen one) for each request after all have got one."""
    chosen = _chosen(policy, replicas, requests, **more)
    names = {name: i for i, name in enumerate(dict.fromkeys(chosen))}
    lengths, seen = [0] * len(names), []
    for name in chosen:
        seen.append((tuple(lengths), names[name]))
        lengths[names[name]] += 1
    return [(before, one) for before, one in seen if min(before) > 0]


def test_round_robin_takes_the_replicas_in_turn():
    assert _chosen("round_robin", 3, 9) == [1, 2, 3] * 3


def test_round_robin_passes_over_the_dead_and_takes_them_back():
    faults = [kill("x", 0.5, 4, replicas=1)]
    assert _chosen("round_robin", 3, 9, faults) == [1, 2, 1, 2, 5, 1, 2, 5, 1]


def test_round_robin_goes_through_all_replicas_of_all_targets():
    parts = {"lb": {"kind": "load_balancer", "targets": ["a", "b"]}, "a": service(1, replicas=2), "b": service(1)}
    run = run_of(a_design(parts), 6)
    assert [[row[0] for row in log(run, name)] for name in "ab"] == [[0, 1, 3, 4], [2, 5]]


@pytest.mark.parametrize("policy", ["round_robin", "random", "least_outstanding", "power_of_d"])
def test_a_dead_replica_gets_nothing(policy):
    run = run_of(
        a_design({"lb": balancer("x", policy), "x": service(0.1, replicas=3)}, faults=[kill("x", 0, replicas=2)]), 50
    )
    assert run.ending.tolist() == [Ending.ANSWERED] * 50
    assert run.components["x"].capacity[-1] == (0.0, 1)


@pytest.mark.parametrize("policy", ["round_robin", "random", "least_outstanding", "power_of_d"])
def test_without_a_live_replica_requests_fail_at_the_balancer(policy):
    run = run_of(
        a_design({"lb": balancer("x", policy), "x": service(replicas=3)}, faults=[kill("x", 0, replicas=3)]), 5
    )
    assert run.ending.tolist() == [Ending.FAILED] * 5


def test_a_balancer_without_a_live_replica_has_not_answered():
    run = run_of(a_design({"lb": balancer("x"), "x": service()}, faults=[kill("x", 0)]), 5)
    assert run.components["lb"].visits.answered.tolist() == [False] * 5


def test_random_takes_every_replica_equally_often():
    counts = np.unique(_chosen("random", 4, 4000), return_counts=True)[1]
    assert counts / 4000 == pytest.approx([0.25] * 4, abs=4 * (0.25 * 0.75 / 4000) ** 0.5)


def test_random_choices_do_not_follow_from_the_one_before():
    chosen = _chosen("random", 2, 4000)
    repeats = np.mean([a == b for a, b in zip(chosen[1:], chosen, strict=False)])
    assert repeats == pytest.approx(0.5, abs=4 * 0.5 / 4000**0.5)


def test_least_outstanding_never_picks_a_longer_one():
    for before, one in _choices_by_length("least_outstanding", 5, 300):
        assert before[one] == min(before)


def test_power_of_all_is_least_outstanding():
    for before, one in _choices_by_length("power_of_d", 4, 300, choices=4):
        assert before[one] == min(before)


def test_power_of_two_looks_at_two_different_replicas():
    for before, one in _choices_by_length("power_of_d", 3, 1000):
        assert before[one] < max(before) or before.count(max(before)) > 1


def test_power_of_three_never_picks_one_of_the_two_longest():
    for before, one in _choices_by_length("power_of_d", 5, 1000, choices=3):
        assert sum(length >= before[one] for length in before) >= 3


def test_power_of_two_sees_every_pair_equally_often():
    choices = [(before, one) for before, one in _choices_by_length("power_of_d", 3, 6000) if len(set(before)) == 3]
    shortest = np.mean([before[one] == min(before) for before, one in choices])  # it is in two of three pairs
    assert len(choices) > 500
    assert shortest == pytest.approx(2 / 3, abs=4 * (2 / 9 / len(choices)) ** 0.5)


def test_ties_are_broken_at_random():
    firsts = [
        (before, one) for before, one in _choices_by_length("least_outstanding", 2, 4000) if before[0] == before[1]
    ]
    share = np.mean([one == 0 for _, one in firsts])
    assert share == pytest.approx(0.5, abs=4 * 0.5 / len(firsts) ** 0.5)


def test_a_replica_that_has_answered_counts_as_free():
    run = run_of(a_design({"lb": balancer("x", "least_outstanding"), "x": service(1.5, replicas=2)}), 20)
    assert latencies_s(run) == [1.5] * 20


def test_least_outstanding_never_lets_a_request_wait_while_a_replica_is_idle():
    parts = {"lb": balancer("x", "least_outstanding"), "x": service(service_time=exponential(1), replicas=4)}
    run = run_of(a_design(parts, rate_per_s=3.6), 1000)
    rows = log(run, "x")
    for request, entered, began, _ in rows:
        if began > entered:
            present = sum(
                other[1] <= entered < other[3] for other in rows if other[0] != request and other[1] < entered
            )
            assert present >= 4


def test_the_balancers_own_time_comes_first():
    run = run_of(a_design({"lb": balancer("x", overhead_ms=250.0), "x": service(1)}), 1)
    assert (log(run, "lb"), log(run, "x")) == ([(0, 1, 1, 1.25)], [(0, 1.25, 1.25, 2.25)])


def test_one_slow_component_does_not_slow_the_others_behind_the_same_balancer():
    parts = {"lb": {"kind": "load_balancer", "targets": ["a", "b"]}, "a": service(0.5), "b": service(0.5)}
    assert latencies_s(run_of(a_design(parts, faults=[slow("b", 2, 0)]), 4)) == [0.5, 1, 0.5, 1]


def test_another_policy_leaves_the_work_of_each_request_as_it_is():
    works = []
    for policy in ("random", "round_robin", "least_outstanding", "power_of_d"):
        parts = {"lb": balancer("x", policy), "x": service(service_time=exponential(1), replicas=4)}
        run = run_of(a_design(parts, rate_per_s=3), 100)
        works.append([ended - began for *_, began, ended in sorted(log(run, "x"))])
    assert works[1:] == [pytest.approx(works[0])] * 3
