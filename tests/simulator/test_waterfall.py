"""Where the time of a request went: the parts are the right ones and add up to its latency."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulator.design_file import design_from
from simulator.results.counted import Counted, counted
from simulator.results.paths import PARTS, paths
from simulator.results.summary import summarize
from simulator.results.waterfall import ELSEWHERE, waterfall
from tests.simulator.designs import (
    a_design,
    balancer,
    exponential,
    front,
    kill,
    model_server,
    path_of,
    replications_of,
    run_of,
    service,
    slow,
    store,
    wide,
)
from tests.simulator.path_oracle import path
from tests.simulator.random_designs import running_designs

WAITING, FILLING, WORK = "waiting for a free slot", "waiting for the batch", "work"
LOST = {("(pauses and time lost)", "lost"): 1.0}


def _path(components, request=0, arrivals=1, **more):
    design = a_design(components, **more)
    return path_of(design, run_of(design, arrivals), request)


def test_waiting_and_work_are_told_apart():
    assert _path({"x": service(1.5)}, 2, 3) == {("x", WAITING): 1.0, ("x", WORK): 1.5}


def test_steps_one_after_the_other_all_count():
    parts = {"front": wide(1, calls=[[{"to": "x"}], [{"to": "y"}]]), "x": wide(2), "y": store(3)}
    assert _path(parts) == {("front", WORK): 1, ("x", WORK): 2, ("y", WORK): 3}


def test_of_parallel_calls_the_longest_counts():
    parts = {"front": front([{"to": "x"}, {"to": "y"}]), "x": wide(2), "y": wide(3)}
    assert _path(parts) == {("y", WORK): 3}


def test_of_parallel_chains_the_one_that_was_waited_for_counts():
    parts = {
        "front": front([{"to": "x"}, {"to": "z"}]),
        "x": wide(3, calls=[[{"to": "y"}]]),
        "y": wide(3),
        "z": wide(5),
    }
    assert _path(parts) == {("x", WORK): 3, ("y", WORK): 3}


def test_a_long_call_in_parallel_with_a_chain_counts_when_it_ends_last():
    parts = {
        "front": front([{"to": "x"}, {"to": "z"}]),
        "x": wide(3, calls=[[{"to": "y"}]]),
        "y": wide(3),
        "z": wide(7),
    }
    assert _path(parts) == {("z", WORK): 7}


def test_a_call_that_nobody_waited_for_does_not_count():
    parts = {"front": front([{"to": "x", "fire_and_forget": True}], [{"to": "y"}]), "x": wide(9), "y": wide(2)}
    assert _path(parts) == {("y", WORK): 2}


def test_an_attempt_that_timed_out_counts_until_it_was_given_up():
    call = {"to": "x", "timeout_ms": 2000.0, "fallback": [{"answer_ms": 1000.0}]}
    assert _path({"front": front([call]), "x": wide(9)}) == {("x", WORK): 2.0} | LOST


def test_a_pause_between_attempts_is_lost_time():
    retries = {"attempts": 2, "backoff": "exponential", "base_ms": 1000.0}
    call = {"to": "x", "timeout_ms": 2000.0, "retries": retries}
    faults = [slow("x", 9, 0, 2)]
    assert _path({"front": front([call]), "x": wide(1.5)}, faults=faults) == {("x", WORK): 3.5} | LOST


def test_of_a_hedged_call_the_copy_that_answered_counts():
    call = {"to": "x", "hedge": {"after_ms": 2000.0}}
    path = _path(
        {"front": front([call]), "x": wide(1, calls=[[{"to": "y"}]]), "y": wide(1)}, faults=[slow("x", 9, 0, 2)]
    )
    assert path == {("x", WORK): 3, ("y", WORK): 1}  # the wait for the backup request was spent on the first copy


def test_waiting_for_a_batch_to_fill_is_told_from_waiting_for_a_device():
    parts = {"x": model_server(3, 5, max_wait_s=60)}
    # 1, 2 and 3 leave at 3; 4, 5 and 6 are together at 6 and wait for the device until 8
    assert _path(parts, 0, 6) == {("x", FILLING): 2, ("x", WORK): 5}
    assert _path(parts, 3, 6) == {("x", WAITING): 4, ("x", WORK): 5}


def test_a_wait_may_be_for_the_device_first_and_for_the_batch_then():
    parts = {"x": model_server(3, 2.5, max_wait_s=60)}
    # the device is busy from 3 to 5.5; the batch of 4, 5 and 6 is full at 6
    assert _path(parts, 3, 6) == {("x", WAITING): 1.5, ("x", FILLING): 0.5, ("x", WORK): 2.5}


def test_waiting_for_a_dead_device_is_not_waiting_for_the_batch():
    parts, faults = {"x": model_server(9, 1, max_wait_s=2)}, [kill("x", 1.5, 1)]
    # the request of second 1 waits for others until 1.5, for the device until 2.5, and for others until 3
    assert _path(parts, 0, 1, faults=faults) == {("x", WAITING): 1, ("x", FILLING): 1, ("x", WORK): 1}


def test_behind_a_balancer_waiting_for_a_device_means_the_device_that_was_chosen():
    parts = {"lb": balancer("x"), "x": model_server(1, 2.5, replicas=2)}
    # the first device is busy from 1 to 3.5 and gets the request of second 3; the second one is idle until 2
    design = a_design({**parts, "x": model_server(1, 2.5, replicas=3)}, faults=[kill("x", 0, replicas=1)])
    assert path_of(design, run_of(design, 3), 2) == {("x", WAITING): 0.5, ("x", WORK): 2.5}


def test_an_idle_device_behind_a_balancer_does_not_turn_waiting_into_filling():
    parts = {
        "lb": {"kind": "load_balancer", "targets": ["x"], "policy": "round_robin"},
        "x": model_server(1, 1.75, replicas=2),
    }
    design = a_design(parts, rate_per_s=1, faults=[slow("x", 4, 0, 1.5)])
    # the device of second 1 works until 8; the other one is idle from 3.75 to 4, and the request of second 3 waits on
    path = path_of(design, run_of(design, 3), 2)
    assert path == {("x", WAITING): 5, ("x", WORK): 1.75}


def _random_system(seed_part):
    return {
        "front": front([{"to": "a", "timeout_ms": 3000.0, "retries": {"attempts": 2}}, {"to": "b"}], [{"to": "c"}]),
        "a": service(service_time=exponential(1), replicas=2, calls=[[{"to": "d"}]]),
        "b": store(1, read_time=exponential(2)),
        "c": model_server(4, 0.7, max_wait_s=1, replicas=seed_part),
        "d": service(service_time=exponential(0.5)),
    }


@given(seed=st.integers(0, 10_000), devices=st.integers(1, 3))
@settings(deadline=None, max_examples=25)
def test_the_parts_of_every_request_add_up_to_its_latency(seed, devices):
    design = a_design(_random_system(devices), arrivals={"kind": "poisson"})
    run = run_of(design, 60, seed=seed)
    everything = counted(design, [run], 0.0)
    for request in np.flatnonzero(everything.answered):
        fall = waterfall([run], everything.only(np.array([request])), 0.5)
        assert sum(one.mean_ms for one in fall.segments) == pytest.approx(everything.latency_ms[request], abs=1e-5)
        assert min(one.mean_ms for one in fall.segments) >= 0


@given(data=running_designs())
@settings(deadline=None, max_examples=60)
def test_the_paths_of_all_are_those_of_each_walked_by_itself(data):
    run = run_of(design_from(data), 60)
    answered = counted(design_from(data), [run], 0.0).answered_ones.index
    assume(len(answered))
    names = [(name, part) for name in run.components for part in PARTS] + [(ELSEWHERE, "lost")]
    expected = Counter()
    for request in answered.tolist():
        for part, from_s, to_s in path(run, request):
            expected[part] += to_s - from_s
    spans = paths([run], [answered])
    found = Counter({names[what]: spans.lasts_s[spans.what == what].sum() for what in np.unique(spans.what).tolist()})
    assert found == pytest.approx({part: seconds for part, seconds in expected.items() if seconds}, abs=1e-9)


@given(latencies=st.lists(st.integers(1, 9), min_size=1, max_size=40), share=st.floats(0, 1), reach=st.floats(0, 9))
def test_those_around_a_rank_are_a_part_of_all_in_order(latencies, share, reach):
    n, rank = len(latencies), share * (len(latencies) - 1)
    nothing = np.zeros(n, dtype=np.int64)
    some = Counted(np.arange(n), nothing, nothing, np.array(latencies, dtype=float), nothing)
    order = np.argsort(latencies, kind="stable")
    assert some.around(rank, reach).tolist() == order[int(max(0, rank - reach)) : int(rank + reach) + 1].tolist()


def test_the_segments_of_a_percentile_add_up_to_the_mean_of_its_neighborhood():
    design = a_design(_random_system(2), arrivals={"kind": "poisson"})
    summary = summarize(replications_of(design, 2000, replications=2))
    for fall in summary.waterfalls:
        assert sum(one.mean_ms for one in fall.segments) == pytest.approx(fall.latency_ms, abs=1e-5)
    p50, p99 = summary.waterfalls
    assert p50.latency_ms == pytest.approx(summary.latency.p50_ms.value, rel=0.02)
    assert p50.latency_ms < p99.latency_ms


def test_segments_stand_in_the_order_of_time():
    parts = {"front": wide(1, calls=[[{"to": "z"}], [{"to": "a"}]]), "z": wide(2), "a": wide(3)}
    design = a_design(parts)
    assert list(path_of(design, run_of(design, 1), 0)) == [("front", WORK), ("z", WORK), ("a", WORK)]
