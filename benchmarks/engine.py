"""Requests per second of the simulator against the naive model of the same chain, interleaved in one run."""

import resource
import subprocess
import sys
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks import naive
from benchmarks.processor_time import cpu_s
from simulator.design import Design
from simulator.design_file import design_from
from simulator.run import simulate

ROUNDS = 5
REQUESTS = 40_000
STATION_MS, RATE_PER_S = (4.0, 8.0, 6.0), 800.0
SERVERS = [5, 9, 7]
BATCHING = {
    "lookup_s": 0.0005,
    "max_items": 16,
    "max_wait_s": 0.005,
    "fixed_s": 0.008,
    "per_item_s": 0.0006,
    "devices": 4,
}
BATCH_RATE_PER_S, MISS_SHARE = 6_000.0, 0.7

Chain = tuple[Design, Callable[[], object]]


def engine() -> list[tuple[str, float, str]]:
    """(scenario, value, unit) for both chains: our requests per second, the naive ones, and the ratio of times."""
    rows = []
    for name, (design, plain) in chains().items():
        ours, baseline, ratios = [], [], []
        lasts_s = REQUESTS / design.traffic.arrival_rate_per_s

        def run(design: Design = design, lasts_s: float = lasts_s) -> None:
            simulate(design, seed=1, duration_s=lasts_s, engine="simpy")

        for _ in range(ROUNDS):
            a, b = cpu_s(run), cpu_s(plain)
            ours.append(REQUESTS / a)
            baseline.append(REQUESTS / b)
            ratios.append(a / b)
        rows.append((f"{name}: this engine", median(ours), "requests/s"))
        rows.append((f"{name}: naive SimPy", median(baseline), "requests/s"))
        rows.append((f"{name}: our time over naive", median(ratios), "ratio, at most 1.5"))
    return rows


def chains() -> dict[str, Chain]:
    """Designs of three stages, each with a naive model of the same."""
    return {"three stations": _stations(), "delay, cache, batches": _batches()}


def _stations() -> Chain:
    design = _three_stations()
    arrived = naive.poisson_s(RATE_PER_S, REQUESTS, 1)
    draws = np.random.default_rng(2)
    work_s = [draws.exponential(ms / 1000, REQUESTS).tolist() for ms in STATION_MS]
    return design, lambda: naive.three_stations(arrived, work_s, SERVERS)


def _batches() -> Chain:
    milliseconds = {"max_wait_ms": 5.0, "batch_time": {"fixed_ms": 8.0, "per_item_ms": 0.6}}
    components = {
        "delay": {
            "kind": "service",
            "concurrency": 100_000,
            "service_time": {"kind": "exponential", "mean_ms": 2.0},
            "calls": [[{"to": "cache"}]],
        },
        "cache": {
            "kind": "cache",
            "contents": {"kind": "fixed", "hit_ratio": 1 - MISS_SHARE},
            "lookup_time": {"kind": "constant", "value_ms": 0.5},
            "on_miss": [[{"to": "model"}]],
        },
        "model": {
            "kind": "model_server",
            "replicas": 4,
            "max_items": 16,
            "queue": {"limit": "unlimited"},
            **milliseconds,
        },
    }
    design = _design("delay", BATCH_RATE_PER_S, components)
    arrived = naive.poisson_s(BATCH_RATE_PER_S, REQUESTS, 1)
    draws = np.random.default_rng(2)
    delay_s, misses = draws.exponential(0.002, REQUESTS).tolist(), (draws.random(REQUESTS) < MISS_SHARE).tolist()
    return design, lambda: naive.delay_cache_batches(arrived, delay_s, misses, BATCHING)


def _design(entry: str, rate: float, components: dict[str, object]) -> Design:
    return design_from({"traffic": {"entry": entry, "arrival_rate_per_s": rate}, "components": components})


def memory() -> list[tuple[str, float, str]]:
    """Bytes that a request costs while its run is kept, from two runs of different length in fresh processes."""
    small, large = 50_000, 450_000
    peaks = [_peak_bytes(n) for n in (small, large)]
    return [("three stations: memory of a request", (peaks[1] - peaks[0]) / (large - small), "bytes/request")]


def _peak_bytes(requests: int) -> int:
    code = f"from benchmarks.engine import peak_of; print(peak_of({requests}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)


def peak_of(requests: int) -> int:
    """Run the three stations with so many requests and return the peak memory of this process in bytes."""
    run = simulate(_three_stations(), seed=1, duration_s=requests / RATE_PER_S, engine="simpy")
    assert len(run.arrived_s)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _three_stations() -> Design:
    followers = ["s1", "s2", None]
    stations = [_station(*one) for one in zip(SERVERS, STATION_MS, followers, strict=True)]
    return _design("s0", RATE_PER_S, {f"s{i}": station for i, station in enumerate(stations)})


def _station(servers: int, mean_ms: float, to: str | None) -> dict[str, object]:
    return {
        "kind": "service",
        "replicas": servers,
        "service_time": {"kind": "exponential", "mean_ms": mean_ms},
        "queue": {"limit": "unlimited"},
        "calls": [[{"to": to}]] if to else [],
    }
