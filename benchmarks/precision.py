"""How often the interval of a p99 holds the true one, on M/M/8 where that is known: `python -m benchmarks precision`.

The runs are the simulator's, with its own draws and its own rule of when to stop, and of another seed in each trial.
Only what becomes of the draws is computed by Kiefer and Wolfowitz's recursion, ten times as fast as an engine; that it
is the same to the last request is checked first.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import median

import numpy as np
from numba import njit

from simulator.arrivals import arrival_times_s
from simulator.design import Design
from simulator.design_file import design_from
from simulator.distributions import Exponential, Floats
from simulator.draws import Draws
from simulator.precision import MOST_IN_BUDGET, one_run_of
from simulator.results.replications import replicate
from simulator.sectioning import Look, looks
from simulator.settings import duration_s
from simulator.theory.pools import mmc_sojourn_percentile

WANTED = 0.05
TRIALS = {0.8: 400, 0.9: 400, 0.95: 100}  # by load
SERVERS, MEAN_MS = 8, 10.0
PROCESSES = 2
REQUESTS_CHECKED = 100_000

Rows = list[tuple[str, float, str]]


def precision() -> Rows:
    """(what, value, unit): shares of trials, and requests that they took."""
    _check()
    rows: Rows = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        for load, trials in TRIALS.items():
            found = list(pool.map(partial(_trial, load), range(1, trials + 1), chunksize=5))
            rows += _rows(load, found)
    return rows


def _rows(load: float, found: list[Look]) -> Rows:
    true_ms = mmc_sojourn_percentile(_rate_per_s(load), MEAN_MS / 1000, SERVERS, 0.99) * 1000
    ends = [look for look in found if look.is_reached]
    title = f"M/M/8 at {load:g}, {WANTED:.0%} wanted"

    def share(is_so: Callable[[Look], bool], some: list[Look]) -> float:
        return sum(map(is_so, some)) / len(some) if some else float("nan")

    def is_near(look: Look) -> bool:
        return abs((look.p99_ms or 0) - true_ms) <= WANTED * true_ms

    def holds(look: Look) -> bool:
        return abs((look.p99_ms or 0) - true_ms) <= (look.half_ms or 0)

    return [
        (f"{title}: reached", share(lambda look: look.is_reached, found), f"of {len(found)} trials"),
        (f"{title}: p99 as near as wanted", share(is_near, ends), "of those"),
        (f"{title}: interval holds the true p99", share(holds, ends), "of those"),
        (f"{title}: reached with sketches", share(lambda look: look.pieces > 1, ends), "of those"),
        (
            f"{title}: interval holds it, with sketches",
            share(holds, [one for one in ends if one.pieces > 1]),
            "of them",
        ),
        (f"{title}: requests of the p99", median(look.requests for look in found), "requests, median"),
        (f"{title}: requests in all", median(look.in_all for look in found), "requests, median"),
    ]


def _check() -> None:
    """Stop if the recursion gives one request another latency than the simulator."""
    design = mm8(0.8)
    some = replicate(design, one_run_of(design, REQUESTS_CHECKED, seed=1)).counted
    assert np.allclose(some.latency_ms, _latencies_ms(design, 1, REQUESTS_CHECKED, 0), rtol=0, atol=1e-6)


def _trial(load: float, seed: int) -> Look:
    design = mm8(load)
    found = list(looks(lambda n, number: _latencies_ms(design, seed, n, number), WANTED, MOST_IN_BUDGET))
    return found[-1]


def _latencies_ms(design: Design, seed: int, requests: int, number: int) -> Floats:
    settings = one_run_of(design, requests, seed)
    arrived_s = arrival_times_s(design, duration_s(design, settings), seed, number)
    work_s = Draws(seed, number, len(arrived_s)).durations_s("web", Exponential(mean_ms=MEAN_MS))
    return 1000 * _sojourns_s(arrived_s, work_s, SERVERS)[arrived_s >= (settings.warm_up_s or 0.0)]


@njit
def _sojourns_s(arrived_s: Floats, work_s: Floats, servers: int) -> Floats:
    free_s, sojourn_s = np.zeros(servers), np.empty(len(arrived_s))
    for i in range(len(arrived_s)):
        first = np.argmin(free_s)
        ended_s = max(arrived_s[i], free_s[first]) + work_s[i]
        free_s[first] = ended_s
        sojourn_s[i] = ended_s - arrived_s[i]
    return sojourn_s


def mm8(load: float) -> Design:
    """Eight servers, of which so much is asked, behind one queue."""
    web = {
        "kind": "service",
        "concurrency": SERVERS,
        "service_time": {"kind": "exponential", "mean_ms": MEAN_MS},
        "queue": {"limit": "unlimited"},
    }
    traffic = {"entry": "web", "arrival_rate_per_s": _rate_per_s(load), "arrivals": {"kind": "poisson"}}
    return design_from({"traffic": traffic, "components": {"web": web}})


def _rate_per_s(load: float) -> float:
    return load * SERVERS * 1000 / MEAN_MS
