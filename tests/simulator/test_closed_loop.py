"""A closed loop: users who think, ask, wait for the end of their request, and think again."""

from heapq import heappop, heappush
from math import inf

import numpy as np
import pytest

from simulator.design import Keys
from simulator.draws import Draws
from simulator.keys import key_ranks
from simulator.load import mean_rate_per_s, static_load, traffic_in_words
from simulator.results.levels import integral
from simulator.results.replications import replicate
from simulator.results.run import Ending
from simulator.results.summary import summarize
from simulator.run import simulate
from simulator.settings import RunSettings, TooLong, duration_s, warm_up_s
from simulator.text_report import text_report
from simulator.theory.pools import FiniteSource
from tests.simulator.designs import a_design, constant, exponential, front, log, service, wide


def _loop(users, think, components, **more):
    return a_design(components, arrivals={"kind": "closed_loop", "users": users, "think_time": think}, **more)


def _run(users, think, components, lasts_s, seed=1, **more):
    return simulate(_loop(users, think, components, **more), seed=seed, duration_s=lasts_s)


# ---- worked out by hand --------------------------------------------------------------------------------------------


def test_one_user_thinks_asks_waits_and_thinks_again():
    run = _run(1, constant(1), {"x": service(0.5)}, 6.0)
    assert run.arrived_s.tolist() == [1.0, 2.5, 4.0, 5.5]
    assert run.ended_s.tolist() == [1.5, 3.0, 4.5, 6.0]


def test_nobody_asks_at_or_after_the_horizon_and_who_has_asked_is_answered():
    run = _run(1, constant(1), {"x": service(2)}, 4.0)
    assert (run.arrived_s.tolist(), run.ended_s.tolist()) == ([1.0], [3.0])
    assert _run(1, constant(1), {"x": service(2)}, 4.001).ended_s.tolist() == [3.0, 6.0]


def test_two_users_wait_for_one_another_at_one_server():
    run = _run(2, constant(1), {"x": service(1)}, 6.0)
    assert log(run, "x") == [(0, 1, 1, 2), (1, 1, 2, 3), (2, 3, 3, 4), (3, 4, 4, 5), (4, 5, 5, 6)]


def test_without_thinking_the_server_is_never_idle():
    run = _run(3, constant(0), {"x": service(1)}, 10.0)
    assert run.ended_s.tolist() == list(range(1, 13))
    assert run.arrived_s.tolist() == [0, 0, 0, *range(1, 10)]


def test_a_refused_user_thinks_and_asks_again():
    run = _run(2, constant(1), {"x": service(5, queue={"limit": 0})}, 6.5)
    assert run.arrived_s.tolist() == [1, 1, 2, 3, 4, 5, 6]
    assert run.ending.tolist() == [Ending.ANSWERED, *[Ending.REFUSED] * 6]  # at 6, asking comes before leaving
    assert run.ended_s.tolist() == [6, 1, 2, 3, 4, 5, 6]


def test_a_user_whose_call_has_timed_out_does_not_wait_for_the_work_that_goes_on():
    parts = {"a": front([{"to": "x", "timeout_ms": 500.0}]), "x": service(2)}
    run = _run(1, constant(1), parts, 4.0)
    assert run.arrived_s.tolist() == [1, 2.5]
    assert run.ended_s.tolist() == [1.5, 3]
    assert set(run.ending) == {Ending.FAILED}
    assert log(run, "x") == [(0, 1, 1, 3), (1, 2.5, 3, 5)]


def test_a_degraded_answer_is_an_answer_to_wait_for():
    call = {"to": "x", "timeout_ms": 500.0, "fallback": [{"answer_ms": 250.0}]}
    run = _run(1, constant(1), {"a": front([call]), "x": service(2)}, 3.0)
    assert (run.arrived_s.tolist(), run.ended_s.tolist()) == ([1, 2.75], [1.75, 3.5])
    assert set(run.ending) == {Ending.DEGRADED}


def test_a_dead_replica_sends_its_user_back_to_thinking():
    kill = {"kind": "kill_replicas", "component": "x", "at_s": 2.0, "for_s": 1.0, "replicas": 1}
    run = _run(1, constant(1), {"x": service(3)}, 4.0, faults=[kill])
    assert run.arrived_s.tolist() == [1.0, 3.0]
    assert run.ended_s.tolist() == [2.0, 6.0]


# ---- a second simulation -------------------------------------------------------------------------------------------


def _second_simulation(users, servers, think_s, work_s, lasts_s):
    """First come, first served, event by event; (asked, ended, number) of every request in the order of asking."""
    events = [(float(think_s[user]), 0, user) for user in range(users)]
    events = sorted(event for event in events if event[0] < lasts_s)
    rows, queue, busy = {}, [], 0

    def begin(now_s, number):
        heappush(events, (now_s + work_s[number], 1, number))

    while events:
        now_s, is_end, number = heappop(events)
        if not is_end:
            rows[number] = [now_s, inf, number]
            if busy < servers:
                busy += 1
                begin(now_s, number)
            else:
                queue.append(number)
            continue
        rows[number][1] = now_s
        if queue:
            begin(now_s, queue.pop(0))
        else:
            busy -= 1
        if (again_s := now_s + think_s[number + users]) < lasts_s:
            heappush(events, (again_s, 0, number + users))
    return sorted(rows.values())


@pytest.mark.parametrize(("users", "servers"), [(1, 1), (5, 1), (20, 3), (40, 50)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_second_simulation_gives_the_same_times_to_the_last_request(users, servers, seed):
    parts, draws = {"x": service(1, replicas=servers, service_time=exponential(0.5))}, Draws(seed, 0, 400 * users)
    classes, keys = [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "items": 7}], {"count": 500}
    run = _run(users, exponential(2), parts, 100.0, seed=seed, classes=classes, keys=keys)
    think_s = -2 * np.log1p(-draws.uniforms("<think>"))
    work_s = -0.5 * np.log1p(-draws.uniforms("x"))
    asked_s, ended_s, numbers = zip(*_second_simulation(users, servers, think_s, work_s, 100.0), strict=True)
    assert len(run.arrived_s) == len(asked_s) > 20 * users * (servers > 1)
    assert run.arrived_s == pytest.approx(np.array(asked_s), rel=1e-12)
    assert run.ended_s == pytest.approx(np.array(ended_s), rel=1e-12)
    is_b = draws.uniforms("<classes>")[list(numbers)] >= 0.5
    assert run.class_index.tolist() == is_b.tolist()
    assert run.items.tolist() == np.where(is_b, 7, 1).tolist()
    ranks = key_ranks(Keys(count=500), draws.n, seed, 0)
    assert run.key_rank.tolist() == ranks[list(numbers)].tolist()


# ---- formulas ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("users", "think_s", "servers"), [(12, 3.0, 2), (30, 5.0, 10), (8, 20.0, 1)])
def test_machines_and_repairers_agree_with_the_formula(users, think_s, servers):
    """M/M/c//N, by batch means."""
    theory = FiniteSource(users, think_s, 1.0, servers)
    parts = {"x": service(1, replicas=servers, service_time=exponential(1))}
    lasts_s = 20_000 / theory.throughput()
    run = _run(users, exponential(think_s), parts, lasts_s)
    edges = np.linspace(0.05 * lasts_s, lasts_s, 31)
    present = integral(run.arrived_s, run.ended_s, edges) / np.diff(edges)
    rates = np.histogram(run.arrived_s, bins=edges)[0] / np.diff(edges)
    for found, expected in ((present, theory.mean_present()), (rates, theory.throughput())):
        standard_error = found.std(ddof=1) / 30**0.5
        assert standard_error < 0.03 * expected
        assert found.mean() == pytest.approx(expected, abs=4 * standard_error)


@pytest.mark.parametrize("think", [constant(2), exponential(2)], ids=["constant", "exponential"])
def test_where_nobody_waits_the_throughput_is_users_over_a_round(think):
    run = _run(100, think, {"x": wide(0.5)}, 400.0)
    rounds = 400 / 2.5
    spread = 0 if think["kind"] == "constant" else 4 * (100 * rounds * 0.64) ** 0.5  # SCV of a round: (2 / 2.5)^2
    assert len(run.arrived_s) == pytest.approx(100 * rounds, abs=spread + 100)


# ---- laws ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("users", "servers"), [(7, 1), (30, 4)])
def test_users_are_throughput_times_thinking_and_waiting_exactly(users, servers):
    """Little's law over a whole run: each user only thinks and waits until its last answer."""
    parts = {"x": service(1, replicas=servers, service_time=exponential(0.5))}
    run = _run(users, constant(2), parts, 200.0)
    last = run.ended_s + 2 >= 200
    assert last.sum() == users
    throughput_per_s = len(run.arrived_s) / run.ended_s[last].mean()
    mean_response_s = (run.ended_s - run.arrived_s).mean()
    assert throughput_per_s * (2 + mean_response_s) == pytest.approx(users, rel=1e-12)


def test_there_are_never_more_requests_than_users():
    run = _run(9, exponential(0.1), {"x": service(1, service_time=exponential(0.5))}, 200.0)
    moments = np.concatenate([run.ended_s, run.arrived_s])
    changes = np.repeat([-1, 1], len(run.arrived_s))[np.lexsort((np.arange(len(moments)), moments))]
    assert changes.cumsum().max() == 9


def test_a_longer_horizon_keeps_the_requests_it_had():
    parts = {"x": service(1, replicas=2, service_time=exponential(0.5))}
    short, long = (_run(10, exponential(2), parts, lasts_s) for lasts_s in (50.0, 500.0))
    n = len(short.arrived_s)
    assert short.arrived_s.tolist() == long.arrived_s[:n].tolist()
    assert (long.arrived_s[n:] >= 50).all()
    early = short.ended_s < 50
    assert short.ended_s[early].tolist() == long.ended_s[:n][early].tolist()


def test_a_slower_system_is_asked_for_less():
    rates = [len(_run(10, exponential(1), {"x": service(s)}, 300.0).arrived_s) for s in (0.05, 0.2, 0.8)]
    assert rates[0] > rates[1] > rates[2]


def test_more_users_bring_no_more_answers_than_the_server_can_give():
    counts = [len(_run(users, constant(1), {"x": service(0.5)}, 100.0).arrived_s) for users in (1, 2, 4, 40)]
    assert counts == sorted(counts)
    assert counts[-1] <= 2 * 100 + 40


def test_another_design_meets_the_same_users():
    """Who asks when for the first time, and what each user's rounds bring, does not depend on the system."""
    classes = [{"name": "a", "share": 0.5, "items": 2}, {"name": "b", "share": 0.5}]
    fast, slow = (_run(50, exponential(5), {"x": wide(s)}, 60.0, classes=classes) for s in (0.01, 50))
    first = slow.arrived_s < 30  # nobody has been answered by then
    assert first.sum() > 40
    assert set(slow.arrived_s[first]) < set(fast.arrived_s)
    at = np.searchsorted(fast.arrived_s, slow.arrived_s[first])
    assert fast.class_index[at].tolist() == slow.class_index[first].tolist()


def test_requests_are_numbered_as_they_are_sent_wherever_they_are_written_down():
    keys = {"count": 1000}
    run = _run(20, exponential(1), {"a": front([{"to": "x"}]), "x": service(0.1)}, 50.0, keys=keys)
    n = len(run.arrived_s)
    assert (np.diff(run.arrived_s) >= 0).all()
    assert {len(column) for column in (run.ended_s, run.ending, run.class_index, run.items, run.key_rank)} == {n}
    for name in ("a", "x"):
        visits = run.components[name].visits
        assert sorted(visits.request.tolist()) == list(range(n))
    entered = run.components["a"].visits
    assert entered.entered_s.tolist() == run.arrived_s[entered.request].tolist()


def test_seed_and_replication_each_give_other_users():
    design = _loop(5, exponential(1), {"x": service(0.1)})
    runs = [simulate(design, seed=s, replication=r, duration_s=20.0) for s, r in ((1, 0), (1, 0), (2, 0), (1, 1))]
    first, again, *others = (run.arrived_s.tolist() for run in runs)
    assert first == again
    assert first not in others


def test_a_run_that_asks_more_often_than_foreseen_is_the_same_run():
    """Refusals take no time, so that far more is asked than the server can do."""
    run = _run(10, constant(0.125), {"x": service(100, queue={"limit": 0})}, 10.0)
    assert (run.ending == Ending.REFUSED).sum() == 9 * 79
    assert run.arrived_s.tolist() == sorted([0.125, *np.repeat(np.arange(0.125, 10, 0.125), 9)])


def test_progress_rises_to_the_end():
    shares = []
    simulate(_loop(5, exponential(0.01), {"x": service(0)}), seed=1, duration_s=9.0, progress=shares.append)
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] == 1


# ---- settings, results and refusals --------------------------------------------------------------------------------


def test_the_most_that_users_can_ask_for_is_bounded_by_their_rounds_and_by_the_capacity():
    assert mean_rate_per_s(_loop(50, constant(0.1), {"x": service(0.1, replicas=1000)})) == pytest.approx(250)
    assert mean_rate_per_s(_loop(50, constant(0.1), {"x": service(0.1, replicas=4)})) == pytest.approx(40)
    parts = {"a": service(0.1, replicas=100, calls=[[{"to": "b", "share": 0.5}]]), "b": service(0.4, replicas=100)}
    assert mean_rate_per_s(_loop(6, constant(0.3), parts)) == pytest.approx(6 / 0.6)


def test_the_load_of_a_closed_loop_is_never_above_one():
    assert static_load(_loop(500, constant(0.1), {"x": service(0.1)}))["x"].load == 1


def test_a_closed_loop_lasts_for_as_long_as_its_users_would_need_if_nobody_waited():
    design = _loop(50, constant(0.1), {"x": service(0.1, replicas=1000)})
    assert duration_s(design, RunSettings(requests=1000)) == pytest.approx(4.0)


def test_a_closed_loop_settles_within_ten_rounds():
    design = _loop(50, constant(0.1), {"x": service(0.1, replicas=1000)})
    assert warm_up_s(design, RunSettings(duration_s=100.0)) == (pytest.approx(2.0), "")
    assert warm_up_s(design, RunSettings(duration_s=1.0)) == (pytest.approx(0.3), "")


def test_a_closed_loop_with_too_many_requests_is_refused_before_it_runs():
    with pytest.raises(TooLong):
        duration_s(_loop(1000, constant(0.1), {"x": wide(0)}), RunSettings(duration_s=10_000.0))


def test_users_for_whom_nothing_takes_time_are_refused_in_words():
    with pytest.raises(TooLong, match=r"asks for ever at second 0, as neither thinking nor asking takes time; give"):
        _run(3, constant(0), {"x": wide(0)}, 10.0)


def test_a_closed_loop_is_shown_by_that_name_and_with_the_rate_that_was_measured():
    design = _loop(50, exponential(0.1), {"x": service(1, replicas=4, service_time=exponential(0.008))})
    summary = summarize(replicate(design, RunSettings(requests=3000, replications=2)))
    assert summary.closed_loop_users == 50
    assert summary.arrival_rate_per_s == pytest.approx(437, rel=0.05)
    assert text_report(summary, "shop").startswith("shop: closed loop of 50 users, 4")
    assert summary.remarks[0].startswith("A closed loop: 50 users wait for their answers")
    assert summary.components[0].visits_per_request == 1
    assert summary.bottleneck.load == pytest.approx(0.874, rel=0.05)


def test_only_where_users_do_not_wait_is_there_a_rate_to_speak_of():
    parts = {"x": wide(0)}
    assert traffic_in_words(_loop(1500, constant(1), parts)) == "closed loop of 1,500 users"
    trace, bursts = {"kind": "trace", "times_s": [1.0]}, {"kind": "bursts", "burst_factor": 3, "calm_factor": 1}
    assert traffic_in_words(a_design(parts, arrivals=trace)) == "recorded requests"
    bursts |= {"mean_burst_s": 1, "mean_calm_s": 1}
    assert traffic_in_words(a_design(parts, rate_per_s=600.0, arrivals=bursts)) == "1,200 requests/s"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"profile": {"kind": "diurnal", "peak_factor": 1.5}}, "traffic.profile changes a rate"),
        ({"faults": [{"kind": "traffic_spike", "at_s": 1, "factor": 2}]}, "faults.0 is a traffic spike"),
    ],
    ids=["profile", "spike"],
)
def test_what_changes_a_rate_is_refused_for_users_who_have_none(more, said):
    with pytest.raises(ValueError, match=said):
        _loop(5, constant(1), {"x": wide(0)}, **more)
