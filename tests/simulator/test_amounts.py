"""What requests carry on average is the mean of what is drawn, rounding and the least of 1 included."""

import numpy as np
import pytest

from simulator.amounts import drawn_amounts, mean_amount
from simulator.design import ClosedLoop, Spread
from simulator.load import mean_items, mean_prompt_tokens, mean_rate_per_s
from tests.simulator.designs import a_design, balancer, constant, service

UNIFORMS = (np.arange(1_000_000) + 0.5) / 1_000_000


@pytest.mark.parametrize("shape", ["exponential", "geometric", "gamma", "lognormal"])
@pytest.mark.parametrize("mean", [0.3, 1.0, 1.7, 8.0, 300.0])
@pytest.mark.parametrize("scv", [0.2, 1.0, 3.0])
def test_the_mean_is_that_of_a_million_evenly_spread_draws(shape, mean, scv):
    """The middle of each millionth stands for it; only the topmost is cut, which costs a heavy tail a few 1e-5."""
    amount = Spread(shape=shape, mean=mean, scv=scv)
    assert mean_amount(amount) == pytest.approx(drawn_amounts(amount, UNIFORMS).mean(), rel=2e-4)


def test_an_exponential_of_mean_one_carries_more_than_one():
    """By hand: 1 + sum of exp(-(k - 1/2)) over k >= 2 is 1 + exp(-1.5) / (1 - exp(-1)) = 1.35299."""
    assert mean_amount(Spread(shape="exponential", mean=1.0)) == pytest.approx(1.352986, abs=1e-6)


@pytest.mark.parametrize("shape", ["exponential", "gamma", "lognormal"])
def test_a_large_mean_is_hardly_changed_by_rounding(shape):
    for mean in (2e4, 1e6):
        assert mean_amount(Spread(shape=shape, mean=mean)) == pytest.approx(mean, rel=1e-4)


def test_classes_count_by_their_shares():
    classes = [
        {"name": "a", "share": 0.25, "items": {"shape": "exponential", "mean": 1.0}, "prompt_tokens": 9},
        {"name": "b", "share": 0.75, "items": 4, "prompt_tokens": {"shape": "geometric", "mean": 5.0}},
    ]
    design = a_design({"x": service()}, classes=classes)
    assert mean_items(design) == pytest.approx(0.25 * 1.352986 + 3, abs=1e-6)
    assert mean_prompt_tokens(design) == pytest.approx(0.25 * 9 + 0.75 * 5)


def test_the_rate_of_a_closed_loop_counts_the_time_of_its_tokens():
    """Think 1 s; prefill 100 x 2 ms; 11 tokens of 10 + 1 + 0.01 x (100 + 5) ms; log and balancer 50 ms each."""
    loop = ClosedLoop.model_validate({"kind": "closed_loop", "users": 3, "think_time": constant(1.0)})
    tokens = {"step_ms": 10.0, "per_running_ms": 1.0, "per_context_token_ms": 0.01, "prefill_ms_per_token": 2.0}
    parts = {
        "lb": balancer("api", overhead_ms=50.0),
        "api": service(0.0, concurrency=9, calls=[[{"to": "llm"}], [{"to": "log"}]]),
        "llm": {"kind": "llm_server", "replicas": 9, **tokens},
        "log": {
            "kind": "stream",
            "consumer_time": constant(0.001),
            "append_time": constant(0.05),
        },
    }
    classes = [{"items": 11, "prompt_tokens": 100}]
    design = a_design(parts, arrivals=loop.model_dump(), classes=classes)
    assert mean_rate_per_s(design) == pytest.approx(3 / (1 + 0.2 + 0.01205 * 11 + 0.1))
