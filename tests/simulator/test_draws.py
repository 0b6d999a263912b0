"""Luck belongs to the request: nothing but its own name, request and visit decides a draw."""

import numpy as np
import pytest

from simulator.distributions import Exponential
from simulator.draws import Draws, PerVisit, stream
from tests.simulator.designs import a_design, exponential, front, log, run_of, service, store, wide

READ = Exponential(mean_ms=1000.0)


def _works(components, name, *, arrivals=30, **more):
    """(request, seconds of work) of every visit to a component, in the order of entry."""
    run = run_of(a_design(components, **more), arrivals)
    return [(request, round(ended - began, 9)) for request, _, began, ended in log(run, name)]


def test_a_longer_draw_begins_with_the_shorter_one():
    short, long = Draws(1, 0, 10), Draws(1, 0, 1000)
    assert long.uniforms("x", 3)[:10].tolist() == short.uniforms("x", 3).tolist()
    assert long.rows_s("x", READ, 7, 3)[:10].tolist() == short.rows_s("x", READ, 7, 3).tolist()


def test_a_wider_row_begins_with_the_narrower_one():
    draws = Draws(1, 0, 10)
    assert draws.rows_s("x", READ, 16)[:, :8].tolist() == draws.rows_s("x", READ, 8).tolist()


@pytest.mark.parametrize("other", [(2, 0, "x", 0), (1, 1, "x", 0), (1, 0, "y", 0), (1, 0, "x", 1)])
def test_seed_replication_user_and_visit_each_give_other_draws(other):
    assert stream(1, 0, "x", 0).random(5).tolist() != stream(*other).random(5).tolist()


def test_draws_of_two_users_are_independent():
    draws = Draws(1, 0, 100_000)
    correlation = np.corrcoef(draws.uniforms("x"), draws.uniforms("y"))[0, 1]
    assert correlation == pytest.approx(0, abs=4 / 100_000**0.5)


def test_draws_are_uniform():
    draws = np.sort(Draws(1, 0, 100_000).uniforms("x"))
    largest_gap = np.abs(draws - np.arange(100_000) / 100_000).max()
    assert largest_gap < 2.2 / 100_000**0.5  # Kolmogorov and Smirnov, one in 8,000


def test_a_duration_is_the_inverse_of_its_draw():
    draws, times = Draws(1, 0, 50), Exponential(mean_ms=2000.0)
    assert draws.durations_s("x", times).tolist() == (times.inverse_ms(draws.uniforms("x")) / 1000).tolist()


def test_the_numbers_of_a_visit_are_drawn_once_and_for_all_requests():
    asked = []
    numbers = PerVisit(lambda visit: asked.append(visit) or np.arange(3.0) + 10 * visit)
    assert [numbers.of(2, 0), numbers.of(0, 1), numbers.of(1, 0), numbers.of(2, 1)] == [2, 10, 1, 12]
    assert asked == [0, 1]


RANDOM = {"service_time": exponential(1)}


def test_draws_do_not_change_when_another_component_is_added_renamed_or_removed():
    alone = _works({"front": front([{"to": "x"}]), "x": wide(**RANDOM)}, "x")
    with_y = _works({"front": front([{"to": "y"}], [{"to": "x"}]), "y": wide(**RANDOM), "x": wide(**RANDOM)}, "x")
    with_z = _works({"gate": front([{"to": "z"}, {"to": "x"}]), "x": wide(**RANDOM), "z": wide(**RANDOM)}, "x")
    assert sorted(alone) == sorted(with_y) == sorted(with_z)


RETRIES = {"to": "x", "timeout_ms": 1.0, "retries": {"attempts": 3, "backoff": "none"}}


def test_draws_of_a_retry_do_not_change_when_a_fan_out_is_added_elsewhere():
    alone = _works({"front": front([RETRIES]), "x": wide(**RANDOM)}, "x")
    parts = {"front": front([RETRIES, {"to": "s", "fan_out": {"copies": "all"}, "fire_and_forget": True}])}
    beside = _works({**parts, "x": wide(**RANDOM), "s": store(0, shards=16)}, "x")
    assert sorted(alone) == sorted(beside)


def test_draws_of_a_retry_do_not_change_when_another_component_gets_more_callers():
    outer = {"to": "mid", "timeout_ms": 1.0, "retries": {"attempts": 2, "backoff": "none"}}
    below = {"mid": front([{"to": "x", "timeout_ms": 1e9}]), "x": wide(**RANDOM)}
    ask_y = {"to": "y", "fire_and_forget": True}
    alone = _works({"front": front([outer]), **below}, "x")
    beside = _works({"front": front([outer, ask_y, ask_y]), **below, "y": wide(0)}, "x")
    assert sorted(alone) == sorted(beside)


def test_draws_of_each_way_to_a_component_do_not_change_when_one_caller_asks_another_too():
    ways = {"front": front([{"to": "a"}, {"to": "b"}]), "a": front([{"to": "x"}]), "b": wide(7, calls=[[{"to": "x"}]])}
    before = _works({**ways, "x": wide(**RANDOM)}, "x", rate_per_s=1 / 64)
    longer = ways | {"a": front([{"to": "x"}], [{"to": "y"}]), "y": front([{"to": "z"}]), "z": wide(0)}
    after = _works({**longer, "x": wide(**RANDOM)}, "x", rate_per_s=1 / 64)
    assert before == after


def test_two_ways_to_a_component_have_draws_of_their_own():
    works = _works({"front": front([{"to": "x"}], [{"to": "x"}]), "x": wide(**RANDOM)}, "x")
    assert len(works) == len({seconds for _, seconds in works}) == 60


def test_retries_of_retries_have_draws_of_their_own():
    inner, outer = RETRIES | {"timeout_ms": 10.0}, RETRIES | {"to": "mid", "timeout_ms": 1000.0}
    parts = {"front": front([outer]), "mid": front([inner]), "x": wide(service_time=exponential(1000))}
    works = _works(parts, "x", arrivals=5)
    assert len(works) == len({seconds for _, seconds in works}) == 5 * 3 * 3


def test_more_replicas_and_a_longer_queue_leave_the_work_as_it_is():
    small = _works({"x": service(**RANDOM)}, "x")
    large = _works({"x": service(**RANDOM, replicas=9, queue={"limit": 5})}, "x")
    assert sorted(small) == sorted(large)


def test_a_longer_mean_stretches_the_work_of_every_request():
    once, twice = (_works({"x": wide(service_time=exponential(mean))}, "x") for mean in (1, 2))
    assert [seconds for _, seconds in sorted(twice)] == pytest.approx(
        [2 * seconds for _, seconds in sorted(once)], abs=1e-8
    )
