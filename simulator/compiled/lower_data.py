"""Rows of stores, caches and streams."""

from math import inf

import numpy as np

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.lower_calls import add_steps
from simulator.compiled.lower_queues import add_capacity, crew_row, queue_row
from simulator.compiled.lowered import Lowering, Maker, Row
from simulator.draws import stream
from simulator.sharding import shards_of

CONTENTS = {"fixed": codes.FIXED, "lru": codes.LRU, "ttl": codes.TTL}


def add_store(on: Lowering, name: str, c: int, part: spec.Store) -> None:
    made, draws = on.made, on.draws
    quorum = part.quorum or 0
    copies = part.replicas if part.quorum is not None else 1

    def reads(replica: int) -> Maker:
        who = f"{name}/replica/{replica}" if replica else name
        return lambda visit: draws.durations_s(who, part.read_time, visit)

    slot = made.slot(*(reads(replica) for replica in range(copies)))
    by_key = on.design.traffic.keys is not None and part.hot_shard_share is None
    pools, shard_slot = -1, -1
    if part.concurrency != "unlimited":
        add_capacity(on, c, part.shards * part.replicas * part.concurrency)
        shard_slot = made.slot(shards_by_key(on, part) if by_key else shards_by_luck(on, name))
        pools = len(made.rows.get("pt", [])) + 1
    freshness = freshness_row(on, name, part)
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
            **crew_row(on, part.replicas // copies, int(part.concurrency), grows=False),
            **queue_row(on, part.queue),
        )


def shards_by_key(on: Lowering, part: spec.Store) -> Maker:
    assert on.made.ranks is not None
    ranks = on.made.ranks
    return lambda _: shards_of(ranks, part.shards).astype(np.float64)


def shards_by_luck(on: Lowering, name: str) -> Maker:
    return lambda visit: on.draws.uniforms(f"{name}/shard", visit)


def freshness_row(on: Lowering, name: str, part: spec.Store) -> Row:
    delayed = any(isinstance(one, spec.DelayFeatures) and one.component == name for one in on.design.faults)
    if part.freshness is None and not delayed:
        return {"fresh": 0, "fresh_fed": -1}
    freshness = part.freshness or spec.Freshness()
    phase = stream(on.draws.seed, on.draws.replication, f"{name}/phase").random()
    return {
        "fresh": 1,
        "fresh_fed": -1,
        "fresh_every": freshness.update_every_s,
        "fresh_lag": freshness.lag_s,
        "fresh_first": phase * freshness.update_every_s,
        "fresh_seen": -inf,
    }


def feed_stores(on: Lowering) -> None:
    """Tell stores whose consumers write them."""
    for name, part in on.design.components.items():
        if isinstance(part, spec.Store) and part.freshness is not None and part.freshness.fed_by is not None:
            on.made.rows["pt"][on.first_part[name]]["fresh_fed"] = on.first_part[part.freshness.fed_by]


def add_cache(on: Lowering, name: str, c: int, part: spec.Cache) -> None:
    made, draws, contents = on.made, on.draws, part.contents
    lookups = made.slot(lambda visit: draws.durations_s(name, part.lookup_time, visit))
    writes = hits = -1
    if part.pattern == "look_aside":
        writes = made.slot(lambda visit: draws.durations_s(f"{name}/write", part.lookup_time, visit))
    if contents.kind == "fixed":
        hits = made.slot(lambda visit: draws.uniforms(f"{name}/hit", visit))
    steps = add_steps(on, name, "on_miss", part.on_miss)
    own = made.place("entry", made.sizes.get("keys", 0))
    on.first_part[name] = len(made.rows.get("pt", []))
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


def add_stream(on: Lowering, name: str, c: int, part: spec.Stream) -> None:
    made, draws = on.made, on.draws
    add_capacity(on, c, min(part.partitions, part.replicas))
    appends = made.slot(lambda visit: draws.durations_s(name, part.append_time, visit))
    partition = made.slot(lambda visit: draws.uniforms(f"{name}/partition", visit))
    consumer = made.slot(lambda visit: draws.durations_s(f"{name}/consumer", part.consumer_time, visit))
    steps = add_steps(on, name, "calls", part.calls) if part.calls else -1
    own = made.place("partition", part.partitions)
    made.owners += [(own + i, i % part.replicas) for i in range(part.partitions)]
    on.first_part[name] = len(made.rows.get("pt", []))
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
        keeps=any(isinstance(one, spec.Replay) and one.component == name for one in on.design.faults),
        newest_first=part.catch_up == "newest_first",
        retention=codes.HUGE if part.retention_messages == "unlimited" else part.retention_messages,
        **crew_row(on, part.replicas, 1, grows=False),
    )
