"""Every component of a design, downstream first: one maker for each kind."""

from typing import assert_never

from simulator import design as spec
from simulator import wiring
from simulator.build.caches import make_cache
from simulator.build.replicas import make_llm_servers, make_model_servers, make_services
from simulator.build.routing import make_load_balancer, make_router
from simulator.build.stores import make_store
from simulator.build.streams import make_stream
from simulator.build.system import Part, System
from simulator.clock import Clock
from simulator.components.doors import Cut, Errors
from simulator.components.records import VisitLog
from simulator.draws import Draws
from simulator.results.run import Integers


def build(env: Clock, design: spec.Design, draws: Draws, prompt_tokens: Integers | None = None) -> System:
    """Make every component of a design that `support.check` lets pass, downstream first."""
    system = System(env, design, draws, prompt_tokens)
    for name in wiring.downstream_first(design):
        system.logs[name] = VisitLog()
        _prepare_faults(system, name)
        system.parts[name] = _parts(system, name)
    return system


def _parts(system: System, name: str) -> list[Part]:  # noqa: PLR0911  # one for each kind
    """The component or, behind a load balancer, one for each of its replicas."""
    part = system.design.components[name]
    match part:
        case spec.Service():
            return make_services(system, name, part)
        case spec.ModelServer():
            return make_model_servers(system, name, part)
        case spec.LlmServer():
            return make_llm_servers(system, name, part)
        case spec.Store():
            return [make_store(system, name, part)]
        case spec.Cache():
            return [make_cache(system, name, part)]
        case spec.LoadBalancer():
            return [make_load_balancer(system, name, part)]
        case spec.Stream():
            return [make_stream(system, name, part)]
        case spec.Router():
            return [make_router(system, name, part)]
        case _:
            assert_never(part)


def _prepare_faults(system: System, name: str) -> None:
    """What may come between a component and its callers."""
    for fault in system.design.faults:
        if isinstance(fault, spec.ErrorRate) and fault.component == name:
            system.errors[name] = Errors(system.uniforms(f"{name}/error"), system.logs[name])
        elif isinstance(fault, spec.CutLink) and fault.component == name:
            system.cuts[fault.caller, name] = Cut(system.logs[name])
