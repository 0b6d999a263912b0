"""What the vocabulary can say and no engine runs yet is refused by name and place; everything else runs."""

from pathlib import Path

import pytest

from simulator.design import ComponentSpec, FaultSpec
from simulator.design_file import design_from
from simulator.run import simulate
from simulator.support import RUNNING_ARRIVALS, RUNNING_FAULTS, RUNNING_KINDS, DoesNotRunYet, check
from simulator.yaml_text import read_yaml
from tests.simulator.designs import (
    balancer,
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


def test_a_bad_canary_is_refused_with_its_router():
    data = with_part(BASE, "components.new", ROUTER) | {
        "faults": [{"kind": "bad_canary", "component": "new", "at_s": 1}]
    }
    assert [said.split(" ")[0] for said in _refusals(data)] == ["components.new.kind", "faults.0.kind"]


def test_every_refusal_is_told_at_once():
    data = with_part(BASE, "components.front.sharing", "processor_sharing")
    data["traffic"]["keys"] = {"count": 5}
    data["components"]["new"] = STREAM
    assert len(_refusals(data)) == 3


def test_a_refused_design_is_refused_before_it_runs():
    with pytest.raises(DoesNotRunYet):
        simulate(design_from(with_part(BASE, "components.new", LLM)), seed=1, duration_s=1.0)


RUNS = [
    ("traffic.arrivals", {"kind": "poisson"}),
    ("traffic.arrivals", {"kind": "evenly_spaced"}),
    ("traffic.arrivals", {"kind": "renewal", "scv": 3.0}),
    ("traffic.profile", {"kind": "steps", "points": [[1, 2]]}),
    ("traffic.classes", [{"items": {"shape": "gamma", "mean": 2.0}, "priority": 3}]),
    ("components.front.queue", {"limit": 0, "drop_older_than_ms": 5.0}),
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
    ("faults", [{"kind": "slow", "component": "st", "at_s": 1, "factor": 2}]),
    ("faults", [{"kind": "traffic_spike", "at_s": 1, "factor": 2}]),
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


def _kinds(union):
    return {member.model_fields["kind"].default for member in union.__origin__.__args__}


def test_every_kind_and_fault_of_the_vocabulary_is_in_one_of_the_two_tables():
    refused = {part["value"]["kind"] for part in UNSUPPORTED if part["at"] == "components.new"}
    assert _kinds(ComponentSpec) == refused | set(RUNNING_KINDS)
    told = {part["value"][0]["kind"] for part in UNSUPPORTED if part["said"].startswith("faults.0.kind")}
    assert _kinds(FaultSpec) == told | {"bad_canary"} | set(RUNNING_FAULTS)
    assert {value["kind"] for path, value in RUNS if path == "traffic.arrivals"} == set(RUNNING_ARRIVALS)


def test_a_service_that_only_waits_for_others_needs_no_queue():
    assert len(simulate(design_from(design_data({"x": service(0)})), seed=1, duration_s=3.5).ended_s) == 3
