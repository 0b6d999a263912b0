"""Run a design: requests arrive until the horizon, then the system drains until the last of them has ended."""

from array import array
from collections.abc import Callable
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray
from simpy.events import URGENT

from simulator import support
from simulator.arrivals import arrival_times_s
from simulator.build import System, build
from simulator.clock import Clock
from simulator.components.failures import Refused, RequestFailed
from simulator.components.request import Request, Serving
from simulator.design import Amount, Design, RequestClass, Spread
from simulator.distributions import Exponential, Floats, Gamma, Lognormal
from simulator.draws import Draws
from simulator.faults import start_faults
from simulator.results.run import Ending, Integers, Run

Progress = Callable[[float], None]

PROGRESS_EVERY = 500  # arrivals


def simulate(
    design: Design, *, seed: int, replication: int = 0, duration_s: float, progress: Progress | None = None
) -> Run:
    """One replication: requests arrive in [0, duration_s), and every one of them is seen to its end.

    The same design, seed, replication and duration give the same run, to the last bit. `progress` is called with the
    share of arrivals so far and may raise to stop the run. Raise DoesNotRunYet for what no engine runs yet.
    """
    support.check(design)
    arrived_s = arrival_times_s(design, duration_s, seed, replication)
    draws = Draws(seed, replication, len(arrived_s))
    class_index = _class_index(design, draws)
    items = _items(design.traffic.classes, class_index, draws)
    system = build(Clock(), design, draws)
    endings = _Endings(system, len(arrived_s))
    system.all_ended = endings.are_all
    start_faults(system)
    system.env.process(_arrive(system, endings, arrived_s, class_index, items, progress))
    system.env.run()
    return Run(
        seed=seed,
        replication=replication,
        duration_s=duration_s,
        arrived_s=arrived_s,
        ended_s=np.array(endings.ended_s),
        ending=np.array(endings.ending, dtype=np.uint8),
        class_index=class_index,
        items=items,
        components=system.records(),
        calls=system.calls,
    )


class _Endings:
    """When and how each request ends."""

    def __init__(self, system: System, n: int):
        self._env, self._entry = system.env, system.entry
        self.ended_s = array("d", [nan]) * n
        self.ending = array("B", [0]) * n
        self._first_open = 0

    def are_all(self) -> bool:
        """Whether every request has ended."""
        while self._first_open < len(self.ended_s) and not isnan(self.ended_s[self._first_open]):
            self._first_open += 1
        return self._first_open == len(self.ended_s)

    def journey(self, request: Request) -> Serving:
        try:
            yield from self._entry.serve(request)
        except Refused:
            self.ending[request.index] = Ending.REFUSED
        except RequestFailed:
            self.ending[request.index] = Ending.FAILED
        else:
            if request.degraded:
                self.ending[request.index] = Ending.DEGRADED
        self.ended_s[request.index] = self._env.now


def _arrive(
    system: System,
    endings: _Endings,
    arrived_s: Floats,
    class_index: NDArray[np.uint8],
    items: Integers,
    progress: Progress | None,
) -> Serving:
    """Send the requests off one by one; an arrival comes before anything else that happens at the same instant."""
    env, n, classes = system.env, len(arrived_s), system.design.traffic.classes
    columns = zip(arrived_s.tolist(), class_index.tolist(), items.tolist(), strict=True)
    for index, (at_s, kind, carries) in enumerate(columns):
        yield env.at(at_s, URGENT)
        request = Request(index, classes[kind].name, carries)
        request.priority = classes[kind].priority
        env.process(endings.journey(request))
        if progress is not None and index % PROGRESS_EVERY == 0:
            progress(index / n)
    if progress is not None:
        progress(1.0)


def _class_index(design: Design, draws: Draws) -> NDArray[np.uint8]:
    """Which class each request belongs to, shape (n,)."""
    ends = np.cumsum([one.share for one in design.traffic.classes])
    return np.minimum(np.searchsorted(ends, draws.uniforms("<classes>"), side="right"), len(ends) - 1).astype(np.uint8)


def _items(classes: tuple[RequestClass, ...], class_index: NDArray[np.uint8], draws: Draws) -> Integers:
    """How many items each request carries, shape (n,)."""
    uniforms, items = draws.uniforms("<items>"), np.ones(draws.n, dtype=np.int64)
    for i, one in enumerate(classes):
        members = class_index == i
        items[members] = _amounts(one.items, uniforms[members])
    return items


def _amounts(amount: Amount, uniforms: Floats) -> Integers:
    if not isinstance(amount, Spread):
        return np.full(len(uniforms), amount, dtype=np.int64)
    match amount.shape:
        case "exponential":
            sizes = Exponential(mean_ms=amount.mean).inverse_ms(uniforms)
        case "gamma":
            sizes = Gamma(mean_ms=amount.mean, scv=amount.scv).inverse_ms(uniforms)
        case "lognormal":
            sizes = Lognormal(mean_ms=amount.mean, scv=amount.scv).inverse_ms(uniforms)
        case "geometric":
            stop = 1 / max(amount.mean, 1 + 1e-12)
            sizes = np.ceil(np.log1p(-uniforms) / np.log1p(-stop))
    return np.maximum(1, np.rint(sizes)).astype(np.int64)
