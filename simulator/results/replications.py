"""Several runs of one design with different luck."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock

import numpy as np

from simulator.class_spikes import class_spikes, with_shares
from simulator.design import Bursts, ClosedLoop, Design, Trace
from simulator.engine import Wanted, choose
from simulator.load import mean_rate_per_s
from simulator.results.cost import Cost, cost
from simulator.results.counted import Counted, Outcome, counted
from simulator.results.levels import mean_replicas
from simulator.results.run import Run
from simulator.run import Progress, simulate
from simulator.settings import RunSettings, duration_s, warm_up_s

MOST_IN_THREADS = 200_000  # requests of one run


@dataclass(frozen=True)
class Replications:
    """The runs so far, and what of them counts."""

    design: Design
    settings: RunSettings
    duration_s: float
    warm_up_s: float
    warm_up_note: str
    runs: list[Run]

    @cached_property
    def counted(self) -> Counted:
        return counted(self.design, self.runs, self.warm_up_s)

    @cached_property
    def arrival_rate_per_s(self) -> float:
        """What the design says or, where that is not what arrives (bursts, a profile, a spike), what arrived."""
        arrivals, seconds = self.design.traffic.arrivals, (self.duration_s - self.warm_up_s) * len(self.runs)
        changes = self.design.traffic.profile is not None or any(
            fault.kind == "traffic_spike" for fault in self.design.faults
        )
        if (changes or isinstance(arrivals, Bursts | Trace | ClosedLoop)) and self.counted.n and seconds:
            return self.counted.n / seconds
        return mean_rate_per_s(self.design)

    @cached_property
    def as_arrived(self) -> Design:
        """The design or, if spikes struck single classes, the design with the classes in which requests arrived."""
        if not class_spikes(self.design):
            return self.design
        some, counts = self.counted, np.zeros(len(self.design.traffic.classes), dtype=np.int64)
        for run in self.runs:
            mine = some.index[some.replication == run.replication]
            counts += np.bincount(run.class_index[mine], minlength=len(counts))
        return with_shares(self.design, counts.tolist())

    @cached_property
    def cost(self) -> Cost:
        answered = self.counted.share(Outcome.IN_TIME, Outcome.DEGRADED, Outcome.LATE)
        counted_s = (self.duration_s - self.warm_up_s) * len(self.runs)
        per_s = self.counted.n * answered / counted_s if self.counted.n else 0.0
        return cost(self.design, per_s, self._mean_replicas())

    def _mean_replicas(self) -> dict[str, float]:
        """How many replicas there were on average where they scale by themselves."""
        found = {}
        for name in self.design.components:
            means = [mean_replicas(run.components[name], self.warm_up_s, self.duration_s) for run in self.runs]
            known = [mean for mean in means if mean is not None]
            if known:
                found[name] = sum(known) / len(known)
        return found


def replicate(
    design: Design, settings: RunSettings, progress: Progress | None = None, engine: Wanted | None = None
) -> Replications:
    """Run all replications, one after the other. Raise DoesNotRunYet or TooLong before anything runs."""
    for so_far in one_by_one(design, settings, progress, engine):
        last = so_far
    return last


def one_by_one(
    design: Design,
    settings: RunSettings,
    progress: Progress | None = None,
    engine: Wanted | None = None,
    threads: int = 1,
) -> Iterator[Replications]:
    """The replications so far, after each of them, whatever the number of threads; only the compiled engines use more
    than one, as they let go of Python's lock, and only for runs of which two fit into memory easily.
    """
    lasts_s, (drop_s, note), runs = duration_s(design, settings), warm_up_s(design, settings), []
    parts = _Parts(progress, settings.replications)

    def run(number: int) -> Run:
        luck = {"seed": settings.seed, "replication": number}
        return simulate(design, **luck, duration_s=lasts_s, progress=parts.of(number), engine=engine)

    numbers, together = range(settings.replications), threads > 1 and _gains(design, lasts_s, engine)
    for one in _in_threads(run, numbers, threads) if together else map(run, numbers):
        runs.append(one)
        yield Replications(design, settings, lasts_s, drop_s, note, list(runs))


def _gains(design: Design, lasts_s: float, engine: Wanted | None) -> bool:
    return choose(design, engine).engine != "simpy" and lasts_s * mean_rate_per_s(design) <= MOST_IN_THREADS


def _in_threads(run: Callable[[int], Run], numbers: range, threads: int) -> Iterator[Run]:
    waited_for = [_pool(threads).submit(run, number) for number in numbers]
    try:
        for one in waited_for:
            yield one.result()
    finally:
        for one in waited_for:
            one.cancel()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay, since each keeps the tables of its last run."""
    return ThreadPoolExecutor(threads, "replication")


def one_more(
    design: Design, settings: RunSettings, number: int, progress: Progress | None = None, engine: Wanted | None = None
) -> Replications:
    """One replication by its number, alone."""
    lasts_s, (drop_s, note) = duration_s(design, settings), warm_up_s(design, settings)
    luck = {"seed": settings.seed, "replication": number}
    run = simulate(design, **luck, duration_s=lasts_s, progress=progress, engine=engine)
    return Replications(design, settings, lasts_s, drop_s, note, [run])


class _Parts:
    """What the replications say of their progress, put together."""

    def __init__(self, progress: Progress | None, total: int):
        self._progress, self._shares, self._lock = progress, [0.0] * total, Lock()

    def of(self, number: int) -> Progress | None:
        """What one replication calls."""
        whole = self._progress
        if whole is None:
            return None

        def say(share: float) -> None:
            with self._lock:
                self._shares[number] = share
                whole(sum(self._shares) / len(self._shares))

        return say
