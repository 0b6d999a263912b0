"""Slots behind a queue, as `components/pool.py`: services and the shards of stores."""

from math import inf, nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import (
    add_crew,
    gone,
    is_closed,
    is_hopeless,
    is_up,
    kill_crew,
    remove_crew,
    repair_crew,
    take_idle,
)
from simulator.compiled.door import jit
from simulator.compiled.events import draw, interrupt, resume_at
from simulator.compiled.lines import fail_turn, is_late, leave_line, line_up, too_late, upcoming
from simulator.compiled.meters import note_began, note_levels
from simulator.compiled.writing import change_level, count, write_refused, write_visit


@jit
def note_pool(s: Any, v: int) -> None:
    """Tell the meter, if there is one."""
    part = s.pt[v]
    if part.meter >= 0:
        note_levels(s, v, float(part.at_work), float(part.at_work + part.waiting))


@jit
def serve_pool(s: Any, p: int, f: int, sign: int) -> int:
    """Wait for a slot, then work; a service then makes its calls."""
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    if sign == codes.START:
        return begin_pool(s, p, f)
    if sign == codes.OK:
        write_visit(s, part.component, one.request, one.entered, one.started, 0.0, 1)
        release(s, v, one.slot)
        return codes.OK
    if sign > 0:
        write_visit(s, part.component, one.request, one.entered, nan, 0.0, 0)
        return sign
    if one.state == codes.QUEUED:
        leave_line(s, v, f)
        note_pool(s, v)
    elif one.state == codes.LEFT:
        note_pool(s, v)
    elif one.b:  # it had waited in line before it worked
        note_pool(s, v)
    began = nan
    if one.state == codes.WORKING:
        began = one.started
    write_visit(s, part.component, one.request, one.entered, began, 0.0, 0)
    if sign == codes.REPLICA_DIED:
        return codes.DIED
    if one.state == codes.WORKING:
        release(s, v, one.slot)
    return sign


@jit
def begin_pool(s: Any, p: int, f: int) -> int:
    """Come to the door, and begin at once if a slot is free."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    r = one.request
    if part.gates > 0 and not admit(s, v, r):
        return codes.RATE_LIMITED
    if part.draws >= 0 and one.a >= 0:
        one.work = draw(s, part.draws, s.rq[r].visit, s.rq[r].index)
    one.entered = g.now
    one.b = 0
    if part.idle_n > 0:
        part.idle_n -= 1
        slot = s.idle[part.slot_0 + part.idle_n]
        s.slot[part.slot_0 + slot].process = p
        part.at_work += 1
        one.slot = slot
        one.state = codes.WORKING
        one.started = g.now
        if part.meter >= 0:
            note_pool(s, v)
            note_began(s, v, 0.0)
        resume_at(s, p, g.now + one.work * part.slowness)
        return codes.WAIT
    if part.closed > 0 and is_hopeless(s, v):
        write_refused(s, part.component, r)
        return codes.DIED
    if part.waiting >= part.limit:
        write_refused(s, part.component, r)
        return codes.QUEUE_FULL
    one.slot = -1
    one.state = codes.QUEUED
    one.started = inf
    line_up(s, v, f)
    note_pool(s, v)
    return codes.WAIT


@jit
def admit(s: Any, v: int, r: int) -> bool:
    """Take a token of each limit that is for the request, or none if one has none."""
    g = s.g[0]
    part = s.pt[v]
    kind = s.base[s.rq[r].index].kind
    passes = True
    for i in range(part.gates):
        bucket = s.bucket[part.gate_0 + i]
        if bucket.kind < 0 or bucket.kind == kind:
            bucket.tokens = min(bucket.burst, bucket.tokens + (g.now - bucket.since) * bucket.rate)
            bucket.since = g.now
            if bucket.tokens < 1 - 1e-9:
                passes = False
                break
    if not passes:
        write_refused(s, part.component, r)
        count(s, part.component, codes.RATE_LIMITEDS)
        return False
    for i in range(part.gates):
        bucket = s.bucket[part.gate_0 + i]
        if bucket.kind < 0 or bucket.kind == kind:
            bucket.tokens = max(0.0, bucket.tokens - 1)
    return True


@jit
def release(s: Any, v: int, slot: int) -> None:
    """A slot is free: the next in turn takes it."""
    g = s.g[0]
    part = s.pt[v]
    s.slot[part.slot_0 + slot].process = 0
    part.at_work -= 1
    replica = slot // part.concurrency if part.closed > 0 else 0
    if part.closed > 0 and is_closed(s, v, replica) and not drains(s, v, replica):
        leave_closed(s, v, replica)
        return
    while part.waiting > 0:
        f = upcoming(s, v)
        leave_line(s, v, f)
        turn = s.fr[f]
        if g.now - turn.entered > part.max_age or is_late(s, turn.request):
            fail_turn(s, f, too_late(s, v, turn.request))
            continue
        s.slot[part.slot_0 + slot].process = turn.process
        part.at_work += 1
        turn.started = g.now
        turn.slot = slot
        turn.state = codes.WORKING
        turn.b = 1
        resume_at(s, turn.process, g.now + turn.work * part.slowness)
        if part.meter >= 0:
            note_pool(s, v)
            note_began(s, v, g.now - turn.entered)
        return
    if part.closed > 0 and is_closed(s, v, replica):
        leave_closed(s, v, replica)
        return
    s.idle[part.slot_0 + part.idle_n] = slot
    part.idle_n += 1
    note_pool(s, v)


@jit
def drains(s: Any, v: int, replica: int) -> bool:
    """Whether a replica that leaves has to work off a queue of its own first."""
    part = s.pt[v]
    return part.queue_dies > 0 and part.waiting > 0 and s.rep[part.replica_0 + replica].leaving > 0


@jit
def busy_slots(s: Any, v: int, replica: int) -> int:
    """How many slots of a replica work."""
    part = s.pt[v]
    busy = 0
    for i in range(part.concurrency):
        if s.slot[part.slot_0 + replica * part.concurrency + i].process != 0:
            busy += 1
    return busy


@jit
def leave_closed(s: Any, v: int, replica: int) -> None:
    """A slot is done of a replica that takes no more work."""
    part = s.pt[v]
    leaving = s.rep[part.replica_0 + replica].leaving > 0
    if leaving:
        change_level(s, part.component, -1)
    note_pool(s, v)
    if leaving and busy_slots(s, v, replica) == 0 and not (part.queue_dies > 0 and part.waiting > 0):
        gone(s, v, replica)


@jit
def lose_pool(s: Any, v: int, fault: int, comes_back: int) -> None:
    """The marked replicas die with the work they hold."""
    part = s.pt[v]
    kill_crew(s, v, fault, comes_back)
    lost = 0
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.doomed == 0:
            continue
        lost += busy_slots(s, v, replica) if one.leaving else part.concurrency
        for i in range(part.concurrency):
            slot = s.slot[part.slot_0 + replica * part.concurrency + i]
            if slot.process != 0:
                interrupt(s, slot.process, codes.REPLICA_DIED)
                slot.process = 0
                part.at_work -= 1
        take_idle(s, v, replica)
        if one.leaving:
            gone(s, v, replica)
    if is_hopeless(s, v) or (part.queue_dies > 0 and not is_up(s, v)):
        lose_queue(s, v)
    change_level(s, part.component, -lost)
    note_pool(s, v)


@jit
def lose_queue(s: Any, v: int) -> None:
    """All who wait are turned away, in the order of the lines."""
    part = s.pt[v]
    for level in range(part.lines):
        row = s.line[part.line_0 + level]
        while row.first > 0:
            f = row.first
            leave_line(s, v, f)
            fail_turn(s, f, codes.DIED)


@jit
def open_pool(s: Any, v: int, number: int) -> None:
    """The marked replicas take work from now on."""
    part = s.pt[v]
    change_level(s, part.component, number * part.concurrency)
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.doomed == 0:
            continue
        one.doomed = 0
        for i in range(part.concurrency):
            slot = s.slot[part.slot_0 + replica * part.concurrency + i]
            slot.batch = 0
            if slot.process == 0:
                slot.process = -1
                slot.batch = 1
                part.at_work += 1
        for i in range(part.concurrency):
            slot = s.slot[part.slot_0 + replica * part.concurrency + i]
            if slot.batch:
                slot.batch = 0
                release(s, v, replica * part.concurrency + i)


@jit
def repair_pool(s: Any, v: int, fault: int) -> None:
    """Bring back what a fault has killed."""
    open_pool(s, v, repair_crew(s, v, fault))


@jit
def grow_pool(s: Any, v: int, number: int) -> None:
    """Let new replicas take work from now on."""
    add_crew(s, v, number)
    open_pool(s, v, number)


@jit
def shrink_pool(s: Any, v: int, number: int) -> None:
    """Let the last replicas finish what they hold and go."""
    part = s.pt[v]
    remove_crew(s, v, number)
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.doomed == 0:
            continue
        one.doomed = 0
        busy = busy_slots(s, v, replica)
        take_idle(s, v, replica)
        change_level(s, part.component, busy - part.concurrency)
        if busy == 0:
            gone(s, v, replica)
