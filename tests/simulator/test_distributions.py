"""Distributions of durations against their closed forms."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from simulator.distributions import Distribution
from tests.simulator.random_designs import times

ADAPTER = TypeAdapter(Distribution)
UNIFORMS = np.concatenate([[0.0, 1e-12, 1 - 2**-53], np.linspace(0.001, 0.999, 1999)])
UNIFORMS.sort()

ALL = {
    "constant": {"kind": "constant", "value_ms": 3.0},
    "exponential": {"kind": "exponential", "mean_ms": 3.0},
    "lognormal by percentiles": {"kind": "lognormal", "median_ms": 3.0, "p99_ms": 9.0},
    "lognormal by percentiles with floor": {"kind": "lognormal", "median_ms": 3.0, "p99_ms": 9.0, "floor_ms": 1.0},
    "lognormal by mean": {"kind": "lognormal", "mean_ms": 3.0, "scv": 2.0},
    "lognormal by mean with floor": {"kind": "lognormal", "mean_ms": 3.0, "scv": 2.0, "floor_ms": 2.0},
    "gamma smoother than exponential": {"kind": "gamma", "mean_ms": 3.0, "scv": 0.25},
    "gamma burstier than exponential": {"kind": "gamma", "mean_ms": 3.0, "scv": 4.0},
    "hyperexponential": {"kind": "hyperexponential", "mean_ms": 3.0, "scv": 4.0},
    "hyperexponential at its limit": {"kind": "hyperexponential", "mean_ms": 3.0, "scv": 1.0},
    "quantiles": {"kind": "quantiles", "points": [[0.0, 1.0], [0.5, 2.0], [0.99, 10.0], [1.0, 50.0]]},
}


def a(**data):
    return ADAPTER.validate_json(json.dumps(data))


@pytest.fixture(params=ALL.values(), ids=ALL.keys())
def distribution(request):
    return a(**request.param)


def test_the_mean_is_that_of_many_draws(distribution):
    draws = distribution.inverse_ms(np.random.default_rng(5).random(400_000))
    standard_error = draws.std() / 400_000**0.5
    assert standard_error < 0.01 * distribution.mean()
    assert draws.mean() == pytest.approx(distribution.mean(), abs=max(4 * standard_error, 1e-12))


def test_a_larger_uniform_never_gives_a_shorter_duration(distribution):
    assert (np.diff(distribution.inverse_ms(UNIFORMS)) >= 0).all()


def test_every_draw_is_finite_and_not_negative(distribution):
    durations = distribution.inverse_ms(UNIFORMS)
    assert np.isfinite(durations).all()
    assert (durations >= 0).all()


@given(data=times(), factor=st.sampled_from([0.25, 2.0, 8.0]))
@settings(deadline=None, max_examples=50)
def test_a_longer_mean_stretches_the_same_luck(data, factor):
    stretched = {key: value * factor if key.endswith("_ms") else value for key, value in data.items()}
    if "points" in data:
        stretched["points"] = [[share, value * factor] for share, value in data["points"]]
    short, long = a(**data), a(**stretched)
    assert long.inverse_ms(UNIFORMS[::20]) == pytest.approx(factor * short.inverse_ms(UNIFORMS[::20]), rel=1e-9)
    assert long.mean() == pytest.approx(factor * short.mean(), rel=1e-12)


def test_exponential_and_gamma_are_those_of_the_textbook():
    inside = UNIFORMS[1:]
    assert a(kind="exponential", mean_ms=3.0).inverse_ms(inside) == pytest.approx(stats.expon.ppf(inside, scale=3))
    for scv in (0.1, 1.0, 5.0):
        expected = stats.gamma.ppf(inside, 1 / scv, scale=3 * scv)
        assert a(kind="gamma", mean_ms=3.0, scv=scv).inverse_ms(inside) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("floor_ms", [0.0, 2.5])
def test_a_lognormal_by_percentiles_has_exactly_these(floor_ms):
    lognormal = a(kind="lognormal", median_ms=3.0, p99_ms=9.0, floor_ms=floor_ms)
    assert lognormal.inverse_ms(np.array([0.5, 0.99])) == pytest.approx([3.0, 9.0], rel=1e-12)
    assert lognormal.inverse_ms(np.zeros(1)) == [floor_ms]


@pytest.mark.parametrize("floor_ms", [0.0, 1.0, 2.5])
def test_a_lognormal_by_mean_has_its_mean_and_scv_floor_included(floor_ms):
    lognormal = a(kind="lognormal", mean_ms=3.0, scv=0.5, floor_ms=floor_ms)
    mu, sigma = lognormal._mu_sigma()
    above = stats.lognorm(sigma, scale=math.exp(mu))
    assert floor_ms + above.mean() == pytest.approx(3.0)
    assert above.var() / 3.0**2 == pytest.approx(0.5)
    assert lognormal.inverse_ms(UNIFORMS[1:]) == pytest.approx(floor_ms + above.ppf(UNIFORMS[1:]))


def _scv_and_its_standard_error(draws):
    """SCV of a sample, and by the delta method the standard error of that."""
    mean, var = draws.mean(), draws.var()
    influence = ((draws - mean) ** 2 - var) / mean**2 - 2 * var / mean**3 * (draws - mean)
    return var / mean**2, influence.std() / len(draws) ** 0.5


@pytest.mark.parametrize(
    ("kind", "scv"),
    [("gamma", 0.3), ("gamma", 4.0), ("hyperexponential", 1.0), ("hyperexponential", 4.0), ("lognormal", 0.5)],
)
def test_the_scv_is_the_one_that_was_asked_for(kind, scv):
    draws = a(kind=kind, mean_ms=3.0, scv=scv).inverse_ms(np.random.default_rng(9).random(1_000_000))
    measured, standard_error = _scv_and_its_standard_error(draws)
    assert standard_error < 0.05 * scv
    assert measured == pytest.approx(scv, abs=4 * standard_error)


@pytest.mark.parametrize("scv", [1.0, 1.5, 4.0, 100.0])
def test_a_hyperexponential_is_the_inverse_of_its_distribution_function(scv):
    p = (1 + math.sqrt((scv - 1) / (scv + 1))) / 2
    durations = a(kind="hyperexponential", mean_ms=3.0, scv=scv).inverse_ms(UNIFORMS)
    longer_share = p * np.exp(-durations * 2 * p / 3) + (1 - p) * np.exp(-durations * 2 * (1 - p) / 3)
    assert 1 - longer_share == pytest.approx(UNIFORMS, abs=1e-9)


def test_quantiles_are_joined_by_straight_lines():
    measured = a(**ALL["quantiles"])
    assert measured.inverse_ms(np.array([0.0, 0.25, 0.5, 0.99])).tolist() == [1, 1.5, 2, 10]
    assert measured.mean() == pytest.approx(0.5 * 1.5 + 0.49 * 6 + 0.01 * 30)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "constant", "value_ms": -1.0}, "greater than or equal to 0"),
        ({"kind": "exponential", "mean_ms": 0.0}, "greater than 0"),
        ({"kind": "exponential", "mean_ms": math.nan}, "finite"),
        ({"kind": "exponential", "mean_ms": math.inf}, "finite"),
        ({"kind": "exponential", "mean_ms": 1e13}, "less than or equal"),
        ({"kind": "gamma", "mean_ms": 1.0, "scv": 0.0}, "greater than"),
        ({"kind": "hyperexponential", "mean_ms": 1.0, "scv": 0.99}, "greater than or equal to 1"),
        ({"kind": "lognormal", "median_ms": 1.0}, "either median_ms and p99_ms, or mean_ms and scv"),
        ({"kind": "lognormal", "median_ms": 1.0, "scv": 1.0}, "either median_ms and p99_ms, or mean_ms and scv"),
        (
            {"kind": "lognormal", "median_ms": 1.0, "p99_ms": 2.0, "scv": 1.0},
            "either median_ms and p99_ms, or mean_ms and scv",
        ),
        (
            {"kind": "lognormal", "median_ms": 2.0, "p99_ms": 2.0},
            "p99_ms is 2.0, but must be above median_ms, which is 2.0",
        ),
        (
            {"kind": "lognormal", "median_ms": 2.0, "p99_ms": 3.0, "floor_ms": 2.0},
            "floor_ms is 2.0, but must be below 2.0",
        ),
        ({"kind": "quantiles", "points": [[0.0, 1.0]]}, "at least 2"),
        ({"kind": "quantiles", "points": [[0.1, 1.0], [1.0, 2.0]]}, "must start at 0.0 and end at 1.0"),
        ({"kind": "quantiles", "points": [[0.0, 1.0], [0.9, 2.0]]}, "must start at 0.0 and end at 1.0"),
        ({"kind": "quantiles", "points": [[0.0, 2.0], [1.0, 1.0]]}, "must rise"),
        ({"kind": "quantiles", "points": [[0.0, -1.0], [1.0, 1.0]]}, "no duration may be negative"),
        ({"kind": "quantiles", "points": [[0.0, 1.0], [0.5, 1.0], [0.5, 2.0], [1.0, 3.0]]}, "must rise"),
    ],
)
def test_what_is_no_distribution_is_refused(data, said):
    with pytest.raises(ValidationError) as refused:
        a(**data)
    assert said in str(refused.value)
