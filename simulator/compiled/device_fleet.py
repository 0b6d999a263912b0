"""Devices of batching servers that die, come back, join and leave."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.batching import before_taking_up, fire_ready
from simulator.compiled.crews import add_crew, gone, is_hopeless, is_up, kill_crew, remove_crew, repair_crew
from simulator.compiled.devices import (
    busy_devices,
    drop_turn,
    free_batch,
    let_go,
    note_model,
    take_idle_devices,
)
from simulator.compiled.door import jit
from simulator.compiled.events import interrupt
from simulator.compiled.lines import leave_line, upcoming
from simulator.compiled.writing import change_level


@jit
def lose_model(s: Any, v: int, fault: int, comes_back: int) -> None:
    """The marked devices die with the batches they run."""
    part = s.pt[v]
    kill_crew(s, v, fault, comes_back)
    lost = 0
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.doomed == 0:
            continue
        lost += busy_devices(s, v, replica) + take_idle_devices(s, v, replica)
        for i in range(part.concurrency):
            slot = s.slot[part.slot_0 + replica * part.concurrency + i]
            if slot.batch != 0:
                lose_batch(s, v, slot.batch)
                slot.batch = 0
        if one.leaving:
            gone(s, v, replica)
    if is_hopeless(s, v) or (part.queue_dies > 0 and not is_up(s, v)):
        while part.waiting > 0:
            f = upcoming(s, v)
            leave_line(s, v, f)
            drop_turn(s, v, f, codes.DIED)
    change_level(s, part.component, -lost)
    note_model(s, v)


@jit
def lose_batch(s: Any, v: int, b: int) -> None:
    """A batch is lost, and all who still wait for it."""
    part = s.pt[v]
    batch = s.batch[b]
    s.batch_row[batch.row].ended = s.g[0].now
    part.at_work -= 1
    part.inside -= batch.n
    k = batch.first
    while k > 0:
        cell = s.cell[k]
        process = s.pr[cell.process]
        if process.state == codes.ALIVE and process.generation == cell.generation:
            interrupt(s, cell.process, codes.REPLICA_DIED)
        after = cell.next
        free_cell(s, k)
        k = after
    free_batch(s, b)


@jit
def free_cell(s: Any, k: int) -> None:
    """It is not needed any more."""
    s.cell[k].next = s.g[0].free_cell
    s.g[0].free_cell = k


@jit
def open_model(s: Any, v: int, number: int) -> None:
    """The marked replicas take work from now on."""
    part = s.pt[v]
    change_level(s, part.component, number * part.concurrency)
    before_taking_up(s, v)
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.doomed == 0:
            continue
        one.doomed = 0
        for i in range(part.concurrency):
            slot = replica * part.concurrency + i
            if s.slot[part.slot_0 + slot].batch == 0:
                s.idle[part.slot_0 + part.idle_n] = slot
                part.idle_n += 1
    fire_ready(s, v)


@jit
def repair_model(s: Any, v: int, fault: int) -> None:
    """Bring back what a fault has killed."""
    open_model(s, v, repair_crew(s, v, fault))


@jit
def grow_model(s: Any, v: int, number: int) -> None:
    """Let new devices take work from now on."""
    add_crew(s, v, number)
    open_model(s, v, number)


@jit
def shrink_model(s: Any, v: int, number: int) -> None:
    """Let the last devices finish the batches they run and go."""
    remove_crew(s, v, number)
    let_go(s, v)
