"""What takes replicas away by chance or by place: breakdowns of each, and the loss of a zone."""

from collections.abc import Callable, Iterable, Iterator
from math import inf

from simulator import wiring
from simulator.build import System
from simulator.components.llm_server import LlmServer
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.request import Serving
from simulator.components.shared_pool import SharedPool
from simulator.components.stream import Stream
from simulator.design import Breakdowns, LoseZone, Store
from simulator.distributions import Exponential
from simulator.draws import stream

Replicated = Pool | SharedPool | ModelServer | LlmServer | Stream

CHUNK = 64  # draws at a time


def start_breakdowns(system: System, fault: Breakdowns, pools: Iterable[Replicated]) -> None:
    """Let each replica of a component fail and be repaired at random, whether or not it has work, until all requests
    have ended. The work it holds stands still meanwhile and then goes on; an llm_server loses it, a stream reads it
    again. Replicas that come later do so from then on.
    """
    alike = [one for one in system.design.faults if isinstance(one, Breakdowns) and one.component == fault.component]
    which = next(i for i, one in enumerate(alike) if one is fault)  # two may say the same

    def strike(number: int, pool: Replicated, replica: int) -> None:
        durations = _durations_s(system, fault, f"{fault.component}/breakdowns/{number}", which)
        system.env.process(_break_down(system, fault, pool, replica, durations))

    replicas = [(pool, replica) for pool in pools for replica in pool.crew.present]
    for number, (pool, replica) in enumerate(replicas):
        strike(number, pool, replica)
    if (fleet := system.fleets.get(fault.component)) is not None:
        fleet.joined.append(lambda number: strike(number, fleet.members[number], 0))
    elif fault.component in system.replica_logs:
        [(pool, _), *_] = replicas
        pool.crew.joined.append(lambda number: strike(number, pool, number))


def _durations_s(system: System, fault: Breakdowns, who: str, visit: int) -> Iterator[tuple[float, float]]:
    """Times to failure and to repair of one replica, in turn, from a stream of its own."""
    draws = stream(system.draws.seed, system.draws.replication, who, visit)
    up, down = (
        Exponential(mean_ms=mean_s * 1000) for mean_s in (fault.mean_time_to_failure_s, fault.mean_time_to_repair_s)
    )
    while True:
        uniforms = draws.random((CHUNK, 2))
        up_s, down_s = up.inverse_ms(uniforms[:, 0]) / 1000, down.inverse_ms(uniforms[:, 1]) / 1000
        yield from zip(up_s.tolist(), down_s.tolist(), strict=True)


def _break_down(
    system: System, fault: Breakdowns, pool: Replicated, replica: int, durations: Iterator[tuple[float, float]]
) -> Serving:
    env, ends_s = system.env, inf if fault.for_s is None else fault.at_s + fault.for_s
    yield env.at(max(env.now, fault.at_s))
    for up_s, down_s in durations:
        if env.now + up_s >= ends_s:
            return
        yield env.timeout(up_s)
        if system.is_over() or replica not in pool.crew.present:
            return
        pool.stop(replica)
        yield env.at(min(env.now + down_s, ends_s))
        pool.go_on(replica)


def lose_zone(system: System, fault: LoseZone, pools: Callable[[], dict[str, list[Replicated]]]) -> Serving:
    """The last zone goes, with its replicas and the work they hold: replica i of a component, or of each shard of a
    store, stands in zone i modulo the number of zones.
    """
    yield system.env.at(fault.at_s)
    lost = [
        (pool, pool.lose(own, comes_back=fault.for_s is not None))
        for pool, own in _of_last_zone(system, pools())
        if own
    ]
    if fault.for_s is not None:
        yield system.env.at(fault.at_s + fault.for_s)
        for pool, replicas in lost:
            pool.repair(replicas)


def _of_last_zone(system: System, pools: dict[str, list[Replicated]]) -> Iterator[tuple[Replicated, list[int]]]:
    zones, balanced = system.design.zones, wiring.balanced(system.design)
    for name, own in pools.items():
        part = system.design.components[name]
        for number, pool in enumerate(own):
            if isinstance(part, Store) and part.quorum is not None:
                first = number % part.replicas  # each replica of each shard has a queue of its own
            else:
                first = number if name in balanced else 0
            yield pool, [replica for replica in pool.crew.present if (first + replica) % zones == zones - 1]
