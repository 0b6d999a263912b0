"""How long a design is run, how much of that counts, and when it is too much for one machine."""

import pytest
from pydantic import ValidationError

from simulator.settings import MOST_REQUESTS, RunSettings, TooLong, duration_s, warm_up_s
from tests.simulator.designs import a_design, kill, model_server, service, slow, wide


def _lasts_s(design, **settings):
    return duration_s(design, RunSettings(**settings))


def test_a_run_lasts_for_about_so_many_requests():
    assert _lasts_s(a_design({"x": wide(0)}, rate_per_s=250.0), requests=10_000) == 40


def test_a_given_duration_is_kept():
    assert _lasts_s(a_design({"x": wide(0)}, rate_per_s=250.0), requests=10_000, duration_s=3.0) == 3


@pytest.mark.parametrize(
    ("faults", "lasts_s"),
    [
        ([kill("x", 100, 30)], 140),
        ([kill("x", 100)], 110),
        ([kill("x", 1, 2)], 40),
        ([kill("x", 1, 99), slow("x", 2, 95)], 110),
    ],
)
def test_a_fault_is_seen_to_its_end_and_ten_seconds_further(faults, lasts_s):
    assert _lasts_s(a_design({"x": service(0)}, rate_per_s=250.0, faults=faults)) == lasts_s


def test_a_run_with_too_many_requests_is_refused_in_words():
    with pytest.raises(TooLong) as refused:
        _lasts_s(a_design({"x": wide(0)}, rate_per_s=139_000.0), duration_s=60.0, replications=5)
    assert str(refused.value) == (
        "5 runs of 60 s at 139,000 requests/s are 41,700,000 requests, and 5,000,000 is the most; "
        "simulate a smaller cell, a shorter time or fewer replications"
    )


def test_exactly_the_most_requests_are_allowed():
    design = a_design({"x": wide(0)}, rate_per_s=1000.0)
    assert _lasts_s(design, duration_s=MOST_REQUESTS / 1000, replications=1) == MOST_REQUESTS / 1000


@pytest.mark.parametrize(
    "more",
    [
        {"faults": [{"kind": "traffic_spike", "at_s": 1, "for_s": 100, "factor": 1e5}]},
        {"profile": {"kind": "steps", "points": [[1, 1e5]]}},
    ],
    ids=["spike", "steps"],
)
def test_the_requests_of_a_spike_or_a_profile_count_too(more):
    with pytest.raises(TooLong):
        _lasts_s(a_design({"x": wide(0)}, rate_per_s=100.0, **more), duration_s=111.0)


def test_a_run_lasts_for_about_so_many_requests_of_its_profile():
    profile = {"kind": "steps", "points": [[0, 0.1]]}
    design = a_design({"x": wide(0)}, rate_per_s=100.0, profile=profile)
    assert _lasts_s(design, requests=1000) == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize(("load", "requests"), [(0.5, 120), (0.8, 750), (0.9, 3000)])
def test_the_warm_up_is_thirty_over_the_square_of_what_is_spare(load, requests):
    design = a_design({"x": service(0.01)}, rate_per_s=100 * load)
    dropped_s, note = warm_up_s(design, RunSettings(requests=20_000))
    assert dropped_s * 100 * load == pytest.approx(requests, abs=1)
    assert note == ""


def test_the_warm_up_goes_by_the_busiest_component():
    parts = {"x": service(0.005, calls=[[{"to": "y"}]]), "y": model_server(4, 0.032)}
    dropped_s, _ = warm_up_s(a_design(parts, rate_per_s=100.0), RunSettings(requests=20_000))  # y can do 125 a second
    assert dropped_s == pytest.approx(7.5, abs=0.02)


def test_a_warm_up_longer_than_allowed_is_cut_and_said():
    dropped_s, note = warm_up_s(a_design({"x": service(0.01)}, rate_per_s=90.0), RunSettings(duration_s=50.0))
    assert dropped_s == 15
    assert note == (
        "The first 33.3 s should not be counted at this load, and only 15.0 s were left out; "
        "a longer run would be more certain."
    )


def test_an_overloaded_design_has_no_steady_state_to_wait_for():
    assert warm_up_s(a_design({"x": service(0.01)}, rate_per_s=110.0), RunSettings(duration_s=50.0)) == (15, "")


@pytest.mark.parametrize(("given_s", "dropped_s"), [(0.0, 0.0), (12.0, 12.0), (99.0, 50.0)])
def test_a_given_warm_up_is_kept_within_the_run(given_s, dropped_s):
    settings = RunSettings(duration_s=50.0, warm_up_s=given_s)
    assert warm_up_s(a_design({"x": service(0.01)}, rate_per_s=90.0), settings) == (dropped_s, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"replications": 0},
        {"replications": 201},
        {"requests": 99},
        {"duration_s": 0.0},
        {"warm_up_s": -1.0},
        {"requests": 1.5},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        RunSettings(**wrong)


def test_the_settings_are_five_replications_of_ten_thousand_requests():
    settings = RunSettings()
    assert (settings.seed, settings.replications, settings.requests) == (1, 5, 10_000)


BURSTS = {"kind": "bursts", "burst_factor": 3.0, "calm_factor": 1.0, "mean_burst_s": 1.0, "mean_calm_s": 3.0}


def test_a_run_lasts_for_about_so_many_requests_with_its_bursts():
    assert _lasts_s(a_design({"x": wide(0)}, rate_per_s=100.0, arrivals=BURSTS), requests=3000) == pytest.approx(20)


def test_a_run_lasts_for_about_so_many_requests_of_its_days():
    day = {"kind": "diurnal", "peak_factor": 2.0, "period_s": 40.0}
    lasts_s = _lasts_s(a_design({"x": wide(0)}, rate_per_s=100.0, profile=day), requests=8000)
    assert lasts_s == pytest.approx(80)


def test_the_warm_up_of_bursts_is_longer_as_they_are_more_uneven():
    """Two a second and none in turn, a second each: variance over mean is 2, half as much again as of Poisson."""
    even = BURSTS | {"burst_factor": 2.0, "calm_factor": 0.0, "mean_calm_s": 1.0}
    dropped_s, _ = warm_up_s(a_design({"x": service(0.5)}, rate_per_s=1.0, arrivals=even), RunSettings(requests=20_000))
    assert dropped_s == pytest.approx(120 * 1.5)


def test_a_rate_that_jumps_without_end_is_refused_in_words():
    quick = BURSTS | {"mean_burst_s": 1e-6, "mean_calm_s": 1e-6}
    with pytest.raises(TooLong, match=r"would jump 10,000,000 times in 10 s, and 5,000,000 is the most; give"):
        _lasts_s(a_design({"x": wide(0)}, rate_per_s=100.0, arrivals=quick), duration_s=10.0)
