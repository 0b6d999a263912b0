"""Stores: their shards, and how old what they return is."""

from collections.abc import Callable

from simulator import design as spec
from simulator.build.system import System
from simulator.components.freshness import FreshnessLog
from simulator.components.pool import Pool
from simulator.components.records import CapacityLog, HeldUpLog
from simulator.components.shards import Shards
from simulator.components.store import Store
from simulator.components.stream import Stream
from simulator.draws import stream


def make_store(system: System, name: str, part: spec.Store) -> Store:
    """A store with its shards."""
    shards = Shards(name, part, system.design.traffic.keys, system.draws)
    pools, log, freshness = _pools(system, name, part), system.logs[name], _freshness(system, name, part)
    return Store(system.env, name, part, shards, pools, system.draws, log, freshness)


def _pools(system: System, name: str, part: spec.Store) -> list[Pool] | None:
    """One for each shard or, with a quorum, one for each replica of each shard; None where nobody ever waits."""
    if part.concurrency == "unlimited":
        return None
    env, log, concurrency = system.env, system.logs[name], part.concurrency
    capacity = system.capacity_logs[name] = CapacityLog(part.shards * part.replicas * concurrency)
    held_up = system.held_up_logs[name] = HeldUpLog()
    apart = part.quorum is not None
    replicas = 1 if apart else part.replicas
    return [
        Pool(env, replicas, concurrency, part.queue, log, capacity, queue_dies=apart, held_up=held_up)
        for _ in range(part.shards * (part.replicas if apart else 1))
    ]


def _freshness(system: System, name: str, part: spec.Store) -> FreshnessLog | None:
    """None where nobody asks how old the reads are."""
    is_delayed = any(isinstance(one, spec.DelayFeatures) and one.component == name for one in system.design.faults)
    if part.freshness is None and not is_delayed:
        return None
    phase = stream(system.draws.seed, system.draws.replication, f"{name}/phase").random()
    freshness = part.freshness or spec.Freshness()
    return FreshnessLog(system.env, freshness, phase, _fed_until_s(system, freshness.fed_by))


def _fed_until_s(system: System, name: str | None) -> Callable[[], float] | None:
    """What a stream's consumers have done; the stream may only be built later, as they may ask the store."""
    if name is None:
        return None

    def consumed_until_s() -> float:
        [part] = system.parts[name]
        assert isinstance(part, Stream), "wiring.py lets nothing else feed a store"
        return part.consumed_until_s()

    return consumed_until_s
