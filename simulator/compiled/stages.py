"""Feed-forward designs, component by component: all visits to one, then all to the next, and no event list.

Where each request comes to each component once, first come first served, by plain calls, nothing that happens later at
one component changes what happened before at another (a recursion over stages; prior art: `queuecomputer`, Ebert et
al., Journal of Statistical Software 95(5), 2020). Where two things happen at the same instant, or somebody would be
turned away, the order of events decides, and the event loop runs the design instead.
"""

from collections.abc import Callable
from math import inf

import numpy as np

from simulator import design as spec
from simulator import wiring
from simulator.compiled import stage_loops as loops
from simulator.compiled.codes import HUGE
from simulator.compiled.door import Table
from simulator.compiled.execute import Before
from simulator.design import Design
from simulator.distributions import Distribution, Floats, Gamma
from simulator.draws import Draws
from simulator.results.run import Batches, ComponentRecord, Integers, Run, Visits

MOST_SERVERS = 4096  # in a heap; where there are more, nobody may have to wait
Flow = tuple[Integers, Floats]  # requests, and the second at which each comes; the first is the first


class Undecided(Exception):
    """The order of events at one instant decides, or somebody would be turned away."""


def simulate_stages(
    design: Design, draws: Draws, duration_s: float, before: Before, progress: Callable[[float], None] | None
) -> Run | None:
    """Every request seen to its end, as the event loop would see it; None if only the event loop can say."""
    if progress is not None:
        progress(0.0)
    stages, ended_s = _Stages(design, draws, before.items), np.empty(draws.n)
    try:
        who, at_s = stages.flow(design.traffic.entry, (np.arange(draws.n), before.arrived_s))
    except Undecided:
        return None
    ended_s[who] = at_s
    if progress is not None:
        progress(1.0)
    return Run(
        seed=draws.seed,
        replication=draws.replication,
        duration_s=duration_s,
        arrived_s=before.arrived_s,
        ended_s=ended_s,
        ending=np.zeros(draws.n, dtype=np.uint8),
        class_index=before.class_index,
        items=before.items,
        components={name: stages.records[name] for name in wiring.downstream_first(design)},
        calls={},
        key_rank=before.ranks,
        engine="stages",
    )


class _Stages:
    """One run on its way through the components."""

    def __init__(self, design: Design, draws: Draws, items: Integers):
        self._design, self._draws, self._items = design, draws, items
        self._zeros, self._ones = np.zeros(draws.n), np.ones(draws.n, dtype=bool)
        self.records: dict[str, ComponentRecord] = {}

    def flow(self, name: str, came: Flow) -> Flow:
        """Send requests through a component and all that it asks; return them with the ends of their visits."""
        part = self._design.components[name]
        match part:
            case spec.Service():
                slots = part.replicas * part.concurrency
                left, visits = self._pool(came, self._durations_s(name, part.service_time), slots, part.queue)
                self.records[name] = ComponentRecord(visits, {}, capacity=((0.0, slots),))
                return self._steps(part.calls, left)
            case spec.Cache():
                return self._cache(name, part, came)
            case spec.Store():
                left, visits = self._pool(came, self._durations_s(name, part.read_time))
                self.records[name] = ComponentRecord(visits, {})
                return left
            case spec.ModelServer():
                return self._model_server(name, part, came)
        raise AssertionError(f"forward.py lets no {part.kind} pass")

    def _durations_s(self, name: str, distribution: Distribution) -> Floats:
        return self._draws.durations_s(name, distribution)

    def _steps(self, steps: spec.Calls, came: Flow) -> Flow:
        for i, [call] in enumerate(steps):
            came = self.flow(call.to, came if i == 0 else _in_order(came))
        return came

    def _cache(self, name: str, part: spec.Cache, came: Flow) -> Flow:
        assert isinstance(part.contents, spec.FixedHits), "forward.py lets no other contents pass"
        (who, at_s), visits = self._pool(came, self._durations_s(name, part.lookup_time))
        hit = self._draws.uniforms(f"{name}/hit")[who] < part.contents.hit_ratio
        moments_s = {"hits": visits.entered_s[hit], "misses": visits.entered_s[~hit], "coalesced": np.zeros(0)}
        counts = {what: len(times) for what, times in moments_s.items() if len(times)}
        self.records[name] = ComponentRecord(visits, counts, moments_s=moments_s)
        filled, filled_s = self._steps(part.on_miss, (who[~hit], at_s[~hit]))
        return np.concatenate([who[hit], filled]), np.concatenate([at_s[hit], filled_s])

    def _pool(
        self, came: Flow, work_s: Floats, servers: int | None = None, queue: spec.Queue | None = None
    ) -> tuple[Flow, Visits]:
        """Visits to so many servers behind one queue, or to as many as it takes."""
        who, at_s = came
        n, work_s = len(who), work_s[who]
        started_s, ended_s = at_s, at_s + work_s
        order = np.argsort(ended_s)
        if servers is not None and not loops.suffices(n, servers, Table(at_s), Table(ended_s), Table(order)):
            if servers > MOST_SERVERS or queue is None:
                raise Undecided
            started_s, ended_s, free_s = np.empty(n), np.empty(n), np.zeros(servers)
            tables = [Table(one) for one in (at_s, work_s, free_s, started_s, ended_s)]
            if not loops.serve(n, servers, *_bounds(queue), *tables):
                raise Undecided
            order = np.argsort(ended_s)
        request, columns = np.empty(n, dtype=np.int64), [np.empty(n) for _ in range(3)]
        tables = [Table(one) for one in (order, who, at_s, started_s, ended_s, request, *columns)]
        if not loops.put_in_order(n, *tables):
            raise Undecided
        entered_s, began_s, left_s = columns
        return (request, left_s), self._visits(request, entered_s, began_s, left_s, self._zeros[:n])

    def _visits(self, who: Integers, entered_s: Floats, started_s: Floats, ended_s: Floats, filled_s: Floats) -> Visits:
        return Visits(who, entered_s, started_s, ended_s, ended_s, filled_s, self._ones[: len(who)])

    def _model_server(self, name: str, part: spec.ModelServer, came: Flow) -> Flow:
        who, at_s = came
        n, devices = len(who), part.replicas * part.streams
        noise = np.ones(1)
        if part.batch_time.scv:
            noise = self._durations_s(name, Gamma(mean_ms=1000, scv=part.batch_time.scv))
        request, visits = np.empty(n, dtype=np.int64), [np.empty(n) for _ in range(4)]
        times_s, sizes = [np.empty(n) for _ in range(2)], [np.empty(n, dtype=np.int64) for _ in range(2)]
        room = [np.empty(n, dtype=np.int64), np.empty(n), np.empty(devices + 1), np.empty(devices + 1, dtype=np.int64)]
        rules = loops.Rules(
            devices,
            HUGE if part.max_items == "unlimited" else part.max_items,
            *_bounds(part.queue),
            part.max_wait_ms / 1000,
            part.batch_time.fixed_ms,
            part.batch_time.per_item_ms,
            bool(part.batch_time.scv),
        )
        tables = [Table(one) for one in (who, at_s, self._items[who], noise, request, *visits, *times_s, *sizes, *room)]
        fired = loops.serve_batches(n, rules, *tables)
        if fired < 0:
            raise Undecided
        entered_s, started_s, ended_s, filled_s = visits
        fired_s, until_s = (one[:fired].copy() for one in times_s)
        items, requests = (one[:fired].copy() for one in sizes)
        self.records[name] = ComponentRecord(
            self._visits(request, entered_s, started_s, ended_s, filled_s),
            {},
            capacity=((0.0, devices),),
            batches=Batches(fired_s, until_s, items, requests),
            moments_s={"trimmed": np.zeros(0)},
        )
        return request, ended_s


def _in_order(came: Flow) -> Flow:
    """By time, where no two come at the same instant."""
    who, at_s = came
    order = np.argsort(at_s)
    who, at_s = who[order], at_s[order]
    if (at_s[1:] == at_s[:-1]).any():
        raise Undecided
    return who, at_s


def _bounds(queue: spec.Queue) -> tuple[int, float]:
    """How many may wait, and how long in seconds."""
    limit = HUGE if queue.limit == "unlimited" else queue.limit
    return limit, inf if queue.drop_older_than_ms is None else queue.drop_older_than_ms / 1000
