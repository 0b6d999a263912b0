"""Bursts, days and recordings: what arrives when, alone and together with steps and spikes."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from simulator.arrivals import arrival_times_s, expected_requests
from simulator.bursts import dispersion, factor_steps, gap_scv, mean_factor
from simulator.design import Bursts
from simulator.design_file import DesignProblem, design_from, write_design
from tests.simulator.designs import a_design, latencies_s, run_of, service, wide

BURSTS = {"kind": "bursts", "burst_factor": 4.0, "calm_factor": 0.5, "mean_burst_s": 0.5, "mean_calm_s": 2.0}
TRACE = {"kind": "trace", "times_s": [0.25, 0.25, 1.0, 3.5, 7.0, 7.125, 30.0]}
KINDS = [{"kind": "poisson"}, {"kind": "evenly_spaced"}, {"kind": "renewal", "scv": 4.0}, BURSTS, TRACE]
DAY = {"kind": "diurnal", "peak_factor": 1.8, "period_s": 7.0}
STEPS = {"kind": "steps", "points": [[2.0, 3.0], [6.0, 0.0], [8.0, 0.5]]}
SPIKES = [
    {"kind": "traffic_spike", "at_s": 3.0, "for_s": 2.5, "factor": 2.0},
    {"kind": "traffic_spike", "at_s": 9.0, "factor": 1.5},
]
CHANGES = {
    "plain": {},
    "day": {"profile": DAY},
    "spikes": {"faults": SPIKES},
    "steps and spikes": {"profile": STEPS, "faults": SPIKES},
    "day and spikes": {"profile": DAY, "faults": SPIKES},
}


def _design(kind, rate_per_s=50.0, **more):
    return a_design({"x": wide(0)}, rate_per_s=rate_per_s, arrivals=kind, **more)


def _times(kind, lasts_s, seed=1, replication=0, **more):
    return arrival_times_s(_design(kind, **more), lasts_s, seed, replication)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["kind"])
@given(short_s=st.floats(0.1, 12), more_s=st.floats(0.1, 40), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=15)
def test_a_longer_horizon_keeps_the_arrivals_it_had_to_the_last_bit(kind, change, short_s, more_s, seed):
    short = _times(kind, short_s, seed, **CHANGES[change])
    long = _times(kind, short_s + more_s, seed, **CHANGES[change])
    assert long[: len(short)].tolist() == short.tolist()
    assert (long[len(short) :] >= short_s).all()
    assert (np.diff(long) >= 0).all()


# ---- changing rates ------------------------------------------------------------------------------------------------


def _rate(at_s, change):
    """Requests per second at a moment, straight from the definitions."""
    rate, profile = 50.0, change.get("profile")
    if profile is STEPS:
        rate *= ([1.0] + [factor for from_s, factor in STEPS["points"] if from_s <= at_s])[-1]
    if profile is DAY:
        rate *= 1 + 0.8 * np.sin(2 * np.pi * at_s / 7.0)
    for spike in change.get("faults", []):
        if spike["at_s"] <= at_s < spike["at_s"] + spike.get("for_s", np.inf):
            rate *= spike["factor"]
    return rate


@pytest.mark.parametrize("change", CHANGES)
def test_even_arrivals_come_whenever_the_integral_of_the_rate_is_whole(change):
    times = _times({"kind": "evenly_spaced"}, 15.0, **CHANGES[change])
    corners = [0.0, 2.0, 3.0, 5.5, 6.0, 8.0, 9.0]
    for count in (1, 7, 60, 133, 240, 300, 420, len(times)):
        until_s = times[count - 1]
        edges = [*(corner for corner in corners if corner < until_s), until_s]
        pieces = [
            integrate.quad(_rate, a + 1e-12, b - 1e-12, args=(CHANGES[change],))[0]
            for a, b in itertools.pairwise(edges)
        ]
        assert sum(pieces) == pytest.approx(count, abs=1e-6)


@pytest.mark.parametrize("peak", [1.0, 1.5, 2.0])
def test_a_day_has_the_mean_rate_and_the_peak_a_quarter_after_it_begins(peak):
    day = {"kind": "diurnal", "peak_factor": peak, "period_s": 1000.0}
    times = _times({"kind": "evenly_spaced"}, 5000.5, profile=day)
    assert len(times) == pytest.approx(250_000, abs=50)
    hours = np.histogram(times % 1000, bins=[0, 200, 300, 700, 800, 1000])[0] / 5
    slope = 500 * (peak - 1) / (2 * np.pi)  # the sine's integral over the tenth of a day around its peak, by hand
    tenth = slope * 100 * 2 * np.sin(0.1 * np.pi)
    assert hours[1] == pytest.approx(5000 + tenth, abs=2)
    assert hours[3] == pytest.approx(5000 - tenth, abs=2)


def test_a_flat_day_is_no_day():
    day = {"kind": "diurnal", "peak_factor": 1.0, "period_s": 7.0}
    assert _times(KINDS[0], 20.0, profile=day) == pytest.approx(_times(KINDS[0], 20.0), abs=1e-11)


def test_the_first_day_is_the_same_as_the_second_shifted():
    times = _times({"kind": "evenly_spaced"}, 14.0, profile=DAY)
    assert times[350:699] - 7 == pytest.approx(times[:349], abs=1e-9)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", [KINDS[0], BURSTS, TRACE], ids=lambda kind: kind["kind"])
def test_as_many_requests_come_as_are_expected(kind, change):
    design = _design(kind, **CHANGES[change])
    counts = [len(arrival_times_s(design, 15.0, seed, 0)) for seed in range(100)]
    standard_error = np.std(counts, ddof=1) / 10
    assert np.mean(counts) == pytest.approx(expected_requests(design, 15.0), abs=4 * standard_error + 1e-9)
    assert kind is TRACE or standard_error < 0.05 * np.mean(counts)


# ---- bursts --------------------------------------------------------------------------------------------------------


def _bursts(**more):
    return Bursts(**{**BURSTS, **more})


def test_bursts_and_calms_take_turns_and_last_as_long_as_they_should():
    starts, factors = factor_steps(_bursts(), 50_000.0, 1, 0)
    assert set(itertools.pairwise(factors)) == {(4.0, 0.5), (0.5, 4.0)}
    for factor, mean_s in ((4.0, 0.5), (0.5, 2.0)):
        lasted = np.diff(starts)[factors[:-1] == factor]
        assert stats.kstest(lasted / mean_s, "expon").pvalue > 1e-4
        assert lasted.mean() == pytest.approx(mean_s, abs=4 * mean_s / len(lasted) ** 0.5)


def test_a_run_begins_in_a_burst_as_often_as_there_is_one():
    first = [factor_steps(_bursts(), 1.0, seed, 0)[1][0] for seed in range(1000)]
    assert np.mean(np.array(first) == 4.0) == pytest.approx(0.2, abs=4 * (0.2 * 0.8 / 1000) ** 0.5)


def test_in_bursts_the_arrivals_are_those_of_poisson_traffic_moved_closer_together():
    """Counting in requests instead of seconds, both are the same."""
    starts, factors = factor_steps(_bursts(), 20.0, 1, 0)
    moments = _times(BURSTS, 20.0)
    edges = np.append(starts, 20.0)
    passed = [
        sum(f * np.clip(t - a, 0, b - a) for f, a, b in zip(factors, edges, edges[1:], strict=False)) for t in moments
    ]
    assert passed == pytest.approx(_times(KINDS[0], passed[-1] * (1 + 1e-9)), rel=1e-9)


def test_silence_between_bursts_is_complete():
    silent = BURSTS | {"calm_factor": 0.0}
    starts, factors = factor_steps(_bursts(calm_factor=0.0), 50.0, 1, 0)
    moments = _times(silent, 50.0)
    assert len(moments) > 1000
    assert set(factors[np.searchsorted(starts, moments, side="right") - 1]) == {4.0}


@pytest.mark.parametrize("over_s", [0.2, 2.0, 40.0])
def test_the_counts_of_bursts_are_as_uneven_as_the_formula_says(over_s):
    """Fischer and Meier-Hellstern 1993: variance over mean of the arrivals in an interval."""
    counts = np.concatenate(
        [np.histogram(_times(BURSTS, 2000.0, seed), bins=np.arange(0, 2000.01, over_s))[0] for seed in range(10)]
    )
    blocks = np.array_split(counts, 25)  # far longer than a burst and a calm, so nearly independent
    found = [((block - counts.mean()) ** 2).mean() / counts.mean() for block in blocks]
    standard_error = np.std(found, ddof=1) / 5
    expected = dispersion(_bursts(), 50.0, over_s)
    assert standard_error < 0.15 * expected
    assert np.mean(found) == pytest.approx(expected, abs=4 * standard_error)


def test_the_gaps_of_bursts_have_the_scv_of_the_formula():
    runs = [np.diff(_times(BURSTS, 1000.0, seed)) for seed in range(40)]
    first, second = (np.array([(gaps**power).sum() for gaps in runs]) for power in (1, 2))
    n = sum(len(gaps) for gaps in runs)
    found = second.sum() / n / (first.sum() / n) ** 2 - 1
    without = [
        (second.sum() - b) / (n - len(g)) / ((first.sum() - a) / (n - len(g))) ** 2 - 1
        for a, b, g in zip(first, second, runs, strict=False)
    ]
    standard_error = np.std(without) * len(runs) ** 0.5  # jackknife
    expected = gap_scv(_bursts(), 50.0)
    assert standard_error < 0.05 * expected
    assert found == pytest.approx(expected, abs=4 * standard_error)


def test_formulas_of_bursts_by_hand():
    """Half the time nothing, half the time 2 a second, each a second long: r1 = r2 = 1."""
    even = _bursts(burst_factor=2.0, calm_factor=0.0, mean_burst_s=1.0, mean_calm_s=1.0)
    assert mean_factor(even) == 1
    assert dispersion(even, 1.0) == pytest.approx(1 + 2 * 4 / (4 * 2))
    assert dispersion(even, 1.0, 1.0) == pytest.approx(1 + (1 - (1 - np.exp(-2)) / 2))
    assert gap_scv(even, 1.0) == pytest.approx(1 + 2 * 4 / (4 * (0 + 2 + 0)))


def test_bursts_that_are_no_faster_than_calms_are_poisson():
    same = BURSTS | {"burst_factor": 1.0, "calm_factor": 1.0}
    assert _times(same, 20.0) == pytest.approx(_times(KINDS[0], 20.0), abs=1e-9)
    assert dispersion(_bursts(burst_factor=1.0, calm_factor=1.0), 50.0) == 1


def test_a_faster_rate_leaves_the_bursts_where_they_are():
    slow, fast = (_times(BURSTS | {"calm_factor": 0.0}, 50.0, rate_per_s=rate) for rate in (50.0, 5000.0))
    starts, factors = factor_steps(_bursts(calm_factor=0.0), 50.0, 1, 0)
    for moments in (slow, fast):
        assert set(factors[np.searchsorted(starts, moments, side="right") - 1]) == {4.0}


def test_bursts_make_queues_longer_than_poisson_traffic_of_the_same_rate():
    part = {"x": service(0.01)}
    mild = BURSTS | {"burst_factor": 1.5, "calm_factor": 0.875}
    waits = [
        np.mean(latencies_s(run_of(a_design(part, rate_per_s=80.0, arrivals=k), 20_000))) for k in (KINDS[0], mild)
    ]
    assert waits[1] > 1.2 * waits[0]


# ---- recordings ----------------------------------------------------------------------------------------------------


def test_a_recording_is_played_as_it_was_to_the_last_bit():
    recorded = np.sort(np.random.default_rng(1).random(5000) * 100).tolist()
    assert _times({"kind": "trace", "times_s": recorded}, 200.0, seed=9).tolist() == recorded


def test_what_was_recorded_at_or_after_the_horizon_does_not_come():
    assert _times(TRACE, 7.0).tolist() == [0.25, 0.25, 1.0, 3.5]


def test_the_rate_of_the_design_does_not_matter_to_a_recording():
    assert _times(TRACE, 50.0, rate_per_s=1.0).tolist() == _times(TRACE, 50.0, rate_per_s=999.0).tolist()


def test_a_spike_plays_a_recording_faster_while_it_lasts():
    spike = {"kind": "traffic_spike", "at_s": 1.0, "for_s": 1.0, "factor": 2.0}
    assert _times(TRACE, 50.0, faults=[spike]).tolist() == [0.25, 0.25, 1.0, 2.5, 6.0, 6.125, 29.0]


def test_a_recording_goes_through_a_system_like_any_other_arrivals():
    run = run_of(a_design({"x": service(1.0)}, arrivals=TRACE), 8)
    assert run.ended_s.tolist() == [1.25, 2.25, 3.25, 4.5, 8.0, 9.0]
    assert run_of(a_design({"x": service(1.0)}, arrivals=TRACE), 8, seed=2).ended_s.tolist() == run.ended_s.tolist()


def test_a_design_with_a_recording_is_written_and_read_again():
    design = a_design({"x": service(1.0)}, arrivals=TRACE)
    assert design_from(design.model_dump(mode="json")) == design
    assert "times_s" in write_design(design)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "a trace takes either a file or times_s"),
        ({"file": "day.csv", "times_s": [1.0]}, "a trace takes either a file or times_s"),
        ({"times_s": [1.0, 3.0, 2.5]}, "times_s.2 is 2.5, earlier than 3.0 before it; sort the times"),
        ({"times_s": [-1.0, 3.0]}, "traffic.arrivals.times_s.0 is -1.0, but must be at least 0"),
        ({"times_s": ["soon"]}, "traffic.arrivals.times_s.0 is 'soon', but must be a number"),
    ],
    ids=["nothing", "both", "unsorted", "negative", "text"],
)
def test_a_recording_that_cannot_be_played_is_refused_in_words(wrong, said):
    with pytest.raises(DesignProblem) as refused:
        a_design({"x": wide(0)}, arrivals={"kind": "trace"} | wrong)
    assert said in str(refused.value)
