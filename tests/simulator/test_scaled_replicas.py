"""Replicas that come and go behind a load balancer, and replicas that come and go and break down: worked by hand."""

import numpy as np
import pytest

from simulator.components.hash_ring import HashRing
from simulator.draws import stream
from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    breakdowns,
    kill,
    log,
    lose_zone,
    model_server,
    run_of,
    service,
    slow,
    wide,
)

ANSWERED, FAILED = Ending.ANSWERED, Ending.FAILED
UP_S, DOWN_S = 5.0, 3.0


def _rules(minimum=1, maximum=100, metric="utilization", target=0.5, **more):
    """The first look is at 4.5 s, new replicas work at once, and it shrinks at once, unless `more` says otherwise."""
    quick = {"period_s": 4.5, "start_delay_s": 0.0, "cool_down_s": 0.0, "minimum": minimum, "maximum": maximum}
    return {"metric": metric, "target": target, **quick, **more}


def _scaled(part, rules, policy="round_robin", **lb):
    return {"lb": balancer("x", policy, **lb), "x": {**part, "autoscaling": rules}}


def _steps(steps):
    """The level at the end of each moment at which it changes."""
    found, seen = {}, None
    for at_s, level in dict(steps).items():
        if level != seen:
            found[at_s] = seen = level
    return found


def _paid(run):
    return _steps(run.components["x"].replicas)


def _slots(run):
    return _steps(run.components["x"].capacity)


def _times(run):
    """{request: (begins, ends)}"""
    return {request: (began_s, ended_s) for request, _, began_s, ended_s in log(run, "x")}


def _llm_server(work_s, **more):
    """An answer is one token, and so one step."""
    return {"kind": "llm_server", "queue": {"limit": "unlimited"}, "step_ms": work_s * 1000, "max_running": 1, **more}


ONE_AT_A_TIME = {
    "service": service,
    "model_server": lambda work_s, **more: model_server(1, work_s, **more),
    "llm_server": _llm_server,
}


@pytest.mark.parametrize("kind", ONE_AT_A_TIME)
def test_a_new_replica_joins_when_it_has_started_and_takes_nothing_that_waits_elsewhere(kind):
    """Decided at 4.5 s, there at 7.5 s. The one replica has got seven requests by then, then both take turns."""
    rules = _rules(minimum=2, maximum=2, start_delay_s=3.0)
    run = run_of(a_design(_scaled(ONE_AT_A_TIME[kind](2.0), rules)), 12)
    first = {0: 1, 1: 3, 2: 5, 3: 7, 4: 9, 5: 11, 6: 13, 8: 15, 10: 17}
    second = {7: 8, 9: 10, 11: 12}
    assert _times(run) == {request: (at_s, at_s + 2) for request, at_s in {**first, **second}.items()}
    assert _paid(run) == {0: 1, 4.5: 2}
    assert _slots(run) == {0: 1, 7.5: 2}


@pytest.mark.parametrize("kind", ONE_AT_A_TIME)
def test_a_replica_that_goes_takes_nothing_new_and_finishes_what_waits_in_its_queue(kind):
    """The second has got requests 1 and 3 when it is told at 4.5 s, and is gone when both are done."""
    run = run_of(a_design(_scaled(ONE_AT_A_TIME[kind](3.0, replicas=2), _rules(maximum=1))), 7)
    first, second = {0: 1, 2: 4, 4: 7, 5: 10, 6: 13}, {1: 2, 3: 5}
    assert _times(run) == {request: (at_s, at_s + 3) for request, at_s in {**first, **second}.items()}
    assert _paid(run) == _slots(run) == {0: 2, 8: 1}


def test_a_replica_that_shares_its_core_goes_when_both_requests_are_done():
    """Request 1 has 1 s left when request 3 comes at 4 s, and ends at 6 s; request 3 has 2 s left then."""
    part = service(3.0, replicas=2, sharing="processor_sharing")
    run = run_of(a_design(_scaled(part, _rules(maximum=1))), 5)
    times = _times(run)
    assert (times[1], times[3]) == ((2, 6), (4, 8))
    assert times[4][0] == 5
    assert _paid(run) == _slots(run) == {0: 2, 8: 1}


def test_a_device_that_goes_still_lets_its_batch_fill_until_it_must_leave():
    """Requests 1 and 3 wait at the second from 2 s on, for at most 10 s; at 4.5 s it is told to go."""
    part = model_server(9, 1.0, 10.0, replicas=2)
    run = run_of(a_design(_scaled(part, _rules(maximum=1))), 5)
    times = _times(run)
    assert times[1] == times[3] == (12, 13)
    assert times[0] == times[2] == times[4] == (11, 12)
    assert _paid(run) == _slots(run) == {0: 2, 13: 1}


def test_a_device_that_goes_works_off_one_batch_after_another():
    """Two at a time, 4 s each. Of replica 1: request 1 runs when it is told at 4.5 s, then those of 4 s and 3 s.

    Each batch leaves at once, so that request 1 is alone.
    """
    part = model_server(2, 4.0, 0.0, replicas=2)
    run = run_of(a_design(_scaled(part, _rules(maximum=1)), 2.0), 9)
    times = _times(run)
    assert [times[request] for request in (1, 3, 5, 7)] == [(1, 5), (5, 9), (5, 9), (9, 13)]
    assert _paid(run) == _slots(run) == {0: 2, 13: 1}


def test_a_replica_that_is_killed_on_its_way_out_loses_its_queue():
    design = a_design(_scaled(service(3.0, replicas=2), _rules(maximum=1)), faults=[lose_zone(6.0, 1.0)], zones=2)
    run = run_of(design, 7)
    assert run.ending.tolist() == [ANSWERED, ANSWERED, ANSWERED, FAILED, ANSWERED, ANSWERED, ANSWERED]
    assert _paid(run) == _slots(run) == {0: 2, 6: 1}


def test_callers_that_give_up_let_a_leaving_device_go_at_once():
    """Requests 1 and 3 wait for a batch at the second from 2 and 4 s on; they give up at 5.25 and 7.25 s."""
    call = {"to": "lb", "timeout_ms": 3250.0, "cancel": True}
    parts = {"front": wide(0.0, calls=[[call]]), **_scaled(model_server(9, 1.0, 10.0, replicas=2), _rules(maximum=1))}
    run = run_of(a_design(parts), 4)
    assert _paid(run) == _slots(run) == {0: 2, 7.25: 1}


def test_what_waits_at_a_leaving_replica_that_stands_still_waits_until_it_goes_on():
    """Told at 4.5 s, breaks after 5 s. Request 1, in work since 2 s, gives up at 102 s; request 3 gives up at 104 s.

    Nothing begins while the replica is down, so request 3 begins with the first repair after 102 s, if that is before.
    """
    call = {"to": "lb", "timeout_ms": 100_000.0, "cancel": True}
    begun = 0
    for seed in range(40):
        parts = {"front": wide(0.0, calls=[[call]]), **_scaled(service(1000.0, replicas=2), _rules(maximum=1))}
        run = run_of(a_design(parts, faults=[breakdowns("x", UP_S, DOWN_S, at_s=5.0)]), 4, seed=seed)
        begins_s = _begins(102.0, _outages("x", 1, 5.0, 200.0, seed))
        row = next(row for row in log(run, "x") if row[0] == 3)
        assert row[3] == 104
        assert row[2] == (pytest.approx(begins_s) if begins_s < 104 else None)
        begun += 102 < begins_s < 104
    assert begun > 3


def test_least_outstanding_prefers_the_newcomer_until_it_has_as_many():
    """By 4.5 s four requests are at the first. The next three go to the newcomer, then ties may go either way."""
    run = run_of(a_design(_scaled(service(100.0), _rules(minimum=2, maximum=2), "least_outstanding")), 7)
    began = {request: times[0] for request, times in _times(run).items()}
    assert [began[request] for request in (4, 5, 6)] == [5, 105, 205]


def test_a_balancer_with_old_news_sees_a_newcomer_as_empty():
    """News come every 4 s: at 4 s the first has three. The newcomer of 4.5 s is seen as empty until 8 s, with 3 then.

    Request 3 comes with the news. At 8 s it is four against three, so that request 7 goes to the newcomer too.
    """
    part = service(100.0)
    parts = _scaled(part, _rules(minimum=2, maximum=2), "least_outstanding", stale_ms=4000.0)
    run = run_of(a_design(parts), 8)
    began = {request: times[0] for request, times in _times(run).items()}
    assert [began[request] for request in range(8)] == [1, 101, 201, 301, 5, 105, 205, 305]


@pytest.mark.parametrize("policy", ["random", "power_of_d", "consistent_hash"])
def test_every_policy_uses_the_newcomer(policy):
    run = run_of(a_design(_scaled(service(2.0), _rules(minimum=4, maximum=4), policy), 10.0), 200)
    rows = [row for row in log(run, "x") if row[2] is not None and row[2] > 5]
    at_work = max(sum(one[2] <= row[2] < one[3] for one in rows) for row in rows)
    assert at_work == 4


@pytest.mark.parametrize(("before", "after"), [(2, 3), (3, 2)])
def test_consistent_hash_moves_only_the_keys_of_the_one_that_comes_or_goes(before, after):
    """Each replica has one slot and the work takes 1024 s, so the rest of a division by it names the replica."""
    rules = _rules(minimum=after, maximum=after, period_s=50.5)
    run = run_of(a_design(_scaled(service(1024.0, replicas=before), rules, "consistent_hash")), 100)
    rings = [HashRing([f"x/{i}" for i in range(size)]) for size in (before, after)]
    owners = [rings[request >= 50].owner(request, range(after if request >= 50 else before)) for request in range(100)]
    firsts = {owner: owners.index(owner) + 1 for owner in set(owners)}
    began = _times(run)
    assert [began[request][0] % 1024 for request in range(100)] == [firsts[owner] for owner in owners]
    stays = [rings[0].owner(key, range(before)) == rings[1].owner(key, range(after)) for key in range(300)]
    assert 0.5 < np.mean(stays) < 0.8  # two thirds
    moved = {max(ring.owner(key, range(3)) for ring in rings) for key in range(300) if not stays[key]}
    assert moved == {2}


def test_a_ring_that_grew_is_the_ring_that_was_made_so():
    grown, made = HashRing(["a", "b"]), HashRing(["a", "b", "c", "d"])
    grown.join("c")
    grown.join("d")
    assert [grown.owner(key, range(4)) for key in range(500)] == [made.owner(key, range(4)) for key in range(500)]


def test_round_robin_goes_on_with_the_newcomer_after_the_last():
    """Three replicas, and the fourth is there at 6.5 s, after six requests: then come 0, 1, 2 and 3 in turn."""
    run = run_of(a_design(_scaled(service(64.0, replicas=3), _rules(minimum=4, maximum=4, period_s=6.5))), 12)
    began = {request: times[0] for request, times in _times(run).items()}
    assert [began[request] % 64 for request in range(12)] == [1, 2, 3, 1, 2, 3, 7, 1, 2, 3, 7, 1]


def test_a_slowdown_is_the_newcomers_too_and_ends_for_all():
    """Factor 2 until 9.25 s: the newcomer of 4.5 s takes the second, fourth and sixth of those that come later."""
    faults = [slow("x", 2.0, 0.5, 8.75)]
    run = run_of(a_design(_scaled(wide(0.25), _rules(minimum=2, maximum=2)), faults=faults), 12)
    took = {request: ended_s - began_s for request, (began_s, ended_s) in _times(run).items()}
    assert [took[request] for request in range(12)] == [0.5] * 9 + [0.25] * 3


def test_the_newcomer_is_the_first_to_be_killed_and_stands_in_the_last_zone():
    for fault in (kill("x", 6.5, replicas=1), lose_zone(6.5)):
        rules = _rules(minimum=2, maximum=2, period_s=5.5)
        run = run_of(a_design(_scaled(service(3.0), rules), faults=[fault], zones=2), 7)
        lost = [row for row in log(run, "x") if row[3] == 6.5]
        assert [row[0] for row in lost] == [5]
        assert _slots(run) == {0: 1, 5.5: 2, 6.5: 1, 11: 2}


def test_a_link_that_is_cut_is_cut_to_newcomers_too():
    faults = [{"kind": "cut_link", "caller": "lb", "component": "x", "at_s": 6.75}]
    run = run_of(a_design(_scaled(wide(0.25), _rules(minimum=2, maximum=2)), faults=faults), 10)
    assert run.ending.tolist() == [ANSWERED] * 6 + [FAILED] * 4


def test_with_no_replica_left_requests_fail_until_one_has_started():
    faults = [kill("x", 2.5, replicas=2)]
    rules = _rules(minimum=2, maximum=2, start_delay_s=2.0)
    run = run_of(a_design(_scaled(service(0.25, replicas=2), rules), faults=faults), 9)
    assert run.ending.tolist() == [ANSWERED] * 2 + [FAILED] * 4 + [ANSWERED] * 3
    assert _paid(run) == {0: 2, 2.5: 0, 4.5: 2}
    assert _slots(run) == {0: 2, 2.5: 0, 6.5: 2}


def test_the_metric_is_that_of_all_replicas_together():
    """Second 9.5: nine have come, and by turns they went to two replicas with 4 s of work each."""
    rules = _rules(metric="concurrency", target=1.0, period_s=9.5, cool_down_s=1e6)
    run = run_of(a_design(_scaled(service(4.0, replicas=2), rules)), 10)
    inside = sum(max(0.0, 9.5 - at_s) - max(0.0, 9.5 - ended_s) for _, at_s, _, ended_s in log(run, "x")) / 9.5
    assert inside > 3
    assert _paid(run)[9.5] == np.ceil(inside)


@pytest.mark.parametrize(("target_s", "wanted"), [(1.6 / 3, 6), (0.8, 4)])
def test_queue_delay_is_the_mean_over_all_replicas(target_s, wanted):
    """Until second 9.5, 4 s each: the first begins at 1, 5 and 9 with waits 0, 2, 4, the second at 2 and 6: 0, 2."""
    rules = _rules(metric="queue_delay_ms", target=target_s * 1000, period_s=9.5, cool_down_s=1e6)
    run = run_of(a_design(_scaled(service(4.0, replicas=2), rules)), 9)
    assert _paid(run)[9.5] == wanted


def test_queue_delay_is_the_oldest_of_all_replicas_if_no_work_began():
    """Second 20: none has begun since second 10; request 2 has waited at the first since 3, so for 17 s."""
    rules = _rules(metric="queue_delay_ms", target=8500.0, period_s=10.0, cool_down_s=1e6)
    run = run_of(a_design(_scaled(service(99.0, replicas=2), rules)), 4)
    assert list(_paid(run).items())[:2] == [(0, 2), (20, 4)]


def test_utilization_is_the_busy_share_of_all_replicas():
    """Each is busy for half a second in every second."""
    rules = _rules(target=0.5, period_s=10.0)
    run = run_of(a_design(_scaled(service(0.5, replicas=2), rules), 2.0), 100)
    assert _paid(run) == {0: 2}


def _outages(component, replica, from_s, until_s, seed=1):
    """[(fails, is repaired)] of one replica that runs from `from_s` on, from its stream alone."""
    uniforms = stream(seed, 0, f"{component}/breakdowns/{replica}", 0).random((1000, 2))
    times_s = from_s + (-np.log1p(-uniforms) * [UP_S, DOWN_S]).ravel().cumsum().reshape(-1, 2)
    return [tuple(row) for row in times_s.tolist() if row[0] < until_s]


def _worked_off(at_s, work_s, outages):
    """When work that begins at `at_s` is done, if it stands still during the outages."""
    for down_s, up_s in outages:
        if at_s + work_s <= down_s:
            break
        if up_s > at_s:
            work_s -= max(0.0, down_s - at_s)
            at_s = up_s
    return at_s + work_s


def _begins(at_s, outages):
    """When work that could begin at `at_s` does."""
    return next((up_s for down_s, up_s in outages if down_s <= at_s < up_s), at_s)


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("part", [service(0.01), model_server(1, 0.01)], ids=["service", "model_server"])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_new_replica_breaks_down_from_its_own_stream_as_soon_as_it_is_there(part, apart, seed):
    """One look at 9.5 s within 19 s: as many come as are missing to three, those that are broken not counted."""
    rules = _rules(minimum=3, maximum=3, period_s=9.5)
    parts = _scaled(part, rules) if apart else {"x": {**part, "autoscaling": rules}}
    run = run_of(a_design(parts, faults=[breakdowns("x", UP_S, DOWN_S)]), 18, seed=seed)
    old = _outages("x", 0, 0, 19, seed)
    new = 3 - (_begins(9.5, old) == 9.5)
    joined = [_outages("x", number, 9.5, 19, seed) for number in range(1, new + 1)]
    changes = [(9.5, new), *((at_s, by) for rows in (old, *joined) for row in rows for at_s, by in zip(row, (-1, 1)))]  # noqa: B905
    expected, level = [(0.0, 1)], 1
    for at_s, by in sorted(changes):
        level += by
        expected.append((at_s, level))
    found = [step for step in _slots(run).items() if step[0] < 18]
    assert np.array(found) == pytest.approx(np.array([row for row in expected if row[0] < 18]))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", ["service", "model_server", "shared"])
def test_a_replica_that_breaks_on_its_way_out_finishes_later(kind, seed):
    """The last of a shared queue is told to go at 4.5 s with 40 s of work, and breaks down from 5 s on.

    It has had the first request, as slots are taken from the end, or with shared cores the second.
    """
    parts = {
        "service": service(40.0, replicas=2),
        "model_server": model_server(1, 40.0, replicas=2),
        "shared": service(40.0, replicas=2, sharing="processor_sharing"),
    }
    part = {**parts[kind], "autoscaling": _rules(maximum=1)}
    run = run_of(a_design({"x": part}, faults=[breakdowns("x", UP_S, DOWN_S, at_s=5.0)]), 2, seed=seed)
    leaver = next(row for row in log(run, "x") if row[2] == (2 if kind == "shared" else 1))
    ends_s = _worked_off(leaver[2], 40.0, _outages("x", 1, 5.0, 1e6, seed))
    assert leaver[3] == pytest.approx(ends_s)
    assert ends_s in [pytest.approx(at_s) for at_s in _paid(run)]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("kind", ["service", "model_server"])  # a token server loses what it holds
def test_a_replica_with_a_queue_that_breaks_on_its_way_out_finishes_its_queue_later(kind, seed):
    """Behind a balancer: request 1 runs at the second from 2 s on, request 3 after it; told at 4.5 s, breaks from 5."""
    part = ONE_AT_A_TIME[kind](7.0, replicas=2)
    faults = [breakdowns("x", UP_S, DOWN_S, at_s=5.0)]
    run = run_of(a_design(_scaled(part, _rules(maximum=1, minimum=1)), faults=faults), 4, seed=seed)
    outages = _outages("x", 1, 5.0, 1e6, seed)
    first_s = _worked_off(2.0, 7.0, outages)
    second_s = _worked_off(first_s, 7.0, outages)
    assert _times(run)[1] == pytest.approx((2.0, first_s))
    assert _times(run)[3] == pytest.approx((first_s, second_s))
    gone_s = [at_s for at_s, by in run.components["x"].replicas if at_s == pytest.approx(second_s)]
    assert len(gone_s) == 1


@pytest.mark.parametrize("kind", ["service", "model_server", "shared"])
@pytest.mark.parametrize("apart", [False, True])
def test_who_stands_still_is_neither_busy_nor_able(kind, apart):
    """Always more to do than can be done: who works is busy, so the busy share is never above 1, and nobody is added.

    All six never break down at once in this run, which would call for one more.
    """
    parts = {
        "service": service(5.0, replicas=6),
        "model_server": model_server(1, 5.0, replicas=6),
        "shared": service(5.0, replicas=6, sharing="processor_sharing"),
    }
    part = {**parts[kind], "autoscaling": _rules(target=1.0, cool_down_s=1e9)}
    design = {"lb": balancer("x"), "x": part} if apart else {"x": part}
    run = run_of(a_design(design, 4.0, faults=[breakdowns("x", UP_S, DOWN_S, for_s=40.0)]), 160)
    assert max(_paid(run).values()) == 6
