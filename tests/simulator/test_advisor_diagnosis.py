"""The advisor names what limits hand-made designs, and the theory beside it agrees with the run."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from simulator.advisor.candidates import GENERATORS
from simulator.advisor.case import Finding
from simulator.advisor.diagnosis import DETECTORS, diagnose
from simulator.advisor.rules import rules
from simulator.design import Design
from simulator.results.replications import replicate
from simulator.results.summary import Summary, summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, balancer, exponential, front, kill, model_server, service, store, wide
from tests.simulator.processes import ROOT

POISSON = {"kind": "poisson"}
QUICK = RunSettings(seed=5, replications=3, requests=3_000)


def mm1(mean_s: float, **more: Any) -> dict[str, Any]:
    return service(**more) | {"service_time": exponential(mean_s)}


def overloaded() -> Design:
    return a_design({"web": mm1(0.01, queue={"limit": 20})}, 150.0, arrivals=POISSON, promise={"p99_ms": 100})


def growing() -> Design:
    return a_design({"web": service(0.01)}, 125.0, arrivals=POISSON, promise={"p99_ms": 100})


def busy_pool() -> Design:
    return a_design({"web": mm1(0.01, replicas=2)}, 140.0, arrivals=POISSON, promise={"p99_ms": 40})


def busy_but_even() -> Design:
    return a_design({"web": service(0.01, replicas=2)}, 150.0, arrivals=POISSON, promise={"p99_ms": 30})


def one_more_batch() -> Design:
    return a_design({"gpu": model_server(8, 0.02)}, 320.0, arrivals=POISSON, promise={"p99_ms": 30})


def tiny_batches() -> Design:
    gpu = model_server(2, 0.0) | {"batch_time": {"fixed_ms": 9.0, "per_item_ms": 0.5}, "queue": {"limit": 50}}
    return a_design({"gpu": gpu}, 240.0, arrivals=POISSON, promise={"p99_ms": 40, "availability": 0.99})


def waits_to_fill() -> Design:
    return a_design({"gpu": model_server(100, 0.005, 0.04)}, 50.0, arrivals=POISSON, promise={"p99_ms": 30})


def fans_out() -> Design:
    parts = {"web": front([{"to": "shards", "fan_out": {}}]), "shards": store(shards=20)}
    parts["shards"]["read_time"] = exponential(0.005)
    return a_design(parts, 100.0, arrivals=POISSON, promise={"p99_ms": 30})


def one_slow_read() -> Design:
    parts = {"web": front([{"to": "table"}]), "table": store() | {"read_time": exponential(0.01)}}
    return a_design(parts, 100.0, arrivals=POISSON, promise={"p99_ms": 30})


def storm() -> Design:
    """Half of the answers are errors: three attempts each are 1.75 times the load of 0.7."""
    call = {"to": "flaky", "retries": {"attempts": 3, "backoff": "none"}}
    flaky = mm1(0.01, queue={"limit": 5000})
    faults = [{"kind": "error_rate", "component": "flaky", "at_s": 0.0, "share": 0.5}]
    parts = {"web": front([call]), "flaky": flaky}
    return a_design(parts, 70.0, arrivals=POISSON, promise={"p99_ms": 200}, faults=faults)


def misses() -> Design:
    cache_data = {
        "kind": "cache", "lookup_time": {"kind": "constant", "value_ms": 0.1},
        "contents": {"kind": "lru", "capacity_keys": 100}, "on_miss": [[{"to": "table"}]],
    }  # fmt: skip
    table = store(concurrency=1) | {"read_time": exponential(0.01)}
    keys = {"count": 1000, "zipf_exponent": 0.8}
    return a_design({"kept": cache_data, "table": table}, 120.0, arrivals=POISSON, promise={"p99_ms": 50}, keys=keys)


def no_limit() -> Design:
    return a_design(
        {"web": mm1(0.01, queue={"limit": 400})}, 150.0, arrivals=POISSON, promise={"p99_ms": 100, "deadline_ms": 100}
    )


def patient() -> Design:
    call = {"to": "slow", "timeout_ms": 400, "fallback": [{"answer_ms": 1.0}]}
    parts = {"web": front([call]), "slow": mm1(0.01)}
    return a_design(parts, 97.0, arrivals=POISSON, promise={"p99_ms": 200})


def llm() -> Design:
    server = {
        "kind": "llm_server", "step_ms": 10.0, "max_running": 64, "kv_memory_tokens": 400, "queue": {"limit": 4000},
    }  # fmt: skip
    classes = [{"name": "chat", "items": 50, "prompt_tokens": 50}]
    return a_design({"llm": server}, 7.5, arrivals=POISSON, classes=classes, promise={"p99_ms": 1000})


def hot() -> Design:
    table = store(shards=8, concurrency=1, hot_shard_share=0.5, queue={"limit": 50}) | {"read_time": exponential(0.01)}
    return a_design({"web": front([{"to": "table"}]), "table": table}, 170.0, arrivals=POISSON,
                    promise={"p99_ms": 50})  # fmt: skip


def apart() -> Design:
    parts = {"lb": balancer("pool", "random"), "pool": mm1(0.01, replicas=4)}
    return a_design(parts, 280.0, arrivals=POISSON, promise={"p99_ms": 60})


def loses_half() -> Design:
    web = mm1(0.01, replicas=4, queue={"limit": 50})
    return a_design({"web": web}, 240.0, arrivals=POISSON, promise={"p99_ms": 60}, faults=[kill("web", 2.0, 4.0, 2)])


def spikes() -> Design:
    profile = {"kind": "steps", "points": [[5.0, 1.6], [10.0, 1.0]]}
    web = mm1(0.01, replicas=2, queue={"limit": 200})
    return a_design({"web": web}, 150.0, arrivals=POISSON, promise={"p99_ms": 60}, profile=profile)


def just_slow() -> Design:
    return a_design({"web": wide(0.2)}, 20.0, arrivals=POISSON, promise={"p99_ms": 100})


def stale() -> Design:
    table = store(0.001, freshness={"update_every_s": 4.0, "lag_s": 0.5})
    return a_design({"web": front([{"to": "table"}]), "table": table}, 100.0, promise={"freshness_s": 2.0})


def idle() -> Design:
    web = mm1(0.001, replicas=8, usd_per_replica_hour=1.0)
    return a_design({"web": web}, 100.0, arrivals=POISSON, promise={"p99_ms": 100})


@cache
def found(make: Callable[[], Design]) -> tuple[Summary, tuple[Finding, ...]]:
    design = make()
    summary = summarize(replicate(design, QUICK))
    return summary, diagnose(design, summary)


FIRST = [
    (overloaded, "overload", "web"),
    (growing, "overload", "web"),
    (busy_pool, "waiting", "web"),
    (busy_but_even, "waiting", "web"),
    (one_more_batch, "device_waiting", "gpu"),
    (tiny_batches, "overload", "gpu"),
    (waits_to_fill, "batch_fill", "gpu"),
    (fans_out, "fan_out_tail", "shards"),
    (one_slow_read, "slow_tail", "table"),
    (storm, "retries_multiply", "flaky"),
    (no_limit, "overload", "web"),
    (llm, "kv_memory", "llm"),
    (apart, "separate_queues", "lb"),
    (loses_half, "lost_capacity", "web"),
    (spikes, "peak_load", "web"),
    (just_slow, "only_work", "web"),
    (stale, "stale_data", "table"),
    (idle, "idle", "web"),
]
AMONG = [
    (tiny_batches, "small_batches", "gpu"),
    (misses, "cache_misses", "kept"),
    (no_limit, "queue_without_limit", "web"),
    (patient, "timeout_above_promise", "slow"),
    (patient, "work_for_nobody", "slow"),
    (hot, "hot_shard", "table"),
    (idle, "fullest", "web"),
]


@pytest.mark.parametrize(("make", "rule", "component"), FIRST, ids=[f"{m.__name__}-{r}" for m, r, _ in FIRST])
def test_the_weightiest_finding_is_the_one_that_the_design_was_made_for(make, rule, component):
    first = found(make)[1][0]
    assert (first.rule, first.component) == (rule, component), [one.rule for one in found(make)[1]]


@pytest.mark.parametrize(("make", "rule", "component"), AMONG, ids=[f"{m.__name__}-{r}" for m, r, _ in AMONG])
def test_what_else_is_wrong_is_found_too(make, rule, component):
    assert (rule, component) in {(one.rule, one.component) for one in found(make)[1]}


THEORY = [
    (overloaded, "overload", 0.03),
    (growing, "overload", 0.25),
    (busy_pool, "waiting", 0.2),
    (busy_but_even, "waiting", 0.2),
    (one_more_batch, "device_waiting", 0.1),
    (waits_to_fill, "batch_fill", 0.1),
    (storm, "retries_multiply", 0.03),
    (misses, "cache_misses", 0.05),
    (hot, "hot_shard", 0.05),
    (stale, "stale_data", 0.02),
    (llm, "kv_memory", 0.25),
    (apart, "separate_queues", 0.35),
]


@pytest.mark.parametrize(("make", "rule", "tolerance"), THEORY, ids=[f"{m.__name__}-{r}" for m, r, _ in THEORY])
def test_the_theory_beside_a_finding_agrees_with_the_run(make, rule, tolerance):
    """Short runs: the tolerance is about two standard errors of the mean that was measured."""
    finding = next(one for one in found(make)[1] if one.rule == rule)
    assert finding.theory[0].measured == pytest.approx(finding.theory[0].expected, rel=tolerance)


def test_the_fan_out_is_said_with_its_arithmetic():
    sentence = found(fans_out)[1][0].sentence
    assert "asks 20 at once" in sentence
    assert "18% of requests meet one: 1 - 0.99^20" in sentence


def test_every_rule_has_a_detector_and_every_change_a_generator_and_none_is_idle():
    assert list(DETECTORS) == list(rules())
    assert {name for rule in rules().values() for name in rule.changes} == set(GENERATORS)


def test_every_rule_is_seen_in_some_design_of_these_tests():
    seen = {one.rule for make, *_ in [*FIRST, *AMONG] for one in found(make)[1]}
    assert seen == set(rules())


def test_a_rule_is_said_once_for_a_component():
    for make, *_ in FIRST:
        places = [(one.rule, one.component) for one in found(make)[1]]
        assert len(places) == len(set(places))


def test_every_rule_stands_in_the_documentation_with_its_source():
    page = (ROOT / "docs" / "advisor.md").read_text(encoding="utf-8")
    for rule in rules().values():
        assert f"| `{rule.id}` | {rule.title} | " in page
        assert f"| {rule.source} |" in page
