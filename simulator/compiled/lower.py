"""From a design to the tables of the kernel: what `build.py` does for SimPy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import design as spec
from simulator import warm_start, wiring
from simulator.build import Numbering
from simulator.compiled import codes
from simulator.distributions import Floats, Gamma
from simulator.draws import Draws, stream
from simulator.load import mean_rate_per_s, visits_per_request
from simulator.remembered import remembered
from simulator.sharding import shards_of

Row = dict[str, float]
Maker = Callable[[int], Floats]

DISCIPLINES = {"fifo": codes.FIFO, "lifo": codes.LIFO, "priority": codes.PRIORITY}
POLICIES = {
    "random": codes.RANDOM,
    "round_robin": codes.ROUND_ROBIN,
    "least_outstanding": codes.LEAST_OUTSTANDING,
    "power_of_d": codes.POWER_OF_D,
}
BACKOFFS = {
    "none": codes.NO_BACKOFF,
    "exponential": codes.EXPONENTIAL,
    "equal_jitter": codes.EQUAL_JITTER,
    "full_jitter": codes.FULL_JITTER,
}
METRICS = {"utilization": codes.UTILIZATION, "concurrency": codes.CONCURRENCY, "queue_delay_ms": codes.QUEUE_DELAY}
CONTENTS = {"fixed": codes.FIXED, "lru": codes.LRU, "ttl": codes.TTL}


@dataclass(frozen=True)
class Way:
    """One way to a component: its number, and how many attempts, with a backup each, and copies it may take."""

    number: int
    attempts: int = 1
    copies: int = 1


@dataclass
class Lowered:
    """The rows of the tables that do not grow, and what must be drawn."""

    design: spec.Design
    draws: Draws
    ranks: NDArray[np.int64] | None
    spare: int  # replicas that may come later
    rows: dict[str, list[Row]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    makers: list[Maker] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    levels: list[tuple[int, int]] = field(default_factory=list)  # (component or minus it, level at second 0)
    at_start: list[int] = field(default_factory=list)  # codes of events
    entries: list[tuple[int, Any]] = field(default_factory=list)  # (first place, warm contents)
    key_ids: NDArray[np.int64] | None = None  # of every request
    warm: dict[str, Any] = field(default_factory=dict)
    devices: list[tuple[int, int, int, int]] = field(default_factory=list)  # (device, part, heap, its size)
    owners: list[tuple[int, int]] = field(default_factory=list)  # (partition, consumer)
    wishes: list[tuple[int, int]] = field(default_factory=list)  # (note, replicas)

    def add(self, table: str, **values: float) -> int:
        """One more row; return its place."""
        rows = self.rows.setdefault(table, [])
        rows.append(values)
        return len(rows) - 1

    def place(self, table: str, size: int) -> int:
        """Room for so many numbers or rows that begin as zeros; return where it begins."""
        first = self.sizes.get(table, 0)
        self.sizes[table] = first + size
        return first

    def slot(self, *makers: Maker) -> int:
        """Draws that somebody will need, by visit; return the number of the first."""
        self.makers.extend(makers)
        return len(self.makers) - len(makers)

    def way(self, way: Way) -> int:
        """One more way to somebody; return its row."""
        self.ways.append(way)
        return len(self.ways) - 1


def lower(design: spec.Design, draws: Draws, ranks: NDArray[np.int64] | None, spare: int) -> Lowered:
    """The tables of a design that `coverage.py` lets pass."""
    made = Lowered(design, draws, ranks, spare)
    made.place("slot", 1)
    _number_keys(made)
    _Lowering(made).all_parts()
    return made


def _number_keys(made: Lowered) -> None:
    """Give the keys that requests ask for, and those that caches hold at first, small numbers."""
    keys = made.design.traffic.keys
    if keys is None or made.ranks is None:
        return
    draws, warm = made.draws, made.warm
    seen = [made.ranks]
    for name, part in made.design.components.items():
        if isinstance(part, spec.Cache):
            who, contents = f"{name}/warm", part.contents
            if isinstance(contents, spec.Lru):
                held = warm_start.lru_ranks(keys, contents.capacity_keys, draws.seed, draws.replication, who)
                warm[name] = np.array(held, dtype=np.int64)
                seen.append(warm[name])
            elif isinstance(contents, spec.Ttl):
                per_s = mean_rate_per_s(made.design) * visits_per_request(made.design)[name]
                entries = warm_start.ttl_entries(keys, contents, per_s, draws.seed, draws.replication, who)
                warm[name] = entries
                seen.append(np.array([rank for rank, _ in entries], dtype=np.int64))
    known, made.key_ids = np.unique(np.concatenate(seen), return_inverse=True)
    made.sizes["keys"] = len(known)
    warm["<known>"] = known


class _Lowering:
    """One design on its way into tables."""

    def __init__(self, made: Lowered):
        self.made, self.design, self.draws = made, made.design, made.draws
        self.numbering = Numbering(made.design)
        self.balanced = wiring.balanced(made.design)
        self.first_part: dict[str, int] = {}
        self.parts: dict[str, int] = {}
        self.component: dict[str, int] = {}
        self.errors: dict[str, int] = {}
        self.links: dict[tuple[str, str], int] = {}
        self.priorities = sorted({one.priority for one in self.design.traffic.classes}, reverse=True)

    # ---- components --------------------------------------------------------------------------------------------

    def all_parts(self) -> None:
        entry = self.made.add("target")
        for name in wiring.downstream_first(self.design):
            self._component(name)
        self.made.rows["target"][entry] = self._target_row("", self.design.traffic.entry)
        self._feed()
        self._faults()
        self.made.at_start.append(codes.ARRIVALS_BEGIN)

    def _component(self, name: str) -> None:
        made, part = self.made, self.design.components[name]
        c = made.add(
            "comp", counter_0=made.place("count", codes.COUNTERS), scaler=-1, last_level=-1, last_paid=-1, errors=-1
        )
        made.names.append(name)
        self.component[name] = c
        self._doors(name, c)
        self.first_part[name] = len(made.rows.get("pt", []))
        match part:
            case spec.Service():
                self._service(name, c, part)
            case spec.ModelServer():
                self._model_server(name, c, part)
            case spec.Store():
                self._store(name, c, part)
            case spec.Cache():
                self._cache(name, c, part)
            case spec.LoadBalancer():
                self._balancer(name, c, part)
            case spec.LlmServer():
                self._llm_server(name, c, part)
            case spec.Stream():
                self._stream(name, c, part)
            case spec.Router():
                self._router(name, c, part)
        self.parts[name] = len(made.rows["pt"]) - self.first_part[name]
        if isinstance(part, spec.Service | spec.ModelServer | spec.LlmServer) and part.autoscaling is not None:
            self._scaler(name, c, part, part.autoscaling)

    def _doors(self, name: str, c: int) -> None:
        for fault in self.design.faults:
            if isinstance(fault, spec.ErrorRate) and fault.component == name and name not in self.errors:
                slot = self.made.slot(lambda visit: self.draws.uniforms(f"{name}/error", visit))
                self.errors[name] = self.made.add("err", draws=slot, component=c)
            elif isinstance(fault, spec.CutLink) and fault.component == name:
                self.links.setdefault((fault.caller, name), self.made.add("link", component=c))

    def _capacity(self, c: int, slots: int) -> None:
        self.made.rows["comp"][c]["last_level"] = len(self.made.levels)
        self.made.levels.append((c, slots))

    def _queue(self, queue: spec.Queue) -> Row:
        lines = len(self.priorities) if queue.discipline == "priority" else 1
        return {
            "discipline": DISCIPLINES[queue.discipline],
            "limit": codes.HUGE if queue.limit == "unlimited" else queue.limit,
            "max_age": inf if queue.drop_older_than_ms is None else queue.drop_older_than_ms / 1000,
            "lines": lines,
            "line_0": self.made.place("line", lines),
        }

    def _crew(self, replicas: int, slots: int, *, grows: bool, is_there: bool = True) -> Row:
        """Room for replicas, each with so many slots."""
        most = replicas + 1 + (self.made.spare if grows else 0)
        first = self.made.place("rep", most)
        slot_0 = self.made.place("slot", most * slots)
        self.made.rows.setdefault("<idle>", []).append({"slot_0": slot_0, "n": replicas * slots})
        if is_there:
            self.made.rows.setdefault("<present>", []).append({"replica_0": first, "n": replicas})
        return {
            "replicas": replicas,
            "present": replicas if is_there else 0,
            "paid_for": replicas,
            "replica_0": first,
            "replicas_most": most,
            "concurrency": slots,
            "slot_0": slot_0,
            "idle_n": replicas * slots,
            "slowness": 1.0,
            "meter": -1,
        }

    def _crews(self, name: str, part: spec.Service | spec.ModelServer | spec.LlmServer, slots: int) -> Iterator[Row]:
        """The replicas of each of a component's parts: one part for all of them or, behind a balancer, one for each,
        and some that may join later.
        """
        if name not in self.balanced:
            yield self._crew(part.replicas, slots, grows=part.autoscaling is not None)
            return
        later = self.made.spare if part.autoscaling is not None else 0
        for i in range(part.replicas + later):
            yield self._crew(1, slots, grows=False, is_there=i < part.replicas) | {"queue_dies": 1}

    def _service(self, name: str, c: int, part: spec.Service) -> None:
        made = self.made
        self._capacity(c, part.replicas * part.concurrency)
        slot = made.slot(lambda visit: self.draws.durations_s(name, part.service_time, visit))
        steps = self._steps(name, "calls", part.calls) if part.calls else -1
        gate = len(made.rows.get("bucket", []))
        names = [one.name for one in self.design.traffic.classes]
        for limit in part.rate_limits:
            kind = -1 if limit.class_name is None else names.index(limit.class_name)
            made.add("bucket", kind=kind, rate=limit.rate_per_s, burst=limit.burst, tokens=limit.burst)
        self.first_part[name] = len(made.rows.get("pt", []))
        for crew in self._crews(name, part, part.concurrency):
            made.add(
                "pt",
                kind=codes.POOL,
                component=c,
                steps=steps,
                draws=slot,
                gate_0=gate,
                gates=len(part.rate_limits),
                **crew,
                **self._queue(part.queue),
            )

    def _model_server(self, name: str, c: int, part: spec.ModelServer) -> None:
        made = self.made
        self._capacity(c, part.replicas * part.streams)
        noise = -1
        if part.batch_time.scv:
            factor = Gamma(mean_ms=1000, scv=part.batch_time.scv)
            noise = made.slot(lambda visit: self.draws.durations_s(name, factor, visit))
        for crew in self._crews(name, part, part.streams):
            made.add(
                "pt",
                kind=codes.MODEL,
                component=c,
                noise=noise,
                max_wait=part.max_wait_ms / 1000,
                most_items=codes.HUGE if part.max_items == "unlimited" else part.max_items,
                fixed_ms=part.batch_time.fixed_ms,
                per_item_ms=part.batch_time.per_item_ms,
                trim_over=-1 if part.trim is None else part.trim.when_waiting_items_over,
                trim_share=0.0 if part.trim is None else part.trim.keep_share,
                **crew,
                **self._queue(part.queue),
            )

    def _store(self, name: str, c: int, part: spec.Store) -> None:
        made, draws = self.made, self.draws
        quorum = part.quorum or 0
        copies = part.replicas if part.quorum is not None else 1

        def reads(replica: int) -> Maker:
            who = f"{name}/replica/{replica}" if replica else name
            return lambda visit: draws.durations_s(who, part.read_time, visit)

        slot = made.slot(*(reads(replica) for replica in range(copies)))
        by_key = self.design.traffic.keys is not None and part.hot_shard_share is None
        pools, shard_slot = -1, -1
        if part.concurrency != "unlimited":
            self._capacity(c, part.shards * part.replicas * part.concurrency)
            shard_slot = made.slot(self._shards_by_key(part) if by_key else self._shards_by_luck(name))
            pools = len(made.rows.get("pt", [])) + 1
        freshness = self._freshness(name, part)
        made.add(
            "pt",
            kind=codes.STORE,
            component=c,
            draws=slot,
            shards=part.shards,
            need=quorum,
            copies=copies,
            pool_0=pools,
            shard_draws=shard_slot,
            shard_by_key=by_key,
            hot=-1 if part.hot_shard_share is None else 1,
            hot_share=part.hot_shard_share or 0.0,
            slowness=1.0,
            **freshness,
        )
        for _ in range(0 if part.concurrency == "unlimited" else part.shards * copies):
            made.add(
                "pt",
                kind=codes.POOL,
                component=c,
                steps=-1,
                draws=-1,
                queue_dies=part.quorum is not None,
                **self._crew(part.replicas // copies, int(part.concurrency), grows=False),
                **self._queue(part.queue),
            )

    def _shards_by_key(self, part: spec.Store) -> Maker:
        assert self.made.ranks is not None
        ranks = self.made.ranks
        return lambda _: shards_of(ranks, part.shards).astype(np.float64)

    def _shards_by_luck(self, name: str) -> Maker:
        return lambda visit: self.draws.uniforms(f"{name}/shard", visit)

    def _freshness(self, name: str, part: spec.Store) -> Row:
        delayed = any(isinstance(one, spec.DelayFeatures) and one.component == name for one in self.design.faults)
        if part.freshness is None and not delayed:
            return {"fresh": 0, "fresh_fed": -1}
        freshness = part.freshness or spec.Freshness()
        phase = stream(self.draws.seed, self.draws.replication, f"{name}/phase").random()
        return {
            "fresh": 1,
            "fresh_fed": -1,
            "fresh_every": freshness.update_every_s,
            "fresh_lag": freshness.lag_s,
            "fresh_first": phase * freshness.update_every_s,
            "fresh_seen": -inf,
        }

    def _feed(self) -> None:
        """Tell stores whose consumers write them."""
        for name, part in self.design.components.items():
            if isinstance(part, spec.Store) and part.freshness is not None and part.freshness.fed_by is not None:
                self.made.rows["pt"][self.first_part[name]]["fresh_fed"] = self.first_part[part.freshness.fed_by]

    def _cache(self, name: str, c: int, part: spec.Cache) -> None:
        made, draws, contents = self.made, self.draws, part.contents
        lookups = made.slot(lambda visit: draws.durations_s(name, part.lookup_time, visit))
        writes = hits = -1
        if part.pattern == "look_aside":
            writes = made.slot(lambda visit: draws.durations_s(f"{name}/write", part.lookup_time, visit))
        if contents.kind == "fixed":
            hits = made.slot(lambda visit: draws.uniforms(f"{name}/hit", visit))
        steps = self._steps(name, "on_miss", part.on_miss)
        own = made.place("entry", made.sizes.get("keys", 0))
        self.first_part[name] = len(made.rows.get("pt", []))
        v = made.add(
            "pt",
            kind=codes.CACHE,
            component=c,
            steps=steps,
            draws=lookups,
            write_draws=writes,
            hits_draws=hits,
            contents=CONTENTS[contents.kind],
            hit_ratio=getattr(contents, "hit_ratio", 0.0),
            capacity=getattr(contents, "capacity_keys", 0),
            ttl=getattr(contents, "ttl_s", 0.0),
            renewed=getattr(contents, "renewed", False),
            errand=contents.kind != "fixed" or writes >= 0,
            single_flight=part.single_flight,
            own_0=own,
            empty_until=-inf,
            slowness=1.0,
        )
        if name in made.warm:
            made.entries.append((v, made.warm[name]))

    def _balancer(self, name: str, c: int, part: spec.LoadBalancer) -> None:
        made = self.made
        columns = part.choices + 1 if part.policy == "power_of_d" else 1
        slot = made.slot(*(self._column(f"{name}/{column}") for column in range(columns)))
        there = {to: getattr(self.design.components[to], "replicas", 1) for to in part.targets}
        targets = [(to, i) for to in part.targets for i in range(there[to])]
        members = sum(self.parts[to] for to in part.targets)
        own = made.place("balance", 8 * members + balancing_levels())
        last = made.place("last", len(part.targets))
        made.rows.setdefault("<last>", []).extend(
            {"at": last + i, "value": self.component[to]} for i, to in enumerate(part.targets)
        )
        leveled = made.place("balance", members)
        levels = made.place("balance", members * balancing_levels())
        first_target: dict[str, int] = {}
        for to in part.targets:
            first_target[to] = len(made.rows["target"])
            for i in range(self.parts[to]):
                made.add("target", **self._target_row(name, to) | {"part": self.first_part[to] + i})
        for k, (to, i) in enumerate(targets):
            at = own + 3 * members + k
            made.rows.setdefault("<balance>", []).append({"at": at, "value": first_target[to] + i})
        self.first_part[name] = len(made.rows.get("pt", []))
        for to in part.targets:
            scaler = int(made.rows["comp"][self.component[to]]["scaler"])
            if scaler >= 0:
                made.rows["scaler"][scaler] |= {"balancer": self.first_part[name], "target_0": first_target[to]}
        made.add(
            "pt",
            kind=codes.BALANCER,
            component=c,
            draws=slot,
            policy=POLICIES[part.policy],
            choices=part.choices,
            stale_s=part.stale_ms / 1000,
            next_s=part.stale_ms / 1000 or inf,
            overhead=part.overhead_ms > 0,
            overhead_s=part.overhead_ms / 1000,
            members=members,
            joined=len(targets),
            own_0=own,
            last_0=last,
            targets=len(part.targets),
            levels_0=levels,
            leveled_0=leveled,
            known=-1,
            slowness=1.0,
        )

    def _column(self, who: str) -> Maker:
        return lambda visit: self.draws.uniforms(who, visit)

    def _llm_server(self, name: str, c: int, part: spec.LlmServer) -> None:
        made = self.made
        self._capacity(c, part.replicas)
        kv = inf if part.kv_memory_tokens == "unlimited" else part.kv_memory_tokens
        room = (2 * part.max_running + 64) * (made.spare // 64)
        for crew in self._crews(name, part, 1):
            devices = int(crew["replicas_most"])
            first, heap = made.place("dev", devices), made.place("run", devices * room)
            v = made.add(
                "pt",
                kind=codes.LLM,
                component=c,
                running=part.max_running,
                kv=kv,
                step_ms=part.step_ms,
                running_ms=part.per_running_ms,
                context_ms=part.per_context_token_ms,
                prefill_ms=part.prefill_ms_per_token,
                device_0=first,
                **crew,
                **self._queue(part.queue),
            )
            made.devices += [(first + i, v, heap + i * room, room) for i in range(devices)]

    def _stream(self, name: str, c: int, part: spec.Stream) -> None:
        made, draws = self.made, self.draws
        self._capacity(c, min(part.partitions, part.replicas))
        appends = made.slot(lambda visit: draws.durations_s(name, part.append_time, visit))
        partition = made.slot(lambda visit: draws.uniforms(f"{name}/partition", visit))
        consumer = made.slot(lambda visit: draws.durations_s(f"{name}/consumer", part.consumer_time, visit))
        steps = self._steps(name, "calls", part.calls) if part.calls else -1
        own = made.place("partition", part.partitions)
        made.owners += [(own + i, i % part.replicas) for i in range(part.partitions)]
        self.first_part[name] = len(made.rows.get("pt", []))
        made.add(
            "pt",
            kind=codes.STREAM,
            component=c,
            draws=appends,
            shard_draws=partition,
            consumer_draws=consumer,
            steps=steps,
            shards=part.partitions,
            own_0=own,
            keeps=any(isinstance(one, spec.Replay) and one.component == name for one in self.design.faults),
            newest_first=part.catch_up == "newest_first",
            retention=codes.HUGE if part.retention_messages == "unlimited" else part.retention_messages,
            **self._crew(part.replicas, 1, grows=False),
        )

    def _router(self, name: str, c: int, part: spec.Router) -> None:
        made, draws, end = self.made, self.draws, 0.0
        luck = made.slot(lambda visit: draws.uniforms(f"{name}/route", visit))
        bad = made.slot(lambda visit: draws.uniforms(f"{name}/bad", visit))
        canaries, rows = 0, []
        for i, (route, share) in enumerate(zip(part.routes, part.shares(), strict=True)):
            visits = self.numbering.way(f"{name}.routes.{i}", route.to)
            if i and not route.shadow:
                end += share
                canaries += 1
            rows.append(
                {
                    "target": made.add("target", **self._target_row(name, route.to)),
                    "visits_row": made.way(Way(visits.way)),
                    "only": visits.way == 0,
                    "is_only": visits.is_only,
                    "shadow": route.shadow,
                    "draws": made.slot(self._column(f"{name}/shadow.{i}")) if route.shadow else -1,
                    "share": share,
                    "end": end,
                }
            )
        first = len(made.rows.get("route", []))
        for row in rows:
            made.add("route", **row)
        judged = 2 * self.draws.n * (made.spare // 64) + 4096 if part.undo else 0
        made.add(
            "pt",
            kind=codes.ROUTER,
            component=c,
            draws=luck,
            bad_draws=bad,
            route_0=first,
            routes=len(rows),
            canaries=canaries,
            judges=0 if part.undo is None else 1 if part.undo.metric == "failure_share" else 2,
            undo_above=part.undo.above if part.undo else 0.0,
            undo_window=part.undo.window_s if part.undo else 0.0,
            judged_0=made.place("note", judged),
            judged_most=judged,
            undone_s=inf,
            slowness=1.0,
        )

    def _scaler(
        self, name: str, c: int, part: spec.Service | spec.ModelServer | spec.LlmServer, scaling: spec.Autoscaling
    ) -> None:
        made, first = self.made, self.first_part[name]
        slots, fleet = made.levels[int(made.rows["comp"][c]["last_level"])][1], name in self.balanced
        m = made.add("meter", component=c, fleet=fleet)
        for row in made.rows["pt"][first:]:
            row["meter"] = m
        if not fleet:
            made.rows["pt"][first]["expecting"] = 1
        notes = 1024 * (made.spare // 64)
        k = made.add(
            "scaler",
            component=c,
            part=first,
            parts=part.replicas if fleet else 1,
            parts_most=self.parts[name],
            metric=METRICS[scaling.metric],
            minimum=scaling.minimum,
            maximum=scaling.maximum,
            add_at_most=scaling.add_at_most,
            multiply=scaling.multiply_at_most,
            target=scaling.target,
            period=scaling.period_s,
            start_delay=scaling.start_delay_s,
            window=scaling.scale_up_window_s,
            cool_down=scaling.cool_down_s,
            meter=m,
            fleet=fleet,
            slots=slots // part.replicas,
            wish_0=made.place("note", notes),
            change_0=made.place("note", notes),
            wishes=1,
            most=notes,
            balancer=-1,
        )
        made.wishes.append((int(made.rows["scaler"][k]["wish_0"]), part.replicas))
        made.rows["comp"][c] |= {"scaler": k, "last_paid": len(made.levels)}
        made.levels.append((-1 - c, part.replicas))
        made.at_start.append(codes.SCALER_WAITS | (k << codes.KIND_BITS))

    # ---- calls -------------------------------------------------------------------------------------------------

    def _target_row(self, caller: str, name: str, timeout_s: float = inf) -> Row:
        return {
            "part": self.first_part[name],
            "errors": self.errors.get(name, -1),
            "link": self.links.get((caller, name), -1),
            "timeout": timeout_s,
        }

    def _steps(self, name: str, place: str, steps: spec.Calls) -> int:
        made = self.made
        asks = [
            [self._ask(name, f"{name}.{place}.{i}.{j}", call) for j, call in enumerate(step)]
            for i, step in enumerate(steps)
        ]
        first = len(made.rows.get("step", []))
        for one in asks:
            at = [made.add("ask", **row) for row in one]
            made.add("step", ask_0=at[0], asks=len(at))
        return made.add("steps", step_0=first, steps=len(asks))

    def _ask(self, caller: str, place: str, call: spec.Call) -> Row:
        made = self.made
        timeout_s = inf if call.timeout_ms is None else call.timeout_ms / 1000
        target = made.add("target", **self._target_row(caller, call.to, timeout_s))
        visits = self.numbering.way(place, call.to)
        if call == spec.Call(to=call.to) and visits.is_only:
            return {"target": target, "site": -1}
        return {"target": target, "site": self._site(caller, place, call, target)}

    def _site(self, caller: str, place: str, call: spec.Call, target: int) -> int:
        made, draws = self.made, self.draws
        part = self.design.components[call.to]
        copies, need, together, slot = 0, 0, False, -1
        row = made.rows["target"][target]
        if call.fan_out is not None:
            wanted = call.fan_out.copies
            copies = getattr(part, "shards", 0) if wanted == "all" else int(wanted)
            need = copies if call.fan_out.need == "all" else int(call.fan_out.need)
            is_plain = row["errors"] < 0 and row["link"] < 0
            together = isinstance(part, spec.Store) and part.concurrency == "unlimited" and is_plain
            if together and isinstance(part, spec.Store):
                slot = made.slot(self._together(call.to, part, copies))
        retries = call.retries
        fallbacks = len(made.rows.get("fallback", []))
        for k, one in enumerate(call.fallback, start=1):
            self._fallback(caller, place, one, k)
        names = [one.name for one in self.design.traffic.classes]
        wanted_classes = [i for i, one in enumerate(names) if not call.classes or one in call.classes]
        budget, breaker = retries.budget if retries else None, call.circuit_breaker
        way = self.numbering.way(place, call.to).way
        made.sites.append(place)
        share = made.slot(lambda visit: draws.uniforms(f"{place}/share", visit)) if call.share < 1 else -1
        jitter = made.slot(lambda visit: draws.uniforms(f"{place}/jitter", visit)) if retries else -1
        return made.add(
            "site",
            target=target,
            visits_row=made.way(Way(way, retries.attempts if retries else 1, max(1, copies))),
            only=way == 0,
            classes=sum(1 << i for i in wanted_classes),
            forget=call.fire_and_forget,
            has_share=call.share < 1,
            share=call.share,
            share_draws=share,
            jitter_draws=jitter,
            attempts=retries.attempts if retries else 0,
            backoff=BACKOFFS[retries.backoff] if retries else 0,
            base_ms=retries.base_ms if retries else 0.0,
            cap_ms=retries.cap_ms if retries else 0.0,
            has_budget=budget is not None,
            ratio=budget.ratio if budget else 0.0,
            burst=budget.burst if budget else 0.0,
            tokens=budget.burst if budget else 0.0,
            has_breaker=breaker is not None,
            window=breaker.window if breaker else 0,
            failure_share=breaker.failure_share if breaker else 0.0,
            open_s=breaker.open_s if breaker else 0.0,
            opens_again=-inf,
            last_0=made.place("last", breaker.window if breaker else 0),
            fallback_0=fallbacks,
            fallbacks=len(call.fallback),
            copies=copies,
            need=need,
            together=together,
            together_draws=slot,
            hedge=call.hedge is not None,
            hedge_s=call.hedge.after_ms / 1000 if call.hedge else 0.0,
            cancel_loser=call.hedge.cancel_loser if call.hedge else False,
            cancel=call.cancel,
            spreads=part.kind == "load_balancer" and bool(retries or call.hedge or call.fan_out),
            has_timeout=call.timeout_ms is not None,
            timeout=(call.timeout_ms or 0.0) / 1000,
            has_deadline=call.deadline_ms is not None,
            deadline=(call.deadline_ms or 0.0) / 1000,
            has_stale=call.stale_after_s is not None,
            stale=call.stale_after_s or 0.0,
        )

    def _fallback(self, caller: str, place: str, one: spec.Fallback, k: int) -> None:
        if one.to is None:
            self.made.add("fallback", target=-1, answer_s=(one.answer_ms or 0) / 1000)
            return
        way = self.numbering.way(place, one.to, k).way
        target = self.made.add("target", **self._target_row(caller, one.to))
        self.made.add("fallback", target=target, visits_row=self.made.way(Way(way)), only=way == 0)

    def _together(self, name: str, part: spec.Store, copies: int) -> Maker:
        replicas = part.replicas if part.quorum is not None else 1

        def times_s(visit: int) -> Floats:
            table = part.read_time.inverse_ms(self.draws.rows(f"{name}/together", copies * replicas, visit)) / 1000
            if part.quorum is not None:
                apart = table.reshape(-1, copies, replicas)
                table = np.partition(apart, part.quorum - 1, axis=2)[:, :, part.quorum - 1]
            return np.ascontiguousarray(table)

        key = (*self.draws.key, name, copies, replicas, part.quorum, part.read_time)
        return lambda visit: remembered.get((*key, visit), lambda: times_s(visit))

    # ---- faults ------------------------------------------------------------------------------------------------

    def _faults(self) -> None:
        for fault in self.design.faults:
            if isinstance(fault, spec.TrafficSpike):
                continue
            row: Row = {
                "at_s": fault.at_s,
                "for_ever": fault.for_s is None,
                "until_s": fault.at_s + (fault.for_s or 0.0),
                "link": -1,
                "errors": 0,
            }
            strikes = self._strikes(fault)
            row["struck_0"] = self.made.place("struck", int(strikes.get("parts", 0)))
            i = self.made.add("fault", **row | strikes)
            self.made.at_start.append(codes.FAULT_WAITS | (i << codes.KIND_BITS))

    def _strikes(self, fault: spec.FaultSpec) -> Row:
        match fault:
            case spec.KillReplicas():
                return {"what": codes.KILL, "count": fault.replicas, **self._to_kill(fault.component)}
            case spec.Slow():
                return {"what": codes.SLOW, "factor": fault.factor, **self._workers(fault.component)}
            case spec.ErrorRate():
                return {"what": codes.ERROR_RATE, "factor": fault.share, "errors": self.errors[fault.component]}
            case spec.CutLink():
                return {"what": codes.CUT_LINK, "link": self.links[fault.caller, fault.component]}
            case spec.FlushCache():
                return {"what": codes.FLUSH, "part": self.first_part[fault.component], "parts": 1}
            case spec.DelayFeatures():
                return {"what": codes.DELAY, "part": self.first_part[fault.component], "factor": fault.lag_s}
            case spec.Replay():
                return {"what": codes.REPLAY, "part": self.first_part[fault.component], "factor": fault.of_s}
            case spec.BadCanary():
                part = self.first_part[fault.component]
                return {"what": codes.SPOIL, "part": part, "factor": fault.failure_share, "more": fault.slow_factor}
            case _:
                raise AssertionError(f"coverage.py lets no {fault.kind} pass")

    def _workers(self, name: str) -> Row:
        part = self.design.components[name]
        first, parts = self.first_part[name], self.parts[name]
        if isinstance(part, spec.Store):
            return (
                {"part": first + 1, "parts": parts - 1}
                if part.concurrency != "unlimited"
                else {"part": first, "parts": 1}
            )
        return {"part": first, "parts": parts}

    def _to_kill(self, name: str) -> Row:
        part = self.design.components[name]
        row = self._workers(name)
        if isinstance(part, spec.Store):
            return row | ({"errors": 2, "link": part.replicas} if part.quorum is not None else {"errors": 0})
        return row | {"errors": int(name in self.balanced)}


def balancing_levels() -> int:
    """How many requests a balancer may see at one replica."""
    return 4096
