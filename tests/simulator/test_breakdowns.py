"""Replicas that fail and are repaired at random, and zones that go with their replicas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.draws import Draws, stream
from simulator.results.levels import busy_s, capacity_s
from simulator.results.run import Ending
from simulator.theory.reliability import availability
from tests.simulator.designs import (
    a_design,
    balancer,
    breakdowns,
    exponential,
    kill,
    log,
    lose_zone,
    model_server,
    run_of,
    service,
    store,
)

ANSWERED, FAILED = Ending.ANSWERED, Ending.FAILED
UP_S, DOWN_S = 5.0, 3.0


def _outages(component, replica, until_s, seed=1, visit=0):
    """[(fails, is repaired)] of one replica, from its stream alone."""
    uniforms = stream(seed, 0, f"{component}/breakdowns/{replica}", visit).random((1000, 2))
    times_s = (-np.log1p(-uniforms) * [UP_S, DOWN_S]).ravel().cumsum().reshape(-1, 2)
    return [tuple(row) for row in times_s.tolist() if row[0] < until_s]


def _worked_off(at_s, work_s, outages):
    """When work that begins at `at_s` is done, if it stands still during the outages."""
    for down_s, up_s in outages:
        if up_s <= at_s:
            continue
        if at_s + work_s <= down_s:
            break
        work_s -= max(0.0, down_s - at_s)
        at_s = up_s
    return at_s + work_s


def _only_server(work_s, n, seed=1):
    """One server that breaks down: every request begins when the last has ended and the server is up."""
    outages, rows, free_s = _outages("x", 0, 1e6, seed), [], 0.0
    for request in range(n):
        began_s = max(request + 1.0, free_s)
        began_s = next((up_s for down_s, up_s in outages if down_s <= began_s < up_s), began_s)
        free_s = _worked_off(began_s, work_s, outages)
        rows.append((request, request + 1.0, began_s, free_s))
    return rows


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "target",
    [service(0.75), store(0.75, concurrency=1), model_server(1, 0.75)],
    ids=["service", "store", "model_server"],
)
def test_work_stands_still_while_its_replica_is_down_and_then_goes_on(target, seed):
    run = run_of(a_design({"x": target}, faults=[breakdowns("x", UP_S, DOWN_S)]), 40, seed=seed)
    assert np.array(log(run, "x")) == pytest.approx(np.array(_only_server(0.75, 40, seed)))


def test_a_batch_that_stood_still_is_written_down_to_its_true_end():
    run = run_of(a_design({"x": model_server(2, 0.75, replicas=2)}, 2.0, faults=[breakdowns("x", UP_S, DOWN_S)]), 60)
    ends_s = {row[2]: row[3] for row in log(run, "x")}
    batches = run.components["x"].batches
    assert dict(zip(batches.fired_s.tolist(), batches.ended_s.tolist(), strict=True)) == pytest.approx(ends_s)
    assert max(batches.ended_s - batches.fired_s) > 1


def test_shared_cores_stand_still_too():
    part = service(0.75, sharing="processor_sharing")
    run = run_of(a_design({"x": part}, 0.1, faults=[breakdowns("x", UP_S, DOWN_S)]), 40)
    outages = _outages("x", 0, 1e6)
    for _, _, began_s, ended_s in log(run, "x"):
        if not any(began_s < other[2] < ended_s for other in log(run, "x")):
            assert ended_s == pytest.approx(_worked_off(began_s, 0.75, outages))


def test_each_replica_has_its_own_outages_and_capacity_follows_them():
    run = run_of(a_design({"x": service(0.5, replicas=3, concurrency=2)}, faults=[breakdowns("x", UP_S, DOWN_S)]), 30)
    changes = [
        (at_s, by) for i in range(3) for row in _outages("x", i, 30) for at_s, by in zip(row, (-2, 2), strict=True)
    ]
    expected, slots = [(0.0, 6)], 6
    for at_s, by in sorted(changes):
        slots += by
        expected.append((at_s, slots))
    wanted = [row for row in expected if row[0] < 30]
    got = [row for row in run.components["x"].capacity if row[0] < 30]
    assert np.array(got) == pytest.approx(np.array(wanted))


def test_breakdowns_begin_and_end_when_they_say():
    run = run_of(a_design({"x": service(0.5)}, faults=[breakdowns("x", 0.5, 100, at_s=7, for_s=6)]), 30)
    times_s = [at_s for at_s, _ in run.components["x"].capacity]
    assert len(times_s) == 3
    assert 7 < times_s[1] < 13
    assert times_s[2] == 13


def test_two_kinds_of_breakdowns_overlap():
    faults = [breakdowns("x", UP_S, DOWN_S), breakdowns("x", UP_S, DOWN_S)]
    run = run_of(a_design({"x": service(0.0)}, 10, faults=faults), 500)
    outages = [_outages("x", 0, 50, visit=visit) for visit in (0, 1)]
    for _, entered_s, began_s, _ in log(run, "x"):
        assert (began_s > entered_s) == any(a <= entered_s < b for rows in outages for a, b in rows)


def test_a_replica_that_is_killed_while_it_is_down_loses_its_work_and_comes_back_when_both_are_over():
    [(down_s, up_s), *_] = _outages("x", 0, 1e6)
    at_s = (down_s + up_s) / 2
    faults = [breakdowns("x", UP_S, DOWN_S, for_s=up_s + 1e-3), kill("x", at_s, 0.01)]
    run = run_of(a_design({"x": service(5.0)}, 1 / down_s * 2, faults=faults), 2)
    assert run.ending.tolist() == [FAILED, ANSWERED]
    assert log(run, "x")[0][3] == pytest.approx(at_s)
    assert log(run, "x")[1][2] == pytest.approx(up_s)


def test_a_balancer_passes_over_replicas_that_are_down():
    parts = {"lb": balancer("x"), "x": service(0.0, replicas=2)}
    run = run_of(a_design(parts, 10, faults=[breakdowns("x", UP_S, DOWN_S)]), 500)
    outages = [_outages("x", replica, 60) for replica in (0, 1)]
    both = [all(any(a <= at_s < b for a, b in rows) for rows in outages) for at_s in run.arrived_s.tolist()]
    assert (run.ending == FAILED).tolist() == both


def test_the_same_luck_strikes_whatever_the_load_and_the_other_components():
    plain = run_of(a_design({"x": service(0.5)}, faults=[breakdowns("x", UP_S, DOWN_S)]), 40)
    parts = {"y": service(0.1, calls=[[{"to": "x"}]]), "x": service(0.2)}
    other = run_of(a_design(parts, 2.0, faults=[kill("y", 99), breakdowns("x", UP_S, DOWN_S)]), 80)
    few, many = ([row for row in run.components["x"].capacity if row[0] < 40] for run in (plain, other))
    assert few == many


def test_replicas_are_up_for_their_share_of_the_time():
    """4 standard errors: an alternating renewal process of 16 replicas over 2000 s has about 4000 cycles."""
    run = run_of(a_design({"x": service(0.0, replicas=16)}, 1, faults=[breakdowns("x", UP_S, DOWN_S)]), 2000)
    up = capacity_s(run.components["x"], np.array([0.0, 2000.0]))[0] / (16 * 2000)
    share = availability(UP_S, DOWN_S)
    error = (2 * (share * (1 - share)) ** 2 * (UP_S + DOWN_S) / (16 * 2000)) ** 0.5
    assert abs(up - share) < 4 * error


@given(
    seed=st.integers(0, 2**31),
    up_s=st.floats(0.05, 1),
    down_s=st.floats(0.01, 0.5),
    at_s=st.floats(0, 1),
    zones=st.integers(1, 3),
    kind=st.sampled_from(["service", "model_server", "store"]),
    apart=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_whatever_breaks_everyone_ends_and_nobody_works_beyond_capacity(seed, up_s, down_s, at_s, zones, kind, apart):
    parts = {
        "service": service(replicas=3, concurrency=2, service_time=exponential(0.05)),
        "model_server": model_server(3, 0.05, 0.01, replicas=3, streams=2),
        "store": store(shards=2, replicas=3, concurrency=1, read_time=exponential(0.05)),
    }
    components = {"x": parts[kind]}
    if apart and kind != "store":
        components = {"lb": balancer("x"), **components}
    faults = [breakdowns("x", up_s, down_s), kill("x", at_s, 0.3), lose_zone(1 - at_s, 0.3)]
    run = run_of(a_design(components, 90.0, arrivals={"kind": "poisson"}, faults=faults, zones=zones), 90, seed=seed)
    assert not np.isnan(run.ended_s).any()
    record, last_s = run.components["x"], float(np.nanmax(run.ended_s, initial=1)) + 1
    visits = record.visits
    moments = [at for at, _ in record.capacity] + visits.entered_s.tolist() + visits.ended_s.tolist()
    moments += visits.started_s[~np.isnan(visits.started_s)].tolist()
    edges = np.unique([0.0, last_s, *(at for at in moments if at < last_s)])
    assert (busy_s(record, edges) <= capacity_s(record, edges) + 1e-9).all()
    if kind == "service":
        work_s = Draws(seed, 0, len(run.arrived_s)).durations_s("x", a_design(components).components["x"].service_time)
        done = busy_s(record, edges).sum()
        assert work_s[run.ending == ANSWERED].sum() - 1e-7 <= done <= work_s.sum() + 1e-7


def test_the_last_zone_takes_its_replicas_of_everything():
    """Three zones: of seven replicas numbers 2 and 5, of each shard's three the last, of two replicas none."""
    parts = {
        "a": service(0.1, replicas=7, calls=[[{"to": "b"}], [{"to": "c"}], [{"to": "d"}]]),
        "b": store(0.1, shards=2, replicas=3, concurrency=1),
        "c": model_server(4, 0.1, replicas=2),
        "d": store(0.1),
    }
    run = run_of(a_design(parts, faults=[lose_zone(3.5, 2)], zones=3), 10)
    steps = {name: dict(run.components[name].capacity) for name in "abc"}
    assert steps["a"] == {0.0: 7, 3.5: 5, 5.5: 7}
    assert steps["b"] == {0.0: 6, 3.5: 4, 5.5: 6}
    assert steps["c"] == {0.0: 2}


def test_replicas_behind_a_balancer_stand_in_zones_too():
    parts = {"lb": balancer("x"), "x": service(5, replicas=4)}
    run = run_of(a_design(parts, faults=[lose_zone(4.5)], zones=2), 4)
    assert run.ending.tolist() == [ANSWERED, FAILED, ANSWERED, FAILED]
    assert dict(run.components["x"].capacity) == {0.0: 4, 4.5: 2}


def test_a_zone_takes_its_replica_of_every_shard_that_votes():
    part = store(1.0, shards=2, replicas=3, concurrency=1, quorum=2)
    run = run_of(a_design({"x": part}, faults=[lose_zone(3.5)], zones=3), 5)
    assert [slots for _, slots in run.components["x"].capacity][-1] == 4


def test_the_only_zone_takes_everything():
    run = run_of(a_design({"x": service(5, replicas=3)}, faults=[lose_zone(3.5)]), 5)
    assert run.ending.tolist() == [FAILED] * 5


def test_a_zone_that_comes_back_brings_back_only_what_it_took():
    faults = [kill("x", 1.5), lose_zone(2.5, 1), kill("x", 3.0)]
    run = run_of(a_design({"x": service(0.1, replicas=4)}, faults=faults, zones=2), 6)
    assert run.components["x"].capacity == ((0.0, 4), (1.5, 3), (2.5, 2), (3.0, 1), (3.5, 2))
