"""Stores that a stream feeds: what is read is as old as the consumption of the stream."""

import numpy as np
import pytest

from simulator import edits
from simulator.design_file import DesignProblem
from simulator.draws import Draws
from simulator.results.checks import Check, measure
from tests.simulator.designs import a_design, constant, exponential, front, kill, replications_of, run_of, store, wide


def _stream(consumer_s, **more):
    return {"kind": "stream", "append_time": constant(0), "consumer_time": constant(consumer_s), **more}


def _parts(consumer_s=2.0, store_s=0.25, stream=None, **freshness):
    """Each request appends a message and then reads the store, whose answer takes a quarter of a second."""
    parts = {"front": front([{"to": "log"}], [{"to": "x"}])}
    fed = store(store_s, freshness={"fed_by": "log", **freshness})
    return {**parts, "log": _stream(consumer_s, **(stream or {})), "x": fed}


def _ages(parts, arrivals, **more):
    return run_of(a_design(parts, **more), arrivals).components["x"].ages.age_s.tolist()


def test_the_age_is_that_of_the_oldest_message_that_is_not_consumed():
    # appended at 1, 2, 3, 4 and consumed at 3, 5, 7, 9: at 1.25, 2.25, 3.25, 4.25 the oldest is of 1, 1, 2, 2
    assert _ages(_parts(), 4) == [0.25, 1.25, 1.25, 2.25]


def test_the_lag_is_added():
    assert _ages(_parts(lag_s=10.0), 4) == [10.25, 11.25, 11.25, 12.25]


def test_a_store_is_up_to_date_when_no_message_waits():
    assert _ages(_parts(consumer_s=0.125), 4) == [0.0] * 4
    assert _ages(_parts(consumer_s=0.125, lag_s=3.0), 4) == [3.0] * 4


def test_the_calls_of_the_consumer_are_part_of_consuming():
    calls = {"calls": [[{"to": "work"}]]}
    parts = _parts(consumer_s=0.0, stream=calls) | {"work": wide(2.0)}
    assert _ages(parts, 4) == [0.25, 1.25, 1.25, 2.25]


def test_a_store_may_be_written_by_the_calls_of_the_consumers_that_feed_it():
    parts = _parts(consumer_s=0.5, store_s=0.0, stream={"calls": [[{"to": "x"}]]})
    run = run_of(a_design(parts), 2)
    assert (run.ended_s - run.oldest_write_s).tolist() == [0.0, 0.0]


def test_a_delay_of_the_features_still_adds():
    late = {"kind": "delay_features", "component": "x", "at_s": 2.5, "lag_s": 1.0, "for_s": 1.0}
    # at 2.5 it holds what was written until 1; at 3.25 it would hold that until 2, but only sees that until 1
    assert _ages(_parts(), 4, faults=[late]) == [0.25, 1.25, 2.25, 2.25]


def test_updates_are_batches_of_what_was_consumed():
    ages = np.array(_ages(_parts(consumer_s=0.125, update_every_s=10.0), 30))
    assert ages.tolist() == pytest.approx([(ages[0] + i) % 10 for i in range(30)])


def test_dead_consumers_let_the_store_grow_old():
    assert _ages(_parts(consumer_s=0.125), 5, faults=[kill("log", 2.5)]) == [0.0, 0.0, 0.25, 1.25, 2.25]


def test_a_message_that_is_read_again_is_not_consumed():
    # the first is taken up at 1, dropped at 2.5 and done at 5.5
    ages = _ages(_parts(), 5, faults=[kill("log", 2.5, for_s=1.0)])
    assert ages == [0.25, 1.25, 2.25, 3.25, 4.25]


def test_what_is_lost_is_not_waited_for():
    # the first is done at 4.125; the second is lost to the third at 3, and that to the fourth at 4
    ages = _ages(_parts(consumer_s=3.125, stream={"retention_messages": 1}), 4)
    assert ages == [0.25, 1.25, 2.25, 0.25]


def test_the_oldest_partition_counts():
    """At every read the oldest of all messages appended and not done, straight from the record."""
    part = {"partitions": 3, "replicas": 3, "consumer_time": exponential(2.0)}
    run = run_of(a_design(_parts(stream=part)), 300, seed=5)
    kept, ages = run.components["log"].messages, run.components["x"].ages
    for at_s, age_s in zip(ages.read_s, ages.age_s, strict=True):
        open_s = kept.appended_s[(kept.appended_s <= at_s) & (kept.done_s > at_s)]
        assert age_s == pytest.approx(at_s - open_s.min() if len(open_s) else 0.0)
    assert len(set((Draws(5, 0, 300).uniforms("log/partition") * 3).astype(int))) == 3


def test_the_promise_of_freshness_sees_the_lag_of_the_log():
    replications = replications_of(a_design(_parts(consumer_s=2.0), promise={"freshness_s": 2.0}), 100)
    # request n, read at n + 0.25, finds messages until (n - 1) // 2 done: its age is n + 0.25 - 1 - (n - 1) // 2
    ages = [n + 0.25 - 1 - (n - 1) // 2 for n in range(1, 101)]
    assert measure(Check(metric="stale_share", at_most=0.1), replications) == np.mean([age > 2.0 for age in ages])


@pytest.mark.parametrize(
    ("feeder", "said"),
    [
        ("ghost", "components.x.freshness.fed_by is 'ghost', which is not a component; choose one of front, log, x"),
        ("front", "components.x.freshness.fed_by is 'front', a service; choose a stream, or leave it out"),
        ("x", "components.x.freshness.fed_by is 'x', a store; choose a stream, or leave it out"),
    ],
)
def test_only_a_stream_feeds_a_store(feeder, said):
    with pytest.raises(DesignProblem) as refused:
        a_design(_parts() | {"x": store(0, freshness={"fed_by": feeder})})
    assert refused.value.problems == [said]


def test_a_stream_that_feeds_can_be_renamed_and_removed():
    design = a_design(_parts())
    assert edits.rename(design, "log", "clicks").components["x"].freshness.fed_by == "clicks"
    assert edits.remove(design, "log").components["x"].freshness.fed_by is None


def test_what_was_dropped_and_then_lost_is_not_waited_for():
    # given back at 2.5 the first is lost at once, and so is each message to the next
    parts = _parts(stream={"retention_messages": 1})
    assert _ages(parts, 4, faults=[kill("log", 2.5)]) == [0.25, 1.25, 0.25, 0.25]
