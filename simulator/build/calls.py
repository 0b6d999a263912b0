"""The calls that a component makes, with their policies."""

from math import inf

from simulator import design as spec
from simulator.build.system import Part, System
from simulator.components.backoff import Budget
from simulator.components.calls import Ask, Call, CallLuck, NextBest, Steps
from simulator.components.circuit_breaker import CircuitBreaker
from simulator.components.doors import Door
from simulator.components.load_balancer import LoadBalancer
from simulator.results.run import CallCounts


def make_steps(system: System, name: str, field_name: str, steps: spec.Calls) -> Steps:
    """The calls that stand in a field of a component."""
    return Steps(
        system.env,
        [
            [_ask(system, f"{name}.{field_name}.{i}.{j}", call) for j, call in enumerate(step)]
            for i, step in enumerate(steps)
        ],
    )


def _ask(system: System, place: str, call: spec.Call) -> Ask:
    """How to make a call; one without any policy is the target's own `serve`, which keeps the journey short."""
    target, visits = _target(system, place, call.to, call), system.numbering.way(place, call.to)
    if call == spec.Call(to=call.to) and visits.is_only:
        return target.serve
    counts = system.calls[place] = CallCounts()
    budget = call.retries.budget if call.retries else None
    return Call(
        system.env,
        call,
        target,
        visits,
        [_next_best(system, place, k, one) for k, one in enumerate(call.fallback, start=1)],
        _luck(system, place, call),
        counts,
        Budget(budget.ratio, budget.burst) if budget else None,
        CircuitBreaker(system.env, call.circuit_breaker, counts) if call.circuit_breaker else None,
        spreads=isinstance(system.parts[call.to][0], LoadBalancer) and bool(call.retries or call.hedge or call.fan_out),
    ).make


def _target(system: System, place: str, to: str, call: spec.Call | None = None) -> Part | Door:
    """How the component that makes a call sees the one it asks; without a call, as its fallback."""
    timeout_s = inf if call is None or call.timeout_ms is None else call.timeout_ms / 1000
    return system.door(to, place.split(".", maxsplit=1)[0], timeout_s)


def _next_best(system: System, place: str, number: int, fallback: spec.Fallback) -> NextBest:
    """The `number`-th fallback of a call, counted from 1."""
    if fallback.to is None:
        return NextBest((fallback.answer_ms or 0) / 1000, None, None)
    return NextBest(0, _target(system, place, fallback.to), system.numbering.way(place, fallback.to, number))


def _luck(system: System, place: str, call: spec.Call) -> CallLuck:
    return CallLuck(
        share=system.uniforms(f"{place}/share") if call.share < 1 else None,
        jitter=system.uniforms(f"{place}/jitter") if call.retries else None,
    )
