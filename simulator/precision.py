"""Run until the p99 is known well enough: how it is done is in `sectioning.py`, what is refused and said is here."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import floor, log10

from simulator.design import Design, Trace
from simulator.design_file import DesignProblem
from simulator.distributions import Floats
from simulator.engine import Wanted
from simulator.results.bottleneck import bottleneck
from simulator.results.estimates import ENOUGH_FOR_P99
from simulator.results.replications import Replications, one_more
from simulator.results.sketch import RELATIVE_ERROR
from simulator.results.summary import Summary, summarize
from simulator.run import Progress
from simulator.sectioning import IN_A_ROW, MOST_KEPT, Look, looks
from simulator.settings import RunSettings, duration_s
from simulator.spec import Spec

LEFT_OUT = 0.1
FEWEST_REQUESTS = 2 * ENOUGH_FOR_P99
USUAL_BUDGET = 5_000_000
MOST_IN_BUDGET = 10_000_000  # of all runs together; what is kept of them is bounded

METHOD = (
    "The interval is Student's, from 10 sections of the requests in the order of arrival. In trials with a known p99 "
    "(M/M/8 at load 0.8 and 0.9, 5% wanted) it held the true value in 85% and 90% of searches, not in 95%; the p99 was "
    "within 5% of it in 98% and 97%."
)


class Precision(Spec):
    """What was found for a wanted relative half width. `half_ms` is None if too little was answered to tell."""

    wanted: float
    is_reached: bool
    p99_ms: float | None
    half_ms: float | None
    requests: int  # that the p99 is of, in `pieces` independent runs
    pieces: int
    requests_in_all: int
    runs: int
    sentence: str

    @property
    def known(self) -> str:
        """The p99 and half its interval in words, to two digits of the latter."""
        if self.p99_ms is None or self.half_ms is None:
            return "too few answers for a p99"
        digits = max(0, 1 - floor(log10(self.half_ms))) if self.half_ms > 0 else 1
        return f"p99 {self.p99_ms:,.{digits}f} ms plus or minus {self.half_ms:,.{digits}f} ms"


class Search(Spec):
    """What is asked for: the half width of the p99's interval as a share of the p99, and requests in all runs."""

    wanted: float
    budget: int = USUAL_BUDGET


@dataclass(frozen=True)
class Precise:
    """How sure the p99 is, and what the longest run showed."""

    precision: Precision
    summary: Summary


def until_precise(
    design: Design,
    wanted: float,
    budget: int = USUAL_BUDGET,
    seed: int = 1,
    engine: Wanted | None = None,
    *,
    progress: Progress | None = None,
    on_look: Callable[[Precision], None] | None = None,
    most_kept: int = MOST_KEPT,
) -> Precise:
    """Run until the half width of the p99's interval is at most `wanted` times the p99, or until the next run would
    take the requests of all runs together over the budget. Raise DesignProblem where that can never be, and
    DoesNotRunYet.

    `progress` is called with the share of the budget that is spent and may raise to stop; `on_look` with what is known
    so far. Of runs of up to `most_kept` requests every one is kept; of more there are sketches.
    """
    if problems := list(_problems(design, wanted, budget)):
        raise DesignProblem(problems)
    runs = _Runs(design, seed, budget, engine, progress)
    why = ""
    for look in looks(runs.latencies_ms, wanted, budget, most_kept=most_kept):
        why = runs.overload
        if why or look.is_reached:
            break
        if on_look is not None:
            on_look(_precision(look, wanted, "so far"))
    if look.is_reached:
        said = f"wanted was {wanted:.3g} of it, reached {IN_A_ROW} times in a row"
    elif why:
        said = f"stopped, since no run is long enough: {why.rstrip('.')}"
    else:
        said = f"stopped at the budget of {budget:,} requests before {wanted:.3g} of it was reached twice in a row"
    return Precise(_precision(look, wanted, said), runs.summary())


class _Runs:
    """The runs of one search: one is kept at a time, and what is to be shown of the longest."""

    def __init__(
        self, design: Design, seed: int, budget: int, engine: Wanted | None, progress: Progress | None
    ) -> None:
        self._design, self._seed, self._budget, self._engine, self._progress = design, seed, budget, engine, progress
        self._begun = self._longest = 0  # requests of all runs, and of one
        self._last: Replications | None = None
        self._kept: Summary | None = None
        self.overload = ""

    def latencies_ms(self, requests: int, number: int) -> Floats:
        """The latencies of the answered requests of one more run, in the order of arrival."""
        is_longer, self._longest = requests > self._longest, requests
        if not is_longer:
            self.summary()
        self._last = None  # before the next run asks for memory
        gc.collect()  # the draws of a run hold each other, and few objects hold much
        settings, before = one_run_of(self._design, requests, self._seed), self._begun
        self._begun += requests

        def on(share: float) -> None:
            assert self._progress is not None
            self._progress((before + share * requests) / self._budget)

        last = one_more(self._design, settings, number, on if self._progress is not None else None, self._engine)
        limit = bottleneck(last)
        self.overload = limit.sentence if limit is not None and limit.load >= 1 else self.overload
        if is_longer:
            self._last = last
        return last.counted.latency_ms[last.counted.answered]

    def summary(self) -> Summary:
        """Of the longest run, the first of several."""
        if self._kept is None:
            assert self._last is not None, "nothing has run yet"
            self._kept = summarize(self._last)
        return self._kept


def _problems(design: Design, wanted: float, budget: int) -> Iterator[str]:
    if not 0.001 <= wanted <= 0.5:
        yield f"the wanted precision is {wanted:g}; give a share of the p99 from 0.001 to 0.5, such as 0.05"
    if not FEWEST_REQUESTS <= budget <= MOST_IN_BUDGET:
        yield f"the budget is {budget:,} requests; give {FEWEST_REQUESTS:,} to {MOST_IN_BUDGET:,}"
    yield from why_not(design)


def why_not(design: Design) -> list[str]:
    """Why a longer run of a design is no surer one; nothing if it is."""
    if design.faults or design.traffic.profile is not None:
        return ["a longer run has another share of its faults and of its day in it; leave faults and profile out"]
    if isinstance(design.traffic.arrivals, Trace):
        return ["a recording is as long as it is; give replications instead"]
    return []


def one_run_of(design: Design, n: int, seed: int) -> RunSettings:
    """One run of `n` requests, of which the first are not counted."""
    plain = RunSettings(seed=seed, replications=1, requests=n)
    return plain.model_copy(update={"warm_up_s": LEFT_OUT * duration_s(design, plain)})


def _precision(look: Look, wanted: float, said: str) -> Precision:
    source = f"{look.requests:,} requests"
    if look.pieces > 1:
        source = (
            f"{look.pieces} runs of {look.requests // look.pieces:,} requests "
            f"in a sketch that is right to {RELATIVE_ERROR:.1%}"
        )
    found = Precision(
        wanted=wanted,
        is_reached=look.is_reached,
        p99_ms=look.p99_ms,
        half_ms=look.half_ms,
        requests=look.requests,
        pieces=look.pieces,
        requests_in_all=look.in_all,
        runs=look.runs,
        sentence="",
    )
    sentence = f"{found.known}, from {source} (with all runs before, {look.in_all:,}); {said}"
    return found.model_copy(update={"sentence": sentence})
