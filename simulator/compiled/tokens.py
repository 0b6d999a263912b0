"""Devices that produce tokens with continuous batching, as `components/llm_server.py` and `tokens.py`."""

from math import inf, nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import gone, is_hopeless
from simulator.compiled.door import jit
from simulator.compiled.lines import fail_turn, is_late, leave_line, line_up, too_late, upcoming
from simulator.compiled.meters import note_began, note_levels
from simulator.compiled.sequences import forget_sequence, members, new_sequence
from simulator.compiled.stretches import begin_stretch, close_stretch, let_finish, look_up, take
from simulator.compiled.writing import change_level, write_refused, write_visit


@jit
def serve_llm(s: Any, p: int, f: int, sign: int) -> int:
    """Wait for room, then for the last token."""
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    q = one.a
    if sign == codes.START:
        return receive(s, p, f)
    seq = s.seq[q]
    if sign == codes.OK:
        write_visit(s, part.component, one.request, seq.entered, seq.started, seq.started - seq.accepted, 1)
        forget_sequence(s, q)
        return codes.OK
    if sign > 0:
        write_visit(s, part.component, one.request, seq.entered, nan, 0.0, 0)
        forget_sequence(s, q)
        return sign
    return withdrawn(s, f, sign)


@jit
def receive(s: Any, p: int, f: int) -> int:
    """Come to the door: join a device, or a line."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    r = one.request
    row = s.base[s.rq[r].index]
    reserved = row.prompt + row.items
    if part.closed > 0 and is_hopeless(s, v):
        write_refused(s, part.component, r)
        return codes.DIED
    if reserved > part.kv:
        write_refused(s, part.component, r)
        return codes.TOO_LARGE
    q = new_sequence(s, p, v, s.rq[r].index)
    if q == 0:
        return codes.WAIT
    one.a = q
    one.entered = g.now
    device = -1
    if would_be_next(s, v, r):
        device = roomiest(s, v, reserved)
    if device >= 0:
        one.state = codes.WORKING
        take(s, v, device, q)
    elif part.waiting >= part.limit:
        forget_sequence(s, q)
        write_refused(s, part.component, r)
        return codes.QUEUE_FULL
    else:
        one.state = codes.QUEUED
        line_up(s, v, f)
    note_llm(s, v)
    return codes.WAIT


@jit
def would_be_next(s: Any, v: int, r: int) -> bool:
    """Whether the turn of a newcomer would come before that of all who wait."""
    part = s.pt[v]
    if part.waiting == 0 or part.discipline == codes.LIFO:
        return True
    if part.discipline == codes.FIFO:
        return False
    first = s.fr[upcoming(s, v)].request
    return s.base[s.rq[r].index].line < s.base[s.rq[first].index].line


@jit
def roomiest(s: Any, v: int, reserved: int) -> int:
    """The live device with the fewest requests of those that have room; -1 if none has."""
    part = s.pt[v]
    best = -1
    fewest = 0
    for replica in range(part.replicas):
        one = s.rep[part.replica_0 + replica]
        if one.present == 0:
            continue
        takes = one.dead == 0 and (one.leaving == 0 or part.queue_dies > 0)
        d = part.device_0 + replica
        inside = members(s, d)
        has_room = inside < part.running and s.dev[d].reserved + reserved <= part.kv
        if takes and has_room and (best < 0 or inside < fewest):
            best = replica
            fewest = inside
    return best


@jit
def change_device(s: Any, d: int, number: int) -> None:
    """Between two steps: who has finished or gone leaves, who waits joins, and the next stretch begins."""
    dev = s.dev[d]
    if number != dev.plan:
        return
    v = dev.part
    dev.due = inf
    dev.between = 1
    if dev.has_stretch:
        close_stretch(s, d, dev.stretch_steps)
    let_finish(s, d)
    accept_waiting(s, v)
    dev.between = 0
    joined = dev.joining
    begin_stretch(s, d)
    if s.pt[v].closed > 0 and members(s, d) == 0:
        let_leave(s, v)
    if s.pt[v].meter >= 0:
        note_llm(s, v)
        while joined > 0:
            note_began(s, v, s.seq[joined].started - s.seq[joined].entered)
            joined = s.seq[joined].next


@jit
def accept_waiting(s: Any, v: int) -> None:
    """Accept the next in turn as long as there is room."""
    g = s.g[0]
    part = s.pt[v]
    while part.waiting > 0:
        f = upcoming(s, v)
        q = s.fr[f].a
        replica = roomiest(s, v, s.seq[q].reserved)
        if replica < 0:
            return
        leave_line(s, v, f)
        if g.now - s.fr[f].entered > part.max_age or is_late(s, s.fr[f].request):
            s.seq[q].left = 1
            fail_turn(s, f, too_late(s, v, s.fr[f].request))
        else:
            s.fr[f].state = codes.WORKING
            take(s, v, replica, q)


@jit
def withdrawn(s: Any, f: int, sign: int) -> int:
    """The caller has gone, or the device has died."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    q = one.a
    seq = s.seq[q]
    began = seq.started < inf
    accepted_for = 0.0
    if seq.accepted < inf:
        accepted_for = (seq.started if began else g.now) - seq.accepted
    write_visit(s, part.component, one.request, seq.entered, seq.started if began else nan, accepted_for, 0)
    if sign == codes.REPLICA_DIED:
        forget_sequence(s, q)
        return codes.DIED
    if seq.left == 0:
        seq.left = 1
        if seq.machine >= 0:
            withdraw_from(s, seq.machine, q)
        else:
            leave_line(s, v, f)
        if not began:
            accept_waiting(s, v)
        note_llm(s, v)
    forget_sequence(s, q)
    return sign


@jit
def withdraw_from(s: Any, d: int, q: int) -> None:
    """Let a request go at once if it has not begun, else at the next boundary."""
    dev = s.dev[d]
    seq = s.seq[q]
    before = 0
    k = dev.joining
    while k > 0 and k != q:
        before = k
        k = s.seq[k].next
    if k == q:
        if before > 0:
            s.seq[before].next = seq.next
        else:
            dev.joining = seq.next
        if dev.joining_last == q:
            dev.joining_last = before
        dev.joining_n -= 1
        dev.reserved -= seq.reserved
        forget_sequence(s, q)
    elif seq.gone == 0:
        seq.users += 1
        seq.next_leaving = 0
        if dev.leaving_last > 0:
            s.seq[dev.leaving_last].next_leaving = q
        else:
            dev.leaving = q
        dev.leaving_last = q
        look_up(s, d)


@jit
def note_llm(s: Any, v: int) -> None:
    """Of a replica, the share of what may run is busy."""
    part = s.pt[v]
    if part.meter < 0:
        return
    running = 0
    inside = part.waiting
    for replica in range(part.replicas):
        if s.rep[part.replica_0 + replica].present:
            d = part.device_0 + replica
            running += s.dev[d].count
            inside += members(s, d)
    note_levels(s, v, running / part.running, float(inside))


@jit
def let_leave(s: Any, v: int) -> None:
    """Let those go that were asked to and are done."""
    part = s.pt[v]
    if part.queue_dies > 0 and part.waiting > 0:
        return
    for replica in range(part.replicas):
        if s.rep[part.replica_0 + replica].leaving > 0 and members(s, part.device_0 + replica) == 0:
            change_level(s, part.component, -1)
            gone(s, v, replica)
