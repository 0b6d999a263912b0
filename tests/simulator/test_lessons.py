"""Published lessons about timeouts, fan-out, retries and percentiles, reproduced within their tolerances."""

import math

import numpy as np
import pytest

from simulator import fidelity
from simulator.results.estimates import nearest_rank
from simulator.results.run import Ending
from tests.simulator.designs import a_design, dead_end, exponential, front, kill, latencies_s, run_of, service, store

pytestmark = pytest.mark.usefixtures("faster_engine")

POISSON = {"arrivals": {"kind": "poisson"}}


def _close(case, metric, measured, requests=fidelity.STANDARD_REQUESTS):
    """Whether a number lies within the tolerance of the data file, widened for fewer requests."""
    wanted = fidelity.cases()[case]["metrics"][metric]
    tolerance = wanted["tol_abs"] if "tol_abs" in wanted else wanted["tol_rel"] * wanted["expected"]
    widened = tolerance * (fidelity.STANDARD_REQUESTS / requests) ** 0.5
    return bool(measured == pytest.approx(wanted["expected"], abs=widened))


def _mm1(rho, requests, **more):
    part = service(service_time=exponential(1), **more)
    run = run_of(a_design({"x": part}, rate_per_s=rho, **POISSON), requests + 5000)
    return run.ending[5000:]


@pytest.mark.parametrize("rho", [0.95, 1.2])
def test_dropping_old_work_loses_what_barrer_found(rho):
    lost = (_mm1(rho, 30_000, queue={"limit": "unlimited", "drop_older_than_ms": 10_000.0}) == Ending.REFUSED).mean()
    assert _close("timeout_semantics", f"a_rho={str(rho).lstrip('0')}_p_timeout", lost, 30_000)


@pytest.mark.parametrize("rho", [0.95, 1.2])
def test_not_dropping_it_loses_far_more(rho):
    call = {"to": "x", "timeout_ms": 10_000.0}
    design = a_design({"front": front([call]), "x": service(service_time=exponential(1))}, rate_per_s=rho, **POISSON)
    run = run_of(design, 30_000)
    good = (run.ending[10_000:] == Ending.ANSWERED).mean()
    assert _close("timeout_semantics", f"b_rho={str(rho).lstrip('0')}_goodput_fraction", good, 20_000)


@pytest.mark.parametrize(("shards", "mean"), [(10, "exp_mean_n=10"), (100, "exp_mean_n=100")])
def test_the_slowest_of_many_takes_the_harmonic_mean(shards, mean):
    call = {"to": "x", "fan_out": {"copies": "all"}}
    design = a_design(
        {"front": front([call]), "x": store(shards=shards, read_time=exponential(0.001))}, rate_per_s=100.0
    )
    latencies_ms = np.array(latencies_s(run_of(design, 20_000))) * 1000
    assert fidelity.cases()["fanout_tail"]["metrics"][mean]["expected"] == pytest.approx(
        sum(1 / k for k in range(1, shards + 1)), abs=1e-4
    )
    assert _close("fanout_tail", mean, latencies_ms.mean(), 20_000)
    if shards == 100:
        assert _close("fanout_tail", "exp_p99_n=100", nearest_rank(latencies_ms, 0.99), 20_000)


def test_one_slow_leaf_in_a_hundred_makes_most_requests_slow():
    rarely_slow = {"kind": "quantiles", "points": [[0.0, 1.0], [0.99, 1.0], [0.990001, 100.0], [1.0, 100.0]]}
    call = {"to": "x", "fan_out": {"copies": "all"}}
    design = a_design({"front": front([call]), "x": store(shards=100, read_time=rarely_slow)}, rate_per_s=100.0)
    slow = (np.array(latencies_s(run_of(design, 20_000))) > 0.05).mean()
    assert _close("fanout_tail", "p=.01,n=100", slow, 20_000)


def test_three_attempts_in_three_layers_are_twenty_seven():
    def retried(to):
        return [{"to": to, "retries": {"attempts": 3, "backoff": "none"}}]

    parts = {"a": front(retried("b")), "b": front(retried("c")), "c": front(retried("dead")), **dead_end()}
    run = run_of(a_design(parts, faults=[kill("corpse", 0)]), 5)
    assert len(run.components["dead"].visits.request) == 5 * 27
    assert _close("retry_amplification", "p=1,m=3,L=3", 27.0)


def test_percentiles_of_stages_do_not_add_up():
    stage = {"kind": "lognormal", "median_ms": 50.0, "p99_ms": 200.0}
    parts = {f"stage_{i}": store(read_time=stage) for i in range(5)}
    design = a_design({"front": front(*[[{"to": name}] for name in parts]), **parts}, rate_per_s=10.0)
    latencies_ms = np.array(latencies_s(run_of(design, 100_000))) * 1000
    assert _close("percentile_arithmetic", "a_p50", nearest_rank(latencies_ms, 0.5))
    assert _close("percentile_arithmetic", "a_p99", nearest_rank(latencies_ms, 0.99))


def test_percentiles_of_streams_cannot_be_averaged():
    classes = [{"name": "quick", "share": 0.9}, {"name": "slow", "share": 0.1}]
    calls = [{"to": name, "classes": [name]} for name in ("quick", "slow")]
    parts = {
        "front": front(calls),
        "quick": store(read_time=exponential(0.001)),
        "slow": store(read_time=exponential(0.010)),
    }
    run = run_of(a_design(parts, rate_per_s=10.0, classes=classes), 100_000)
    assert _close("percentile_arithmetic", "b_p99", nearest_rank(np.array(latencies_s(run)) * 1000, 0.99))


def _storm(rate_per_s, attempts, horizon_s):
    """Thirty servers of exactly 100 ms behind one queue, dead from second 60 to 70; callers wait one second."""
    call = {"to": "db", "timeout_ms": 1000.0}
    if attempts > 1:
        call["retries"] = {"attempts": attempts, "backoff": "none"}
    parts = {"front": front([call]), "db": service(0.1, replicas=30)}
    design = a_design(parts, rate_per_s=rate_per_s, faults=[kill("db", 60, 10, replicas=30)], **POISSON)
    return run_of(design, int(rate_per_s * horizon_s))


def _good_per_s(run, from_s, to_s):
    inside = (run.arrived_s >= from_s) & (run.arrived_s < to_s)
    return (run.ending[inside] == Ending.ANSWERED).sum() / (to_s - from_s)


@pytest.mark.slow
def test_a_retry_storm_outlives_its_trigger_above_half_of_the_capacity():
    run = _storm(160.0, 2, 500)
    assert _good_per_s(run, 300, 500) < 1
    entered = run.components["db"].visits.entered_s
    attempts_per_s = ((entered >= 300) & (entered < 500)).sum() / 200
    assert attempts_per_s == pytest.approx(320, rel=0.03)


@pytest.mark.slow
def test_a_retry_storm_ends_below_half_of_the_capacity():
    run = _storm(140.0, 2, 400)
    assert _good_per_s(run, 300, 400) == pytest.approx(140, rel=4 / (140 * 100) ** 0.5)
    # fluid: 10 + (19 lambda - 300) / (300 - 2 lambda) = 128 seconds after the outage began
    expected_s = 60 + 10 + 118
    windows = [s for s in range(70, 400, 5) if _good_per_s(run, s, s + 5) > 0.9 * 140]
    assert windows[0] - expected_s == pytest.approx(0, abs=0.25 * 118)


@pytest.mark.slow
def test_without_retries_even_a_high_load_recovers():
    run = _storm(280.0, 1, 400)
    assert _good_per_s(run, 60, 180) < 0.2 * 280
    assert _good_per_s(run, 300, 400) == pytest.approx(280, rel=4 / (280 * 100) ** 0.5 + 0.01)


def test_variability_costs_what_pollaczek_and_khinchine_say():
    """The mean wait of an M/G/1 is rho / (1 - rho) * (1 + SCV) / 2 services."""
    requests = 40_000
    for scv in (0.5, 2.0):
        part = service(service_time={"kind": "gamma", "mean_ms": 1000.0, "scv": scv})
        run = run_of(a_design({"x": part}, rate_per_s=0.5, **POISSON), requests + 1000)
        visits = run.components["x"].visits
        batches = (visits.started_s - visits.entered_s)[:requests].reshape(40, -1).mean(axis=1)
        standard_error = batches.std(ddof=1) / math.sqrt(40)
        assert standard_error < 0.05
        assert batches.mean() == pytest.approx((1 + scv) / 2, abs=4 * standard_error)


def _cached_pool(hit_ratio, requests=8000):
    """900 requests a second before 20 replicas of 28 ms, which can do 714."""
    parts = {
        "cache": {
            "kind": "cache",
            "contents": {"kind": "fixed", "hit_ratio": hit_ratio},
            "on_miss": [[{"to": "pool"}]],
        },
        "pool": service(0.028, replicas=20),
    }
    latencies_ms = np.array(latencies_s(run_of(a_design(parts, rate_per_s=900.0, **POISSON), requests))) * 1000
    half = requests // 2
    return [nearest_rank(part, 0.99) for part in (latencies_ms, latencies_ms[:half], latencies_ms[half:])]


def test_a_cache_carries_what_the_pool_behind_it_cannot():
    """The p99 collapses without hits, and is 38 and 31 ms with 40 and 60% of them, within 15%."""
    p99_ms, early_ms, late_ms = zip(*[_cached_pool(hit_ratio) for hit_ratio in (0.0, 0.2, 0.4, 0.6)], strict=True)
    assert late_ms[0] > 1.5 * early_ms[0] > 500
    assert sorted(p99_ms, reverse=True) == list(p99_ms)
    assert p99_ms[2:] == pytest.approx((38, 31), rel=0.15)


def _flushed(*, single_flight=False, call=None, drop_older_than_ms=None):
    """The same pool behind a cache that answers three quarters and is empty from second 4 to 6: the share answered
    within 150 ms before, meanwhile, and from four seconds after.
    """
    pool = service(0.028, replicas=20, queue={"limit": "unlimited", "drop_older_than_ms": drop_older_than_ms})
    cache = {
        "kind": "cache",
        "contents": {"kind": "lru", "capacity_keys": 2000},
        "single_flight": single_flight,
        "on_miss": [[{"to": "pool", **(call or {})}]],
    }
    flush = {"kind": "flush_cache", "component": "cache", "at_s": 4, "for_s": 2}
    design = a_design(
        {"cache": cache, "pool": pool}, rate_per_s=900.0, keys={"count": 10_000}, faults=[flush], **POISSON
    )
    run = run_of(design, 900 * 14)
    good = (run.ending == Ending.ANSWERED) & (run.ended_s - run.arrived_s < 0.15)
    windows = [(run.arrived_s >= a) & (run.arrived_s < b) for a, b in ((0, 4), (4, 6), (10, 14))]
    return [good[window].mean() for window in windows]


TIMES_OUT = {"timeout_ms": 100.0}


@pytest.mark.slow
def test_a_cache_whose_fills_time_out_never_fills_again():
    """Cache collapse: what comes after the timeout is not kept, so that the misses go on above the capacity."""
    before, meanwhile, after = _flushed(call=TIMES_OUT)
    assert (before, after) == (1.0, 0.0)
    assert meanwhile < 0.3


def test_answers_that_come_late_fill_the_cache_all_the_same():
    before, meanwhile, after = _flushed()
    assert (before, after) == (1.0, 1.0)
    assert meanwhile < 0.5


@pytest.mark.parametrize(
    "valve",
    [
        pytest.param({"drop_older_than_ms": 60.0}, id="dropping old work"),
        pytest.param({"call": {**TIMES_OUT, "cancel": True}}, id="cancelling", marks=pytest.mark.slow),
    ],
)
def test_not_working_for_those_who_left_lets_the_cache_fill_again(valve):
    assert _flushed(**{"call": TIMES_OUT, **valve})[2] > 0.99


def test_with_single_flight_an_empty_cache_is_hardly_noticed():
    assert min(_flushed(call=TIMES_OUT, single_flight=True)) > 0.99
