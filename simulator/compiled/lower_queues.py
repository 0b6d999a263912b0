"""Rows of queues and of replicas with their slots."""

from collections.abc import Iterator
from math import inf

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.lowered import Lowering, Row

DISCIPLINES = {"fifo": codes.FIFO, "lifo": codes.LIFO, "priority": codes.PRIORITY}


def add_capacity(on: Lowering, c: int, slots: int) -> None:
    on.made.rows["comp"][c]["last_level"] = len(on.made.levels)
    on.made.levels.append((c, slots))


def queue_row(on: Lowering, queue: spec.Queue) -> Row:
    lines = len(on.priorities) if queue.discipline == "priority" else 1
    return {
        "discipline": DISCIPLINES[queue.discipline],
        "limit": codes.HUGE if queue.limit == "unlimited" else queue.limit,
        "max_age": inf if queue.drop_older_than_ms is None else queue.drop_older_than_ms / 1000,
        "lines": lines,
        "line_0": on.made.place("line", lines),
    }


def crew_row(on: Lowering, replicas: int, slots: int, *, grows: bool, is_there: bool = True) -> Row:
    """Room for replicas, each with so many slots."""
    most = replicas + 1 + (on.made.spare if grows else 0)
    first = on.made.place("rep", most)
    slot_0 = on.made.place("slot", most * slots)
    on.made.rows.setdefault("<idle>", []).append({"slot_0": slot_0, "n": replicas * slots})
    if is_there:
        on.made.rows.setdefault("<present>", []).append({"replica_0": first, "n": replicas})
    return {
        "replicas": replicas,
        "present": replicas if is_there else 0,
        "paid_for": replicas,
        "replica_0": first,
        "replicas_most": most,
        "concurrency": slots,
        "slot_0": slot_0,
        "idle_n": replicas * slots,
        "slowness": 1.0,
        "meter": -1,
    }


def crew_rows(
    on: Lowering, name: str, part: spec.Service | spec.ModelServer | spec.LlmServer, slots: int
) -> Iterator[Row]:
    """The replicas of each of a component's parts: one part for all of them or, behind a balancer, one for each,
    and some that may join later.
    """
    if name not in on.balanced:
        yield crew_row(on, part.replicas, slots, grows=part.autoscaling is not None)
        return
    later = on.made.spare if part.autoscaling is not None else 0
    for i in range(part.replicas + later):
        yield crew_row(on, 1, slots, grows=False, is_there=i < part.replicas) | {"queue_dies": 1}
