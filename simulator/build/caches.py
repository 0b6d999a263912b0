"""Caches, and what they hold when a run begins."""

from typing import assert_never

from simulator import design as spec
from simulator import warm_start
from simulator.build.calls import make_steps
from simulator.build.system import System
from simulator.components.cache import Cache
from simulator.components.contents import Contents, FixedContents, LruContents, TtlContents
from simulator.load import mean_rate_per_s, visits_per_request


def make_cache(system: System, name: str, part: spec.Cache) -> Cache:
    """A cache; one that looks aside takes as long to write as to look up."""
    lookup_s = system.durations_s(name, part.lookup_time)
    write_s = system.durations_s(f"{name}/write", part.lookup_time) if part.pattern == "look_aside" else None
    on_miss = make_steps(system, name, "on_miss", part.on_miss)
    log, contents = system.logs[name], _contents(system, name, part)
    return Cache(system.env, contents, lookup_s, write_s, on_miss, log, single_flight=part.single_flight)


def _contents(system: System, name: str, part: spec.Cache) -> Contents:
    draws, keys, contents = system.draws, system.design.traffic.keys, part.contents
    who = f"{name}/warm"
    match contents:
        case spec.FixedHits():
            return FixedContents(contents.hit_ratio, system.uniforms(f"{name}/hit"))
        case spec.Lru():
            assert keys is not None, "support.py wants keys"
            return LruContents(
                contents.capacity_keys,
                warm_start.lru_ranks(keys, contents.capacity_keys, draws.seed, draws.replication, who),
            )
        case spec.Ttl():
            assert keys is not None, "support.py wants keys"
            visits_per_s = mean_rate_per_s(system.design) * visits_per_request(system.design)[name]
            warm = warm_start.ttl_entries(keys, contents, visits_per_s, draws.seed, draws.replication, who)
            return TtlContents(contents.ttl_s, renewed=contents.renewed, warm=warm)
        case _:
            assert_never(contents)
