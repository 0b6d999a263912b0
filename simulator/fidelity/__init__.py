"""The simulator held against theory and reference simulations: each case is a design, a run and expected numbers.

Expected values, tolerances and sources are data (`data/fidelity_cases.yaml`); a case here says only how to build the
system and what to read off the run. Tolerances are four standard deviations of the estimator at the stated number of
requests and widen with the root of fewer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator.fidelity import caches, calls, flows, pools, queues, traffic
from simulator.fidelity.counted import Data, Measured
from simulator.yaml_text import read_own_yaml

STANDARD_REQUESTS = 200_000

RUNNABLE: dict[str, Callable[[int, int], Measured]] = {
    **queues.CASES,
    **caches.CASES,
    **calls.CASES,
    **flows.CASES,
    **pools.CASES,
    **traffic.CASES,
}
"""How each case is run: with so many counted requests and a seed, it yields the metrics it measures."""


@dataclass(frozen=True)
class Reading:
    """One expected number and what the simulator gave. `tolerance` is absolute; nan where only a bound or shape
    counts.
    """

    case: str
    metric: str
    expected: float
    measured: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return abs(self.measured - self.expected) <= self.tolerance


@cache
def cases() -> dict[str, Data]:
    """All cases of the data file by id."""
    text = (Path(__file__).parents[1] / "data" / "fidelity_cases.yaml").read_text(encoding="utf-8")
    return {case["id"]: case for case in read_own_yaml(text)["cases"]}


def _wanted(tree: Data, path: str) -> Data:
    """What a case expects at a path of names joined by blanks; a name may hold blanks itself."""
    for name, value in tree.items():
        if name == path:
            return value if isinstance(value, dict) else {"expected": value, "tol_rel": tree["tol_rel"]}
        if path.startswith(f"{name} ") and isinstance(value, dict):
            return _wanted(value, path.removeprefix(f"{name} "))
    raise KeyError(path)


def check(case: str, requests: int = STANDARD_REQUESTS, seed: int = 1) -> list[Reading]:
    """Run a case with so many counted requests and compare every number that it measures."""
    metrics, widen = cases()[case]["metrics"], (STANDARD_REQUESTS / requests) ** 0.5
    readings = []
    for path, measured in RUNNABLE[case](requests, seed):
        wanted = _wanted(metrics, path)
        tolerance = wanted["tol_abs"] if "tol_abs" in wanted else wanted["tol_rel"] * wanted["expected"]
        readings.append(Reading(case, path, wanted["expected"], measured, tolerance * widen))
    return readings
