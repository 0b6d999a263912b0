"""Other simulators on the same work: `python -m benchmarks compare`.

M/M/8 goes through Ciw and salabim, and the chain of delay, cache and batches through a loop written for it alone. All
are given the luck of our own run, and must find the same times.
"""

from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks import one_chain, rivals
from benchmarks.engine import BATCHING, MISS_SHARE, chains
from benchmarks.engine import REQUESTS as CHAIN_REQUESTS
from benchmarks.processor_time import cpu_s
from simulator.compiled.warm import compile_all
from simulator.design import Design, Service
from simulator.design_file import design_from
from simulator.draws import Draws
from simulator.engine import Engine
from simulator.remembered import remembered
from simulator.results.run import Run
from simulator.run import simulate
from simulator.theory.pools import mmc_mean_wait

ROUNDS = 5
REQUESTS, MANY, FEW = 20_000, 1_000_000, 1_000  # salabim takes so long that it gets few
RATE_PER_S, MEAN_MS, SERVERS = 640.0, 10.0, 8
SAME_S = 1e-9
OURS = "compiled by stages"
WANTED = {"naive SimPy": "ratio, wanted 60 for the chain", "numba, for it alone": "ratio, wanted 0.5"}

Rows = list[tuple[str, float, str]]
Work = tuple[int, Callable[[], object]]


def compare() -> Rows:
    """(what, value, unit): requests per second of process CPU time, interleaved, and the mean waits of all."""
    compile_all()
    return _one_station() + _chain()


def _one_station() -> Rows:
    design = _mmc()
    run = simulate(design, seed=1, duration_s=REQUESTS / RATE_PER_S, engine="compiled")
    waits_s, gaps_s, work_s = _waits_s(run), np.diff(run.arrived_s, prepend=0.0).tolist(), _work_s(design, run)
    engines = {"naive SimPy": rivals.with_simpy, "Ciw": rivals.with_ciw, "salabim": rivals.with_salabim}
    works: dict[str, Work] = {}
    for name, waits_of in engines.items():
        if not rivals.is_installed(name.split()[-1].lower()):
            print(f"M/M/8: {name} is not installed; pip install -r benchmarks/requirements.txt to see it here")
            continue
        n = FEW if name == "salabim" else len(work_s)
        found = waits_of(gaps_s[:n], work_s[:n], SERVERS)
        assert np.allclose(found, waits_s[:n], rtol=0, atol=SAME_S), f"{name} finds other waits"
        works[name] = n, lambda waits_of=waits_of, n=n: waits_of(gaps_s[:n], work_s[:n], SERVERS)
    works |= _ours(design, len(work_s))
    exact_ms = 1000 * mmc_mean_wait(RATE_PER_S, MEAN_MS / 1000, SERVERS)
    mean_ms, error_ms = _long_mean_ms(design)
    assert abs(mean_ms - exact_ms) < 4 * error_ms, f"the mean wait is {mean_ms} ms, but exactly {exact_ms} ms"
    return [
        ("M/M/8: mean wait, Erlang C", exact_ms, "ms"),
        (f"M/M/8: mean wait of {MANY:,} requests, compiled", mean_ms, f"ms, standard error {error_ms:.2f}"),
        (f"M/M/8: mean wait of {len(work_s):,}, every engine", 1000 * float(waits_s.mean()), "ms"),
        *_measured("M/M/8", works),
    ]


def _chain() -> Rows:
    name = "delay, cache, batches"
    design, plain = chains()[name]
    lasts_s = CHAIN_REQUESTS / design.traffic.arrival_rate_per_s
    run = simulate(design, seed=1, duration_s=lasts_s, engine="compiled")
    special = _special(design, run)
    assert np.allclose(special(), run.ended_s, rtol=0, atol=SAME_S), "the loop for the chain alone ends otherwise"
    works: dict[str, Work] = {
        "naive SimPy": (CHAIN_REQUESTS, plain),
        "numba, for it alone": (len(run.ended_s), special),
    }
    return _measured(name, works | _ours(design, CHAIN_REQUESTS))


def _special(design: Design, run: Run) -> Callable[[], object]:
    draws = Draws(run.seed, run.replication, len(run.arrived_s))
    part = design.components["delay"]
    assert isinstance(part, Service), "the chain begins with a delay"
    delay_s = draws.durations_s("delay", part.service_time)
    missed = draws.uniforms("cache/hit") >= 1 - MISS_SHARE
    rules = [BATCHING[one] for one in ("lookup_s", "max_items", "max_wait_s", "fixed_s", "per_item_s", "devices")]
    return lambda: one_chain.ends_s(run.arrived_s, delay_s, missed, *rules)


def _ours(design: Design, n: int) -> dict[str, Work]:
    """Our engines with their records. Luck is shared with the run before or, where it says so, drawn anew."""
    lasts_s = n / design.traffic.arrival_rate_per_s

    def run(engine: Engine) -> Run:
        return simulate(design, seed=1, duration_s=lasts_s, engine=engine)

    def anew() -> Run:
        remembered.forget()
        return run("stages")

    return {
        "our SimPy": (n, lambda: run("simpy")),
        "compiled, event by event": (n, lambda: run("compiled")),
        "compiled by stages, luck drawn anew": (n, anew),
        OURS: (n, lambda: run("stages")),
    }


def _measured(title: str, works: dict[str, Work]) -> Rows:
    """Medians of rounds in which everybody has a turn; ratios are those of the same round."""
    taken = [{name: cpu_s(run) / n for name, (n, run) in works.items()} for _ in range(ROUNDS)]
    rows: Rows = []
    for name in works:
        rows.append((f"{title}: {name}", median(1 / one[name] for one in taken), "requests/s"))
    for name in works:
        if name != OURS:
            ratio = median(one[name] / one[OURS] for one in taken)
            rows.append((f"{title}: {name}, its time over stages", ratio, WANTED.get(name, "ratio")))
    return rows


def _mmc() -> Design:
    station = {
        "kind": "service",
        "replicas": SERVERS,
        "service_time": {"kind": "exponential", "mean_ms": MEAN_MS},
        "queue": {"limit": "unlimited"},
    }
    traffic = {"entry": "station", "arrival_rate_per_s": RATE_PER_S}
    return design_from({"traffic": traffic, "components": {"station": station}})


def _work_s(design: Design, run: Run) -> list[float]:
    part = design.components["station"]
    assert isinstance(part, Service), "M/M/8 is one service"
    return Draws(run.seed, run.replication, len(run.arrived_s)).durations_s("station", part.service_time).tolist()


def _waits_s(run: Run) -> np.ndarray:
    """Waits in order of arrival."""
    visits = run.components["station"].visits
    return (visits.started_s - visits.entered_s)[np.argsort(visits.request)]


def _long_mean_ms(design: Design) -> tuple[float, float]:
    """The mean wait and its standard error in ms, from 20 sections of a long run that leaves its first tenth out."""
    waits_s = _waits_s(simulate(design, seed=2, duration_s=MANY / RATE_PER_S, engine="compiled"))
    sections = [float(one.mean()) for one in np.array_split(waits_s[len(waits_s) // 10 :], 20)]
    return 1000 * float(np.mean(sections)), 1000 * float(np.std(sections, ddof=1)) / len(sections) ** 0.5
