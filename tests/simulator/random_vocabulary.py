"""A strategy that draws valid designs with every word of the vocabulary, also those that do not run yet."""

from typing import Any

from hypothesis import strategies as st

from tests.simulator.random_designs import HEDGE, ITEMS, RETRIES, Data, Draw, kind, optional, some, times

POSITIVE = st.floats(0.001, 1e6)
NOT_NEGATIVE = st.just(0.0) | POSITIVE
COUNTS = st.integers(1, 50)
LIMITS = COUNTS | st.just("unlimited")
SHARES = st.floats(0.0, 1.0)
LABELS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["1e6", "no", "08"]
)

QUEUES = some(
    limit=LIMITS | st.just(0),
    discipline=st.sampled_from(["fifo", "lifo", "priority"]),
    drop_older_than_ms=optional(st.floats(2000.0, 9000.0)),
)
AUTOSCALING = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["utilization", "queue_delay_ms", "concurrency"]),
        "target": POSITIVE,
        "minimum": COUNTS,
        "maximum": COUNTS,
    },
    optional={"period_s": POSITIVE, "start_delay_s": NOT_NEGATIVE, "add_at_most": COUNTS, "cool_down_s": NOT_NEGATIVE},
)
COMMON = {"label": LABELS, "usd_per_replica_hour": optional(NOT_NEGATIVE), "replicas": COUNTS}

STORES = kind(
    "store",
    {"read_time": times()},
    **COMMON,
    shards=st.integers(1, 64),
    concurrency=LIMITS,
    queue=QUEUES,
    hot_shard_share=optional(SHARES),
    freshness=optional(some(update_every_s=NOT_NEGATIVE, lag_s=NOT_NEGATIVE)),
    quorum=optional(COUNTS),
)
MODEL_SERVERS = kind(
    "model_server",
    {"max_items": st.integers(4, 500) | st.just("unlimited")},
    **COMMON,
    batch_time=st.fixed_dictionaries(
        {"fixed_ms": POSITIVE, "per_item_ms": NOT_NEGATIVE}, optional={"scv": NOT_NEGATIVE}
    ),
    max_wait_ms=st.floats(0.0, 1000.0),
    streams=COUNTS,
    queue=QUEUES,
    trim=optional(st.fixed_dictionaries({"when_waiting_items_over": COUNTS, "keep_share": st.floats(0.01, 0.99)})),
    autoscaling=optional(AUTOSCALING),
).filter(lambda part: "batch_time" in part)
LLM_SERVERS = kind(
    "llm_server",
    {"step_ms": POSITIVE},
    **COMMON,
    per_running_ms=NOT_NEGATIVE,
    per_context_token_ms=NOT_NEGATIVE,
    prefill_ms_per_token=NOT_NEGATIVE,
    max_running=COUNTS,
    kv_memory_tokens=LIMITS,
    queue=QUEUES,
    autoscaling=optional(AUTOSCALING),
)


def _services(classes: list[str], calls: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    limit = st.fixed_dictionaries(
        {"rate_per_s": POSITIVE}, optional={"burst": POSITIVE, "class_name": st.sampled_from(classes)}
    )
    return kind(
        "service",
        {"service_time": times()},
        **COMMON,
        concurrency=COUNTS,
        sharing=st.sampled_from(["slots", "processor_sharing"]),
        queue=QUEUES,
        rate_limits=st.lists(limit, max_size=2),
        autoscaling=optional(AUTOSCALING),
        calls=calls,
    )


def _without_contradiction(call: Data) -> Data:
    """Nobody looks at the age of an answer that nobody waits for."""
    return call | {"stale_after_s": None} if call.get("fire_and_forget") else call


@st.composite
def _calls(draw: Draw, known: dict[str, Data], classes: list[str], least: int = 0) -> list[list[Data]]:
    def a_call(to: str) -> st.SearchStrategy[Data]:
        fallbacks = NOT_NEGATIVE.map(lambda ms: {"answer_ms": ms}) | st.sampled_from(sorted(known)).map(
            lambda name: {"to": name}
        )
        shards = known[to].get("shards", 1) if known[to]["kind"] == "store" else 5
        fan_out = st.integers(1, shards).flatmap(
            lambda copies: st.fixed_dictionaries({"copies": st.just(copies)}, optional={"need": st.integers(1, copies)})
        )
        budget = st.fixed_dictionaries({"ratio": SHARES}, optional={"burst": POSITIVE})
        return st.fixed_dictionaries(
            {"to": st.just(to)},
            optional={
                "share": SHARES,
                "classes": st.lists(st.sampled_from(classes), unique=True),
                "timeout_ms": optional(POSITIVE),
                "deadline_ms": optional(POSITIVE),
                "stale_after_s": optional(POSITIVE),
                "cancel": st.booleans(),
                "retries": optional(
                    st.builds(lambda one, budget: {**one, "budget": budget}, RETRIES, optional(budget))
                ),
                "hedge": optional(HEDGE),
                "fan_out": optional(fan_out),
                "circuit_breaker": optional(some(failure_share=SHARES, window=COUNTS, open_s=POSITIVE)),
                "fallback": st.lists(fallbacks, max_size=2),
                "fire_and_forget": st.booleans(),
            },
        ).map(_without_contradiction)

    step = st.lists(st.sampled_from(sorted(known)).flatmap(a_call), min_size=1, max_size=2)
    return draw(st.lists(step, min_size=least, max_size=2))


@st.composite
def _components(draw: Draw, classes: list[str]) -> dict[str, Data]:
    leaves = STORES | MODEL_SERVERS | LLM_SERVERS | _services(classes, st.just([]))
    known: dict[str, Data] = {f"leaf_{i}": draw(leaves) for i in range(draw(st.integers(1, 2)))}
    contents = st.one_of(
        kind("fixed", {"hit_ratio": SHARES}),
        kind("lru", {"capacity_keys": COUNTS}),
        kind("ttl", {"ttl_s": POSITIVE}, renewed=st.booleans()),
    )
    for i in range(draw(st.integers(0, 2))):
        route = st.fixed_dictionaries(
            {"to": st.sampled_from(sorted(known)), "share": SHARES}, optional={"shadow": st.booleans()}
        )
        undo = st.fixed_dictionaries({"metric": st.sampled_from(["failure_share", "p99_ms"]), "above": NOT_NEGATIVE})
        inner = st.one_of(
            _services(classes, _calls(known, classes)),
            kind(
                "stream",
                {"consumer_time": times()},
                **COMMON,
                partitions=COUNTS,
                append_time=times(),
                retention_messages=LIMITS,
                catch_up=st.sampled_from(["oldest_first", "newest_first"]),
                calls=_calls(known, classes),
            ),
            kind("router", {"routes": st.lists(route, min_size=1, max_size=3)}, undo=optional(undo)),
            kind(
                "cache",
                {"contents": contents, "on_miss": _calls(known, classes, least=1)},
                **COMMON,
                lookup_time=times(),
                pattern=st.sampled_from(["read_through", "look_aside"]),
                single_flight=st.booleans(),
            ),
        )
        known[f"inner_{i}"] = draw(inner)
    balancer = kind(
        "load_balancer",
        {"targets": st.just(["balanced"])},
        policy=st.sampled_from(["random", "round_robin", "least_outstanding", "power_of_d", "consistent_hash"]),
        choices=st.integers(2, 5),
        stale_ms=NOT_NEGATIVE,
        overhead_ms=NOT_NEGATIVE,
    )
    return {"lb": draw(balancer), "balanced": draw(_services(classes, _calls(known, classes)) | LLM_SERVERS), **known}


def _faults(components: dict[str, Data]) -> st.SearchStrategy[Data]:
    names = st.sampled_from(sorted(components))
    when, lasts = {"at_s": NOT_NEGATIVE}, {"for_s": optional(POSITIVE)}

    def of_kind(wanted: str) -> st.SearchStrategy[Data] | None:
        chosen = sorted(name for name, part in components.items() if part["kind"] == wanted)
        return {"component": st.sampled_from(chosen)} if chosen else None

    choices = [
        kind("kill_replicas", when | {"component": st.just("balanced")}, **lasts),
        kind("slow", when | {"component": names, "factor": POSITIVE}, **lasts),
        kind("traffic_spike", when | {"factor": POSITIVE}, class_name=st.sampled_from(["feed", "rest"]), **lasts),
        kind(
            "breakdowns",
            when | {"component": names, "mean_time_to_failure_s": POSITIVE, "mean_time_to_repair_s": POSITIVE},
        ),
        kind("lose_zone", when, **lasts),
        kind("error_rate", when | {"component": names, "share": SHARES}, **lasts),
        kind("cut_link", when | {"caller": names, "component": names}, **lasts),
    ]
    for name, wanted, more in (
        ("flush_cache", "cache", {}),
        ("delay_features", "store", {"lag_s": POSITIVE}),
        ("bad_canary", "router", {"failure_share": SHARES, "slow_factor": POSITIVE}),
    ):
        if (target := of_kind(wanted)) is not None:
            choices.append(kind(name, when | target | more, **lasts))
    if (target := of_kind("stream")) is not None:
        choices.append(kind("replay", when | target | {"of_s": POSITIVE}))
    return st.one_of(choices)


@st.composite
def any_designs(draw: Draw) -> Data:
    classes = [
        {"name": "feed", "share": 0.25, "items": draw(ITEMS), "priority": 3},
        {"name": "rest", "share": 0.75, "prompt_tokens": 9},
    ]
    components = draw(_components([one["name"] for one in classes]))
    arrivals = st.one_of(
        kind("poisson"),
        kind("evenly_spaced"),
        kind("renewal", {"scv": st.floats(0.1, 10.0)}),
        kind(
            "bursts",
            {"burst_factor": POSITIVE, "calm_factor": NOT_NEGATIVE, "mean_burst_s": POSITIVE, "mean_calm_s": POSITIVE},
        ),
        kind("trace", {"file": st.just("day.csv")}, column=st.just("seconds")),
        kind("closed_loop", {"users": COUNTS, "think_time": times()}),
    )
    profile = kind("steps", {"points": st.just([[0.0, 1.0], [60.0, 2.5]])}) | kind(
        "diurnal", {"peak_factor": st.floats(1, 2)}
    )
    traffic = st.fixed_dictionaries(
        {"entry": st.just("lb"), "arrival_rate_per_s": POSITIVE, "classes": st.just(classes)},
        optional={
            "arrivals": arrivals,
            "profile": optional(profile),
            "keys": optional(st.fixed_dictionaries({"count": COUNTS}, optional={"zipf_exponent": NOT_NEGATIVE})),
        },
    )
    promise = some(
        p99_ms=optional(POSITIVE), deadline_ms=optional(POSITIVE), availability=optional(SHARES), usd_per_month=POSITIVE
    )
    training = st.fixed_dictionaries(
        dict.fromkeys(("useful_work_h", "checkpoint_every_min", "mean_time_between_failures_h"), POSITIVE)
        | dict.fromkeys(("checkpoint_cost_min", "restart_cost_min"), NOT_NEGATIVE)
    )
    top = some(
        name=LABELS,
        cell=some(fraction=st.floats(0.001, 1.0), note=LABELS),
        zones=st.integers(1, 5),
        faults=st.lists(_faults(components), max_size=3),
        promise=promise,
        training=optional(training),
    )
    design = {"traffic": draw(traffic), "components": components, **draw(top)}
    if design["traffic"].get("arrivals", {}).get("kind") == "closed_loop":  # it has no rate to change
        design["traffic"].pop("profile", None)
        design["faults"] = [fault for fault in design.get("faults", []) if fault["kind"] != "traffic_spike"]
    return design
