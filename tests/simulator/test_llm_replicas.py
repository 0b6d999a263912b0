"""Replicas of a token server that come and go with a metric, and that break down at random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.draws import stream
from simulator.results.levels import busy_s, capacity_s
from simulator.results.own_results import token_summaries
from simulator.results.run import Ending
from tests.simulator.designs import (
    a_design,
    balancer,
    breakdowns,
    kill,
    log,
    lose_zone,
    replications_of,
    run_of,
    slow,
)

ANSWERED, FAILED = Ending.ANSWERED, Ending.FAILED
UP_S, DOWN_S = 5.0, 3.0


def llm(**more):
    """Steps of one second, whatever runs."""
    return {"kind": "llm_server", "queue": {"limit": "unlimited"}, "step_ms": 1000.0, **more}


def rules(metric="utilization", target=0.5, **more):
    """Look every 10 s, start at once, shrink at once, unless `more` says otherwise."""
    quick = {"period_s": 10.0, "start_delay_s": 0.0, "cool_down_s": 0.0, "minimum": 1, "maximum": 100}
    return {"metric": metric, "target": target, **quick, **more}


def scaled(tokens, part, arrivals, rate_per_s=1.0, **more):
    return run_of(a_design({"x": part}, rate_per_s, classes=[{"items": tokens}], **more), arrivals)


def levels(steps, until_s=np.inf):
    """The level at the end of each moment at which it changes."""
    kept, seen = {}, None
    for at_s, level in dict(steps).items():
        if at_s <= until_s and level != seen:
            kept[at_s] = seen = level
    return kept


def paid(run, until_s=np.inf):
    return levels(run.components["x"].replicas, until_s)


def there(run, until_s=np.inf):
    return levels(run.components["x"].capacity, until_s)


def test_a_full_token_server_grows_as_a_kubernetes_hpa_would():
    """All places taken, target one half, 15 s to start: the steps of test_autoscaler.py for any full component."""
    part = llm(max_running=1, replicas=2, autoscaling=rules(start_delay_s=15.0))
    run = scaled(1, part, 95 * 20, 20.0)
    assert paid(run, 95) == {0: 2, 10: 4, 30: 6, 70: 8, 90: 12}
    assert there(run, 100) == {0: 2, 25: 4, 45: 6, 85: 8}


@pytest.mark.parametrize(("target", "wanted"), [(0.13, 2), (0.16, 1), (0.09, 2), (0.08, 3)])
def test_utilization_is_what_runs_of_what_may_run(target, wanted):
    """Requests of 2 s come at 1, 2 ... 9: until second 10 the mean is (1 + 2 * 8) / 10 = 1.7 of ten that may run."""
    run = scaled(2, llm(max_running=10, autoscaling=rules(target=target, add_at_most=9, multiply_at_most=9)), 10)
    assert paid(run, 10).get(10.0, 1) == wanted


def test_two_replicas_share_what_runs():
    """(1 + 2 * 8) / 10 on two replicas of ten places: 0.085 each, and 3 wanted for a share of 0.06."""
    part = llm(max_running=10, replicas=2, autoscaling=rules(target=0.06, cool_down_s=99))
    assert paid(scaled(2, part, 10), 10) == {0: 2, 10: 3}


def test_concurrency_counts_those_who_wait_too():
    """One at a time, 5 s each: inside are 1, 2, 3, 4, 5 until second 6, then 5, 6, 7, 8: 41 / 10 by second 10."""
    run = scaled(5, llm(max_running=1, autoscaling=rules("concurrency", 1.0, add_at_most=9)), 10)
    assert paid(run, 10)[10.0] == 5


def test_queue_delay_is_the_mean_wait_of_those_who_begin():
    """One at a time, 2 s each: who begins at 1, 3, 5, 7, 9 has waited 0, 1, 2, 3, 4 s, 2 s on average."""
    part = llm(max_running=1, autoscaling=rules("queue_delay_ms", 700.0, cool_down_s=1e6))
    assert paid(scaled(2, part, 10), 10) == {0: 1, 10: 3}


def test_waiting_for_the_next_step_is_a_part_of_the_queue_delay():
    """Steps end every 1.5 s from 2.5 on: those of 1 to 8 wait 0, .5, 1, 0, .5, 1, 0, .5 s, 437.5 ms on average."""
    part = llm(autoscaling=rules("queue_delay_ms", 200.0, add_at_most=9)) | {"step_ms": 1500.0}
    assert paid(scaled(99, part, 10), 10) == {0: 1, 10: 3}


@pytest.mark.parametrize("discipline", ["fifo", "lifo", "priority"])
def test_queue_delay_is_the_age_of_the_oldest_who_waits_if_nobody_began(discipline):
    """100 s each: nobody begins from 10 to 20, and at 20 the second has waited 18 s."""
    queue = {"limit": "unlimited", "discipline": discipline}
    look = rules("queue_delay_ms", 9000.0, cool_down_s=1e6, start_delay_s=1e3)
    part = llm(max_running=1, queue=queue, autoscaling=look)
    assert paid(scaled(100, part, 21), 20) == {0: 1, 20: 2}


def test_a_new_replica_takes_who_waits_when_it_has_started():
    """Too few for the minimum at second 10; the second replica is there at 13 and takes the second request."""
    part = llm(max_running=1, autoscaling=rules(minimum=2, maximum=2, start_delay_s=3.0))
    run = scaled(15, part, 3)
    assert log(run, "x") == [(0, 1, 1, 16), (1, 2, 13, 28), (2, 3, 16, 31)]


def test_a_new_replica_is_as_slow_as_the_others():
    part = llm(max_running=1, autoscaling=rules(minimum=2, maximum=2, start_delay_s=3.0))
    run = scaled(15, part, 2, faults=[slow("x", 2.0, 0.5)])
    assert run.ended_s.tolist() == [31, 13 + 30]


def test_a_replica_that_is_removed_finishes_what_runs_and_takes_no_more():
    """Two at a time on each of two replicas; at second 10 the last is to go, with one who runs to 13 and one to 17.

    Who waits from 12 on finds no room there at 13, but on the other one at 15.
    """
    part = llm(max_running=2, replicas=2, autoscaling=rules(minimum=1, maximum=1))
    run = scaled(9, part, 6, 0.5)  # at 2, 4, 6, 8, 10, 12
    assert log(run, "x")[:4] == [(0, 2, 2, 11), (1, 4, 4, 13), (2, 6, 6, 15), (3, 8, 8, 17)]
    assert log(run, "x")[4:] == [(4, 10, 11, 20), (5, 12, 15, 24)]
    assert there(run) == {0: 2, 17: 1}
    assert paid(run) == {0: 2, 17: 1}


def test_a_replica_that_is_removed_serves_who_was_accepted_and_has_not_begun():
    """The second request comes at second 10 and is accepted by the idle replica, which is to go at the same moment."""
    run = scaled(9, llm(replicas=2, autoscaling=rules(minimum=1, maximum=1)), 2, 0.2)
    assert log(run, "x") == [(0, 5, 5, 14), (1, 10, 10, 19)]
    assert there(run) == {0: 2, 19: 1}


def test_a_replica_without_work_is_gone_at_once():
    part = llm(max_running=9, replicas=3, autoscaling=rules(minimum=1, maximum=1))
    run = scaled(2, part, 12, 0.1)
    assert there(run) == {0: 3, 10: 1}
    assert paid(run) == {0: 3, 10: 1}


def test_a_replica_that_is_removed_is_gone_when_the_last_caller_has_withdrawn():
    """It would run to 23; its caller leaves at 14.3, so that it goes after the step."""
    call = {"to": "x", "timeout_ms": 12300, "cancel": True}
    part = llm(max_running=1, replicas=2, autoscaling=rules(minimum=1, maximum=1))
    parts = {
        "a": {"kind": "service", "service_time": {"kind": "constant", "value_ms": 0}, "calls": [[call]]},
        "x": part,
    }
    run = run_of(a_design(parts, 1.0, classes=[{"items": 21}]), 2)
    assert run.ended_s.tolist() == pytest.approx([13.3, 14.3])
    assert there(run) == {0: 2, 15: 1}


def test_a_zone_that_goes_takes_those_along_that_only_finish_their_work():
    """The second replica is leaving from second 10 on; at 12.5 its zone goes with the request that it holds."""
    part = llm(max_running=1, replicas=2, autoscaling=rules(minimum=1, maximum=1))
    run = scaled(20, part, 3, faults=[lose_zone(12.5, 5.0)], zones=2)
    assert run.ended_s.tolist() == [21, 12.5, 41]
    assert there(run) == {0: 2, 12.5: 1}


def test_dead_replicas_are_replaced_and_the_queue_waits_for_them():
    part = llm(max_running=1, autoscaling=rules(target=1.0, minimum=1, maximum=1, start_delay_s=2.0))
    run = scaled(5, part, 2, faults=[kill("x", 2.5)])
    assert run.ending.tolist() == [FAILED, ANSWERED]
    assert log(run, "x")[1] == (1, 2, 12, 17)


def test_the_share_of_memory_is_of_the_replicas_that_were_there():
    """Six of 20 places are taken for 5 of 15 s, by the only request; there are two replicas until 10, then one."""
    part = llm(replicas=2, kv_memory_tokens=20, autoscaling=rules(minimum=1, maximum=1))
    some = replications_of(a_design({"x": part}, 0.1, classes=[{"items": 5}]), 1)
    [tokens] = token_summaries(some, np.array([0.0, 15.0]))
    assert tokens.mean_reserved_tokens == pytest.approx(6 * 5 / 15)
    assert tokens.memory_share == pytest.approx(6 * 5 / (20 * (2 * 10 + 5)))


def test_a_replica_that_comes_back_has_all_its_memory():
    """When it dies at 2.2 one request runs and one is to join at 2.5; there is room for two more of ten tokens."""
    part = llm(kv_memory_tokens=20) | {"step_ms": 1500.0}
    run = scaled(9, part, 4, faults=[kill("x", 2.2, 0.5)])
    assert run.ended_s.tolist() == [2.2, 2.2, 3 + 9 * 1.5, 4.5 + 9 * 1.5]


def outages(replica, until_s, seed=1, visit=0):
    """[(fails, is repaired)] of one replica, from its stream alone."""
    uniforms = stream(seed, 0, f"x/breakdowns/{replica}", visit).random((1000, 2))
    times_s = (-np.log1p(-uniforms) * [UP_S, DOWN_S]).ravel().cumsum().reshape(-1, 2)
    return [tuple(row) for row in times_s.tolist() if row[0] < until_s]


def only_server(work_s, n, seed):
    """One place that breaks down: (entered, begins, ends, is answered); what it holds is lost, the queue waits."""
    down, rows, free_s = outages(0, 1e6, seed), [], 0.0
    for request in range(n):
        began_s = max(request + 1.0, free_s)
        began_s = next((up_s for down_s, up_s in down if down_s <= began_s < up_s), began_s)
        failed_s = next((down_s for down_s, _ in down if began_s < down_s < began_s + work_s), None)
        free_s = began_s + work_s if failed_s is None else failed_s
        rows.append((request + 1.0, began_s, free_s, failed_s is None))
    return rows


@pytest.mark.parametrize("seed", range(5))
def test_a_replica_that_breaks_down_loses_what_it_holds_and_is_repaired(seed):
    part = llm(max_running=1)
    run = run_of(a_design({"x": part}, classes=[{"items": 2}], faults=[breakdowns("x", UP_S, DOWN_S)]), 40, seed=seed)
    told = only_server(2.0, 40, seed)
    assert run.ended_s == pytest.approx(np.array([row[2] for row in told]))
    assert (run.ending == ANSWERED).tolist() == [row[3] for row in told]
    assert [row[2] for row in log(run, "x")] == pytest.approx([row[1] for row in told])
    assert 0 < (run.ending == FAILED).sum() < 40


def test_each_replica_has_its_own_outages_and_capacity_follows_them():
    run = run_of(a_design({"x": llm(replicas=3)}, faults=[breakdowns("x", UP_S, DOWN_S)]), 30)
    changes = [(at_s, by) for i in range(3) for row in outages(i, 30) for at_s, by in zip(row, (-1, 1), strict=True)]
    expected, replicas = [(0.0, 3)], 3
    for at_s, by in sorted(changes):
        replicas += by
        expected.append((at_s, replicas))
    got = [row for row in run.components["x"].capacity if row[0] < 30]
    assert np.array(got) == pytest.approx(np.array([row for row in expected if row[0] < 30]))


def test_two_breakdowns_at_once_are_over_when_both_are():
    faults = [breakdowns("x", UP_S, DOWN_S), breakdowns("x", UP_S, DOWN_S)]
    run = run_of(a_design({"x": llm(max_running=1000) | {"step_ms": 0.001}}, 10, faults=faults), 500)
    down = [outages(0, 60, visit=visit) for visit in (0, 1)]
    for _, entered_s, began_s, _ in log(run, "x"):
        if began_s is not None:
            assert (began_s > entered_s + 1e-5) == any(a <= entered_s < b for rows in down for a, b in rows)


def test_who_is_killed_while_it_is_down_comes_back_when_both_are_over():
    [(down_s, up_s), *_] = outages(0, 1e6)
    at_s = (down_s + up_s) / 2
    broken = breakdowns("x", UP_S, DOWN_S, for_s=up_s + 1e-3)
    part = llm(max_running=1)
    run = run_of(a_design({"x": part}, 1 / at_s, faults=[broken, kill("x", at_s + 1e-6, up_s)]), 1)
    assert run.ended_s[0] == pytest.approx(at_s + 1e-6 + up_s + 1)
    assert min(slots for _, slots in run.components["x"].capacity) == 0


def test_a_balancer_passes_over_replicas_that_are_down_and_their_queues_go_with_them():
    parts = {"lb": balancer("x"), "x": llm(replicas=2, max_running=1)}
    run = run_of(a_design(parts, 1.5, classes=[{"items": 1}], faults=[breakdowns("x", UP_S, DOWN_S)]), 60)
    down = [outages(replica, 80) for replica in (0, 1)]
    ends_s = {row[0] for rows in down for row in rows}
    up = [[not any(a <= at_s < b for a, b in rows) for rows in down] for at_s in run.arrived_s.tolist()]
    for request in np.flatnonzero(run.ending == FAILED):
        at_once = run.ended_s[request] == run.arrived_s[request]
        assert at_once == (not any(up[request]))
        assert at_once or run.ended_s[request] == pytest.approx(
            min(ends_s, key=lambda s: abs(s - run.ended_s[request]))
        )
    assert (run.ending == FAILED).any()
    waited = [row for row in log(run, "x") if row[2] is None and row[3] > row[1]]
    assert waited  # in a queue, when its replica broke down


@given(
    seed=st.integers(0, 2**31),
    breaks=st.booleans(),
    metric=st.sampled_from([("utilization", 0.6), ("concurrency", 2.0), ("queue_delay_ms", 50.0)]),
    discipline=st.sampled_from(["fifo", "lifo", "priority"]),
    cool_down_s=st.floats(0, 0.5),
    at_s=st.floats(0, 1),
)
@settings(deadline=None, max_examples=80)
def test_whatever_comes_and_goes_everyone_ends_and_tokens_are_made_within_capacity(
    seed, breaks, metric, discipline, cool_down_s, at_s
):
    times = {"period_s": 0.05, "start_delay_s": 0.08, "scale_up_window_s": 0.2, "cool_down_s": cool_down_s}
    part = llm(replicas=3, max_running=4, kv_memory_tokens=60) | {
        "step_ms": 4.0,
        "per_running_ms": 1.0,
        "queue": {"discipline": discipline},
    }
    spike = {"kind": "traffic_spike", "at_s": at_s, "for_s": 0.3, "factor": 4.0}
    faults = [spike, kill("x", at_s, 0.3), lose_zone(1 - at_s, 0.3)]
    if breaks:
        faults.append(breakdowns("x", 0.3, 0.1))
    else:
        part["autoscaling"] = rules(*metric, **times, minimum=2, maximum=9)
    classes = [
        {"name": "batch", "share": 0.5, "items": {"shape": "geometric", "mean": 9}, "prompt_tokens": 5},
        {"name": "chat", "share": 0.5, "items": 3, "priority": 2},
    ]
    traffic = {"arrivals": {"kind": "poisson"}, "classes": classes}
    run = run_of(a_design({"x": part}, 60.0, faults=faults, zones=2, **traffic), 90, seed=seed)
    assert not np.isnan(run.ended_s).any()
    record, last_s = run.components["x"], float(np.nanmax(run.ended_s, initial=1)) + 1
    kept = record.tokens
    moments = [at for at, _ in record.capacity] + kept.stretch_from_s.tolist() + kept.stretch_to_s.tolist()
    edges = np.unique([0.0, last_s, *(at for at in moments if at < last_s)])
    assert (busy_s(record, edges) <= capacity_s(record, edges) + 1e-9).all()
    assert all(replicas >= 0 for _, replicas in record.capacity)
    assert int((kept.steps * kept.running).sum()) == int(kept.tokens.sum())
    assert (kept.tokens == run.items[kept.request])[kept.complete].all()
    assert sorted(kept.request[kept.complete].tolist()) == np.flatnonzero(run.ending == ANSWERED).tolist()
