"""Devices of token servers that die, come back, join and leave."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import add_crew, gone, is_hopeless, is_up, kill_crew, remove_crew, repair_crew
from simulator.compiled.door import jit
from simulator.compiled.events import interrupt
from simulator.compiled.lines import fail_turn, leave_line, upcoming
from simulator.compiled.sequences import forget_sequence, remove_sequence
from simulator.compiled.stretches import close_stretch, look_up, step_at
from simulator.compiled.tokens import accept_waiting, let_leave, note_llm
from simulator.compiled.writing import change_level


@jit
def lose_llm(s: Any, v: int, fault: int, comes_back: int) -> None:
    """The marked devices die with the requests that run there."""
    part = s.pt[v]
    kill_crew(s, v, fault, comes_back)
    lost = 0
    for replica in range(part.replicas):
        lost += s.rep[part.replica_0 + replica].doomed
    change_level(s, part.component, -lost)
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.doomed:
            one.doomed = 0
            die(s, part.device_0 + replica)
            if one.leaving:
                gone(s, v, replica)
    if is_hopeless(s, v) or (part.queue_dies > 0 and not is_up(s, v)):
        while part.waiting > 0:
            f = upcoming(s, v)
            leave_line(s, v, f)
            s.seq[s.fr[f].a].left = 1
            fail_turn(s, f, codes.DIED)
    note_llm(s, v)


@jit
def die(s: Any, d: int) -> None:
    """Lose everything; tokens of the step under way are not made."""
    g = s.g[0]
    dev = s.dev[d]
    if dev.has_stretch:
        close_stretch(s, d, step_at(s, d, g.now) - 1)
    # in the order of the heap's list, as SimPy's engine goes through it
    for i in range(dev.heap_n):
        q = s.run[dev.heap_0 + i].seq
        s.run[dev.heap_0 + i].begun = 1 - s.seq[q].gone
        if s.seq[q].gone == 0:
            remove_sequence(s, d, q)
    dev.reserved = 0
    dev.due = inf
    dev.plan += 1
    for i in range(dev.heap_n):
        q = s.run[dev.heap_0 + i].seq
        if s.run[dev.heap_0 + i].begun > 0 and s.seq[q].left == 0:
            interrupt(s, s.seq[q].process, codes.REPLICA_DIED)
        forget_sequence(s, q)
    dev.heap_n = 0
    q = dev.leaving
    while q > 0:
        after = s.seq[q].next_leaving
        forget_sequence(s, q)
        q = after
    dev.leaving = 0
    dev.leaving_last = 0
    q = dev.joining
    while q > 0:
        after = s.seq[q].next
        if s.seq[q].left == 0:
            interrupt(s, s.seq[q].process, codes.REPLICA_DIED)
        forget_sequence(s, q)
        q = after
    dev.joining = 0
    dev.joining_last = 0
    dev.joining_n = 0


@jit
def open_llm(s: Any, v: int, number: int) -> None:
    """So many devices more take requests from now on."""
    change_level(s, s.pt[v].component, number)
    accept_waiting(s, v)
    note_llm(s, v)


@jit
def repair_llm(s: Any, v: int, fault: int) -> None:
    """Bring back, empty, what a fault has killed."""
    number = repair_crew(s, v, fault)
    open_llm(s, v, number)


@jit
def grow_llm(s: Any, v: int, number: int) -> None:
    """Let new devices take requests from now on."""
    part = s.pt[v]
    first = add_crew(s, v, number)
    for i in range(first, part.replicas):
        s.dev[part.device_0 + i].part = v
        s.dev[part.device_0 + i].due = inf
        s.dev[part.device_0 + i].heap_0 = s.dev[part.device_0].heap_0 + i * s.dev[part.device_0].heap_most
        s.dev[part.device_0 + i].heap_most = s.dev[part.device_0].heap_most
    open_llm(s, v, number)


@jit
def shrink_llm(s: Any, v: int, number: int) -> None:
    """Let the last devices finish the requests they hold and go."""
    remove_crew(s, v, number)
    let_leave(s, v)


@jit
def look_up_all(s: Any, v: int) -> None:
    """Steps take another time from now on."""
    part = s.pt[v]
    for replica in range(part.replicas):
        if s.rep[part.replica_0 + replica].present:
            look_up(s, part.device_0 + replica)
