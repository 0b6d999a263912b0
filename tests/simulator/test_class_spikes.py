"""Spikes of one class: who comes besides, and that nobody else notices but by the load."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.arrivals import arrivals_with_further, expected_requests
from simulator.design_file import DesignProblem
from simulator.results.run import Ending
from simulator.results.summary import summarize
from tests.simulator.designs import (
    a_design,
    exponential,
    latencies_s,
    model_server,
    replications_of,
    run_of,
    service,
    wide,
)

CLASSES = [{"name": "calm", "share": 0.75}, {"name": "noisy", "share": 0.25, "items": 4}]
BURSTS = {"kind": "bursts", "burst_factor": 4.0, "calm_factor": 0.5, "mean_burst_s": 0.5, "mean_calm_s": 2.0}
TRACE = {"kind": "trace", "times_s": [0.05 * i for i in range(1, 2000)]}
KINDS = [{"kind": "poisson"}, {"kind": "evenly_spaced"}, {"kind": "renewal", "scv": 4.0}, BURSTS, TRACE]
DAY = {"kind": "diurnal", "peak_factor": 1.8, "period_s": 7.0}


def spike(factor, at_s, for_s=None, class_name="noisy"):
    return {"kind": "traffic_spike", "at_s": at_s, "for_s": for_s, "factor": factor, "class_name": class_name}


def _runs(faults, n=400, rate_per_s=20.0, part=None, **more):
    """The same traffic without and with these faults."""
    parts = {"x": part or wide(service_time=exponential(1))}
    more = {"classes": CLASSES, **more}
    return [run_of(a_design(parts, rate_per_s, faults=some, **more), n) for some in ([], faults)]


def _rows(run, of_class):
    mine = run.class_index == of_class
    return list(zip(run.arrived_s[mine].tolist(), (run.ended_s - run.arrived_s)[mine].tolist(), strict=True))


def test_further_requests_come_evenly_spaced_from_the_start_of_the_spike():
    # four requests a second, a quarter of them noisy: five times as fast is four more a second, from second 2 on
    design = a_design({"x": wide(0)}, 4.0, classes=CLASSES, faults=[spike(5.0, 2, 1)])
    times_s, classes = arrivals_with_further(design, 4.0, 1, 0)
    assert times_s[-len(classes) :].tolist() == [2.25, 2.5, 2.75]
    assert classes.tolist() == [1, 1, 1]


def test_spikes_of_the_same_class_multiply():
    # three times, then six times as fast: two, then five further ones a second
    design = a_design({"x": wide(0)}, 4.0, classes=CLASSES, faults=[spike(3.0, 1, 2), spike(2.0, 2, 1)])
    times_s, classes = arrivals_with_further(design, 4.0, 1, 0)
    assert times_s[-len(classes) :].tolist() == pytest.approx([1.5, 2.0, 2.2, 2.4, 2.6, 2.8])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["kind"])
def test_the_other_requests_keep_their_arrivals_and_their_luck_to_the_last_bit(kind):
    plain, struck = _runs([spike(6.0, 5, 8)], arrivals=kind)
    assert len(struck.arrived_s) > len(plain.arrived_s)
    assert _rows(struck, 0) == _rows(plain, 0)
    assert set(_rows(plain, 1)) < set(_rows(struck, 1))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["kind"])
def test_requests_are_numbered_as_they_arrive(kind):
    _, struck = _runs([spike(6.0, 5, 8)], arrivals=kind)
    assert (np.diff(struck.arrived_s) >= 0).all()
    assert set(struck.class_index.tolist()) == {0, 1}
    assert struck.components["x"].visits.request.max() == len(struck.arrived_s) - 1


@pytest.mark.parametrize("profile", [None, DAY, {"kind": "steps", "points": [[3.0, 2.0]]}], ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["kind"])
@given(short_s=st.floats(0.1, 12), more_s=st.floats(0.1, 40), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=10)
def test_a_longer_horizon_only_adds_requests_at_the_end(kind, profile, short_s, more_s, seed):
    faults = [spike(3.0, 2, 5), spike(2.0, 4, None, "calm")]
    design = a_design({"x": wide(0)}, 20.0, arrivals=kind, classes=CLASSES, faults=faults, profile=profile)
    short, long = (arrivals_with_further(design, lasts_s, seed, 0) for lasts_s in (short_s, short_s + more_s))
    n, m = (len(times_s) - len(classes) for times_s, classes in (short, long))
    assert long[0][:n].tolist() == short[0][:n].tolist()
    assert long[0][m : m + len(short[1])].tolist() == short[0][n:].tolist()
    assert (long[0][m + len(short[1]) :] >= short_s).all()
    assert long[1][: len(short[1])].tolist() == short[1].tolist()


def test_the_class_arrives_factor_times_as_fast_and_the_others_do_not():
    for factor in (0.4, 3.0):
        faults = [spike(factor, 50, 100)]
        _, struck = _runs(faults, 4000, part=wide(0), arrivals={"kind": "poisson"})
        inside = (struck.arrived_s >= 50) & (struck.arrived_s < 150)
        for of_class, expected in ((0, 20 * 0.75 * 100), (1, 20 * 0.25 * 100 * factor)):
            assert (inside & (struck.class_index == of_class)).sum() == pytest.approx(expected, abs=4 * expected**0.5)


def test_with_a_factor_below_one_a_part_of_the_class_stays_away():
    plain, struck = _runs([spike(0.4, 5, 8)])
    assert _rows(struck, 0) == _rows(plain, 0)
    assert set(_rows(struck, 1)) < set(_rows(plain, 1))
    outside = [row for row in _rows(plain, 1) if not 5 <= row[0] < 13]
    assert [row for row in _rows(struck, 1) if not 5 <= row[0] < 13] == outside
    assert (struck.ending == Ending.ANSWERED).all()


def test_further_requests_come_no_longer_than_the_recording_lasts():
    recording = {"kind": "trace", "times_s": [0.5 * i for i in range(1, 21)]}
    design = a_design({"x": wide(0)}, classes=CLASSES, arrivals=recording, faults=[spike(9.0, 0)])
    times_s, classes = arrivals_with_further(design, 60.0, 1, 0)
    assert times_s[-len(classes) :].max() < 10 * 20 / 19
    assert len(classes) == pytest.approx(20 * 0.25 * 8, abs=4 * 40**0.5)
    assert expected_requests(design, 60.0) == pytest.approx(20 + 40)


def test_the_expected_number_of_requests_has_the_further_ones_in_it():
    design = a_design({"x": wide(0)}, 20.0, classes=CLASSES, faults=[spike(5.0, 10, 10)])
    assert expected_requests(design, 30.0) == pytest.approx(20 * 30 + 5 * 4 * 10)


def test_the_others_wait_only_because_the_class_is_there():
    plain, struck = _runs([spike(8.0, 5, 5)], part=service(1 / 40, replicas=1))
    before, after = (np.array(latencies_s(run))[run.class_index == 0] for run in (plain, struck))
    assert (after >= before - 1e-9).all()
    assert after.max() > 3 * before.max()


def test_the_load_is_that_of_the_classes_that_came():
    """With all requests of four items a full batch of eight holds two; else six and two thirds of 1.75 would fit."""
    part = model_server(8, 0.1)
    for faults, per_batch in (([], 4), ([spike(1e4, 0)], 2)):
        design = a_design({"x": part}, 0.01, classes=CLASSES, faults=faults)
        summary = summarize(replications_of(design, 40))
        [one] = summary.components  # which counts to the horizon, half a gap after the last arrival
        assert one.load == pytest.approx(summary.arrival_rate_per_s * 0.1 / per_batch, rel=0.02)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (spike(2.0, 1, class_name="ghost"), "faults.0.class_name is 'ghost', which is not a class of requests"),
        (spike(2.0, 1, class_name="none"), "faults.0.class_name is 'none', a class with the share 0"),
    ],
)
def test_a_class_that_never_comes_is_refused(fault, said):
    classes = [{"name": "all", "share": 1.0}, {"name": "none", "share": 0.0}]
    with pytest.raises(DesignProblem) as refused:
        a_design({"x": wide(0)}, classes=classes, faults=[fault])
    assert refused.value.problems[0].startswith(said)
