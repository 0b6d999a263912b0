"""From a design to the tables of the kernel: what `simulator/build` does for SimPy."""

import numpy as np
from numpy.typing import NDArray

from simulator import design as spec
from simulator import warm_start, wiring
from simulator.compiled import codes
from simulator.compiled.lower_calls import target_row
from simulator.compiled.lower_choices import add_balancer, add_router, add_scaler
from simulator.compiled.lower_data import add_cache, add_store, add_stream, feed_stores
from simulator.compiled.lower_faults import add_doors, add_faults
from simulator.compiled.lower_parts import add_llm_server, add_model_server, add_service
from simulator.compiled.lowered import Lowered, Lowering
from simulator.draws import Draws
from simulator.load import mean_rate_per_s, visits_per_request


def lower(design: spec.Design, draws: Draws, ranks: NDArray[np.int64] | None, spare: int) -> Lowered:
    """The tables of a design that `coverage.py` lets pass."""
    made = Lowered(design, draws, ranks, spare)
    made.place("slot", 1)
    _number_keys(made)
    add_all(Lowering(made))
    return made


def _number_keys(made: Lowered) -> None:
    """Give the keys that requests ask for, and those that caches hold at first, small numbers."""
    keys = made.design.traffic.keys
    if keys is None or made.ranks is None:
        return
    draws, warm = made.draws, made.warm
    seen = [made.ranks]
    for name, part in made.design.components.items():
        if isinstance(part, spec.Cache):
            who, contents = f"{name}/warm", part.contents
            if isinstance(contents, spec.Lru):
                held = warm_start.lru_ranks(keys, contents.capacity_keys, draws.seed, draws.replication, who)
                warm[name] = np.array(held, dtype=np.int64)
                seen.append(warm[name])
            elif isinstance(contents, spec.Ttl):
                per_s = mean_rate_per_s(made.design) * visits_per_request(made.design)[name]
                entries = warm_start.ttl_entries(keys, contents, per_s, draws.seed, draws.replication, who)
                warm[name] = entries
                seen.append(np.array([rank for rank, _ in entries], dtype=np.int64))
    known, made.key_ids = np.unique(np.concatenate(seen), return_inverse=True)
    made.sizes["keys"] = len(known)
    warm["<known>"] = known


def add_all(on: Lowering) -> None:
    entry = on.made.add("target")
    for name in wiring.downstream_first(on.design):
        add_component(on, name)
    on.made.rows["target"][entry] = target_row(on, "", on.design.traffic.entry)
    feed_stores(on)
    add_faults(on)
    on.made.at_start.append(codes.ARRIVALS_BEGIN)


def add_component(on: Lowering, name: str) -> None:
    made, part = on.made, on.design.components[name]
    c = made.add(
        "comp", counter_0=made.place("count", codes.COUNTERS), scaler=-1, last_level=-1, last_paid=-1, errors=-1
    )
    made.names.append(name)
    on.component[name] = c
    add_doors(on, name, c)
    on.first_part[name] = len(made.rows.get("pt", []))
    match part:
        case spec.Service():
            add_service(on, name, c, part)
        case spec.ModelServer():
            add_model_server(on, name, c, part)
        case spec.Store():
            add_store(on, name, c, part)
        case spec.Cache():
            add_cache(on, name, c, part)
        case spec.LoadBalancer():
            add_balancer(on, name, c, part)
        case spec.LlmServer():
            add_llm_server(on, name, c, part)
        case spec.Stream():
            add_stream(on, name, c, part)
        case spec.Router():
            add_router(on, name, c, part)
    on.parts[name] = len(made.rows["pt"]) - on.first_part[name]
    if isinstance(part, spec.Service | spec.ModelServer | spec.LlmServer) and part.autoscaling is not None:
        add_scaler(on, name, c, part, part.autoscaling)
