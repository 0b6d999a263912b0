"""What is read again, which message is next, and how old what consumers write is: by hand and by conservation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.design_file import DesignProblem, design_from
from simulator.draws import Draws, stream
from simulator.edits import remove, rename
from simulator.results.levels import busy_s, capacity_s
from simulator.results.own_results import Lag, stream_summaries
from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    breakdowns,
    constant,
    design_data,
    exponential,
    front,
    kill,
    latencies_s,
    log,
    replications_of,
    run_of,
    service,
    slow,
    store,
    wide,
)

OLDEST, NEWEST = "oldest_first", "newest_first"


def a_stream(consumer_s=0.5, **more):
    return {"kind": "stream", "append_time": constant(0), "consumer_time": constant(consumer_s), **more}


def replay(at_s, of_s, component="x"):
    return {"kind": "replay", "component": component, "at_s": at_s, "of_s": of_s}


def messages_of(run):
    return run.components["x"].messages


def first_times(run):
    kept = messages_of(run)
    return list(zip(kept.read_s.tolist(), kept.done_s.tolist(), strict=True))


def again(run):
    """(request, read, done) for every message that was to be read again."""
    kept = messages_of(run).replays
    return list(zip((kept.message + 1).tolist(), kept.read_s.tolist(), kept.done_s.tolist(), strict=True))


def replayed(catch_up=OLDEST, **more):
    """Messages at 1, 2 ... 6, half a second each; at 4.75 those of seconds 2, 3 and 4 are to be read again."""
    return a_design({"x": a_stream(catch_up=catch_up, **more)}, faults=[replay(4.75, 3.0)])


def test_what_is_read_again_comes_before_what_is_newer():
    run = run_of(replayed(), 6)
    assert again(run) == [(2, 4.75, 5.25), (3, 5.25, 5.75), (4, 5.75, 6.25)]
    assert first_times(run) == [(1, 1.5), (2, 2.5), (3, 3.5), (4, 4.5), (6.25, 6.75), (6.75, 7.25)]


def test_newest_first_lets_fresh_messages_pass_what_is_read_again():
    run = run_of(replayed(NEWEST), 6)
    assert again(run) == [(2, 6.75, 7.25), (3, 5.75, 6.25), (4, 4.75, 5.25)]
    assert first_times(run)[4:] == [(5.25, 5.75), (6.25, 6.75)]


@pytest.mark.parametrize(("of_s", "which"), [(2.25, [2, 3]), (2.24, [3]), (99.0, [1, 2, 3])])
def test_a_replay_reaches_back_so_many_seconds_and_leaves_out_what_is_in_hand(of_s, which):
    run = run_of(a_design({"x": a_stream()}, faults=[replay(4.25, of_s)]), 5)
    assert [request for request, *_ in again(run)] == which
    assert again(run)[0][1] == 4.5  # when the fourth is done


def test_a_replay_of_nothing_changes_nothing():
    run = run_of(a_design({"x": a_stream()}, faults=[replay(0.5, 9.0)]), 3)
    assert messages_of(run).replays is None
    assert first_times(run) == [(1, 1.5), (2, 2.5), (3, 3.5)]


def test_two_replays_read_a_message_three_times():
    run = run_of(a_design({"x": a_stream()}, faults=[replay(1.6, 9.0), replay(2.8, 9.0)]), 2)
    assert again(run) == [(1, 1.6, 2.1), (1, 2.8, 3.3), (2, 3.3, 3.8)]
    assert first_times(run) == [(1, 1.5), (2.1, 2.6)]


def test_a_second_replay_waits_for_the_first_and_takes_up_only_what_is_done_with():
    """At 5.5 only the second message has been read again; the third is in hand and the fourth waits."""
    run = run_of(a_design({"x": a_stream()}, faults=[replay(4.75, 3.0), replay(5.5, 4.0)]), 5)
    wanted = [(2, 4.75, 5.25), (3, 5.25, 5.75), (4, 6.25, 6.75), (2, 5.75, 6.25)]
    assert again(run) == wanted
    assert first_times(run)[4] == (6.75, 7.25)


def test_the_requests_are_those_without_a_replay():
    plain, struck = (run_of(a_design({"x": a_stream()}, faults=faults), 6) for faults in ([], [replay(4.75, 3.0)]))
    assert latencies_s(struck) == latencies_s(plain) == [0.0] * 6
    assert messages_of(struck).request.tolist() == [0, 1, 2, 3, 4, 5]


def test_the_newest_is_read_first_after_an_outage():
    design = a_design({"x": a_stream(catch_up=NEWEST)}, faults=[kill("x", 1.75, for_s=3.0)])
    assert first_times(run_of(design, 6)) == [
        (1, 1.5),
        (6.75, 7.25),
        (5.75, 6.25),
        (4.75, 5.25),
        (5.25, 5.75),
        (6.25, 6.75),
    ]


def test_what_a_dead_consumer_had_in_hand_goes_back_to_its_place():
    """The fourth is in hand when the consumer dies at 6.1; at 6.5 the order of the rest is 6, 5, 4, 3."""
    design = a_design({"x": a_stream(1.75, catch_up=NEWEST)}, faults=[kill("x", 6.1, for_s=0.4)])
    run = run_of(design, 6)
    assert [read_s for read_s, _ in first_times(run)] == [1, 2.75, 11.75, 10, 8.25, 6.5]
    assert messages_of(run).redelivered == 1


def test_what_is_read_again_is_read_once_more_if_its_consumer_dies():
    run = run_of(a_design({"x": a_stream()}, faults=[replay(2.75, 9.0), kill("x", 3.1, for_s=1.0)]), 3)
    assert again(run) == [(1, 4.1, 4.6), (2, 4.6, 5.1)]
    assert first_times(run) == [(1, 1.5), (2, 2.5), (5.1, 5.6)]
    assert messages_of(run).redelivered == 1


def test_a_log_that_holds_two_can_replay_two():
    run = run_of(a_design({"x": a_stream(retention_messages=2)}, faults=[replay(5.75, 99.0)]), 5)
    assert [request for request, *_ in again(run)] == [4, 5]


def test_what_is_to_be_read_again_makes_room_and_is_not_lost_twice():
    """Three are held; from 3.94 on a message takes 9 s. So the fifth pushes out the second, and the sixth the third,
    which had been read before, and the seventh pushes out the fourth, which had not.
    """
    faults = [slow("x", 10.0, 3.94), replay(3.95, 99.0)]
    design = a_design({"x": a_stream(0.9, retention_messages=3)}, faults=faults)
    run = run_of(design, 7)
    assert messages_of(run).replays.lost_s.tolist() == [np.inf, 5.0, 6.0]
    assert messages_of(run).lost_s.tolist() == [np.inf] * 3 + [7.0] + [np.inf] * 3
    [told] = stream_summaries(replications_of(design, 7), np.array([0.0, 7.5]))
    assert (told.appended, told.consumed, told.lost, told.left, told.replayed) == (7, 6, 1, 0, 3)


def test_what_a_full_log_had_passed_over_can_be_pushed_out_when_it_is_to_be_read_again():
    """Two are held: second 4 costs the second message. At 4.8 the fourth is in hand for 5 s; 1 and 3 wait again."""
    faults = [kill("x", 1.75, for_s=2.5), slow("x", 10.0, 4.74), replay(4.8, 99.0)]
    kept = messages_of(run_of(a_design({"x": a_stream(retention_messages=2)}, faults=faults), 6))
    assert kept.lost_s.tolist() == [np.inf, 4.0, np.inf, np.inf, np.inf, np.inf]
    assert (kept.replays.message.tolist(), kept.replays.lost_s.tolist()) == ([0, 2], [5.0, 6.0])


def test_consumers_beyond_the_partitions_add_no_capacity_and_are_missed_by_nobody():
    run = run_of(a_design({"x": a_stream(replicas=3)}, faults=[kill("x", 1.2), kill("x", 2.2, replicas=2)]), 3)
    assert dict(run.components["x"].capacity) == {0.0: 1, 1.2: 1, 2.2: 0}


def test_a_replay_mends_what_had_failed_and_its_calls_are_made_again():
    parts = {"x": a_stream(calls=[[{"to": "lb"}]]), "lb": balancer("st"), "st": service(0.0)}
    faults = [kill("st", 0.0, for_s=2.6), replay(3.75, 99.0)]
    run = run_of(a_design(parts, faults=faults), 3)
    assert not messages_of(run).failed.any()
    assert [row[:2] for row in log(run, "st")] == [(2, 3.5), (0, 4.25), (1, 4.75), (2, 5.25)]
    unmended = run_of(a_design(parts, faults=faults[:1]), 3)
    assert messages_of(unmended).failed.tolist() == [True, True, False]


def test_what_fails_when_it_is_read_again_is_told():
    parts = {"x": a_stream(calls=[[{"to": "lb"}]]), "lb": balancer("st"), "st": service(0.0)}
    run = run_of(a_design(parts, faults=[kill("st", 2.6), replay(2.75, 99.0)]), 2)
    assert messages_of(run).failed.tolist() == [True, True]


def test_lag_counts_what_is_to_be_read_again():
    """Waiting are 3 and 4 from 4.75 on, 5 from second 5 and 6 from second 6; they are taken up every half second."""
    lag = Lag(messages_of(run_of(replayed(), 6)), 6.5)
    assert (lag.peak_messages, lag.drain_s) == (3, 6.75 - 5.0)
    assert lag.peak_s == 5.25 - 3
    moments = np.array([4.7, 4.75, 4.9, 5.1, 5.5, 6.1, 6.5, 6.8])
    assert lag.oldest_s(moments) == pytest.approx([0, 1.75, 1.9, 2.1, 1.5, 1.1, 0.5, 0])
    edges = np.array([0.0, 4.75, 5.0, 5.25, 6.75])
    assert lag.message_s(edges) == pytest.approx([0, 2 * 0.25, 3 * 0.25, 0.5 + 1.0 + 0.75])


def test_the_oldest_of_two_replays_is_the_oldest():
    design = a_design({"x": a_stream(catch_up=NEWEST)}, faults=[replay(4.75, 3.0), replay(5.8, 1.5)])
    run = run_of(design, 5)  # at 5.8 the third is in hand, the second waits, and the fifth is to be read again
    assert again(run) == [(2, 6.75, 7.25), (3, 5.75, 6.25), (4, 4.75, 5.25), (5, 6.25, 6.75)]
    assert Lag(messages_of(run), 6.0).oldest_s(np.array([5.8, 6.5])) == pytest.approx([3.8, 4.5])


def test_consumers_are_busy_with_what_they_read_again():
    run = run_of(replayed(), 6)
    assert busy_s(run.components["x"], np.array([4.5, 4.75, 7.25, 8])) == pytest.approx([0, 2.5, 0])


def test_the_delay_is_that_of_the_first_time():
    [told] = stream_summaries(replications_of(replayed(), 6), np.array([0.0, 6.5]))
    assert told.delay.mean_ms == pytest.approx((500 * 4 + 1750 + 1250) / 6)
    assert (told.consumed, told.left, told.replayed) == (6, 0, 3)


FAULTS = st.lists(
    st.one_of(
        st.builds(
            lambda at_s, for_s, replicas: kill("x", at_s, for_s, replicas),
            st.floats(0, 9),
            st.floats(0.1, 4),
            st.integers(1, 3),
        ),
        st.builds(replay, st.floats(0, 12), st.floats(0.01, 12)),
        st.builds(lambda at_s: breakdowns("x", 2.0, 0.5, at_s), st.floats(0, 9)),
    ),
    max_size=4,
)


@given(
    partitions=st.integers(1, 4),
    replicas=st.integers(3, 5),
    retention=st.integers(1, 30) | st.just("unlimited"),
    catch_up=st.sampled_from([OLDEST, NEWEST]),
    work_s=st.floats(0.05, 1.0),
    faults=FAULTS,
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=100)
def test_whatever_is_read_again_every_message_ends_and_no_two_of_a_partition_are_in_hand(
    partitions, replicas, retention, catch_up, work_s, faults, seed
):
    part = a_stream(partitions=partitions, replicas=replicas, retention_messages=retention, catch_up=catch_up)
    part |= {"consumer_time": exponential(work_s), "calls": [[{"to": "st", "timeout_ms": 500}]]}
    parts = {"x": part, "st": service(0.0, concurrency=2, service_time=exponential(0.2))}
    run = run_of(a_design(parts, 10.0, arrivals={"kind": "poisson"}, faults=faults), 100, seed=seed)
    kept, n = messages_of(run), len(run.arrived_s)
    assert len(kept.request) == n
    which, since_s, read_s, done_s = np.arange(n), kept.appended_s, kept.read_s, kept.done_s
    assert (np.isfinite(kept.done_s) != np.isfinite(kept.lost_s)).all()
    if kept.replays is not None:
        more = kept.replays
        assert (np.isfinite(more.done_s) != np.isfinite(more.lost_s)).all()
        assert (kept.done_s[more.message] <= more.since_s).all()
        which, since_s = np.concatenate([which, more.message]), np.concatenate([since_s, more.since_s])
        read_s, done_s = np.concatenate([read_s, more.read_s]), np.concatenate([done_s, more.done_s])
    assert (read_s >= since_s).all()
    homes = (Draws(seed, 0, n).uniforms("x/partition")[kept.request] * partitions).astype(int)[which]
    for home in range(partitions):
        mine = np.flatnonzero((homes == home) & np.isfinite(done_s))
        order = mine[np.argsort(read_s[mine])]
        assert (read_s[order][1:] >= done_s[order][:-1]).all()
    edges = np.array([0.0, float(done_s[np.isfinite(done_s)].max(initial=1.0))])
    assert busy_s(run.components["x"], edges)[0] <= capacity_s(run.components["x"], edges)[0] + 1e-6


@given(
    catch_up=st.sampled_from([OLDEST, NEWEST]),
    replicas=st.integers(1, 3),
    retention=st.sampled_from(["unlimited", 3, 6]),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=60)
def test_a_free_consumer_takes_the_message_that_is_next_of_its_partitions(catch_up, replicas, retention, seed):
    """Partition i belongs to consumer i modulo their number; what waited and was passed over is not more urgent."""
    part = a_stream(0.35, partitions=4, replicas=replicas, catch_up=catch_up, retention_messages=retention)
    faults = [replay(2.0, 1.0), replay(4.0, 3.0)]
    run = run_of(a_design({"x": part}, 3.0, arrivals={"kind": "poisson"}, faults=faults), 20, seed=seed)
    kept = messages_of(run)
    owner = (Draws(seed, 0, len(run.arrived_s)).uniforms("x/partition")[kept.request] * 4).astype(int) % replicas
    which, since_s, read_s, lost_s = np.arange(len(owner)), kept.appended_s, kept.read_s, kept.lost_s
    if kept.replays is not None:
        which, since_s = np.concatenate([which, kept.replays.message]), np.concatenate([since_s, kept.replays.since_s])
        read_s, lost_s = np.concatenate([read_s, kept.replays.read_s]), np.concatenate([lost_s, kept.replays.lost_s])
    left_s = np.minimum(read_s, lost_s)
    for one in np.flatnonzero(np.isfinite(read_s)):
        passed = (owner[which] == owner[which[one]]) & (since_s < read_s[one]) & (left_s > read_s[one])
        ahead = which[passed] < which[one] if catch_up == OLDEST else which[passed] > which[one]
        assert not ahead.any()


def read_beside(consumer, faults=(), **freshness):
    """Each request appends a message and then reads what the consumers have written; the ages of what it reads."""
    parts = {"a": front([{"to": "x"}], [{"to": "st"}]), "x": consumer}
    parts["st"] = store(0.0, freshness={"fed_by": "x", **freshness})
    run = run_of(a_design(parts, faults=list(faults)), 8)
    assert run.oldest_write_s == pytest.approx(run.ended_s - run.components["st"].ages.age_s)
    return run.components["st"].ages.age_s.tolist()


def test_what_consumers_write_is_as_old_as_the_oldest_message_that_they_are_not_done_with():
    assert read_beside(a_stream(0.5)) == [0.0] * 8
    assert read_beside(a_stream(1.3)) == [0, 1, 1, 1, 1, 2, 2, 2]  # done at 2.3, 3.6, 4.9, 6.2, 7.5 ...


def test_what_consumers_write_is_visible_later_with_a_lag_and_with_delayed_features():
    assert read_beside(a_stream(0.5), lag_s=0.75) == [0.75] * 8
    late = {"kind": "delay_features", "component": "st", "at_s": 4.9, "for_s": 2.0, "lag_s": 1.0}
    assert read_beside(a_stream(0.5), [late]) == pytest.approx([0, 0, 0, 0, 0.1, 1, 0, 0])


def test_what_failed_is_waited_for_by_nobody():
    parts = a_stream(0.5, calls=[[{"to": "dead"}]])
    design = design_data({"a": front([{"to": "x"}], [{"to": "st"}]), "x": parts, "dead": balancer("y"), "y": service()})
    design["components"]["st"] = store(0.0, freshness={"fed_by": "x"})
    run = run_of(design_from(design | {"faults": [kill("y", 0.0)]}), 3)
    assert run.components["st"].ages.age_s.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("catch_up", "ages_s"), [(OLDEST, [0, 0, 1, 2, 3, 1, 0, 0]), (NEWEST, [0, 0, 1, 2, 3, 0, 0, 0])]
)
def test_after_an_outage_newest_first_is_fresh_sooner(catch_up, ages_s):
    """Away from 1.75 to 4.75. Second 6: oldest first has come to the fourth, newest first has done the fifth."""
    assert read_beside(a_stream(0.4, catch_up=catch_up), [kill("x", 1.75, for_s=3.0)]) == ages_s


@pytest.mark.parametrize(("catch_up", "ages_s"), [(OLDEST, [0] * 5 + [1, 1, 0]), (NEWEST, [0] * 8)])
def test_a_replay_makes_what_is_read_older_unless_the_newest_comes_first(catch_up, ages_s):
    """Oldest first does the fifth at 6.75, the sixth at 7.25 and the seventh at 7.75."""
    assert read_beside(a_stream(0.5, catch_up=catch_up), [replay(4.75, 3.0)]) == ages_s


UP_S, DOWN_S = 5.0, 3.0


@pytest.mark.parametrize("seed", range(5))
def test_a_message_is_read_again_when_the_consumer_that_broke_down_is_repaired(seed):
    uniforms = stream(seed, 0, "x/breakdowns/0").random((1000, 2))
    times_s = (-np.log1p(-uniforms) * [UP_S, DOWN_S]).ravel().cumsum().reshape(-1, 2).tolist()
    run = run_of(a_design({"x": a_stream(0.75)}, faults=[breakdowns("x", UP_S, DOWN_S)]), 40, seed=seed)
    free_s, told, redelivered = 0.0, [], 0
    for appended_s in range(1, 41):
        begun_s = max(float(appended_s), free_s)
        for down_s, up_s in times_s:
            if down_s >= 40.5 or down_s >= begun_s + 0.75 or up_s <= begun_s:
                continue
            redelivered += down_s > begun_s
            begun_s = up_s
        free_s = begun_s + 0.75
        told.append(begun_s)
    assert messages_of(run).read_s == pytest.approx(np.array(told))
    assert messages_of(run).redelivered == redelivered
    assert (run.ending == Ending.ANSWERED).all()


def test_a_consumer_that_broke_down_and_was_killed_is_back_when_both_are_over():
    uniforms = stream(1, 0, "x/breakdowns/0").random((64, 2))
    down_s, up_s = np.cumsum(-np.log1p(-uniforms[0]) * [UP_S, DOWN_S]).tolist()
    faults = [breakdowns("x", UP_S, DOWN_S, for_s=up_s + 1e-3), kill("x", (down_s + up_s) / 2, up_s)]
    run = run_of(a_design({"x": a_stream(0.5)}, 1 / down_s, faults=faults), 1)
    assert run.components["x"].capacity[-1] == (pytest.approx((down_s + up_s) / 2 + up_s), 1)
    assert first_times(run)[0][0] == pytest.approx((down_s + up_s) / 2 + up_s)


STREAM_AND_STORE = {"x": a_stream(), "st": store(), "a": wide()}
WRONG = [
    ([replay(1.0, 1.0, "st")], {}, "faults.0.component is 'st', which is not a stream"),
    ([replay(1.0, 1.0) | {"for_s": 2.0}], {}, "faults.0.for_s is 2, but a replay takes as long as it takes"),
]


@pytest.mark.parametrize(("faults", "freshness", "said"), WRONG)
def test_what_cannot_be_read_again_or_written_is_refused(faults, freshness, said):
    parts = STREAM_AND_STORE | {"st": store(freshness=freshness)}
    with pytest.raises(DesignProblem) as refused:
        design_from(design_data(parts, entry="x", faults=faults))
    [problem] = refused.value.problems
    assert problem.startswith(said)


def test_the_stream_that_a_store_is_written_by_can_be_renamed_and_removed():
    parts = STREAM_AND_STORE | {"st": store(freshness={"fed_by": "x", "lag_s": 1.0})}
    design = design_from(design_data(parts, entry="a", faults=[replay(1.0, 1.0)]))
    renamed = rename(design, "x", "events")
    assert renamed.components["st"].freshness.fed_by == renamed.faults[0].component == "events"
    removed = remove(design, "x")
    assert (removed.components["st"].freshness.fed_by, removed.faults) == (None, ())
