"""The properties of a component as form fields: which there are for each kind, and in which unit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import value_at, with_value

Apply = Callable[[Callable[[Design], Design]], None]


@dataclass(frozen=True)
class Field:
    """One number of a component. What `empty` stands for is shown in the field while it holds no number."""

    path: str
    label: str
    minimum: float
    whole: bool = False
    empty: str | None = None
    help: str | None = None
    maximum: float | None = None
    step: float | None = None


_PRICE = Field("usd_per_replica_hour", "Price, USD per replica and hour", 0, empty="not priced", step=0.1)
_QUEUE = (
    Field("queue.limit", "Queue, requests at most", 0, whole=True, empty="unlimited", help="A full queue refuses."),
    Field(
        "queue.drop_older_than_ms", "Drop work older than, ms", 0.1, empty="never",
        help="What has waited longer is thrown away when its turn comes, so that fresh work is done in time.",
    ),
)  # fmt: skip

FIELDS: dict[str, tuple[Field, ...]] = {
    "service": (
        Field("replicas", "Replicas", 1, whole=True),
        Field("concurrency", "Requests at a time, each", 1, whole=True),
        *_QUEUE,
        _PRICE,
    ),
    "cache": (
        Field("contents.hit_ratio", "Hit ratio, 0 to 1", 0, maximum=1, step=0.05),
        Field("contents.capacity_keys", "Keys it holds", 1, whole=True),
        Field("contents.ttl_s", "A key lives, s", 0.001, step=1.0),
        Field("lookup_time.value_ms", "Lookup, ms", 0, step=0.1),
        Field("replicas", "Replicas", 1, whole=True),
        _PRICE,
    ),
    "store": (
        Field("shards", "Shards", 1, whole=True),
        Field("replicas", "Replicas of each shard", 1, whole=True),
        Field(
            "concurrency", "Reads at a time, each", 1, whole=True, empty="unlimited",
            help="Unlimited: reads never wait for one another.",
        ),
        *_QUEUE,
        _PRICE,
    ),
    "model_server": (
        Field("replicas", "Devices", 1, whole=True),
        Field("streams", "Batches at a time, each", 1, whole=True),
        Field("max_items", "Items in a batch at most", 1, whole=True, empty="unlimited"),
        Field(
            "max_wait_ms", "Longest wait for a batch, ms", 0, step=0.5,
            help="A device fires when the batch is full or its oldest request has waited so long.",
        ),
        Field("batch_time.fixed_ms", "Batch time: fixed, ms", 0, step=0.5),
        Field("batch_time.per_item_ms", "Batch time: per item, ms", 0, step=0.001),
        *_QUEUE,
        _PRICE,
    ),
    "llm_server": (
        Field("replicas", "Devices", 1, whole=True),
        Field("max_running", "Requests running at most, each", 1, whole=True),
        Field("step_ms", "Step: fixed, ms", 0.001, step=0.5),
        Field("per_running_ms", "Step: per running request, ms", 0, step=0.01),
        Field("per_context_token_ms", "Step: per token of context, ms", 0, step=0.0001),
        Field("prefill_ms_per_token", "Prompt: per token, ms", 0, step=0.01),
        Field("kv_memory_tokens", "Tokens that fit into memory", 1, whole=True, empty="unlimited"),
        *_QUEUE,
        _PRICE,
    ),
    "stream": (
        Field("partitions", "Partitions", 1, whole=True),
        Field("replicas", "Consumers", 1, whole=True),
        Field("retention_messages", "Unread messages kept at most", 1, whole=True, empty="unlimited"),
        _PRICE,
    ),
    "load_balancer": (Field("overhead_ms", "Time it takes, ms", 0, step=0.1),),
}  # fmt: skip

TIMES = {
    "service": ("service_time", "Own work"),
    "store": ("read_time", "Read time"),
    "stream": ("consumer_time", "Work on a message"),
}
_SHAPES: dict[str, dict[str, float]] = {
    "constant": {"value_ms": 5.0},
    "exponential": {"mean_ms": 5.0},
    "lognormal": {"median_ms": 5.0, "p99_ms": 20.0},
}
_PARAMETERS = {"value_ms": "always, ms", "mean_ms": "mean, ms", "median_ms": "median, ms", "p99_ms": "p99, ms"}


def component_fields(design: Design, name: str, prefix: str, apply: Apply) -> None:
    """Show all numbers of a component; each change goes through `apply`."""
    part = design.components[name]
    if part.kind in TIMES:
        _time_fields(design, name, *TIMES[part.kind], prefix, apply)
    fields = [field for field in FIELDS.get(part.kind, ()) if has(design, f"components.{name}.{field.path}")]
    left, right = st.columns(2)
    for i, field in enumerate(fields):
        with left if i % 2 == 0 else right:
            number_field(design, f"components.{name}.", field, prefix, apply)
    if part.kind == "model_server":
        _trim_fields(design, name, prefix, apply)
    if part.kind == "load_balancer":
        _policy_field(design, name, prefix, apply)


def has(design: Design, path: str) -> bool:
    """Whether the design has a value, or an empty place for one, at a path: an LRU cache has no hit ratio."""
    try:
        value_at(design, path)
    except DesignProblem:
        return False
    return True


def number_field(design: Design, place: str, field: Field, prefix: str, apply: Apply) -> None:
    """Show one number at `place` + its path."""
    path = place + field.path
    key = f"{prefix}:{path}"
    now = value_at(design, path)
    shown = now if isinstance(now, int | float) else None
    number = int if field.whole else float
    st.number_input(
        field.label,
        min_value=number(field.minimum),
        max_value=number(field.maximum) if field.maximum is not None else None,
        value=None if shown is None else number(shown),
        step=number(field.step) if field.step is not None else (1 if field.whole else None),
        format=None if field.whole else "%.6g",
        placeholder=field.empty or "",
        help=field.help,
        key=key,
        on_change=_number_changed,
        args=(key, path, field, apply),
    )


def _number_changed(key: str, path: str, field: Field, apply: Apply) -> None:
    value: Any = st.session_state[key]
    if value is None:
        if field.empty is None:
            return  # an emptied field keeps what the design has
        value = "unlimited" if field.empty == "unlimited" else None
    apply(lambda design: with_value(design, path, value))


def _time_fields(design: Design, name: str, field: str, label: str, prefix: str, apply: Apply) -> None:
    path = f"components.{name}.{field}"
    now = value_at(design, path)
    shapes = [*_SHAPES, *([now["kind"]] if now["kind"] not in _SHAPES else [])]
    key = f"{prefix}:{path}.kind"
    columns = st.columns(3)
    with columns[0]:
        st.selectbox(
            label, shapes, index=shapes.index(now["kind"]), key=key, on_change=_shape_changed, args=(key, path, apply)
        )
    for column, parameter in zip(
        columns[1:], [one for one in now if one in _PARAMETERS and now[one] is not None], strict=False
    ):
        with column:
            number_field(design, f"{path}.", Field(parameter, _PARAMETERS[parameter], 0, step=0.5), prefix, apply)


def _shape_changed(key: str, path: str, apply: Apply) -> None:
    kind = st.session_state[key]
    if kind in _SHAPES:
        apply(lambda design: with_value(design, path, {"kind": kind, **_SHAPES[kind]}))


def _trim_fields(design: Design, name: str, prefix: str, apply: Apply) -> None:
    path = f"components.{name}.trim"
    now = value_at(design, path)
    key = f"{prefix}:{path}.on"

    def toggled() -> None:
        wanted = {"when_waiting_items_over": 3000, "keep_share": 0.5} if st.session_state[key] else None
        apply(lambda one: with_value(one, path, wanted))

    st.toggle(
        "Fewer items under pressure",
        value=now is not None,
        key=key,
        on_change=toggled,
        help="The load valve: a request that finds many items waiting keeps only a share of its own.",
    )
    if now is not None:
        left, right = st.columns(2)
        with left:
            waiting = Field("when_waiting_items_over", "When more items wait than", 1, whole=True)
            number_field(design, f"{path}.", waiting, prefix, apply)
        with right:
            keep = Field("keep_share", "Keep this share, 0 to 1", 0.01, maximum=0.99, step=0.05)
            number_field(design, f"{path}.", keep, prefix, apply)


def _policy_field(design: Design, name: str, prefix: str, apply: Apply) -> None:
    path = f"components.{name}.policy"
    policies = ["random", "round_robin", "least_outstanding", "power_of_d", "consistent_hash"]
    key = f"{prefix}:{path}"
    st.selectbox(
        "Policy",
        policies,
        index=policies.index(value_at(design, path)),
        format_func=lambda policy: policy.replace("_", " "),
        key=key,
        on_change=lambda: apply(lambda one: with_value(one, path, st.session_state[key])),
    )
