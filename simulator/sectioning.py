"""How long to run until the p99 is known well enough, and how well it is known: statistics of sections of runs.

The answered requests are cut into 10 sections in the order of arrival, and the interval is Student's from the p99 of
each (sectioning: Asmussen and Glynn, Stochastic Simulation, 2007, chapter III). Each run is 1.5 times as long as the
one before up to 500,000 requests, of which every one is kept; from then on there are 1.5 times as many runs of that
length, of which sketches are kept, and a section is as many tenths of a run as there are runs. All runs are
independent. The interval has to be narrow enough twice in a row: once alone stops too early too often, and so does
twice if the longer run has the luck of the shorter one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from simulator import special
from simulator.distributions import Floats
from simulator.results.estimates import ENOUGH_FOR_P99, nearest_rank
from simulator.results.sketch import RELATIVE_ERROR, Sketch

SECTIONS = 10
LONGER = 1.5
IN_A_ROW = 2
FIRST_REQUESTS = 20_000
MOST_KEPT = 500_000  # requests of one run, of which every one is kept

LatenciesMs = Callable[[int, int], Floats]


@dataclass(frozen=True)
class Look:
    """What is known so far. `requests` in `pieces` runs gave the p99; `in_all` were simulated in `runs`.

    `p99_ms` and `half_ms` are None while too little was answered to tell.
    """

    requests: int
    pieces: int
    in_all: int
    runs: int
    p99_ms: float | None
    half_ms: float | None
    is_reached: bool


def looks(latencies_ms: LatenciesMs, wanted: float, budget: int, *, most_kept: int = MOST_KEPT) -> Iterator[Look]:
    """Look after each step, until the half width is at most `wanted` of the p99 twice in a row, or until the next step
    would take all requests together over the budget. The first step is taken in any case.

    `latencies_ms(requests, number)` are the latencies of the answered requests of a run of so many requests, in the
    order of arrival; each run has another number and another luck.
    """
    tenths: list[Sketch] = []  # of the runs of `most_kept` requests
    in_all = runs = in_a_row = 0
    for n, pieces in _steps(min(FIRST_REQUESTS, most_kept, budget), most_kept):
        new = pieces - len(tenths) // SECTIONS
        if runs and in_all + n * new > budget:
            return
        for number in range(runs, runs + new):
            values = latencies_ms(n, number)
            found = _of_one(values)
            if n == most_kept:
                tenths += [Sketch.of(part) for part in np.array_split(values, SECTIONS)]
            del values  # before the next run asks for memory
        in_all, runs = in_all + n * new, runs + new
        p99_ms, half_ms = found if pieces == 1 else _of_many(tenths)
        is_narrow = p99_ms is not None and half_ms is not None and half_ms <= wanted * p99_ms
        in_a_row = in_a_row + 1 if is_narrow else 0
        is_reached = in_a_row == IN_A_ROW
        yield Look(n * pieces, pieces, in_all, runs, p99_ms, half_ms, is_reached)
        if is_reached:
            return


def _steps(first: int, most_kept: int) -> Iterator[tuple[int, int]]:
    """How many requests in how many runs, each step about 1.5 times the one before."""
    n, pieces = first, 1
    while True:
        yield n, pieces
        if n < most_kept:
            n = min(most_kept, int(n * LONGER))
        else:
            pieces = ceil(pieces * LONGER)


def _of_one(latency_ms: Floats) -> tuple[float | None, float | None]:
    """The p99 of one run and half its interval."""
    if len(latency_ms) < ENOUGH_FOR_P99:
        return None, None
    return nearest_rank(latency_ms, 0.99), half_width(latency_ms)


def _of_many(tenths: Sequence[Sketch]) -> tuple[float | None, float | None]:
    """The p99 of many runs and half its interval, which allows for the error of the sketch."""
    many = len(tenths) // SECTIONS
    sections = [Sketch.merged(tenths[i * many : (i + 1) * many]) for i in range(SECTIONS)]
    whole = Sketch.merged(sections)
    if whole.n < ENOUGH_FOR_P99 or not all(one.n for one in sections):
        return None, None
    p99_ms = whole.nearest_rank(0.99)
    return p99_ms, _students([one.nearest_rank(0.99) for one in sections]) + RELATIVE_ERROR * p99_ms


def half_width(latency_ms: Floats) -> float:
    """Half the width of the nominal 95% interval of the p99, from sections of the values in the order of arrival."""
    return _students([nearest_rank(part, 0.99) for part in np.array_split(latency_ms, SECTIONS)])


def _students(singles: Sequence[float]) -> float:
    return float(special.stdtrit(len(singles) - 1, 0.975)) * float(np.std(singles, ddof=1)) / sqrt(len(singles))
