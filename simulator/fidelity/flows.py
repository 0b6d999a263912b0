"""Tokens, logs, and laws of throughput."""

from collections.abc import Callable
from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.design import Training
from simulator.design_file import design_from
from simulator.fidelity.counted import Counted, Data, Measured, design_of, station
from simulator.results.levels import integral
from simulator.results.own_records import TokenRecord
from simulator.results.own_results import Lag
from simulator.run import simulate
from simulator.theory.arithmetic import amdahl_limit, usl_peak_workers, usl_speedup
from simulator.training import daly_checkpoint_every_min, simulate_training, young_checkpoint_every_min

FINER = 100  # the fluid limit of single steps: so many times as many tokens, each of them so many times as fast


def _token_server(step_ms: float, per_running_ms: float, **more: object) -> Data:
    times = {"step_ms": step_ms, "per_running_ms": per_running_ms, "max_running": 100_000}
    return {"kind": "llm_server", "queue": {"limit": "unlimited"}, **times, **more}


def _counted_tokens(some: Counted, name: str) -> tuple[TokenRecord, NDArray[np.bool_]]:
    tokens = some.run.components[name].tokens
    assert tokens is not None
    counted = (tokens.request >= some.rows.start) & (tokens.request < some.rows.stop)
    return tokens, counted


def _continuous_batching(n: int, seed: int) -> Measured:
    lengths: Data = {
        "exp_lengths_fluid": {"shape": "exponential", "mean": 200 * FINER},
        "fixed_lengths_fluid": 200 * FINER,
        "lognormal_scv4_fluid": {"shape": "lognormal", "mean": 200 * FINER, "scv": 4.0},
    }
    for name, items in lengths.items():
        server = _token_server(7 / FINER, 0.05 / FINER)
        some = Counted(design_of(0.02, {"server": server}, classes=[{"items": items}]), n, seed)
        yield f"{name} mean", some.mean()
        yield f"{name} tpot", float((some.latency_ms / some.run.items[some.rows]).mean()) * FINER
        yield f"{name} p99", some.percentile(0.99)
    geometric = [{"items": {"shape": "geometric", "mean": 200.0}}]
    some = Counted(design_of(0.02, {"server": _token_server(7, 0.05)}, classes=geometric), n, seed)
    tokens, counted = _counted_tokens(some, "server")
    inside = (tokens.stretch_from_s >= some.from_s) & (tokens.stretch_from_s < some.to_s)
    steps, running = tokens.steps[inside], tokens.running[inside]
    yield "geometric_lengths_iteration_level mean", some.mean()
    first_ms = (tokens.first_token_s - tokens.entered_s)[counted] * 1000
    yield "geometric_lengths_iteration_level ttft_mean", float(first_ms.mean())
    yield "geometric_lengths_iteration_level mean_batch_per_step", float((steps * running).sum() / steps.sum())


PUBLISHED_TOKENS: tuple[tuple[str, float, float, float, float], ...] = (
    ("8xH200 Llama2-70B Server v5.1", 113.29, 33163, 0.39766, 0.16967),
    ("8xH200 Llama2-70B Interactive v5.1", 67.01, 19622, 0.099504, 0.034827),
    ("1xH200 Llama2-70B Server v4.1", 14.43, 4202.3, 0.23822, 0.1372),
    ("8xH100 Llama2-70B Server v4.1", 74.42, 21606, 0.27593, 0.15496),
    ("8xH200 Llama3.1-8B Server v5.1", 320.08, 41291, 0.060899, 0.0098971),
)


def _token_identities(n: int, seed: int) -> Measured:
    """Steps of the published time per token; what the published first token takes beyond the wait for a step and the
    step itself is a delay in front.
    """
    for name, per_s, tokens_per_s, first_s, per_token_s in PUBLISHED_TOKENS:
        mean = tokens_per_s / per_s
        few, more = int(mean), mean - int(mean)
        classes = [
            {"name": "few", "share": 1 - more, "items": few},
            {"name": "many", "share": more, "items": few + 1},
        ]
        delay = station(
            (first_s - 1.5 * per_token_s) * 1000, 1, "constant", concurrency=1000, calls=[[{"to": "server"}]]
        )
        parts = {"before": delay, "server": _token_server(per_token_s * 1000, 0.0)}
        some = Counted(design_of(per_s / 1000, parts, classes=classes), n // len(PUBLISHED_TOKENS), seed, warm_up=1000)
        yield f"{name} e2e_from_identity_s", some.mean() / 1000


PUBLISHED_LOOPS = (
    ("A100 N=32", 3600.2, 8.886),
    ("A100 N=64", 4387.7, 14.577),
    ("A100 N=128", 5411.5, 23.66),
    ("A100 N=256", 6127.3, 41.764),
    ("T4 N=16", 1078.4, 14.821),
    ("T4 N=32", 2049.6, 15.606),
    ("T4 N=128", 2042.6, 62.754),
    ("T4 N=256", 2017.8, 127.102),
)


def _littles_law(n: int, seed: int) -> Measured:
    """The published throughput through the published time: how many are inside, integrated over time."""
    for name, per_s, mean_ms in PUBLISHED_LOOPS:
        server = station(mean_ms, 1, "gamma", concurrency=1000, time={"scv": 0.05})
        design = design_of(per_s / 1000, {"server": server}, arrivals={"kind": "evenly_spaced"})
        some = Counted(design, n // len(PUBLISHED_LOOPS), seed, warm_up=1000)
        edges = np.array([some.from_s, some.to_s])
        inside_s = integral(some.run.arrived_s, some.run.ended_s, edges)
        yield f"{name} product", float(inside_s[0]) / (some.to_s - some.from_s)


def _consumer_lag(n: int, seed: int) -> Measured:
    """All rates smaller by one factor, so that about `n` messages are appended; lags in messages are scaled back."""
    before_s, burst_s, after_s = 20.0, 600.0, 700.0
    usual_per_s = n / (before_s + 2 * burst_s + after_s)
    smaller = 1000 / usual_per_s
    consumer = {"kind": "gamma", "mean_ms": 1000 / (1.5 * usual_per_s), "scv": 0.1}
    design = design_from(
        {
            "traffic": {"entry": "log", "arrival_rate_per_s": usual_per_s, "arrivals": {"kind": "evenly_spaced"}},
            "components": {"log": {"kind": "stream", "consumer_time": consumer}},
            "faults": [{"kind": "traffic_spike", "at_s": before_s, "for_s": burst_s, "factor": 2.0}],
        }
    )
    lasts_s = before_s + burst_s + after_s
    messages = simulate(design, seed=seed, duration_s=lasts_s).components["log"].messages
    assert messages is not None
    lag = Lag(messages, lasts_s)
    yield "peak_lag_messages", lag.peak_messages * smaller
    yield "drain_s", lag.drain_s if lag.drain_s is not None else nan
    yield "max_time_lag_s", lag.peak_s


def _scaling(_n: int, seed: int) -> Measured:
    """A job with a part that only one worker can do and a part that all share, each part taking its exact time."""
    workers, serial_ms, shared_ms = 64, 50.0, 950.0
    call = {"to": "workers", "fan_out": {"copies": workers}}
    first = station(serial_ms, 1, "constant", calls=[[call]])
    parts = {"first": first, "workers": station(shared_ms / workers, workers, "constant")}
    alone = Counted(design_of(1e-4, parts, arrivals={"kind": "evenly_spaced"}), 3, seed, warm_up=1)
    yield "amdahl s=.05,N=64", (serial_ms + shared_ms) / alone.mean()
    yield "amdahl limit s=.05", amdahl_limit(0.05)
    yield "usl s=.05,k=.001,N=32", usl_speedup(32, 0.05, 0.001)
    yield "usl peak N", usl_peak_workers(0.05, 0.001)
    yield "usl at 64", usl_speedup(64, 0.05, 0.001)


def _checkpoints(n: int, seed: int) -> Measured:
    for cost_min in (1, 5):
        job = Training(
            useful_work_h=25_920 * n / 200_000,
            checkpoint_every_min=1.0,
            checkpoint_cost_min=cost_min,
            restart_cost_min=5.0,
            mean_time_between_failures_h=3.0931,
        )
        best_min = daly_checkpoint_every_min(job)
        yield f"d={cost_min}min tau_young_min", young_checkpoint_every_min(job)
        yield f"d={cost_min}min tau_daly_min", best_min
        saved = job.model_copy(update={"checkpoint_every_min": best_min})
        yield f"d={cost_min}min efficiency", simulate_training(saved, seed=seed).efficiency


CASES: dict[str, Callable[[int, int], Measured]] = {
    "llm_continuous_batching": _continuous_batching,
    "llm_metric_identities": _token_identities,
    "littles_law_published": _littles_law,
    "kafka_lag_fluid": _consumer_lag,
    "amdahl_usl": _scaling,
    "checkpoint_interval": _checkpoints,
}
