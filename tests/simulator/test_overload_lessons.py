"""Loss of a zone and a doubled load: which policies end an overload, and which feed it.

A pool of 20 replicas takes 28 ms for each of 500 requests a second (714 is its most), and 150 ms are promised. From
second 5 to 15 seven replicas are gone (464 is the most). Shares are those of requests answered in time.
"""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, front, kill, run_of, service

pytestmark = pytest.mark.usefixtures("faster_engine")

RATE, LOST_S, BACK_S = 500.0, 5.0, 15.0
TRIES = {"timeout_ms": 150.0, "retries": {"attempts": 3, "backoff": "none"}}
DROP = {"limit": "unlimited", "drop_older_than_ms": 60.0}
READY = {"fallback": [{"answer_ms": 5.0}]}


def _run(call, until_s, *, replicas=20, queue=None, faults=None, seed=1):
    pool = service(0.028, replicas=replicas, queue=queue or {"limit": "unlimited"})
    parts = {"front": front([{"to": "pool", **call}]), "pool": pool}
    lost = [kill("pool", LOST_S, BACK_S - LOST_S, replicas=7)]
    design = a_design(parts, rate_per_s=RATE, arrivals={"kind": "poisson"}, faults=lost if faults is None else faults)
    return run_of(design, int(RATE * until_s), seed=seed)


def _in_time(run, from_s, to_s):
    inside = (run.arrived_s >= from_s) & (run.arrived_s < to_s)
    answered = np.isin(run.ending, [Ending.ANSWERED, Ending.DEGRADED])
    return float((answered & (run.ended_s - run.arrived_s <= 0.150))[inside].mean())


def _degraded(run, from_s, to_s):
    return float((run.ending == Ending.DEGRADED)[(run.arrived_s >= from_s) & (run.arrived_s < to_s)].mean())


def test_a_queue_without_limit_makes_almost_everybody_late_and_recovers_after_a_while():
    run = _run({}, 30)
    assert _in_time(run, LOST_S, BACK_S) < 0.2
    assert 0.2 < _in_time(run, BACK_S, BACK_S + 8) < 0.95
    assert _in_time(run, BACK_S + 8, 30) == 1.0


@pytest.mark.slow
def test_retries_keep_an_outage_alive_after_its_cause_is_gone():
    run = _run(TRIES, 25)
    assert _in_time(run, 0, LOST_S) == 1.0
    assert _in_time(run, LOST_S, BACK_S) < 0.2
    assert _in_time(run, BACK_S, 25) == 0.0
    assert len(run.components["pool"].visits.request) > 2 * len(run.arrived_s)


@pytest.mark.slow
def test_jitter_does_not_end_a_retry_storm():
    retries = {"attempts": 3, "backoff": "full_jitter", "base_ms": 50.0}
    assert _in_time(_run(TRIES | {"retries": retries}, 22), BACK_S, 22) == 0.0


@pytest.mark.slow
def test_a_retry_budget_ends_it_but_later_than_no_retries():
    budgeted = _run({**TRIES, "retries": {**TRIES["retries"], "budget": {"ratio": 0.1}}}, 45)
    plain = _run({}, 45)
    recovered_s = []
    for run in (plain, budgeted):
        good = [s for s in range(int(BACK_S), 44) if _in_time(run, s, s + 1) > 0.95]
        recovered_s.append(good[0] - BACK_S)
    assert recovered_s[0] < recovered_s[1] <= 20
    assert budgeted.calls["front.calls.0.0"].retries_refused > 0


@pytest.mark.slow
def test_a_deadline_that_travels_along_ends_it_at_once():
    """While it lasts most are still late: first come, first served, work begins just before its deadline."""
    run = _run({**TRIES, "deadline_ms": 150.0}, 20)
    assert _in_time(run, BACK_S + 1, 20) == 1.0
    assert _in_time(_run({}, 20), LOST_S, BACK_S) < _in_time(run, LOST_S, BACK_S) < 0.5


def test_dropping_expired_work_with_a_fallback_answers_everybody_in_time():
    run = _run(READY, 25, queue=DROP)
    assert _in_time(run, 0, 25) == 1.0
    # 36 of 500 cannot be served; chance leaves some slots idle, so a few more are dropped
    assert 1 - 13 / 0.028 / RATE < _degraded(run, LOST_S, BACK_S) < 0.12
    assert _degraded(run, BACK_S + 1, 25) < 0.01


def test_a_circuit_breaker_with_a_fallback_keeps_most_in_time_and_recovers():
    breaker = {"circuit_breaker": {"open_s": 1.0}, "retries": {"attempts": 2, "backoff": "none"}}
    run = _run({"timeout_ms": 100.0, **breaker, **READY}, 30)
    assert _in_time(run, LOST_S, BACK_S) > 0.8
    assert _in_time(run, BACK_S + 5, 30) == 1.0
    counts = run.calls["front.calls.0.0"]
    assert counts.circuit_refusals > 0
    assert counts.circuit_changes[-1][1] == "closed"


def test_spare_capacity_needs_no_fallback():
    run = _run(READY, 25, replicas=28, queue=DROP)
    assert _in_time(run, 0, 25) == 1.0
    assert _degraded(run, LOST_S, BACK_S) < 0.01


@pytest.mark.parametrize(("call", "queue", "least", "most"), [({}, None, 0.0, 0.1), (READY, DROP, 1.0, 1.0)])
def test_a_doubled_load_drowns_a_queue_without_limit_and_not_one_that_drops(call, queue, least, most):
    spike = {"kind": "traffic_spike", "at_s": 5.0, "for_s": 10.0, "factor": 2.0}
    run = _run(call, 20, queue=queue, faults=[spike])
    assert least <= _in_time(run, 5.5, 15) <= most
    if queue is not None:
        assert 1 - 20 / 0.028 / (2 * RATE) - 0.03 < _degraded(run, 5, 15) < 0.3
