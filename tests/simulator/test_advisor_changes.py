"""The advisor's changes on designs whose best change theory knows, measured on the same luck and ranked by worth."""

from functools import cache

import pytest

from simulator.advisor.advice import Plan, Tried, best, settings_for, tried, worth
from simulator.advisor.goal import effect, missed, shortfall
from simulator.design import Design
from simulator.knobs import with_value
from simulator.results.checks import Check
from simulator.results.comparison import Change as Difference
from simulator.results.comparison import compare
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, exponential, front, kill, model_server, service, store

POISSON = {"kind": "poisson"}
QUICK = RunSettings(seed=5, replications=3, requests=2_500)
SHORT = RunSettings(seed=5, replications=2, requests=1_500)


def mm1(mean_s: float, **more):
    return service(usd_per_replica_hour=1.0, **more) | {"service_time": exponential(mean_s)}


def overloaded() -> Design:
    """1.5 erlangs on one replica: two can carry it, three are more than 70% loaded no more."""
    return a_design({"web": mm1(0.01)}, 150.0, arrivals=POISSON, promise={"p99_ms": 120})


def waits_to_fill() -> Design:
    gpu = model_server(100, 0.005, 0.04, usd_per_replica_hour=1.0)
    return a_design({"gpu": gpu}, 50.0, arrivals=POISSON, promise={"p99_ms": 30})


def small_batches() -> Design:
    """Batches of 2 take 10 ms, which is 200/s; of 4 take 11 ms, which is 364/s and free."""
    time = {"fixed_ms": 9.0, "per_item_ms": 0.5}
    gpu = model_server(2, 0.0, usd_per_replica_hour=1.0) | {"batch_time": time, "queue": {"limit": 50}}
    return a_design({"gpu": gpu}, 240.0, arrivals=POISSON, promise={"p99_ms": 60, "availability": 0.99})


def fans_out() -> Design:
    shards = store(shards=20, usd_per_replica_hour=0.1) | {"read_time": exponential(0.005)}
    parts = {"web": front([{"to": "shards", "fan_out": {}}]), "shards": shards}
    return a_design(parts, 100.0, arrivals=POISSON, promise={"p99_ms": 28})


def storm() -> Design:
    """A second of an outage, and attempts that go on for nobody: 3 attempts for 70% of the capacity never recover."""
    call = {"to": "back", "timeout_ms": 50, "retries": {"attempts": 3, "backoff": "none"}}
    parts = {"web": front([call]), "back": service(0.01, usd_per_replica_hour=1.0, queue={"limit": 200})}
    promise = {"in_time_share": 0.9, "deadline_ms": 150}
    return a_design(parts, 70.0, arrivals=POISSON, promise=promise, faults=[kill("back", 2.0, 1.0)])


def idle() -> Design:
    """0.5 erlangs on eight replicas: an M/M/1 at 0.5 has a p99 of 9.2 ms, and one replica is enough for 20 ms."""
    return a_design({"web": mm1(0.001, replicas=8)}, 500.0, arrivals=POISSON, promise={"p99_ms": 20})


def stale() -> Design:
    """Written every 4 s, read at any moment: the p95 age is 3.8 s."""
    table = store(0.001, freshness={"update_every_s": 4.0})
    return a_design({"web": front([{"to": "table"}]), "table": table}, 100.0, promise={"freshness_s": 2.0})


def shielded() -> Design:
    """Four replicas carry the load; with fewer the fallback answers in time, which nobody has promised to avoid."""
    call = {"to": "back", "timeout_ms": 25, "cancel": True, "fallback": [{"answer_ms": 1.0}]}
    parts = {"web": front([call]), "back": service(0.01, replicas=4, usd_per_replica_hour=1.0)}
    return a_design(parts, 260.0, arrivals=POISSON, promise={"p99_ms": 50})


@cache
def advised(make) -> tuple[Plan, Summary, list[Tried], list[Tried]]:
    design = make()
    settings = settings_for(design, SHORT if make is storm else QUICK)
    plan = Plan(design, summarize(replicate(design, settings)))
    before, *after = [summarize(replicate(one, settings)) for one in plan.designs]
    found = [tried(plan.design, change, before, one) for change, one in zip(plan.changes, after, strict=True)]
    return plan, before, found, best(found, before)


BEST = [
    (overloaded, "web: 2 replicas instead of 1", 730),
    (waits_to_fill, "gpu: a batch waits at most 0 ms instead of 40 ms", 0),
    (small_batches, "gpu: batches of at most 4 items instead of 2", 0),
    (fans_out, "web asks shards a second time after 15.0 ms", 0),
    (storm, "web asks back once, without retries", 0),
    (stale, "table: written every 1.89 s instead of every 4 s, which has no price here", None),
    (idle, "web: 1 replica instead of 8", -7 * 730),
]


@pytest.mark.parametrize(("make", "label", "extra"), BEST, ids=[make.__name__ for make, *_ in BEST])
def test_the_best_change_is_the_one_that_theory_knows(make, label, extra):
    first = advised(make)[3][0]
    assert first.label == label, [(one.label, one.effect.value, one.why_not) for one in advised(make)[2]]
    assert first.extra_usd_per_month == (None if extra is None else pytest.approx(extra))
    assert first.keeps or make is storm


def test_a_change_is_measured_exactly_as_a_direct_run_on_the_same_luck():
    plan, before, found, _ = advised(overloaded)
    settings = settings_for(plan.design, QUICK)
    direct = summarize(replicate(with_value(plan.design, "components.web.replicas", 2), settings))
    one = next(one for one in found if one.label == "web: 2 replicas instead of 1")
    assert one.comparison == compare(before, direct)
    assert one.comparison.same_luck
    assert one.effect == effect(plan.design, before, direct)
    assert one.effect.value == shortfall(plan.design, before) - shortfall(plan.design, direct)


def test_at_most_three_are_shown_and_each_of_them_helps():
    for make, *_ in BEST:
        _, before, found, shown = advised(make)
        assert 1 <= len(shown) <= 3
        assert all(one.helps for one in shown)
        assert all(one.why_not for one in found if one not in shown and not one.helps)
        if not advised(make)[0].kept:
            month = before.cost.usd_per_month or 0.0
            ranks = [(not one.keeps, -worth(one, month)) for one in shown]
            assert ranks == sorted(ranks)


def test_of_one_kind_at_one_place_the_same_effect_for_more_money_is_not_shown():
    labels = [one.label for one in advised(overloaded)[3]]
    assert "web: 2 replicas instead of 1" in labels
    assert not any(label.startswith("web: 3 replicas") for label in labels)


def test_a_saving_that_pushes_requests_to_the_fallback_is_no_advice():
    plan, _, found, shown = advised(shielded)
    assert plan.kept
    refused = {one.label: one.why_not for one in found if not one.helps}
    assert "fallback" in str(refused["back: 3 replicas instead of 4"])
    assert shown == []


def test_a_kept_promise_gets_only_savings():
    plan, _, _, shown = advised(idle)
    assert plan.kept
    assert all(change.saves for change in plan.changes)
    assert [one.extra_usd_per_month for one in shown] == sorted(one.extra_usd_per_month for one in shown)


def test_without_a_promise_the_goal_is_less_latency_and_no_fewer_answers():
    bare = with_value(waits_to_fill(), "promise", {})
    plan = Plan(bare, summarize(replicate(bare, QUICK)))
    assert plan.added.startswith("This design promises nothing")
    assert not plan.kept
    assert plan.with_own_promise(plan.changes[0].design).promise == bare.promise
    assert plan.design.promise.p99_ms == pytest.approx(0.7 * 45.0, rel=0.01)
    assert any("waits at most 0 ms" in change.label for change in plan.changes)


def test_a_promise_that_only_the_fallback_keeps_is_no_reason_to_save():
    crowded = with_value(shielded(), "components.back.replicas", 2)
    plan = Plan(crowded, summarize(replicate(crowded, QUICK)))
    assert not plan.kept
    assert "get the fallback, and no fault is on: the aim is at most 1%" in plan.added
    assert plan.design.promise.fallback_share == 0.01
    assert any(change.label == "back: 3 replicas instead of 2" for change in plan.changes)


@pytest.mark.parametrize(
    ("check", "value", "short"),
    [
        (Check(metric="p99_ms", at_most=50), 50, 0.0),
        (Check(metric="p99_ms", at_most=50), 100, 0.5),
        (Check(metric="in_time_share", at_least=0.99), 0.995, 0.0),
        (Check(metric="in_time_share", at_least=0.999), 0.99, 0.9),
        (Check(metric="availability", at_least=1.0), 0.999, 0.5),
        (Check(metric="fallback_share", at_most=0.1), 0.4, 0.75),
    ],
)
def test_how_far_a_number_is_from_its_promise(check, value, short):
    assert missed(check, value) == pytest.approx(short)


def test_the_same_effect_is_worth_less_for_more_money_and_a_larger_effect_more():
    def one(effect: float, extra: float) -> Tried:
        found = advised(overloaded)[2][0]
        return found.model_copy(update={"effect": Difference(value=effect), "extra_usd_per_month": extra})

    assert worth(one(0.5, 0), 1000) > worth(one(0.5, 100), 1000) > worth(one(0.5, 200), 1000)
    assert worth(one(0.5, 100), 1000) > worth(one(0.4, 100), 1000)
    assert worth(one(0.5, -500), 1000) == worth(one(0.5, 0), 1000)
