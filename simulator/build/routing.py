"""Load balancers, which choose among replicas, and routers, which choose among components."""

from collections.abc import Callable

from simulator import design as spec
from simulator.build.system import System
from simulator.components.doors import Door
from simulator.components.hash_ring import HashRing
from simulator.components.llm_server import LlmServer
from simulator.components.load_balancer import LoadBalancer, Replica
from simulator.components.model_server import ModelServer
from simulator.components.request import Serves
from simulator.components.router import RouteLog, Router
from simulator.components.service import Service
from simulator.components.trials import Visits


def make_router(system: System, name: str, part: spec.Router) -> Router:
    """A router in front of its targets."""
    routes = system.route_logs[name] = RouteLog()
    targets: list[tuple[Serves, Visits]] = [
        (system.door(route.to, name), system.numbering.way(f"{name}.routes.{i}", route.to))
        for i, route in enumerate(part.routes)
    ]
    return Router(system.env, name, part, targets, system.draws, system.logs[name], routes)


def make_load_balancer(system: System, name: str, part: spec.LoadBalancer) -> LoadBalancer:
    """A load balancer in front of the replicas of its targets, those too that come later."""
    numbered = [(target, i) for target in part.targets for i in range(len(system.parts[target]))]
    balancer = LoadBalancer(
        system.env,
        name,
        part,
        [_replica(system, name, *one) for one in numbered],
        system.draws,
        system.logs[name],
        [system.capacity_logs[target] for target in part.targets],
        HashRing([f"{target}/{i}" for target, i in numbered]) if part.policy == "consistent_hash" else None,
        keyed=system.design.traffic.keys is not None,
    )
    for target in part.targets:
        if target in system.fleets:
            system.fleets[target].joined.append(_introduce(system, balancer, name, target))
    return balancer


def _introduce(system: System, balancer: LoadBalancer, name: str, target: str) -> Callable[[int], None]:
    """Tell a balancer of each replica of a target that comes later."""
    return lambda number: balancer.join(_replica(system, name, target, number), f"{target}/{number}")


def _replica(system: System, balancer: str, target: str, number: int) -> Replica:
    replica = system.parts[target][number]
    assert isinstance(replica, Service | ModelServer | LlmServer), "wiring.py lets nothing else stand behind a balancer"
    door = system.door(target, balancer, number=number)
    return door if isinstance(door, Door) else replica
