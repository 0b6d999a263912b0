"""Devices of batching servers: who is idle, who is busy and who may go."""

from typing import Any

from simulator.compiled.crews import gone, take_idle
from simulator.compiled.door import jit
from simulator.compiled.lines import fail_turn
from simulator.compiled.meters import note_levels
from simulator.compiled.writing import change_level


@jit
def note_model(s: Any, v: int) -> None:
    """Tell the meter, if there is one."""
    part = s.pt[v]
    if part.meter >= 0:
        note_levels(s, v, float(part.at_work), float(part.inside + part.waiting))


@jit
def idle_until_now(s: Any, v: int) -> float:
    """How long at least one device has been idle so far."""
    part = s.pt[v]
    if part.idle_n > 0:
        return part.idle_s + (s.g[0].now - part.idle_since)
    return part.idle_s


@jit
def before_idle(s: Any, v: int) -> None:
    """Who is idle is about to change."""
    part = s.pt[v]
    part.idle_s = idle_until_now(s, v)
    part.idle_since = s.g[0].now


@jit
def drop_turn(s: Any, v: int, f: int, why: int) -> None:
    """Who has left the line is turned away."""
    s.pt[v].waiting_items -= int(s.fr[f].work)
    fail_turn(s, f, why)


@jit
def free_batch(s: Any, b: int) -> None:
    """A batch is over."""
    g = s.g[0]
    s.batch[b].serial += 1
    s.batch[b].n = g.free_batch
    g.free_batch = b


@jit
def model_drains(s: Any, v: int) -> bool:
    """Whether replicas that leave have to work off a queue of their own first."""
    part = s.pt[v]
    return part.queue_dies > 0 and part.waiting > 0


@jit
def busy_devices(s: Any, v: int, replica: int) -> int:
    """How many batches a replica runs."""
    part = s.pt[v]
    busy = 0
    for i in range(part.concurrency):
        if s.slot[part.slot_0 + replica * part.concurrency + i].batch != 0:
            busy += 1
    return busy


@jit
def take_idle_devices(s: Any, v: int, replica: int) -> int:
    """The streams of a replica are idle no more; return how many were."""
    before_idle(s, v)
    return take_idle(s, v, replica)


@jit
def idle_of(s: Any, v: int, replica: int) -> int:
    """How many streams of a replica are idle."""
    part = s.pt[v]
    found = 0
    for i in range(part.idle_n):
        if s.idle[part.slot_0 + i] // part.concurrency == replica:
            found += 1
    return found


@jit
def let_go(s: Any, v: int) -> None:
    """Devices that leave and have nothing to do are given up, and those that have none left are gone."""
    part = s.pt[v]
    if part.closed == 0 or model_drains(s, v):
        return
    for replica in range(part.replicas):
        if s.rep[part.replica_0 + replica].leaving > 0:
            if idle_of(s, v, replica) > 0:
                change_level(s, part.component, -take_idle_devices(s, v, replica))
            go_if_done(s, v, replica)


@jit
def go_if_done(s: Any, v: int, replica: int) -> None:
    """A replica that leaves and runs nothing is gone."""
    if busy_devices(s, v, replica) == 0:
        gone(s, v, replica)
