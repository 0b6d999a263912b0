"""What the vocabulary can say and no engine runs yet is refused by name and place; everything else runs."""

from pathlib import Path

import pytest

from simulator.design import Arrivals, Profile
from simulator.design_file import design_from
from simulator.run import simulate
from simulator.support import DoesNotRunYet, check
from simulator.yaml_text import read_yaml
from tests.simulator.designs import (
    balancer,
    breakdowns,
    constant,
    design_data,
    front,
    kill,
    model_server,
    service,
    store,
    with_part,
)

LLM = {"kind": "llm_server", "step_ms": 10.0}
SCALING = {"metric": "queue_delay_ms", "target": 5.0, "minimum": 1, "maximum": 9}
STREAM = {"kind": "stream", "consumer_time": constant(1)}
ROUTER = {"kind": "router", "routes": [{"to": "st", "share": 1.0}]}
CACHE = {"kind": "cache", "contents": {"kind": "fixed", "hit_ratio": 0.5}, "on_miss": [[{"to": "st"}]]}
BASE = design_data(
    {
        "lb": balancer("front"),
        "front": front([{"to": "st"}, {"to": "cache"}], [{"to": "ms"}]),
        "st": store(),
        "ms": model_server(8, 1),
        "cache": CACHE,
    }
)

UNSUPPORTED = read_yaml((Path(__file__).parent / "unsupported_designs.yaml").read_text(encoding="utf-8"))


def _refusals(data):
    with pytest.raises(DoesNotRunYet) as refused:
        check(design_from(data))
    return refused.value.problems


@pytest.mark.parametrize("part", UNSUPPORTED, ids=lambda part: part["at"])
def test_what_does_not_run_yet_is_refused_by_name_and_place(part):
    [said] = _refusals(with_part(BASE, part["at"], part["value"]))
    assert said.startswith(part["said"])


def _with_router(routes, fault=None, **more):
    data = with_part(BASE, "components.new", {"kind": "router", "routes": routes, **more})
    return data | {"faults": [{"component": "new", "at_s": 1, **fault}] if fault else []}


LIVE, CANARY, SHADOW = ({"to": "st", "share": s, **m} for s, m in ((0.9, {}), (0.1, {}), (0.5, {"shadow": True})))
ALONE = {"to": "st", "share": 1.0}
UNDO = {"metric": "failure_share", "above": 0.1}
BAD = {"kind": "bad_canary", "failure_share": 0.5}

CONTRADICTIONS = [
    (_with_router([SHADOW, LIVE, CANARY]), "components.new.routes.0.shadow is true"),
    (_with_router([LIVE, SHADOW]), "components.new.routes has shares that add up to 0.9"),
    (_with_router([ALONE, SHADOW], undo=UNDO), "components.new.undo watches a canary, and there is none"),
    (_with_router([ALONE, SHADOW], BAD), "faults.0.component is 'new', which has no canary"),
    (_with_router([LIVE, CANARY], {"kind": "slow", "factor": 2}), "faults.0.component is 'new', a router"),
    (
        with_part(
            with_part(BASE, "components.new", {**LLM, "kv_memory_tokens": 9}),
            "traffic.classes",
            [{"items": 8, "prompt_tokens": 2}],
        ),
        "components.new.kv_memory_tokens is 9, but a request of class 'all' needs 10",
    ),
]


FORGET = {"to": "st", "fire_and_forget": True}
NEEDS_ONE = {**FORGET, "fan_out": {"copies": 3, "need": 1}}
CONTRADICTIONS += [
    (
        with_part(BASE, "components.front.calls.0.0", {**FORGET, "fallback": [{"answer_ms": 1.0}]}),
        "components.front.calls.0.0.fallback would answer",
    ),
    (
        with_part(with_part(BASE, "components.st.shards", 3), "components.front.calls.0.0", NEEDS_ONE),
        "components.front.calls.0.0.fan_out.need is 1",
    ),
]


@pytest.mark.parametrize("more", [{"cancel": True}, {"retries": {"attempts": 2}}, {"circuit_breaker": {}}])
def test_how_many_answers_a_forgotten_call_needs_matters_to_some_policies(more):
    data = with_part(BASE, "components.st.shards", 3)
    check(design_from(with_part(data, "components.front.calls.0.0", {**NEEDS_ONE, **more})))


@pytest.mark.parametrize(("data", "said"), CONTRADICTIONS)
def test_what_cannot_be_meant_is_refused(data, said):
    [problem] = _refusals(data)
    assert problem.startswith(said)


def test_a_canary_with_a_shadow_runs():
    check(design_from(_with_router([LIVE, CANARY, SHADOW], BAD, undo=UNDO)))


def test_the_only_zone_cannot_go_where_something_answers_whatever_it_loses():
    data = BASE | {"faults": [{"kind": "lose_zone", "at_s": 1}]}
    assert ["so that st would lose" in said or "so that cache would lose" in said for said in _refusals(data)] == [
        True,
        True,
    ]
    check(design_from(data | {"zones": 2}))


def test_every_refusal_is_told_at_once():
    data = with_part(BASE, "components.new", {**LLM, "autoscaling": {**SCALING, "minimum": 99}})
    data["components"]["front"]["rate_limits"] = [{"rate_per_s": 1.0, "burst": 0.5}]
    data["traffic"]["arrivals"] = {"kind": "trace", "file": "day.csv"}
    assert len(_refusals(data)) == 3


def test_a_refused_design_is_refused_before_it_runs():
    with pytest.raises(DoesNotRunYet):
        simulate(design_from(with_part(BASE, "components.st.quorum", 2)), seed=1, duration_s=1.0)


RUNS = [
    ("components.new", LLM),
    ("components.new", {**LLM, "queue": {"discipline": "lifo"}}),
    ("components.new", {**LLM, "queue": {"discipline": "priority"}}),
    ("components.new", {**LLM, "autoscaling": SCALING}),
    ("components.new", STREAM),
    ("components.new", {**STREAM, "catch_up": "newest_first"}),
    ("components.new", ROUTER),
    ("traffic.arrivals", {"kind": "poisson"}),
    ("traffic.arrivals", {"kind": "evenly_spaced"}),
    ("traffic.arrivals", {"kind": "renewal", "scv": 3.0}),
    ("traffic.arrivals", {"kind": "bursts", "burst_factor": 2, "calm_factor": 1, "mean_burst_s": 1, "mean_calm_s": 1}),
    ("traffic.arrivals", {"kind": "trace", "times_s": [0.5, 1.0]}),
    ("traffic.arrivals", {"kind": "closed_loop", "users": 5, "think_time": constant(1)}),
    ("traffic.profile", {"kind": "steps", "points": [[1, 2]]}),
    ("traffic.profile", {"kind": "diurnal", "peak_factor": 1.5}),
    ("traffic.classes", [{"items": {"shape": "gamma", "mean": 2.0}, "priority": 3}]),
    ("traffic.keys", {"count": 1000}),
    ("components.front.queue", {"limit": 0, "drop_older_than_ms": 5.0}),
    ("components.front.queue", {"discipline": "lifo"}),
    ("components.st", store(1, concurrency=1, queue={"discipline": "priority"})),
    ("components.ms.queue", {"discipline": "priority"}),
    ("components.ms.autoscaling", SCALING),
    ("components.front.sharing", "processor_sharing"),
    ("components.front.rate_limits", [{"rate_per_s": 1.0}]),
    ("components.st.concurrency", 3),
    ("components.st.shards", 5),
    ("components.ms.streams", 2),
    ("components.ms.max_items", "unlimited"),
    ("components.ms.trim", {"when_waiting_items_over": 9, "keep_share": 0.5}),
    ("components.cache.pattern", "look_aside"),
    ("components.lb.policy", "random"),
    ("components.lb.policy", "round_robin"),
    ("components.lb.policy", "least_outstanding"),
    ("components.lb.policy", "power_of_d"),
    ("components.lb.policy", "consistent_hash"),
    ("components.lb.stale_ms", 5.0),
    ("components.lb.overhead_ms", 1.0),
    ("components.front.calls.0.0.deadline_ms", 5.0),
    ("components.front.calls.1.0.circuit_breaker", {}),
    ("components.cache.on_miss.0.0.retries", {"attempts": 2, "budget": {"ratio": 0.1}}),
    ("components.front.calls.0.0.timeout_ms", 5.0),
    ("components.front.calls.0.0.retries", {"attempts": 3}),
    ("components.front.calls.0.0.hedge", {"after_ms": 3.0}),
    ("components.front.calls.0.0.fan_out", {}),
    ("components.front.calls.0.0.fallback", [{"answer_ms": 1.0}]),
    ("components.front.calls.0.0.fire_and_forget", True),
    ("components.front.calls.0.0.share", 0.5),
    ("components.front.calls.0.0.classes", ["all"]),
    ("faults", [kill("ms", 1)]),
    ("faults", [breakdowns("ms", 1, 1)]),
    ("faults", [{"kind": "slow", "component": "st", "at_s": 1, "factor": 2}]),
    ("faults", [{"kind": "traffic_spike", "at_s": 1, "factor": 2}]),
    ("faults", [{"kind": "flush_cache", "component": "cache", "at_s": 1, "for_s": 1}]),
    ("faults", [{"kind": "delay_features", "component": "st", "at_s": 1, "lag_s": 1}]),
    ("traffic.keys", {"count": 1000}),
    ("components.st.hot_shard_share", 0.5),
    ("components.st.freshness", {"update_every_s": 5.0, "lag_s": 1.0}),
    ("components.st.quorum", 1),
    ("faults", [{"kind": "error_rate", "component": "st", "at_s": 1, "share": 0.5}]),
    ("faults", [{"kind": "cut_link", "caller": "front", "component": "st", "at_s": 1}]),
    ("cell", {"fraction": 0.5}),
    ("zones", 3),
    (
        "promise",
        {"p99_ms": 50.0, "availability": 0.99, "usd_per_month": 5.0, "in_time_share": 0.9, "fallback_share": 0.1},
    ),
]


@pytest.mark.parametrize(("path", "value"), RUNS)
def test_everything_else_runs(path, value):
    run = simulate(design_from(with_part(BASE, path, value)), seed=1, duration_s=3.5)
    assert len(run.ended_s) > 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("components.cache.contents", {"kind": "lru", "capacity_keys": 9}),
        ("components.cache.contents", {"kind": "ttl", "ttl_s": 9.0, "renewed": True}),
        ("components.cache.single_flight", True),
    ],
)
def test_what_depends_on_keys_runs_with_keys(path, value):
    data = with_part(with_part(BASE, "traffic.keys", {"count": 100}), path, value)
    assert len(simulate(design_from(data), seed=1, duration_s=3.5).ended_s) > 0


def test_a_cache_that_fills_again_can_be_flushed_for_a_moment():
    data = with_part(
        with_part(BASE, "traffic.keys", {"count": 100}),
        "components.cache.contents",
        {"kind": "lru", "capacity_keys": 9},
    )
    data["faults"] = [{"kind": "flush_cache", "component": "cache", "at_s": 1}]
    check(design_from(data))


def _kinds(union):
    return {member.model_fields["kind"].default for member in union.__origin__.__args__}


def test_every_kind_of_traffic_is_in_the_table_of_what_runs():
    assert {value["kind"] for path, value in RUNS if path == "traffic.arrivals"} == _kinds(Arrivals)
    assert {value["kind"] for path, value in RUNS if path == "traffic.profile"} == _kinds(Profile)


def test_a_service_that_only_waits_for_others_needs_no_queue():
    assert len(simulate(design_from(design_data({"x": service(0)})), seed=1, duration_s=3.5).ended_s) == 3
