"""Rows of calls with their policies, and of whom they ask."""

from math import inf

import numpy as np

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.lowered import Lowering, Maker, Row, Way
from simulator.distributions import Floats
from simulator.remembered import remembered

BACKOFFS = {
    "none": codes.NO_BACKOFF,
    "exponential": codes.EXPONENTIAL,
    "equal_jitter": codes.EQUAL_JITTER,
    "full_jitter": codes.FULL_JITTER,
}


def target_row(on: Lowering, caller: str, name: str, timeout_s: float = inf) -> Row:
    return {
        "part": on.first_part[name],
        "errors": on.errors.get(name, -1),
        "link": on.links.get((caller, name), -1),
        "timeout": timeout_s,
    }


def add_steps(on: Lowering, name: str, place: str, steps: spec.Calls) -> int:
    made = on.made
    asks = [
        [ask_row(on, name, f"{name}.{place}.{i}.{j}", call) for j, call in enumerate(step)]
        for i, step in enumerate(steps)
    ]
    first = len(made.rows.get("step", []))
    for one in asks:
        at = [made.add("ask", **row) for row in one]
        made.add("step", ask_0=at[0], asks=len(at))
    return made.add("steps", step_0=first, steps=len(asks))


def ask_row(on: Lowering, caller: str, place: str, call: spec.Call) -> Row:
    made = on.made
    timeout_s = inf if call.timeout_ms is None else call.timeout_ms / 1000
    target = made.add("target", **target_row(on, caller, call.to, timeout_s))
    visits = on.numbering.way(place, call.to)
    if call == spec.Call(to=call.to) and visits.is_only:
        return {"target": target, "site": -1}
    return {"target": target, "site": add_site(on, caller, place, call, target)}


def add_site(on: Lowering, caller: str, place: str, call: spec.Call, target: int) -> int:
    """One call with all its policies."""
    made, draws = on.made, on.draws
    fallbacks = len(made.rows.get("fallback", []))
    fan_out = fan_out_row(on, call, target)
    for k, one in enumerate(call.fallback, start=1):
        add_fallback(on, caller, place, one, k)
    names = [one.name for one in on.design.traffic.classes]
    wanted_classes = [i for i, one in enumerate(names) if not call.classes or one in call.classes]
    retries, way = call.retries, on.numbering.way(place, call.to).way
    made.sites.append(place)
    share = made.slot(lambda visit: draws.uniforms(f"{place}/share", visit)) if call.share < 1 else -1
    jitter = made.slot(lambda visit: draws.uniforms(f"{place}/jitter", visit)) if retries else -1
    copies = max(1, int(fan_out["copies"]))
    return made.add(
        "site",
        target=target,
        visits_row=made.way(Way(way, retries.attempts if retries else 1, copies)),
        only=way == 0,
        classes=sum(1 << i for i in wanted_classes),
        forget=call.fire_and_forget,
        has_share=call.share < 1,
        share=call.share,
        share_draws=share,
        jitter_draws=jitter,
        fallback_0=fallbacks,
        fallbacks=len(call.fallback),
        hedge=call.hedge is not None,
        hedge_s=call.hedge.after_ms / 1000 if call.hedge else 0.0,
        cancel_loser=call.hedge.cancel_loser if call.hedge else False,
        cancel=call.cancel,
        spreads=on.design.components[call.to].kind == "load_balancer" and bool(retries or call.hedge or call.fan_out),
        **fan_out,
        **retries_row(retries),
        **breaker_row(on, call.circuit_breaker),
        **limits_row(call),
    )


def fan_out_row(on: Lowering, call: spec.Call, target: int) -> Row:
    """How many copies are sent and how many answers are needed; `together` says that shards need no events."""
    if call.fan_out is None:
        return {"copies": 0, "need": 0, "together": False, "together_draws": -1}
    part, row = on.design.components[call.to], on.made.rows["target"][target]
    wanted = call.fan_out.copies
    copies = getattr(part, "shards", 0) if wanted == "all" else int(wanted)
    need = copies if call.fan_out.need == "all" else int(call.fan_out.need)
    together, slot = False, -1
    if isinstance(part, spec.Store) and part.concurrency == "unlimited" and row["errors"] < 0 and row["link"] < 0:
        together, slot = True, on.made.slot(times_together(on, call.to, part, copies))
    return {"copies": copies, "need": need, "together": together, "together_draws": slot}


def retries_row(retries: spec.Retries | None) -> Row:
    """How often an attempt is made again, and when."""
    if retries is None:
        return {}
    budget = retries.budget
    return {
        "attempts": retries.attempts,
        "backoff": BACKOFFS[retries.backoff],
        "base_ms": retries.base_ms,
        "cap_ms": retries.cap_ms,
        "has_budget": budget is not None,
        "ratio": budget.ratio if budget else 0.0,
        "burst": budget.burst if budget else 0.0,
        "tokens": budget.burst if budget else 0.0,
    }


def breaker_row(on: Lowering, breaker: spec.CircuitBreaker | None) -> Row:
    """When attempts fail at once; without a circuit breaker never."""
    if breaker is None:
        return {"opens_again": -inf}
    return {
        "opens_again": -inf,
        "has_breaker": True,
        "window": breaker.window,
        "failure_share": breaker.failure_share,
        "open_s": breaker.open_s,
        "last_0": on.made.place("last", breaker.window),
    }


def limits_row(call: spec.Call) -> Row:
    """How long an attempt and the call may take, and how old an answer may be."""
    return {
        "has_timeout": call.timeout_ms is not None,
        "timeout": (call.timeout_ms or 0.0) / 1000,
        "has_deadline": call.deadline_ms is not None,
        "deadline": (call.deadline_ms or 0.0) / 1000,
        "has_stale": call.stale_after_s is not None,
        "stale": call.stale_after_s or 0.0,
    }


def add_fallback(on: Lowering, caller: str, place: str, one: spec.Fallback, k: int) -> None:
    if one.to is None:
        on.made.add("fallback", target=-1, answer_s=(one.answer_ms or 0) / 1000)
        return
    way = on.numbering.way(place, one.to, k).way
    target = on.made.add("target", **target_row(on, caller, one.to))
    on.made.add("fallback", target=target, visits_row=on.made.way(Way(way)), only=way == 0)


def times_together(on: Lowering, name: str, part: spec.Store, copies: int) -> Maker:
    replicas = part.replicas if part.quorum is not None else 1

    def times_s(visit: int) -> Floats:
        return on.draws.rows_s(f"{name}/together", part.read_time, copies * replicas, visit)

    quorum = part.quorum
    if quorum is None:
        return times_s  # its columns are remembered; another number of copies would be another table, and a large one

    def quorums_s(visit: int) -> Floats:
        apart = times_s(visit).reshape(-1, copies, replicas)
        return np.partition(apart, quorum - 1, axis=2)[:, :, quorum - 1]

    key = (*on.draws.key, name, copies, replicas, quorum, part.read_time)
    return lambda visit: remembered.get((*key, visit), lambda: quorums_s(visit))


def uniforms_of(on: Lowering, who: str) -> Maker:
    return lambda visit: on.draws.uniforms(who, visit)
