"""What requests and components cost on the compiled engine, in time and memory: `python -m benchmarks cost`.

Each figure is of a process of its own: CPU seconds, and its largest memory with and without what it had when it began.
Up to 500,000 requests are one run of which everything is kept; more are what a search for a precise p99 has as its
budget. Chains of several lengths take turns, and their figures are medians: once each has as many requests, and once
as many visits in all, so that its tables are as large and as far beyond the processor's caches.
"""

import json
import os
import resource
import subprocess
import sys
import time
from statistics import median

from benchmarks.precision import mm8
from question_bank.loader import load_all
from simulator.compiled.warm import compile_all
from simulator.design import Design
from simulator.design_file import design_from
from simulator.engine import choose
from simulator.precision import one_run_of, until_precise
from simulator.results.replications import one_more
from simulator.sectioning import MOST_KEPT

REQUESTS = (10_000, 100_000, 500_000, 1_000_000, 10_000_000)
COMPONENTS = (3, 10, 20, 40, 60)
REQUESTS_OF_CHAINS = 100_000
VISITS_OF_CHAINS = 1_500_000
ROUNDS = 5
NEVER = 0.001  # narrower than a sketch allows
UP_TO_S = 1800

Rows = list[tuple[str, float, str]]


def cost() -> Rows:
    """(what, value, unit): microseconds of CPU and bytes for each request, and the largest memory of the process."""
    compile_all()
    rows: Rows = []
    for name in ("M/M/8", "chain of 3", "ads"):
        for requests in REQUESTS:
            rows += _rows(f"{name}, {requests:,} requests", _measured(name, requests), is_kept=requests == MOST_KEPT)
    return rows + _chains()


def _chains() -> Rows:
    """Chains of several lengths in turn, with as many requests each and with as many visits each."""
    sizes = [(n, REQUESTS_OF_CHAINS) for n in COMPONENTS] + [(n, VISITS_OF_CHAINS // n) for n in COMPONENTS]
    found: dict[tuple[int, int], list[dict[str, float]]] = {size: [] for size in sizes}
    for _ in range(ROUNDS):
        for (components, requests), measured in found.items():
            measured.append(_measured(f"chain of {components}", requests))
    rows: Rows = []
    for (components, requests), measured in found.items():
        middle = {what: median(one[what] for one in measured) for what in measured[0]}
        title = f"chain of {components}, {requests:,} requests"
        per_visit_us = 1e6 * middle["cpu_s"] / middle["requests"] / components
        rows += [*_rows(title, middle), (f"{title}: time of a component", per_visit_us, "us/request")]
    return rows


def _rows(title: str, measured: dict[str, float], *, is_kept: bool = False) -> Rows:
    above = measured["bytes"] - measured["bytes_before"]
    rows = [
        (f"{title}: time", 1e6 * measured["cpu_s"] / measured["requests"], "us/request"),
        (f"{title}: memory of the process", measured["bytes"] / 1e6, "MB"),
        (f"{title}: above its start", above / 1e6, "MB"),
    ]
    if is_kept:
        rows.append((f"{title}: memory of a request", above / MOST_KEPT, "bytes/request"))
    return rows


def _measured(name: str, requests: int) -> dict[str, float]:
    code = f"from benchmarks.cost import measure; measure({name!r}, {requests})"
    command = [sys.executable, "-c", code]
    event_by_event = {**os.environ, "WINDTUNNEL_ENGINE": "compiled"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=UP_TO_S, env=event_by_event)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str, requests: int) -> None:
    """Run so many requests in this process and print what they cost."""
    design = _design(name)
    assert choose(design).engine == "compiled", "the machine code is not ready"
    one_more(design, one_run_of(design, 1_000, seed=1), 0)  # loads the machine code
    bytes_before, before_s = _peak_bytes(), time.process_time()
    if requests <= MOST_KEPT:
        done = len(one_more(design, one_run_of(design, requests, seed=1), 1).runs[0].arrived_s)
    else:
        done = until_precise(design, NEVER, requests).precision.requests_in_all
    cpu_s = time.process_time() - before_s
    used = {"requests": done, "cpu_s": cpu_s, "bytes": _peak_bytes(), "bytes_before": bytes_before}
    print(json.dumps(used))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _design(name: str) -> Design:
    if name == "ads":
        return load_all()["ads-ranking"].designs.senior.design
    return mm8(0.8) if name == "M/M/8" else _chain(int(name.rsplit(maxsplit=1)[-1]))


def _chain(components: int) -> Design:
    parts = {
        f"s{i}": {
            "kind": "service",
            "concurrency": 10_000,  # a caller keeps its place until its answer is there
            "service_time": {"kind": "exponential", "mean_ms": 5.0},
            "queue": {"limit": "unlimited"},
            "calls": [[{"to": f"s{i + 1}"}]] if i + 1 < components else [],
        }
        for i in range(components)
    }
    traffic = {"entry": "s0", "arrival_rate_per_s": 500.0, "arrivals": {"kind": "poisson"}}
    return design_from({"traffic": traffic, "components": parts})
