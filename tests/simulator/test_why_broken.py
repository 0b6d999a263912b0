"""Why a promise is broken, on hand-made designs whose cause is known."""

from typing import Any

from simulator.advisor.broken import why_broken
from simulator.results.replications import replicate
from simulator.results.summary import summarize
from simulator.settings import RunSettings
from tests.simulator.designs import a_design, front, kill, service

PARTS = {"web": front([{"to": "back"}]), "back": service(0.01, replicas=2)}
ONCE = RunSettings(seed=1, replications=1, duration_s=20.0)


def why(parts: dict[str, Any] = PARTS, rate_per_s: float = 150.0, **more: Any) -> list[str]:
    design = a_design(parts, rate_per_s, promise=more.pop("promise", {"p99_ms": 50}), **more)
    return why_broken(design, summarize(replicate(design, ONCE)))


def test_a_promise_that_is_kept_or_not_there_has_no_cause() -> None:
    assert why() == []
    assert why(rate_per_s=300.0, promise={}) == []


def test_a_budget_alone_is_no_break() -> None:
    priced = PARTS | {"back": service(0.01, replicas=2, usd_per_replica_hour=1.0)}
    assert why(priced, promise={"usd_per_month": 1}) == []


def test_a_dead_replica_is_named_with_the_wait_that_it_makes_and_the_rule() -> None:
    """One of two dies: 150 a second on the 100 that are left, so that slow answers wait at the back."""
    struck, slow, rule = why(faults=[kill("back", at_s=5.0, for_s=4.0)])
    assert struck == "What strikes: 1 of 2 replicas of back die, from second 5 for 4 s."
    assert slow.endswith("is waiting for a free slot at back.")
    assert rule.startswith("What a fault leaves cannot carry the load. While the fault lasts, back has 1 of 2 replicas")
    assert "150%" in rule


def test_errors_are_counted_and_no_rule_of_waiting_is_blamed() -> None:
    """Half of the answers fail for a quarter of the time: about an eighth of all."""
    fault = {"kind": "error_rate", "component": "back", "share": 0.5, "at_s": 5.0, "for_s": 5.0}
    struck, ends = why(faults=[fault], promise={"availability": 0.99})
    assert "50% of the answers of back are errors" in struck
    assert 8 < float(ends.removeprefix("Of the requests, ").removesuffix("% fail.")) < 17


def test_too_much_work_is_the_cause_without_any_fault() -> None:
    bounded = PARTS | {"back": service(0.01, replicas=2, queue={"limit": 5})}
    refused, rule = why(bounded, rate_per_s=300.0, promise={"availability": 0.99})
    assert refused.startswith("Of the requests, 3")
    assert rule.startswith("Offered load is at or above capacity.")


def test_many_faults_are_not_all_listed() -> None:
    faults = [kill("back", at_s=float(at), for_s=2.0) for at in (1, 4, 7, 10, 13)]
    assert why(faults=faults)[0].endswith("; and 2 more.")
