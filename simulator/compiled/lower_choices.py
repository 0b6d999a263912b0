"""Rows of load balancers, routers and autoscalers."""

from math import inf

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.lower_calls import target_row, uniforms_of
from simulator.compiled.lowered import Lowering, Way

POLICIES = {
    "random": codes.RANDOM,
    "round_robin": codes.ROUND_ROBIN,
    "least_outstanding": codes.LEAST_OUTSTANDING,
    "power_of_d": codes.POWER_OF_D,
}
METRICS = {"utilization": codes.UTILIZATION, "concurrency": codes.CONCURRENCY, "queue_delay_ms": codes.QUEUE_DELAY}


def add_balancer(on: Lowering, name: str, c: int, part: spec.LoadBalancer) -> None:
    made = on.made
    columns = part.choices + 1 if part.policy == "power_of_d" else 1
    slot = made.slot(*(uniforms_of(on, f"{name}/{column}") for column in range(columns)))
    there = {to: getattr(on.design.components[to], "replicas", 1) for to in part.targets}
    targets = [(to, i) for to in part.targets for i in range(there[to])]
    members = sum(on.parts[to] for to in part.targets)
    own = made.place("balance", 8 * members + balancing_levels())
    last = made.place("last", len(part.targets))
    made.rows.setdefault("<last>", []).extend(
        {"at": last + i, "value": on.component[to]} for i, to in enumerate(part.targets)
    )
    leveled = made.place("balance", members)
    levels = made.place("balance", members * balancing_levels())
    first_target = {to: add_targets(on, name, to) for to in part.targets}
    for k, (to, i) in enumerate(targets):
        at = own + 3 * members + k
        made.rows.setdefault("<balance>", []).append({"at": at, "value": first_target[to] + i})
    on.first_part[name] = len(made.rows.get("pt", []))
    for to in part.targets:
        scaler = int(made.rows["comp"][on.component[to]]["scaler"])
        if scaler >= 0:
            made.rows["scaler"][scaler] |= {"balancer": on.first_part[name], "target_0": first_target[to]}
    made.add(
        "pt",
        kind=codes.BALANCER,
        component=c,
        draws=slot,
        policy=POLICIES[part.policy],
        choices=part.choices,
        stale_s=part.stale_ms / 1000,
        next_s=part.stale_ms / 1000 or inf,
        overhead=part.overhead_ms > 0,
        overhead_s=part.overhead_ms / 1000,
        members=members,
        joined=len(targets),
        own_0=own,
        last_0=last,
        targets=len(part.targets),
        levels_0=levels,
        leveled_0=leveled,
        known=-1,
        slowness=1.0,
    )


def add_targets(on: Lowering, name: str, to: str) -> int:
    """A row for every part of a component that a balancer chooses from; return the number of the first."""
    first = len(on.made.rows["target"])
    for i in range(on.parts[to]):
        on.made.add("target", **target_row(on, name, to) | {"part": on.first_part[to] + i})
    return first


def add_router(on: Lowering, name: str, c: int, part: spec.Router) -> None:
    made, draws, end = on.made, on.draws, 0.0
    luck = made.slot(lambda visit: draws.uniforms(f"{name}/route", visit))
    bad = made.slot(lambda visit: draws.uniforms(f"{name}/bad", visit))
    canaries, rows = 0, []
    for i, (route, share) in enumerate(zip(part.routes, part.shares(), strict=True)):
        visits = on.numbering.way(f"{name}.routes.{i}", route.to)
        if i and not route.shadow:
            end += share
            canaries += 1
        rows.append(
            {
                "target": made.add("target", **target_row(on, name, route.to)),
                "visits_row": made.way(Way(visits.way)),
                "only": visits.way == 0,
                "is_only": visits.is_only,
                "shadow": route.shadow,
                "draws": made.slot(uniforms_of(on, f"{name}/shadow.{i}")) if route.shadow else -1,
                "share": share,
                "end": end,
            }
        )
    first = len(made.rows.get("route", []))
    for row in rows:
        made.add("route", **row)
    judged = 2 * on.draws.n * (made.spare // 64) + 4096 if part.undo else 0
    made.add(
        "pt",
        kind=codes.ROUTER,
        component=c,
        draws=luck,
        bad_draws=bad,
        route_0=first,
        routes=len(rows),
        canaries=canaries,
        judges=0 if part.undo is None else 1 if part.undo.metric == "failure_share" else 2,
        undo_above=part.undo.above if part.undo else 0.0,
        undo_window=part.undo.window_s if part.undo else 0.0,
        judged_0=made.place("note", judged),
        judged_most=judged,
        undone_s=inf,
        slowness=1.0,
    )


def add_scaler(
    on: Lowering, name: str, c: int, part: spec.Service | spec.ModelServer | spec.LlmServer, scaling: spec.Autoscaling
) -> None:
    made, first = on.made, on.first_part[name]
    slots, fleet = made.levels[int(made.rows["comp"][c]["last_level"])][1], name in on.balanced
    m = made.add("meter", component=c, fleet=fleet)
    for row in made.rows["pt"][first:]:
        row["meter"] = m
    if not fleet:
        made.rows["pt"][first]["expecting"] = 1
    notes = 1024 * (made.spare // 64)
    k = made.add(
        "scaler",
        component=c,
        part=first,
        parts=part.replicas if fleet else 1,
        parts_most=on.parts[name],
        metric=METRICS[scaling.metric],
        minimum=scaling.minimum,
        maximum=scaling.maximum,
        add_at_most=scaling.add_at_most,
        multiply=scaling.multiply_at_most,
        target=scaling.target,
        period=scaling.period_s,
        start_delay=scaling.start_delay_s,
        window=scaling.scale_up_window_s,
        cool_down=scaling.cool_down_s,
        meter=m,
        fleet=fleet,
        slots=slots // part.replicas,
        wish_0=made.place("note", notes),
        change_0=made.place("note", notes),
        wishes=1,
        most=notes,
        balancer=-1,
    )
    made.wishes.append((int(made.rows["scaler"][k]["wish_0"]), part.replicas))
    made.rows["comp"][c] |= {"scaler": k, "last_paid": len(made.levels)}
    made.levels.append((-1 - c, part.replicas))
    made.at_start.append(codes.SCALER_WAITS | (k << codes.KIND_BITS))


def balancing_levels() -> int:
    """How many requests a balancer may see at one replica."""
    return 4096
