"""The compiled engine against SimPy's and against a naive model, interleaved: `python -m benchmarks.engines`."""

from collections.abc import Callable
from statistics import median

from benchmarks.engine import REQUESTS as CHAIN_REQUESTS
from benchmarks.engine import chains
from benchmarks.processor_time import cpu_s
from question_bank.loader import load_all
from simulator.compiled.warm import compile_all
from simulator.design import Design
from simulator.engine import Engine
from simulator.load import mean_rate_per_s
from simulator.run import simulate

ROUNDS = 5
REQUESTS = 20_000
DESIGNS = {"ads": "ads-ranking", "fraud": "fraud-detection", "LLM": "llm-inference-service"}

Rows = list[tuple[str, float, str]]


def engines() -> Rows:
    """(what, value, unit): requests per second on one core with draws and records, and ratios of process CPU time."""
    compile_all()
    bank, rows = load_all(), []
    for title, slug in DESIGNS.items():
        rows += _reference(title, bank[slug].designs.senior.design)
    for title, (design, naive) in chains().items():
        rows += _chain(title, design, naive)
    return rows


def _reference(title: str, design: Design) -> Rows:
    lasts_s = REQUESTS / mean_rate_per_s(design)

    def run(engine: Engine) -> float:
        return cpu_s(lambda: simulate(design, seed=1, duration_s=lasts_s, engine=engine))

    run("compiled")
    pairs = [(run("simpy"), run("compiled")) for _ in range(ROUNDS)]
    return [
        (f"{title}: SimPy", median(REQUESTS / slow for slow, _ in pairs), "requests/s"),
        (f"{title}: compiled", median(REQUESTS / fast for _, fast in pairs), "requests/s"),
        (f"{title}: SimPy's time over compiled", median(slow / fast for slow, fast in pairs), "ratio, wanted 50"),
    ]


def _chain(title: str, design: Design, naive: Callable[[], object]) -> Rows:
    lasts_s = CHAIN_REQUESTS / mean_rate_per_s(design)

    def run(engine: Engine) -> float:
        return cpu_s(lambda: simulate(design, seed=1, duration_s=lasts_s, engine=engine))

    run("compiled"), run("stages")
    turns = [(cpu_s(naive), run("compiled"), run("stages")) for _ in range(ROUNDS)]
    return [
        (f"{title}: naive SimPy", median(CHAIN_REQUESTS / slow for slow, _, _ in turns), "requests/s"),
        (f"{title}: compiled", median(CHAIN_REQUESTS / fast for _, fast, _ in turns), "requests/s"),
        (f"{title}: by stages", median(CHAIN_REQUESTS / fast for _, _, fast in turns), "requests/s"),
        (f"{title}: naive time over compiled", median(slow / fast for slow, fast, _ in turns), "ratio"),
        (f"{title}: naive time over stages", median(slow / fast for slow, _, fast in turns), "ratio, wanted 60"),
    ]
