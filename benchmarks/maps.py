"""A map of 200 cells through two worker processes, as the app draws it: `python -m benchmarks maps`."""

import time
from statistics import median

from question_bank.loader import load_all
from simulator.compiled.warm import compile_all
from simulator.design import Design
from simulator.series import Series
from simulator.settings import RunSettings
from simulator.sweep import Axis, plan, sweep
from simulator.workers import Job, Workers

ROUNDS = 5
AT_ONCE = 4
REQUESTS = 20_000
REPLICAS = Axis(path="components.ranker.replicas", values=tuple(range(2, 22)))
RATES = Axis(path="traffic.arrival_rate_per_s", values=tuple(500.0 + 150 * i for i in range(10)))
PATIENCE_S = 120.0

Rows = list[tuple[str, float, str]]


def maps() -> Rows:
    """(what, value, unit): seconds from the wish for a map to its cells, and from its end to free processes."""
    compile_all()
    design = load_all()["ads-ranking"].designs.senior.design
    pool = Workers(2)
    try:
        _map_s(pool, design, seed=100)  # loads the machine code
        times = [_map_s(pool, design, seed) for seed in range(ROUNDS)]
        cancels = [_cancel_s(pool, design, seed) for seed in range(ROUNDS)]
    finally:
        pool.close()
    return [
        ("map of 200 cells: planned", 1000 * median(planned for planned, _, _ in times), "ms"),
        ("map of 200 cells: first cell", 1000 * median(first for _, first, _ in times), "ms, wanted 200"),
        ("map of 200 cells: all cells", median(last for _, _, last in times), "s, wanted 3"),
        ("map of 200 cells: work in one process", _work_s(design), "s of CPU, two cores share it"),
        ("map of 200 cells: cancelled and free again", 1000 * median(cancels), "ms, wanted 200"),
    ]


def _map_s(pool: Workers, design: Design, seed: int) -> tuple[float, float, float]:
    """Seconds until the cells are planned, the first is there, and all are."""
    began = time.perf_counter()
    series = _series(pool, design, seed)
    planned = time.perf_counter() - began
    series.start()
    series.wait(PATIENCE_S, results=1)
    first = time.perf_counter() - began
    series.wait(PATIENCE_S)
    assert series.done == series.total, "the map has holes"
    return planned, first, time.perf_counter() - began


def _work_s(design: Design) -> float:
    """Process CPU seconds of all cells one after the other, which other work on the machine hardly moves."""
    settings = RunSettings(seed=1, replications=1, requests=REQUESTS)
    next(sweep(design, [REPLICAS, RATES], settings))
    began = time.process_time()
    assert all(cell.ran for cell in sweep(design, [REPLICAS, RATES], settings))
    return time.process_time() - began


def _cancel_s(pool: Workers, design: Design, seed: int) -> float:
    """Seconds from the click until both processes have found something small for somebody else."""
    series = _series(pool, design, seed).start()
    series.wait(PATIENCE_S, results=20)
    began = time.perf_counter()
    series.cancel()
    small = RunSettings(replications=1, requests=100)
    jobs = [pool.submit(design, small, f"somebody else {i}") for i in range(2)]
    for job in jobs:
        job.wait(PATIENCE_S)
    return time.perf_counter() - began


def _series(pool: Workers, design: Design, seed: int) -> Series:
    trials = plan(design, [REPLICAS, RATES])
    designs = [trial.design for trial in trials if trial.design is not None]
    assert len(designs) == 200, "every cell can run"
    return Series(
        pool, designs, RunSettings(seed=seed, replications=1, requests=REQUESTS), "map", _forget, AT_ONCE, brief=True
    )


def _forget(place: int, job: Job) -> None:
    assert job.figures is not None, (place, job.problems)
