"""What a lab tells people to notice is what its simulation does: in order, and within bands."""

from functools import cache

import pytest

from question_bank.lab_checks import outcome_at
from question_bank.lab_models import run_lab
from question_bank.labs import load_labs

ALL = load_labs()


@cache
def at(slug: str, figure: str, **changed: float | str) -> float:
    """A figure of a lab with some knobs turned from where the prediction was asked."""
    lab = ALL[slug]
    found = outcome_at(lab, {**lab.asked_at(), **changed}).figure(figure).value
    assert found is not None
    return found


def test_large_batches_miss_the_promise_with_idle_machines() -> None:
    assert at("batching-latency", "p99") == pytest.approx(71, rel=0.15)
    assert at("batching-latency", "busy") < 0.45
    assert at("batching-latency", "p99", max_items=1200, max_wait_ms=2) < 20


def test_without_batches_the_machines_are_overloaded_and_it_is_said() -> None:
    lab = ALL["batching-latency"]
    found = run_lab(lab, {**lab.asked_at(), "max_items": 300})
    assert any("gpu is asked for 117% of what it can do" in remark for remark in found.remarks)


def test_a_longer_wait_frees_little_and_costs_latency() -> None:
    waits = [2, 10, 20, 25]
    p99s = [at("batching-latency", "p99", max_wait_ms=wait) for wait in waits]
    assert p99s == sorted(p99s)
    assert 15 < (p99s[2] - p99s[1]) < 30
    assert at("batching-latency", "busy", max_wait_ms=2) - at("batching-latency", "busy") < 0.25


def test_the_cache_hits_as_che_says_at_every_size() -> None:
    lab = ALL["cache-hit-ratio"]
    measured, che, best = run_lab(lab, lab.asked_at()).charts[0].series
    assert measured.y == pytest.approx(che.y, abs=4 * (0.25 / 9000) ** 0.5)
    assert all(a < b for a, b in zip(che.y, best.y, strict=True))
    assert at("cache-hit-ratio", "hits") == pytest.approx(0.39, abs=0.03)
    assert at("cache-hit-ratio", "hits", zipf=0.0) == pytest.approx(0.01, abs=0.005)


def test_fan_out_makes_slow_reads_into_slow_queries_and_a_copy_in_time_prevents_it() -> None:
    lab = ALL["fan-out-tail"]
    chart = run_lab(lab, lab.asked_at()).charts[0]
    never, early, late, theory, with_copy = (series.y for series in chart.series)
    for measured, wanted in ((never, theory), (late, theory), (early, with_copy)):
        for one, expected in zip(measured, wanted, strict=True):
            assert one == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 3000) ** 0.5 + 1e-3)
    assert at("fan-out-tail", "slow") == pytest.approx(0.634, abs=0.04)
    assert at("fan-out-tail", "p50") > 400


def test_retries_outlive_the_outage_and_dropping_old_work_ends_it() -> None:
    after = {
        (policy, shed): at("retries-recovery", "after", policy=policy, shed=shed)
        for policy in ("wait", "retry", "jitter", "budget")
        for shed in ("keep", "drop")
    }
    assert after["retry", "keep"] == after["jitter", "keep"] == 0
    assert after["wait", "keep"] > after["budget", "keep"] > 0.4
    assert min(after[policy, "drop"] for policy in ("wait", "retry", "jitter", "budget")) > 0.99
    assert at("retries-recovery", "during", shed="drop") > 0.15 > at("retries-recovery", "during")


def test_spare_workers_do_what_an_autoscaler_cannot() -> None:
    asked = at("autoscaling-lag", "after")
    assert 0.25 < asked < 0.5
    assert asked < at("autoscaling-lag", "after", start_s=0) < 0.95
    assert at("autoscaling-lag", "after", workers=5) > 0.97


def test_two_choices_win_most_and_stand_stale_knowledge() -> None:
    def p99(policy: str, stale_ms: int = 0) -> float:
        return at("power-of-two", "p99", policy=policy, stale_ms=stale_ms)

    assert p99("power_of_d") < 0.5 * p99("random")
    assert p99("least_outstanding") < p99("power_of_d") < p99("round_robin") < p99("random")
    assert p99("power_of_d") - p99("least_outstanding") < 0.3 * (p99("random") - p99("power_of_d"))
    assert p99("least_outstanding", 500) > 2 * p99("random") > p99("power_of_d", 500)


def test_random_choice_is_as_slow_as_theory_says() -> None:
    lab = ALL["power-of-two"]
    chart = run_lab(lab, {**lab.asked_at(), "load": 100, "policy": "random"}).charts[0]
    here, series = chart.x.index(100), {one.name: one for one in chart.series}
    assert series["Random"].y[here] == pytest.approx(series["theory, random"].y[here], rel=0.06)
    assert series["Emptier of two"].y[here] == pytest.approx(series["theory, emptier of two"].y[here], rel=0.08)


def test_catching_up_takes_the_backlog_over_the_spare_capacity_or_longer() -> None:
    fluid_s = 48 * 15 / (4 / 0.06 - 48)
    assert fluid_s < at("feature-freshness", "drain") < 1.6 * fluid_s
    assert at("feature-freshness", "drain", rate=30) < 0.5 * at("feature-freshness", "drain")
    assert at("feature-freshness", "peak") == pytest.approx(15.5, abs=1)


def test_rare_updates_make_reads_old_by_themselves() -> None:
    assert at("feature-freshness", "age", stop="never", every_s=10) == pytest.approx(9.9, abs=1)
    assert at("feature-freshness", "age", stop="never", rate=30) < 1
