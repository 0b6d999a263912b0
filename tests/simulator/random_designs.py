"""Strategies that draw designs: any that the vocabulary can say, and smaller ones that run in a moment."""

from typing import Any

from hypothesis import strategies as st

Data = dict[str, Any]
Draw = st.DrawFn


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """Data with any of these parts, or without."""
    return st.fixed_dictionaries({}, optional=parts)


def kind(name: str, given: dict[str, st.SearchStrategy[Any]] | None = None, **parts: st.SearchStrategy[Any]) -> Any:
    return st.fixed_dictionaries({"kind": st.just(name), **(given or {})}, optional=parts)


def times(low_ms: float = 0.1, high_ms: float = 40.0) -> st.SearchStrategy[Data]:
    """Any distribution with a mean in that range."""
    mean = {"mean_ms": st.floats(low_ms, high_ms)}
    scv = st.floats(1.0, 6.0)
    return st.one_of(
        kind("constant", {"value_ms": st.floats(low_ms, high_ms)}),
        kind("exponential", mean),
        kind("gamma", mean | {"scv": st.floats(0.1, 4.0)}),
        kind("hyperexponential", mean | {"scv": scv}),
        kind("lognormal", mean | {"scv": scv}, floor_ms=st.just(low_ms / 2)),
        st.builds(
            lambda median, ratio: {"kind": "lognormal", "median_ms": median, "p99_ms": median * ratio},
            st.floats(low_ms, high_ms),
            st.floats(1.5, 8.0),
        ),
        st.builds(
            lambda low, more: {"kind": "quantiles", "points": [[0.0, low], [0.5, low + more / 2], [1.0, low + more]]},
            st.floats(low_ms, high_ms),
            st.floats(0.0, high_ms),
        ),
    )


LIMITS, AGES = st.integers(0, 20) | st.just("unlimited"), optional(st.floats(50.0, 200.0))
QUEUES = some(limit=LIMITS, drop_older_than_ms=AGES, discipline=st.sampled_from(["fifo", "lifo", "priority"]))
ITEMS = st.integers(1, 4) | st.fixed_dictionaries(
    {"shape": st.sampled_from(["exponential", "geometric", "gamma", "lognormal"]), "mean": st.floats(1.0, 4.0)},
    optional={"scv": st.floats(0.5, 3.0)},
)
CLASSES = st.one_of(
    ITEMS.map(lambda items: [{"items": items}]),
    st.tuples(ITEMS, ITEMS, st.sampled_from([0.25, 0.5])).map(
        lambda t: [
            {"name": "feed", "share": t[2], "items": t[0], "priority": 1},
            {"name": "search", "share": 1 - t[2], "items": t[1]},
        ]
    ),
)
RETRIES = st.fixed_dictionaries(
    {"attempts": st.integers(2, 3)},
    optional={
        "backoff": st.sampled_from(["none", "exponential", "equal_jitter", "full_jitter"]),
        "base_ms": st.floats(0.0, 20.0),
        "cap_ms": st.floats(1.0, 50.0),
        "budget": some(ratio=st.floats(0.0, 0.5), burst=st.floats(1.0, 5.0)).map(lambda one: {"ratio": 0.1, **one}),
    },
)
BREAKERS = some(failure_share=st.floats(0.1, 0.9), window=st.integers(1, 10), open_s=st.floats(0.01, 0.3))
HEDGE = st.fixed_dictionaries({"after_ms": st.floats(0.0, 40.0)}, optional={"cancel_loser": st.booleans()})


AUTOSCALING = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["utilization", "concurrency"]),
        "target": st.floats(0.1, 2.0),
        "minimum": st.integers(1, 2),
        "maximum": st.integers(2, 6),
        "period_s": st.floats(0.02, 0.3),
        "start_delay_s": st.floats(0.0, 0.2),
        "cool_down_s": st.floats(0.0, 0.3),
        "scale_up_window_s": st.floats(0.01, 0.3),
    }
)


def services(calls: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Data]:
    more = {} if calls is None else {"calls": calls}
    return kind(
        "service",
        {"service_time": times()},
        replicas=st.integers(1, 4),
        concurrency=st.integers(1, 3),
        queue=QUEUES,
        autoscaling=AUTOSCALING,
        **more,
    )


MODEL_SERVERS = kind(
    "model_server",
    {
        "max_items": st.integers(4, 16) | st.just("unlimited"),
        "batch_time": st.fixed_dictionaries(
            {"fixed_ms": st.floats(1.0, 20.0), "per_item_ms": st.floats(0.0, 3.0)},
            optional={"scv": st.just(0.0) | st.floats(0.01, 1.0)},
        ),
    },
    replicas=st.integers(1, 3),
    streams=st.integers(1, 2),
    max_wait_ms=st.floats(0.0, 40.0),
    queue=QUEUES,
    autoscaling=AUTOSCALING,
    trim=st.fixed_dictionaries({"when_waiting_items_over": st.integers(1, 20), "keep_share": st.floats(0.1, 0.9)}),
)
STORES = kind(
    "store",
    {"read_time": times()},
    shards=st.integers(1, 4),
    replicas=st.integers(1, 2),
    concurrency=st.integers(1, 3) | st.just("unlimited"),
    queue=QUEUES,
    hot_shard_share=st.floats(0.0, 1.0),
    freshness=some(update_every_s=st.floats(0.0, 0.5), lag_s=st.floats(0.0, 0.5)),
    quorum=st.just(1),
)
CONTENTS = st.one_of(
    kind("fixed", {"hit_ratio": st.floats(0.0, 1.0)}),
    kind("lru", {"capacity_keys": st.integers(1, 40)}),
    kind("ttl", {"ttl_s": st.floats(0.001, 1.0)}, renewed=st.booleans()),
)
LLM_SERVERS = kind(
    "llm_server",
    {"step_ms": st.floats(1.0, 10.0)},
    replicas=st.integers(1, 3),
    per_running_ms=st.floats(0.0, 2.0),
    per_context_token_ms=st.floats(0.0, 0.1),
    prefill_ms_per_token=st.floats(0.0, 1.0),
    max_running=st.integers(1, 8),
    kv_memory_tokens=st.integers(8, 40) | st.just("unlimited"),
    queue=QUEUES,
)
LEAVES = services() | MODEL_SERVERS | STORES | LLM_SERVERS
POLICIES = ["share", "classes", "timeout_ms", "retries", "hedge", "fan_out", "fallback", "fire_and_forget"]
POLICIES += ["deadline_ms", "circuit_breaker"]


@st.composite
def a_call(draw: Draw, known: dict[str, Data], classes: list[str]) -> Data:
    """A call to one of the known components, with none, one or two policies."""
    to = draw(st.sampled_from(sorted(known)))
    shards = known[to].get("shards", 1) if known[to]["kind"] == "store" else 3
    copies = draw(st.integers(1, shards))
    choices: Data = {
        "share": st.floats(0.0, 1.0),
        "classes": st.lists(st.sampled_from(classes), min_size=1, unique=True),
        "timeout_ms": st.floats(1.0, 80.0),
        "deadline_ms": st.floats(1.0, 120.0),
        "circuit_breaker": BREAKERS,
        "retries": RETRIES,
        "hedge": HEDGE,
        "fan_out": st.fixed_dictionaries({"copies": st.just(copies)}, optional={"need": st.integers(1, copies)}),
        "fallback": st.lists(
            some(label=st.just("plan B")).flatmap(
                lambda one: (
                    st.builds(lambda ms: {**one, "answer_ms": ms}, st.floats(0.0, 20.0))
                    | st.sampled_from(sorted(known)).map(lambda name: {**one, "to": name})
                )
            ),
            min_size=1,
            max_size=2,
        ),
        "fire_and_forget": st.just(True),
    }
    wanted = draw(st.lists(st.sampled_from(POLICIES), max_size=3, unique=True))
    if "fire_and_forget" in wanted:
        wanted = [policy for policy in wanted if policy != "fallback"]
        choices["fan_out"] = st.just({"copies": copies})
    if "timeout_ms" in wanted and draw(st.booleans()):
        return {"to": to, "cancel": True, **{name: draw(choices[name]) for name in wanted}}
    return {"to": to, **{name: draw(choices[name]) for name in wanted}}


def _steps(known: dict[str, Data], classes: list[str], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(st.lists(a_call(known, classes), min_size=1, max_size=2), min_size=least, max_size=2)


@st.composite
def running_components(draw: Draw, classes: list[str]) -> dict[str, Data]:
    """Up to four components that call one another, the entry first."""
    known: dict[str, Data] = {"d": draw(LEAVES)}
    for name in draw(st.sampled_from(["", "c", "cb"])):
        known[name] = draw(_an_inner_part(known, classes))
    entry = draw(services(_steps(known, classes)))
    policies = ["round_robin", "random", "least_outstanding", "power_of_d", "consistent_hash"]
    balanced = draw(optional(st.sampled_from(policies)))
    if balanced is None:
        return {"a": entry, **known}
    lb = {
        "kind": "load_balancer",
        "targets": ["a"],
        "policy": balanced,
        "overhead_ms": draw(st.sampled_from([0.0, 1.0])),
        "stale_ms": draw(st.sampled_from([0.0, 20.0])),
    }
    return {"lb": lb, "a": entry, **known}


def _an_inner_part(known: dict[str, Data], classes: list[str]) -> st.SearchStrategy[Data]:
    cache = kind(
        "cache",
        {"contents": CONTENTS, "on_miss": _steps(known, classes, least=1)},
        lookup_time=times(0.1, 2.0),
        pattern=st.sampled_from(["read_through", "look_aside"]),
        single_flight=st.booleans(),
    )
    stream = kind(
        "stream",
        {"consumer_time": times()},
        partitions=st.integers(1, 4),
        replicas=st.integers(1, 3),
        append_time=times(0.1, 2.0),
        retention_messages=st.integers(1, 30) | st.just("unlimited"),
        catch_up=st.sampled_from(["oldest_first", "newest_first"]),
        calls=_steps(known, classes),
    )
    return services(_steps(known, classes)) | cache | LEAVES | stream | _routers(known)


def _routers(known: dict[str, Data]) -> st.SearchStrategy[Data]:
    names = st.sampled_from(sorted(known))
    shadow = st.fixed_dictionaries({"to": names, "share": st.floats(0.0, 1.0), "shadow": st.just(True)})
    undo = st.fixed_dictionaries(
        {"metric": st.sampled_from(["failure_share", "p99_ms"]), "above": st.floats(0.0, 50.0)},
        optional={"window_s": st.floats(0.1, 60.0)},
    )
    return st.builds(
        lambda old, new, share, shadows, undo: {
            "kind": "router",
            "routes": [{"to": old, "share": 1 - share}, {"to": new, "share": share}, *shadows],
            "undo": undo,
        },
        names,
        names,
        st.floats(0.0, 1.0),
        st.lists(shadow, max_size=1),
        optional(undo),
    )


FACTORS = st.floats(0.2, 3.0)
SPANS_S = st.floats(0.02, 0.5)
ARRIVALS = st.one_of(
    st.just({"kind": "poisson"}),
    st.just({"kind": "evenly_spaced"}),
    kind("renewal", {"scv": st.floats(0.2, 4.0)}),
    kind("bursts", {"burst_factor": FACTORS, "calm_factor": FACTORS, "mean_burst_s": SPANS_S, "mean_calm_s": SPANS_S}),
    kind("trace", {"times_s": st.lists(st.floats(0.0, 1.5), min_size=1, max_size=150).map(sorted)}),
    kind("closed_loop", {"users": st.integers(1, 15), "think_time": times(20.0, 200.0)}),
)
PROFILES = st.one_of(
    st.lists(st.tuples(st.floats(0.0, 1.0), FACTORS), min_size=1, max_size=3, unique_by=lambda point: point[0]).map(
        lambda points: {"kind": "steps", "points": [list(point) for point in sorted(points)]}
    ),
    kind("diurnal", {"peak_factor": st.floats(1.0, 2.0)}, period_s=SPANS_S),
)
KEYS = st.fixed_dictionaries(
    {"count": st.integers(1, 40) | st.integers(1, 200_000)}, optional={"zipf_exponent": st.floats(0.0, 2.0)}
)


@st.composite
def running_designs(draw: Draw, *, with_faults: bool = True) -> Data:
    """A design of about 100 requests in one second that runs."""
    classes = draw(CLASSES)
    components = draw(running_components([one.get("name", "all") for one in classes]))
    traffic = {
        "entry": next(iter(components)),
        "arrival_rate_per_s": 100.0,
        "arrivals": draw(ARRIVALS),
        "classes": classes,
        "keys": draw(KEYS),
    }
    faults = draw(st.lists(_running_faults(components), max_size=3)) if with_faults else []
    if traffic["arrivals"]["kind"] == "closed_loop":  # it has no rate to change
        faults = [fault for fault in faults if fault["kind"] != "traffic_spike"]
    else:
        traffic |= draw(some(profile=PROFILES))
    design = {"traffic": traffic, "components": components, "faults": faults, "promise": {"deadline_ms": 60.0}}
    return design | ({"zones": draw(st.integers(2, 3))} if any(one["kind"] == "lose_zone" for one in faults) else {})


def _running_faults(components: dict[str, Data]) -> st.SearchStrategy[Data]:
    when = {"at_s": st.floats(0.0, 1.0)}
    lasts = {"for_s": optional(st.floats(0.01, 0.5))}
    timed = [name for name, part in components.items() if part["kind"] != "router"]
    slow = kind("slow", when | {"component": st.sampled_from(sorted(timed)), "factor": st.floats(0.5, 5.0)}, **lasts)
    if len(timed) < len(components):
        routers = st.sampled_from(sorted(set(components) - set(timed)))
        how = {"failure_share": st.floats(0.0, 1.0), "slow_factor": st.floats(0.5, 4.0)}
        slow |= kind("bad_canary", when | {"component": routers} | how, **lasts)
    spike = kind("traffic_spike", when | {"factor": st.floats(0.5, 3.0)}, **lasts)
    caches = sorted(name for name, part in components.items() if part["kind"] == "cache")
    stores = sorted(name for name, part in components.items() if part["kind"] == "store")
    if caches:
        slow |= kind("flush_cache", when | {"component": st.sampled_from(caches), "for_s": st.floats(0.01, 0.5)})
    if stores:
        slow |= kind(
            "delay_features", when | {"component": st.sampled_from(stores), "lag_s": st.floats(0.01, 1.0)}, **lasts
        )
    streams = sorted(name for name, part in components.items() if part["kind"] == "stream")
    if streams:
        slow |= kind("replay", when | {"component": st.sampled_from(streams), "of_s": st.floats(0.01, 1.0)})
    err = kind(
        "error_rate", when | {"component": st.sampled_from(sorted(components)), "share": st.floats(0.0, 1.0)}, **lasts
    )
    links = sorted((name, to) for name, part in components.items() for to in _asked_by(part))
    cut = st.sampled_from(links).flatmap(
        lambda link: kind("cut_link", when | {"caller": st.just(link[0]), "component": st.just(link[1])}, **lasts)
    )
    zone = kind("lose_zone", when, **lasts)
    others = slow | spike | err | zone | cut if links else slow | spike | err | zone
    mortal = {name: part.get("replicas", 1) for name, part in components.items() if _can_lose_replicas(part)}
    if not mortal:
        return others
    kill = st.sampled_from(sorted(mortal)).flatmap(
        lambda name: kind(
            "kill_replicas", when | {"component": st.just(name), "replicas": st.integers(1, mortal[name])}, **lasts
        )
    )
    fragile = sorted(name for name in mortal if components[name]["kind"] not in ("llm_server", "stream"))
    if not fragile:
        return kill | others
    means = {name: st.floats(0.02, 0.5) for name in ("mean_time_to_failure_s", "mean_time_to_repair_s")}
    return kill | kind("breakdowns", when | {"component": st.sampled_from(fragile)} | means, **lasts) | others


def _asked_by(part: Data) -> set[str]:
    return {call["to"] for steps in (part.get("calls", []), part.get("on_miss", [])) for step in steps for call in step}


def _can_lose_replicas(part: Data) -> bool:
    if part["kind"] == "store":
        return part.get("concurrency", "unlimited") != "unlimited"
    return part["kind"] in ("service", "model_server", "llm_server", "stream")
