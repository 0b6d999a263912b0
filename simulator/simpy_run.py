"""One replication on SimPy, which is the specification of the other engines."""

from array import array
from collections.abc import Callable, Iterable
from math import inf, nan

import numpy as np
from simpy.events import URGENT

from simulator.build import System, build
from simulator.clock import Clock
from simulator.closed_loop import WHO as THINK
from simulator.closed_loop import Users
from simulator.components.failures import Refused, RequestFailed
from simulator.components.request import Request, Serving
from simulator.components.store import Store
from simulator.design import ClosedLoop, Design
from simulator.distributions import Floats
from simulator.draws import Draws
from simulator.faults import start_faults
from simulator.garbage import rare_collections
from simulator.offered import Offered
from simulator.results.run import Ending, Run

PROGRESS_EVERY = 500  # arrivals


def simulate_simpy(
    design: Design,
    draws: Draws,
    duration_s: float,
    offered: Offered,
    progress: Callable[[float], None] | None,
    engine_note: str,
) -> Run:
    """Every request seen to its end; without arrivals, those that the users of the closed loop send."""
    system = build(Clock(), design, draws, offered.prompts)
    endings = _Endings(system, draws.n)
    system.all_ended = lambda: system.env.now >= duration_s and not endings.under_way
    start_faults(system)
    requests, arrived_s = _Requests(design, offered), offered.arrived_s
    if arrived_s is None:
        arrived_s = _start_users(system, endings, duration_s, requests, progress)
    else:
        system.env.process(_arrive(system, endings, arrived_s, requests, progress))
    with rare_collections():
        system.env.run()
    return Run(
        seed=draws.seed,
        replication=draws.replication,
        duration_s=duration_s,
        arrived_s=arrived_s,
        ended_s=np.array(endings.ended_s),
        ending=np.array(endings.ending, dtype=np.uint8),
        class_index=offered.class_index,
        items=offered.items,
        components=system.records(),
        calls=system.calls,
        key_rank=offered.ranks,
        engine_note=engine_note,
        oldest_write_s=np.array(endings.oldest_write_s) if endings.oldest_write_s is not None else None,
    )


class _Requests:
    """What each request is: its class with its priority, what it carries and which key it is about."""

    def __init__(self, design: Design, offered: Offered):
        classes = design.traffic.classes
        self._names, self._priorities = [one.name for one in classes], [one.priority for one in classes]
        self._class_index, self._items = offered.class_index.tolist(), offered.items.tolist()
        self._ranks = None if offered.ranks is None else offered.ranks.tolist()

    def make(self, index: int) -> Request:
        kind = self._class_index[index]
        request = Request(index, self._names[kind], self._items[index])
        request.priority = self._priorities[kind]
        if self._ranks is not None:
            request.rank = self._ranks[index]
        return request


class _Endings:
    """When and how each request ends."""

    def __init__(self, system: System, n: int):
        self._env, self._entry = system.env, system.entry
        self.ended_s = array("d", [nan]) * n
        self.ending = array("B", [0]) * n
        self.under_way = 0
        is_dated = any(isinstance(part, Store) and part.freshness for [part, *_] in system.parts.values())
        self.oldest_write_s = array("d", [inf]) * n if is_dated else None

    def journey(self, request: Request) -> Serving:
        self.under_way += 1
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
        self.under_way -= 1
        if self.oldest_write_s is not None:
            self.oldest_write_s[request.index] = request.oldest_write_s


def _arrive(
    system: System,
    endings: _Endings,
    arrived_s: Floats,
    requests: _Requests,
    progress: Callable[[float], None] | None,
) -> Serving:
    """Send the requests off one by one; an arrival comes before anything else that happens at the same instant."""
    env, n = system.env, len(arrived_s)
    for place, (index, at_s) in enumerate(_in_time(arrived_s)):
        yield env.at(at_s, URGENT)
        env.process(endings.journey(requests.make(index)))
        if progress is not None and place % PROGRESS_EVERY == 0:
            progress(place / n)
    if progress is not None:
        progress(1.0)


def _in_time(arrived_s: Floats) -> Iterable[tuple[int, float]]:
    """Which request arrives when, the first first; those that never come are nan."""
    if not np.isnan(arrived_s).any() and (np.diff(arrived_s) >= 0).all():
        return enumerate(arrived_s.tolist())
    order = np.argsort(arrived_s, kind="stable")[: np.count_nonzero(~np.isnan(arrived_s))]
    return zip(order.tolist(), arrived_s[order].tolist(), strict=True)


def _start_users(
    system: System,
    endings: _Endings,
    duration_s: float,
    requests: _Requests,
    progress: Callable[[float], None] | None,
) -> Floats:
    """Let the users of the closed loop begin; what is returned fills up with the times at which they ask."""
    loop, draws = system.design.traffic.arrivals, system.draws
    assert isinstance(loop, ClosedLoop), "only a closed loop runs without arrivals"
    think_s = draws.durations_s(THINK, loop.think_time)

    def journey(number: int) -> Serving:
        return endings.journey(requests.make(number))

    users = Users(system.env, loop, duration_s, think_s, journey, progress)
    system.env.process(users.arrive())
    return users.sent_s
