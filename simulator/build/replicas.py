"""Services, model servers and LLM servers: their replicas together or, behind a load balancer, each by itself."""

from collections.abc import Callable

from simulator import design as spec
from simulator import wiring
from simulator.build.calls import make_steps
from simulator.build.system import Part, System
from simulator.components.autoscaler import Autoscaler, Scaled
from simulator.components.fleet import Fleet, Member
from simulator.components.llm_server import LlmServer
from simulator.components.model_server import ModelServer
from simulator.components.pool import Pool
from simulator.components.records import BatchLog, CapacityLog, HeldUpLog
from simulator.components.service import Service
from simulator.components.shared_pool import SharedPool
from simulator.components.token_bucket import Gate
from simulator.components.tokens import TokenLog
from simulator.distributions import Gamma


def make_services(system: System, name: str, part: spec.Service) -> list[Part]:
    """One that holds all replicas or, behind a load balancer, one for each."""
    env, log = system.env, system.logs[name]
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.concurrency)
    work_s = system.durations_s(name, part.service_time)
    held_up = system.held_up_logs[name] = HeldUpLog()
    calls = make_steps(system, name, "calls", part.calls) if part.calls else None
    gate = Gate(env, part.rate_limits, log) if part.rate_limits else None
    kind = SharedPool if part.sharing == "processor_sharing" else Pool
    apart = _is_apart(system, name)

    def replica(number: int = 1) -> Service:
        pool = kind(env, number, part.concurrency, part.queue, log, capacity, queue_dies=apart, held_up=held_up)
        return Service(pool, work_s, calls, gate)

    return _replicas(system, name, part, replica)


def make_model_servers(system: System, name: str, part: spec.ModelServer) -> list[Part]:
    """One that holds all replicas or, behind a load balancer, one for each."""
    env, log = system.env, system.logs[name]
    batches = system.batch_logs[name] = BatchLog()
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas * part.streams)
    held_up = system.held_up_logs[name] = HeldUpLog()
    noise = None
    if part.batch_time.scv:
        noise = system.durations_s(name, Gamma(mean_ms=1000, scv=part.batch_time.scv))
    apart = _is_apart(system, name)

    def replica(number: int = 1) -> ModelServer:
        return ModelServer(env, part, number, noise, log, batches, capacity, queue_dies=apart, held_up=held_up)

    return _replicas(system, name, part, replica)


def make_llm_servers(system: System, name: str, part: spec.LlmServer) -> list[Part]:
    """One that holds all replicas or, behind a load balancer, one for each."""
    env, prompts, log = system.env, system.prompt_tokens, system.logs[name]
    tokens = system.token_logs[name] = TokenLog()
    capacity = system.capacity_logs[name] = CapacityLog(part.replicas)
    apart = _is_apart(system, name)

    def replica(number: int = 1) -> LlmServer:
        return LlmServer(env, part, number, prompts, log, tokens, capacity, queue_dies=apart)

    return _replicas(system, name, part, replica)


def _is_apart(system: System, name: str) -> bool:
    """Whether each replica has a queue of its own."""
    return name in wiring.balanced(system.design)


def _replicas(
    system: System,
    name: str,
    part: spec.Service | spec.ModelServer | spec.LlmServer,
    make: Callable[[int], Service | ModelServer | LlmServer],
) -> list[Part]:
    """One for all replicas or, behind a load balancer, one for each, now and whenever another one comes."""
    if not _is_apart(system, name):
        together = make(part.replicas)
        _scale(system, name, part.autoscaling, _pool_of(together))
        return [together]
    first = [make(1) for _ in range(part.replicas)]
    parts: list[Part] = [*first]
    if part.autoscaling is not None:

        def one_more() -> Member:
            parts.append(new := make(1))
            return _pool_of(new)

        fleet = Fleet(system.env, [_pool_of(one) for one in first], one_more, system.capacity_logs[name])
        system.fleets[name] = fleet
        _scale(system, name, part.autoscaling, fleet)
    return parts


def _pool_of(part: Service | ModelServer | LlmServer) -> Member:
    return part.pool if isinstance(part, Service) else part


def _scale(system: System, name: str, autoscaling: spec.Autoscaling | None, scaled: Scaled) -> None:
    if autoscaling is not None:
        autoscaler = Autoscaler(system.env, autoscaling, scaled, system.capacity_logs[name], system.is_over)
        system.replica_logs[name] = autoscaler.paid
