"""What strikes a system while it runs. Traffic spikes are part of the arrivals (`arrivals.py`)."""

from collections.abc import Callable, Iterator
from typing import Any

from simulator.breakdowns import Replicated, lose_zone, start_breakdowns
from simulator.build import System
from simulator.components.cache import Cache
from simulator.components.llm_server import LlmServer
from simulator.components.load_balancer import LoadBalancer
from simulator.components.model_server import ModelServer
from simulator.components.request import Serving
from simulator.components.router import Router
from simulator.components.service import Service
from simulator.components.store import Store
from simulator.components.stream import Stream
from simulator.design import (
    BadCanary,
    Breakdowns,
    CutLink,
    DelayFeatures,
    ErrorRate,
    FlushCache,
    KillReplicas,
    LoseZone,
    Replay,
    Slow,
)


def start_faults(system: System) -> None:
    """Let every fault of the design wait for its time."""
    for fault in system.design.faults:
        if isinstance(fault, Breakdowns):
            start_breakdowns(system, fault, _pools(system, fault.component))
        elif type(fault) in _ACTS:
            system.env.process(_ACTS[type(fault)](system, fault))


def _kill(system: System, fault: KillReplicas) -> Serving:
    yield system.env.at(fault.at_s)
    comes_back = fault.for_s is not None
    killed = [(pool, pool.kill(number, comes_back=comes_back)) for pool, number in _to_kill(system, fault)]
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for pool, replicas in killed:
            pool.repair(replicas)


def _to_kill(system: System, fault: KillReplicas) -> list[tuple[Replicated, int]]:
    """Who loses how many: a shared queue's last replicas, the last of a load balancer's replicas, or some of every
    shard.
    """
    pools, store = list(_pools(system, fault.component)), system.parts[fault.component][0]
    if isinstance(store, Store) and store.quorums is not None:
        up = [[pool for pool in shard if pool.is_up] for shard in store.quorums]
        return [(pool, 1) for shard in up for pool in shard[-fault.replicas :]]
    if len(pools) == 1 or isinstance(store, Store):
        return [(pool, fault.replicas) for pool in pools]
    alive = [pool for pool in pools if pool.crew.is_alive]
    return [(pool, 1) for pool in alive[-fault.replicas :]]


def _pools(system: System, name: str) -> Iterator[Replicated]:
    for part in system.parts[name]:
        if isinstance(part, Service):
            yield part.pool
        elif isinstance(part, ModelServer | LlmServer | Stream):
            yield part
        elif isinstance(part, Store):
            yield from part.pools or ()


def _slow(system: System, fault: Slow) -> Serving:
    yield system.env.at(fault.at_s)
    for worker in _workers(system, fault.component):
        worker.slowness *= fault.factor
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for worker in _workers(system, fault.component):  # those too that have joined and are as slow as the others
            worker.slowness /= fault.factor


def _spoil(system: System, fault: BadCanary) -> Serving:
    yield system.env.at(fault.at_s)
    routers = [part for part in system.parts[fault.component] if isinstance(part, Router)]
    for router in routers:
        router.strike(fault)
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for router in routers:
            router.heal(fault)


def _err(system: System, fault: ErrorRate) -> Serving:
    shares = system.errors[fault.component].shares
    yield system.env.at(fault.at_s)
    shares.append(fault.share)
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        shares.remove(fault.share)


def _cut(system: System, fault: CutLink) -> Serving:
    cut = system.cuts[fault.caller, fault.component]
    yield system.env.at(fault.at_s)
    cut.faults += 1
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        cut.faults -= 1


def _workers(system: System, name: str) -> Iterator[Replicated | Store | Cache | LoadBalancer | Router]:
    """Whatever takes time in a component."""
    for part in system.parts[name]:
        if isinstance(part, Service):
            yield part.pool
        elif isinstance(part, Store) and part.pools is not None:
            yield from part.pools
        else:
            yield part


def _flush(system: System, fault: FlushCache) -> Serving:
    """The cache holds nothing, and with `for_s` nothing is kept for so long."""
    yield system.env.at(fault.at_s)
    for part in system.parts[fault.component]:
        if isinstance(part, Cache):
            part.empty(fault.at_s + (fault.for_s or 0.0))


def _delay(system: System, fault: DelayFeatures) -> Serving:
    yield system.env.at(fault.at_s)
    logs = [part.freshness for part in system.parts[fault.component] if isinstance(part, Store) and part.freshness]
    for log in logs:
        log.delay(fault.lag_s)
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for log in logs:
            log.delay(-fault.lag_s)


def _replay(system: System, fault: Replay) -> Serving:
    yield system.env.at(fault.at_s)
    for part in system.parts[fault.component]:
        if isinstance(part, Stream):
            part.replay(fault.of_s)


def _lose_zone(system: System, fault: LoseZone) -> Serving:
    return lose_zone(system, fault, lambda: {name: list(_pools(system, name)) for name in system.parts})


_ACTS: dict[type, Callable[[System, Any], Serving]] = {
    KillReplicas: _kill,
    Slow: _slow,
    FlushCache: _flush,
    DelayFeatures: _delay,
    BadCanary: _spoil,
    LoseZone: _lose_zone,
    ErrorRate: _err,
    CutLink: _cut,
    Replay: _replay,
}
