"""When requests arrive: one unit-rate process, stretched by the rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.arrivals import arrival_times_s, rate_steps
from simulator.design_file import DesignProblem
from tests.simulator.designs import a_design, wide

KINDS = [
    {"kind": "poisson"},
    {"kind": "evenly_spaced"},
    {"kind": "renewal", "scv": 0.3},
    {"kind": "renewal", "scv": 4.0},
]


def _times(kind, lasts_s, rate_per_s=50.0, seed=1, replication=0, **more):
    design = a_design({"x": wide(0)}, rate_per_s=rate_per_s, arrivals=kind, **more)
    return arrival_times_s(design, lasts_s, seed, replication)


def _spike(factor, at_s, for_s=None):
    return {"kind": "traffic_spike", "at_s": at_s, "for_s": for_s, "factor": factor}


def _steps(*points):
    return {"kind": "steps", "points": [list(point) for point in points]}


@pytest.mark.parametrize("kind", KINDS, ids=str)
@given(short_s=st.floats(0.1, 20), more_s=st.floats(0.1, 200), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=40)
def test_a_longer_horizon_keeps_the_arrivals_it_had_to_the_last_bit(kind, short_s, more_s, seed):
    short, long = _times(kind, short_s, seed=seed), _times(kind, short_s + more_s, seed=seed)
    assert long[: len(short)].tolist() == short.tolist()
    assert (long[len(short) :] >= short_s).all()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_arrivals_rise_and_stay_within_the_horizon(kind):
    times = _times(kind, 100.0, faults=[_spike(3.0, 20, 10)], profile=_steps((50, 0.0), (60, 2.0)))
    assert (np.diff(times) >= 0).all()
    assert 0 <= times[0] < times[-1] < 100


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_same_luck_at_twice_the_rate_is_the_same_arrivals_in_half_the_time(kind):
    assert (2 * _times(kind, 10.0, rate_per_s=128.0)).tolist() == _times(kind, 20.0, rate_per_s=64.0).tolist()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_spike_leaves_what_came_before_as_it_was(kind):
    plain, struck = _times(kind, 20.0), _times(kind, 20.0, faults=[_spike(5.0, 8, 2)])
    assert struck[struck < 8].tolist() == plain[plain < 8].tolist()


def test_evenly_spaced_requests_come_at_the_end_of_each_gap():
    assert _times({"kind": "evenly_spaced"}, 1.0, rate_per_s=4.0).tolist() == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, 50 * 400),
        ({"faults": [_spike(3.0, 100, 50)]}, 50 * (350 + 150)),
        ({"faults": [_spike(3.0, 300)]}, 50 * (300 + 300)),
        ({"faults": [_spike(2.0, 100, 100), _spike(2.0, 150, 100)]}, 50 * (100 + 100 + 200 + 100 + 150)),
        ({"profile": _steps((100, 2.0), (200, 0.0), (300, 0.5))}, 50 * (100 + 200 + 0 + 50)),
        ({"profile": _steps((0, 0.5)), "faults": [_spike(4.0, 390, 100)]}, 50 * (195 + 20)),
    ],
    ids=["plain", "spike", "endless spike", "two spikes", "steps", "both"],
)
def test_the_number_of_arrivals_is_the_integral_of_the_rate(more, expected):
    for kind, scv in ((KINDS[0], 1.0), (KINDS[2], 0.3), (KINDS[3], 4.0)):
        assert len(_times(kind, 400.0, **more)) == pytest.approx(expected, abs=4 * (expected * scv) ** 0.5)
    assert abs(len(_times(KINDS[1], 400.0, **more)) - expected) <= 1


def test_between_two_steps_the_rate_is_that_of_the_step():
    times = _times(KINDS[0], 400.0, profile=_steps((100, 2.0), (200, 0.0), (300, 0.5)))
    counts, _ = np.histogram(times, bins=[0, 100, 200, 300, 400])
    for counted, expected in zip(counts, (5000, 10_000, 0, 2500), strict=True):
        assert counted == pytest.approx(expected, abs=4 * expected**0.5)


def test_the_rate_is_written_down_as_steps():
    design = a_design({"x": wide(0)}, rate_per_s=10.0, profile=_steps((4, 3.0)), faults=[_spike(2.0, 2, 4)])
    edges, rates = rate_steps(design, 10.0)
    assert (edges.tolist(), rates.tolist()) == ([0, 2, 4, 6, 10], [10, 20, 60, 30])


@pytest.mark.parametrize("scv", [0.1, 0.5, 1.0, 3.0, 10.0])
def test_the_gaps_of_renewal_arrivals_have_the_scv(scv):
    gaps = np.diff(_times({"kind": "renewal", "scv": scv}, 8000.0))
    n = len(gaps)
    mean, var = gaps.mean(), gaps.var()
    influence = ((gaps - mean) ** 2 - var) / mean**2 - 2 * var / mean**3 * (gaps - mean)
    standard_error = influence.std() / n**0.5
    assert standard_error < 0.05 * scv
    assert var / mean**2 == pytest.approx(scv, abs=4 * standard_error)


def test_poisson_gaps_are_exponential_and_independent():
    gaps = np.diff(_times(KINDS[0], 4000.0)) * 50
    n = len(gaps)
    assert gaps.mean() == pytest.approx(1, abs=4 / n**0.5)
    assert (gaps > 1).mean() == pytest.approx(np.exp(-1), abs=4 * (np.exp(-1) * (1 - np.exp(-1)) / n) ** 0.5)
    assert np.corrcoef(gaps[1:], gaps[:-1])[0, 1] == pytest.approx(0, abs=4 / n**0.5)


def test_seed_and_replication_each_give_other_arrivals():
    first = _times(KINDS[0], 5.0).tolist()
    assert first != _times(KINDS[0], 5.0, seed=2).tolist()
    assert first != _times(KINDS[0], 5.0, replication=1).tolist()


def test_arrivals_do_not_depend_on_what_they_come_to():
    other = a_design({"y": wide(9), "z": wide(0)}, rate_per_s=50.0, arrivals=KINDS[0])
    assert arrival_times_s(other, 5.0, 1, 0).tolist() == _times(KINDS[0], 5.0).tolist()


def test_no_request_may_come_at_all():
    assert len(_times(KINDS[0], 5.0, profile=_steps((0, 0.0)))) == 0
    assert len(_times(KINDS[1], 0.01)) == 0


def test_an_scv_that_no_gaps_can_have_is_refused():
    with pytest.raises(DesignProblem, match=r"traffic\.arrivals\.scv is 10000000\.0"):
        _times({"kind": "renewal", "scv": 1e7}, 5.0)
