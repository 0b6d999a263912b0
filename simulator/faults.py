"""What strikes a system while it runs. Traffic spikes are part of the arrivals (`arrivals.py`)."""

from collections.abc import Iterator

from simulator.build import System
from simulator.components.cache import Cache
from simulator.components.load_balancer import LoadBalancer
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.request import Serving
from simulator.components.service import Service
from simulator.components.store import Store
from simulator.design import CutLink, ErrorRate, KillReplicas, Slow


def start_faults(system: System) -> None:
    """Let every fault of the design wait for its time."""
    for fault in system.design.faults:
        if isinstance(fault, KillReplicas):
            system.env.process(_kill(system, fault))
        elif isinstance(fault, Slow):
            system.env.process(_slow(system, fault))
        elif isinstance(fault, ErrorRate):
            system.env.process(_err(system, fault))
        elif isinstance(fault, CutLink):
            system.env.process(_cut(system, fault))


def _kill(system: System, fault: KillReplicas) -> Serving:
    yield system.env.at(fault.at_s)
    comes_back = fault.for_s is not None
    killed = [(pool, pool.kill(number, comes_back=comes_back)) for pool, number in _to_kill(system, fault)]
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for pool, replicas in killed:
            pool.repair(replicas)


def _to_kill(system: System, fault: KillReplicas) -> list[tuple[Pool | ModelServer, int]]:
    """Who loses how many: a shared queue's last replicas, the last of a load balancer's replicas, or some of every
    shard.
    """
    pools = list(_pools(system, fault.component))
    if len(pools) == 1 or isinstance(system.parts[fault.component][0], Store):
        return [(pool, fault.replicas) for pool in pools]
    alive = [pool for pool in pools if pool.is_up]
    return [(pool, 1) for pool in alive[-fault.replicas :]]


def _pools(system: System, name: str) -> Iterator[Pool | ModelServer]:
    for part in system.parts[name]:
        if isinstance(part, Service):
            yield part.pool
        elif isinstance(part, ModelServer):
            yield part
        elif isinstance(part, Store):
            yield from part.pools or ()


def _slow(system: System, fault: Slow) -> Serving:
    yield system.env.at(fault.at_s)
    affected = list(_workers(system, fault.component))
    for worker in affected:
        worker.slowness *= fault.factor
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for worker in affected:
            worker.slowness /= fault.factor


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


def _workers(system: System, name: str) -> Iterator[Pool | ModelServer | Store | Cache | LoadBalancer]:
    """Whatever takes time in a component."""
    for part in system.parts[name]:
        if isinstance(part, Service):
            yield part.pool
        elif isinstance(part, Store) and part.pools is not None:
            yield from part.pools
        else:
            yield part
