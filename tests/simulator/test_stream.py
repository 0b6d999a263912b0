"""A log and its consumers, by hand, by the conservation of messages and by fluid backlogs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.draws import Draws
from simulator.results.run import Ending
from simulator.theory.fluid import burst_backlog
from tests.simulator.designs import (
    a_design,
    balancer,
    constant,
    exponential,
    front,
    kill,
    latencies_s,
    log,
    path_of,
    run_of,
    service,
    slow,
    wide,
)


def stream(consumer_s=1.0, append_s=0.0, **more):
    times = {"append_time": constant(append_s), "consumer_time": constant(consumer_s)}
    return {"kind": "stream", **times, **more}


def messages_of(run, name="x"):
    return run.components[name].messages


def read_and_done(run):
    kept = messages_of(run)
    return list(zip(kept.read_s.tolist(), kept.done_s.tolist(), strict=True))


def test_the_caller_is_answered_when_the_message_is_appended():
    run = run_of(a_design({"x": stream(5.0, append_s=0.25)}), 3)
    assert latencies_s(run) == [0.25, 0.25, 0.25]
    assert messages_of(run).appended_s.tolist() == [1.25, 2.25, 3.25]


def test_one_consumer_takes_messages_in_order_and_drains_the_log():
    run = run_of(a_design({"x": stream(2.0)}), 4)
    assert read_and_done(run) == [(1.0, 3.0), (3.0, 5.0), (5.0, 7.0), (7.0, 9.0)]


def test_more_consumers_than_partitions_are_idle():
    run = run_of(a_design({"x": stream(2.0, partitions=1, replicas=3)}), 3)
    assert read_and_done(run) == [(1.0, 3.0), (3.0, 5.0), (5.0, 7.0)]


def test_partitions_are_consumed_side_by_side_each_in_order():
    run = run_of(a_design({"x": stream(50.0, partitions=3, replicas=3)}), 60)
    kept = messages_of(run)
    started, ended = kept.read_s, kept.done_s
    at_work = [int(((started <= t) & (t < ended)).sum()) for t in started]
    assert max(at_work) == 3
    assert ended - started == pytest.approx(50.0)


def test_a_consumer_of_several_partitions_takes_the_oldest_message_first():
    run = run_of(a_design({"x": stream(2.0, partitions=5, replicas=1)}), 20)
    assert read_and_done(run) == [(2.0 * i + 1, 2.0 * i + 3) for i in range(20)]


def test_a_consumer_waits_for_the_calls_of_a_message_before_it_reads_the_next():
    parts = {"x": stream(0.5, calls=[[{"to": "st"}]]), "st": wide(1.0)}
    run = run_of(a_design(parts), 3)
    assert read_and_done(run) == [(1.0, 2.5), (2.5, 4.0), (4.0, 5.5)]
    assert log(run, "st") == [(0, 1.5, 1.5, 2.5), (1, 3.0, 3.0, 4.0), (2, 4.5, 4.5, 5.5)]
    assert latencies_s(run) == [0.0, 0.0, 0.0]


def test_what_consumers_do_is_not_on_the_path_of_the_request():
    parts = {
        "a": front([{"to": "x"}], [{"to": "z"}]),
        "x": stream(0.5, append_s=0.5, calls=[[{"to": "st"}]]),
        "z": wide(2.0),
        "st": wide(1.5),  # ends when z does
    }
    design = a_design(parts, rate_per_s=0.1)
    assert path_of(design, run_of(design, 1), 0) == {("x", "work"): 0.5, ("z", "work"): 2.0}


def test_a_message_whose_calls_fail_is_done_with_and_counted():
    parts = {"x": stream(1.0, calls=[[{"to": "dead"}]]), "dead": balancer("corpse"), "corpse": service()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0.0)]), 2)
    assert (run.ending == Ending.ANSWERED).all()
    assert messages_of(run).failed.tolist() == [True, True]
    assert read_and_done(run) == [(1.0, 2.0), (2.0, 3.0)]


def test_without_consumers_the_log_grows_and_drains_when_they_are_back():
    run = run_of(a_design({"x": stream(0.5)}, faults=[kill("x", 1.75, for_s=3.0)]), 5)
    assert read_and_done(run) == [(1.0, 1.5), (4.75, 5.25), (5.25, 5.75), (5.75, 6.25), (6.25, 6.75)]
    assert latencies_s(run) == [0.0] * 5


def test_what_a_dead_consumer_had_in_hand_is_read_again():
    run = run_of(a_design({"x": stream(1.0)}, faults=[kill("x", 1.5, for_s=1.0)]), 2)
    assert read_and_done(run) == [(2.5, 3.5), (3.5, 4.5)]
    assert messages_of(run).redelivered == 1


def test_the_partitions_of_a_dead_consumer_go_to_the_living():
    parts = {"x": stream(4.0, partitions=2, replicas=2)}
    run = run_of(a_design(parts, faults=[kill("x", 10.5)]), 12)
    kept = messages_of(run)
    assert np.isfinite(kept.done_s).all()
    late = np.sort(kept.read_s[kept.read_s > 10.5])
    assert (np.diff(late) >= 4.0 - 1e-9).all()  # one consumer is left


def test_a_consumer_that_dies_takes_the_calls_of_its_message_back():
    parts = {"x": stream(1.0, calls=[[{"to": "st"}]]), "st": service(5.0)}
    run = run_of(a_design(parts, faults=[kill("x", 4.0, for_s=1.0)]), 1)
    assert read_and_done(run) == [(5.0, 11.0)]
    assert log(run, "st") == [(0, 2.0, 2.0, 4.0), (0, 6.0, 6.0, 11.0)]


def test_a_dead_stream_that_nobody_repairs_still_takes_messages():
    run = run_of(a_design({"x": stream(1.0)}, faults=[kill("x", 0.5)]), 3)
    assert (run.ending == Ending.ANSWERED).all()
    assert np.isinf(messages_of(run).done_s).all()


def test_a_full_log_loses_the_oldest_unread_message():
    run = run_of(a_design({"x": stream(10.0, retention_messages=2)}), 5)
    kept = messages_of(run)
    assert kept.lost_s.tolist() == [np.inf, 4.0, 5.0, np.inf, np.inf]
    assert kept.read_s.tolist() == [1.0, np.inf, np.inf, 11.0, 21.0]


def test_a_slow_stream_works_slower_on_what_it_takes_up_meanwhile():
    run = run_of(a_design({"x": stream(1.0, append_s=0.1)}, faults=[slow("x", 3.0, 1.5, 1.0)]), 3)
    assert messages_of(run).appended_s.tolist() == pytest.approx([1.1, 2.3, 3.1])
    assert read_and_done(run) == [pytest.approx(pair) for pair in [(1.1, 2.1), (2.3, 5.3), (5.3, 6.3)]]


FAULTS = st.lists(
    st.builds(
        lambda at_s, for_s, replicas: kill("x", at_s, for_s, replicas),
        st.floats(0, 9),
        st.none() | st.floats(0.1, 4),
        st.integers(1, 3),
    ),
    max_size=3,
)


@given(
    partitions=st.integers(1, 4),
    replicas=st.integers(3, 5),
    retention=st.integers(1, 30) | st.just("unlimited"),
    work_s=st.floats(0.05, 1.0),
    faults=FAULTS,
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=100)
def test_every_message_is_consumed_or_lost_or_left(partitions, replicas, retention, work_s, faults, seed):
    part = stream(1.0, partitions=partitions, replicas=replicas, retention_messages=retention)
    part |= {"consumer_time": exponential(work_s), "calls": [[{"to": "st", "timeout_ms": 500}]]}
    parts = {"x": part, "st": service(0.0, concurrency=2, service_time=exponential(0.2))}
    run = run_of(a_design(parts, 10.0, arrivals={"kind": "poisson"}, faults=faults), 100, seed=seed)
    kept = messages_of(run)
    done, lost = np.isfinite(kept.done_s), np.isfinite(kept.lost_s)
    left = ~done & ~lost
    assert not (done & lost).any()
    assert len(done) == len(run.arrived_s)
    assert (np.isfinite(kept.read_s) == done).all()
    if left.any():
        assert sum(fault["replicas"] for fault in faults if fault["for_s"] is None) >= replicas
    if retention != "unlimited":
        assert left.sum() <= retention


def test_messages_of_a_partition_never_overtake_one_another():
    parts = {"x": stream(1.0, partitions=4, replicas=2) | {"consumer_time": exponential(0.15)}}
    run = run_of(a_design(parts, 10.0, arrivals={"kind": "poisson"}, faults=[kill("x", 4.0, 2.0)]), 300)
    kept = messages_of(run)
    draws = _partitions(run, 4)
    for partition in range(4):
        mine = draws == partition
        assert mine.sum() > 20
        assert (np.diff(kept.read_s[mine]) > 0).all()
        assert (kept.read_s[mine][1:] >= kept.done_s[mine][:-1]).all()


def _partitions(run, partitions):
    uniforms = Draws(run.seed, run.replication, len(run.arrived_s)).uniforms("x/partition")
    return (uniforms[messages_of(run).request] * partitions).astype(int)


def test_a_burst_piles_up_and_drains_at_the_spare_capacity():
    burst = {"kind": "traffic_spike", "at_s": 10.0, "for_s": 60.0, "factor": 2.0}
    run = run_of(a_design({"x": stream(1 / 15)}, 10.0, faults=[burst]), 2000)
    kept, fluid = messages_of(run), burst_backlog(10, 20, 60, 15)
    lag = np.searchsorted(kept.appended_s, kept.read_s, side="right") - np.arange(1, len(kept.read_s) + 1)
    assert lag.max() == pytest.approx(fluid.peak, abs=2)
    assert (kept.read_s - kept.appended_s).max() == pytest.approx(fluid.longest_wait, abs=0.2)
    caught_up_s = kept.read_s[np.flatnonzero(lag > 0).max() + 1]
    assert caught_up_s - 70.0 == pytest.approx(fluid.drain_time, abs=2)


def test_more_consumers_never_leave_messages_waiting_longer():
    waits = []
    for replicas in (1, 2, 4):
        part = stream(1.0, partitions=4, replicas=replicas) | {"consumer_time": exponential(0.15)}
        kept = messages_of(run_of(a_design({"x": part}, 10.0, arrivals={"kind": "poisson"}), 1000))
        waits.append(float((kept.read_s - kept.appended_s).mean()))
    assert waits == sorted(waits, reverse=True)


def test_a_stream_behind_a_front_answers_with_the_front():
    parts = {"a": front([{"to": "x"}]), "x": stream(9.0, append_s=0.5)}
    assert latencies_s(run_of(a_design(parts), 3)) == [0.5] * 3
