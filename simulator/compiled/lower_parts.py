"""Rows of services, model servers and token servers."""

from math import inf

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.lower_calls import add_steps
from simulator.compiled.lower_queues import add_capacity, crew_rows, queue_row
from simulator.compiled.lowered import Lowering
from simulator.distributions import Gamma


def add_service(on: Lowering, name: str, c: int, part: spec.Service) -> None:
    made = on.made
    add_capacity(on, c, part.replicas * part.concurrency)
    slot = made.slot(lambda visit: on.draws.durations_s(name, part.service_time, visit))
    steps = add_steps(on, name, "calls", part.calls) if part.calls else -1
    gate = len(made.rows.get("bucket", []))
    names = [one.name for one in on.design.traffic.classes]
    for limit in part.rate_limits:
        kind = -1 if limit.class_name is None else names.index(limit.class_name)
        made.add("bucket", kind=kind, rate=limit.rate_per_s, burst=limit.burst, tokens=limit.burst)
    on.first_part[name] = len(made.rows.get("pt", []))
    for crew in crew_rows(on, name, part, part.concurrency):
        made.add(
            "pt",
            kind=codes.POOL,
            component=c,
            steps=steps,
            draws=slot,
            gate_0=gate,
            gates=len(part.rate_limits),
            **crew,
            **queue_row(on, part.queue),
        )


def add_model_server(on: Lowering, name: str, c: int, part: spec.ModelServer) -> None:
    made = on.made
    add_capacity(on, c, part.replicas * part.streams)
    noise = -1
    if part.batch_time.scv:
        factor = Gamma(mean_ms=1000, scv=part.batch_time.scv)
        noise = made.slot(lambda visit: on.draws.durations_s(name, factor, visit))
    for crew in crew_rows(on, name, part, part.streams):
        made.add(
            "pt",
            kind=codes.MODEL,
            component=c,
            noise=noise,
            max_wait=part.max_wait_ms / 1000,
            most_items=codes.HUGE if part.max_items == "unlimited" else part.max_items,
            fixed_ms=part.batch_time.fixed_ms,
            per_item_ms=part.batch_time.per_item_ms,
            trim_over=-1 if part.trim is None else part.trim.when_waiting_items_over,
            trim_share=0.0 if part.trim is None else part.trim.keep_share,
            **crew,
            **queue_row(on, part.queue),
        )


def add_llm_server(on: Lowering, name: str, c: int, part: spec.LlmServer) -> None:
    made = on.made
    add_capacity(on, c, part.replicas)
    kv = inf if part.kv_memory_tokens == "unlimited" else part.kv_memory_tokens
    room = (2 * part.max_running + 64) * (made.spare // 64)
    for crew in crew_rows(on, name, part, 1):
        devices = int(crew["replicas_most"])
        first, heap = made.place("dev", devices), made.place("run", devices * room)
        v = made.add(
            "pt",
            kind=codes.LLM,
            component=c,
            running=part.max_running,
            kv=kv,
            step_ms=part.step_ms,
            running_ms=part.per_running_ms,
            context_ms=part.per_context_token_ms,
            prefill_ms=part.prefill_ms_per_token,
            device_0=first,
            **crew,
            **queue_row(on, part.queue),
        )
        made.devices += [(first + i, v, heap + i * room, room) for i in range(devices)]
