"""Rows of faults, and of the doors that they close."""

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.lowered import Lowering, Row


def add_doors(on: Lowering, name: str, c: int) -> None:
    for fault in on.design.faults:
        if isinstance(fault, spec.ErrorRate) and fault.component == name and name not in on.errors:
            slot = on.made.slot(lambda visit: on.draws.uniforms(f"{name}/error", visit))
            on.errors[name] = on.made.add("err", draws=slot, component=c)
        elif isinstance(fault, spec.CutLink) and fault.component == name:
            on.links.setdefault((fault.caller, name), on.made.add("link", component=c))


def add_faults(on: Lowering) -> None:
    for fault in on.design.faults:
        if isinstance(fault, spec.TrafficSpike):
            continue
        row: Row = {
            "at_s": fault.at_s,
            "for_ever": fault.for_s is None,
            "until_s": fault.at_s + (fault.for_s or 0.0),
            "link": -1,
            "errors": 0,
        }
        strikes = strike_row(on, fault)
        row["struck_0"] = on.made.place("struck", int(strikes.get("parts", 0)))
        i = on.made.add("fault", **row | strikes)
        on.made.at_start.append(codes.FAULT_WAITS | (i << codes.KIND_BITS))


def strike_row(on: Lowering, fault: spec.FaultSpec) -> Row:
    match fault:
        case spec.KillReplicas():
            return {"what": codes.KILL, "count": fault.replicas, **to_kill(on, fault.component)}
        case spec.Slow():
            return {"what": codes.SLOW, "factor": fault.factor, **worker_rows(on, fault.component)}
        case spec.ErrorRate():
            return {"what": codes.ERROR_RATE, "factor": fault.share, "errors": on.errors[fault.component]}
        case spec.CutLink():
            return {"what": codes.CUT_LINK, "link": on.links[fault.caller, fault.component]}
        case spec.FlushCache():
            return {"what": codes.FLUSH, "part": on.first_part[fault.component], "parts": 1}
        case spec.DelayFeatures():
            return {"what": codes.DELAY, "part": on.first_part[fault.component], "factor": fault.lag_s}
        case spec.Replay():
            return {"what": codes.REPLAY, "part": on.first_part[fault.component], "factor": fault.of_s}
        case spec.BadCanary():
            part = on.first_part[fault.component]
            return {"what": codes.SPOIL, "part": part, "factor": fault.failure_share, "more": fault.slow_factor}
        case _:
            raise AssertionError(f"coverage.py lets no {fault.kind} pass")


def worker_rows(on: Lowering, name: str) -> Row:
    part = on.design.components[name]
    first, parts = on.first_part[name], on.parts[name]
    if isinstance(part, spec.Store):
        return (
            {"part": first + 1, "parts": parts - 1} if part.concurrency != "unlimited" else {"part": first, "parts": 1}
        )
    return {"part": first, "parts": parts}


def to_kill(on: Lowering, name: str) -> Row:
    part = on.design.components[name]
    row = worker_rows(on, name)
    if isinstance(part, spec.Store):
        return row | ({"errors": 2, "link": part.replicas} if part.quorum is not None else {"errors": 0})
    return row | {"errors": int(name in on.balanced)}
