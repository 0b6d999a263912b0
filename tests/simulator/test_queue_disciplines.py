"""Last come first served and priorities: by hand, against a second simulation, and by the laws of queues."""

from heapq import heappop, heappush

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.clock import Clock
from simulator.components.lines import line
from simulator.components.pool import Turn
from simulator.components.request import Request
from simulator.design_file import design_from
from simulator.draws import Draws
from simulator.results.run import Ending
from tests.simulator.designs import a_design, exponential, front, log, model_server, run_of, service, store

SEEDS = st.integers(0, 2**31)
ANSWERED, REFUSED = Ending.ANSWERED, Ending.REFUSED
BY_TURNS = [{"name": "low", "share": 0.5, "priority": 1}, {"name": "high", "share": 0.5, "priority": 7}]


def _queue(discipline, **more):
    return {"limit": "unlimited", "discipline": discipline, **more}


def test_the_last_to_come_is_the_first_to_be_served():
    run = run_of(a_design({"x": service(2.5, queue=_queue("lifo"))}), 5)
    assert log(run, "x") == [(0, 1, 1, 3.5), (1, 2, 11, 13.5), (2, 3, 3.5, 6), (3, 4, 8.5, 11), (4, 5, 6, 8.5)]


def test_a_stack_that_is_full_refuses_the_newcomer():
    run = run_of(a_design({"x": service(9, queue=_queue("lifo", limit=2))}), 5)
    assert run.ending.tolist() == [ANSWERED, ANSWERED, ANSWERED, REFUSED, REFUSED]


def test_who_is_too_old_is_thrown_away_when_its_turn_comes_in_a_stack():
    run = run_of(a_design({"x": service(3.5, queue=_queue("lifo", drop_older_than_ms=2000.0))}), 4)
    assert log(run, "x") == [(0, 1, 1, 4.5), (1, 2, None, 8), (2, 3, None, 8), (3, 4, 4.5, 8)]


def _priorities(run):
    return [BY_TURNS[kind]["priority"] for kind in run.class_index.tolist()]


@pytest.mark.parametrize(
    "target", [service(2.5, queue=_queue("priority")), store(2.5, concurrency=1, queue=_queue("priority"))]
)
def test_the_larger_priority_is_served_first_and_the_older_among_equals(target):
    run = run_of(a_design({"x": target}, classes=BY_TURNS), 40)
    priority = _priorities(run)
    served = [request for request, *_ in sorted(log(run, "x"), key=lambda row: row[2])]
    assert len(set(priority)) == 2
    waiting, expected, came = [], [], 0
    for turn in range(40):
        free_s = 1 + 2.5 * turn
        while came < 40 and came + 1 <= free_s:
            heappush(waiting, (-priority[came], came))
            came += 1
        expected.append(heappop(waiting)[1])
    assert served == expected


def test_an_important_request_interrupts_nobody():
    run = run_of(a_design({"x": service(5, queue=_queue("priority"))}, classes=BY_TURNS), 30)
    assert all(ended == began + 5 for _, _, began, ended in log(run, "x"))


def test_attempts_inherit_the_priority_of_their_request():
    call = {"to": "x", "timeout_ms": 1e6}
    parts = {"front": front([call]), "x": service(2.5, queue=_queue("priority"))}
    through, straight = (run_of(a_design(p, classes=BY_TURNS), 30) for p in (parts, {"x": parts["x"]}))
    assert [row[:3] for row in log(through, "x")] == [row[:3] for row in log(straight, "x")]


def test_a_batch_takes_the_last_to_come_first():
    run = run_of(a_design({"x": model_server(2, 3.5, queue=_queue("lifo"))}), 6)
    assert _batches(run) == [{0}, {2, 3}, {4, 5}, {1}]


def test_whether_the_next_still_fits_is_asked_of_the_next_in_turn():
    """A stack of requests with 1, 2 or 3 items each, and batches of at most 3 items."""
    classes = [
        {"name": f"of_{items}", "share": share, "items": items} for items, share in ((1, 0.5), (2, 0.3), (3, 0.2))
    ]
    run = run_of(a_design({"x": model_server(3, 3.5, queue=_queue("lifo"))}, classes=classes), 40)
    waiting, items, came = [], run.items.tolist(), 0
    for batch, began_s in zip(_batches(run), sorted({row[2] for row in log(run, "x")}), strict=True):
        while came < 40 and came + 1 <= began_s:
            waiting.append(came)
            came += 1
        expected = [waiting.pop()]
        while waiting and sum(items[one] for one in [*expected, waiting[-1]]) <= 3:
            expected.append(waiting.pop())
        assert batch == set(expected)


def _batches(run):
    began = {}
    for request, _, at_s, _ in log(run, "x"):
        began.setdefault(at_s, set()).add(request)
    return [began[at_s] for at_s in sorted(began)]


def test_a_batch_is_formed_by_priority():
    run = run_of(a_design({"x": model_server(2, 3.5, queue=_queue("priority"))}, classes=BY_TURNS), 30)
    priority, waiting = _priorities(run), set()
    came = 0
    for batch, began_s in zip(_batches(run), sorted({row[2] for row in log(run, "x")}), strict=True):
        while came < 30 and came + 1 <= began_s:
            waiting.add(came)
            came += 1
        assert batch == set(sorted(waiting, key=lambda one: (-priority[one], one))[: len(batch)])
        waiting -= batch


@pytest.mark.parametrize("discipline", ["lifo", "priority"])
def test_the_oldest_of_any_line_says_when_a_batch_must_leave(discipline):
    run = run_of(a_design({"x": model_server(9, 0.5, 2.5, queue=_queue(discipline))}, classes=BY_TURNS), 3)
    assert log(run, "x") == [(0, 1, 3.5, 4), (1, 2, 3.5, 4), (2, 3, 3.5, 4)]


@given(
    seed=SEEDS,
    servers=st.integers(1, 4),
    places=st.integers(0, 12) | st.just("unlimited"),
    load=st.floats(0.5, 3),
    discipline=st.sampled_from(["lifo", "priority"]),
)
@settings(deadline=None, max_examples=60)
def test_every_line_serves_whom_a_second_simulation_serves(seed, servers, places, load, discipline):
    part = service(0.05, replicas=servers, queue=_queue(discipline, limit=places), service_time=exponential(0.05))
    design = a_design({"x": part}, load * servers / 0.05, arrivals={"kind": "poisson"}, classes=BY_TURNS)
    run = run_of(design, 200, seed=seed)
    work_s = Draws(seed, 0, len(run.arrived_s)).durations_s("x", design.components["x"].service_time)
    first = (lambda i: -i) if discipline == "lifo" else (lambda i: (-_priorities(run)[i], i))
    began_s = _served(run.arrived_s.tolist(), work_s.tolist(), servers, places, first)
    assert {row[0]: row[2] for row in log(run, "x")} == began_s


def _served(arrived_s, work_s, servers, places, rank):
    """When the work on each request begins, None if it is refused."""
    began, busy, waiting = dict.fromkeys(range(len(arrived_s))), [], []
    for request, at_s in [*enumerate(arrived_s), (None, float("inf"))]:
        while busy and busy[0] < at_s:
            free_s = heappop(busy)
            if waiting:
                following = min(waiting, key=rank)
                waiting.remove(following)
                began[following] = free_s
                heappush(busy, free_s + work_s[following])
        if request is None:
            break
        if len(busy) < servers:
            began[request] = at_s
            heappush(busy, at_s + work_s[request])
        elif places == "unlimited" or len(waiting) < places:
            waiting.append(request)
    return began


def _long(discipline, *, seed=1, load=0.8, scv=4.0, n=10_000):
    times = {"kind": "gamma", "mean_ms": 10.0, "scv": scv}
    part = {"kind": "service", "service_time": times, "queue": _queue(discipline)}
    classes = [{"name": "low", "share": 0.6}, {"name": "high", "share": 0.4, "priority": 1}]
    traffic = {"entry": "x", "arrival_rate_per_s": load * 100, "classes": classes}
    return run_of(design_from({"traffic": traffic, "components": {"x": part}}), n, seed=seed)


def _waits_s(run):
    visits = run.components["x"].visits
    waits = np.empty(len(run.arrived_s))
    waits[visits.request] = visits.started_s - visits.entered_s
    return waits


@pytest.mark.parametrize("discipline", ["lifo", "priority"])
def test_a_server_is_busy_at_the_same_times_whatever_the_discipline(discipline):
    """Work conservation: the discipline decides who waits, not how much work there is."""
    fifo, other = (_long(one, n=5000) for one in ("fifo", discipline))
    assert _busy_periods(other) == pytest.approx(_busy_periods(fifo))


def _busy_periods(run):
    visits = run.components["x"].visits
    ended = np.sort(visits.ended_s)
    idle = np.searchsorted(np.sort(visits.entered_s), ended, side="left") == np.arange(1, len(ended) + 1)
    return ended[idle].tolist()


def _weighted_wait(run, scv):
    return float((Draws(1, 0, len(run.arrived_s)).durations_s("x", _gamma(scv)) * _waits_s(run)).sum())


def _gamma(scv):
    times = {"kind": "gamma", "mean_ms": 10.0, "scv": scv}
    return a_design({"x": {"kind": "service", "service_time": times}}).components["x"].service_time


@pytest.mark.parametrize("discipline", ["lifo", "priority"])
@pytest.mark.parametrize("scv", [0.5, 4.0])
def test_waits_weighted_by_work_add_up_to_the_same_whatever_the_discipline(discipline, scv):
    """Kleinrock's conservation law (1965), which Cobham's formula obeys: the unfinished work is the same at all times,
    so that in every single run the sum of work times wait is.
    """
    fifo, other = (_weighted_wait(_long(one, scv=scv, n=5000), scv) for one in ("fifo", discipline))
    assert other == pytest.approx(fifo, rel=1e-9)


def test_last_come_first_served_has_the_mean_of_first_come_first_served_and_a_longer_tail():
    """With the same work for each, in every single run (Kingman, Proc. Camb. Phil. Soc. 58, 1962)."""
    parts = [service(0.01, queue=_queue(one)) for one in ("fifo", "lifo")]
    fifo, lifo = (_waits_s(run_of(a_design({"x": x}, 80.0, arrivals={"kind": "poisson"}), 5000)) for x in parts)
    assert lifo.mean() == pytest.approx(fifo.mean(), rel=1e-9)
    assert np.quantile(lifo, 0.99) > 1.5 * np.quantile(fifo, 0.99)


def test_the_important_wait_less_and_the_others_more():
    fifo, ranked = (_long(one) for one in ("fifo", "priority"))
    high = fifo.class_index == 1
    assert _waits_s(ranked)[high].mean() < 0.5 * _waits_s(fifo)[high].mean()
    assert _waits_s(ranked)[~high].mean() > _waits_s(fifo)[~high].mean()


@given(steps=st.lists(st.integers(0, 3) | st.none() | st.just("oldest"), max_size=60))
@settings(deadline=None)
def test_a_line_by_priority_is_a_sorted_list(steps):
    env, own, model = Clock(), line("priority"), []
    for number, step in enumerate(steps):
        if isinstance(step, int):
            request = Request(number, "all", 1)
            request.priority = step
            turn = Turn(env, request, 1.0)
            turn.entered_s = number
            own.append(turn)
            model.append(turn)
        elif model and step is None:
            first = min(model, key=lambda turn: (-turn.request.priority, turn.entered_s))
            assert own.upcoming() is first
            assert own.popleft() is first
            model.remove(first)
        elif model:
            assert own.oldest() is model[0]
            own.remove(model.pop(0))
        assert len(own) == len(model)
        assert list(own) == sorted(model, key=lambda turn: (-turn.request.priority, turn.entered_s))
