"""Devices that run batches, as `components/model_server.py`."""

from math import inf, nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import is_hopeless
from simulator.compiled.devices import (
    before_idle,
    drop_turn,
    free_batch,
    go_if_done,
    idle_until_now,
    let_go,
    model_drains,
    note_model,
)
from simulator.compiled.door import jit
from simulator.compiled.events import draw, happen, is_full
from simulator.compiled.lines import is_late, leave_line, line_up, oldest, oldest_wait_s, too_late, upcoming
from simulator.compiled.meters import note_began
from simulator.compiled.writing import change_level, write_moment, write_refused, write_visit


@jit
def serve_model(s: Any, p: int, f: int, sign: int) -> int:
    """Wait for a batch, then for its end."""
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    if sign == codes.START:
        return begin_model(s, f)
    if sign == codes.OK:
        write_visit(s, part.component, one.request, one.entered, one.started, one.idle, 1)
        return codes.OK
    if sign > 0:
        write_visit(s, part.component, one.request, one.entered, nan, idle_until_now(s, v) - one.idle, 0)
        return sign
    if one.state == codes.WORKING:
        write_visit(s, part.component, one.request, one.entered, one.started, one.idle, 0)
    else:
        write_visit(s, part.component, one.request, one.entered, nan, idle_until_now(s, v) - one.idle, 0)
    if sign == codes.REPLICA_DIED:
        return codes.DIED
    if one.state == codes.QUEUED:
        leave_line(s, v, f)
        part.waiting_items -= int(one.work)
        note_model(s, v)
        let_go(s, v)
    return sign


@jit
def begin_model(s: Any, f: int) -> int:
    """Come to the door and take a place in line."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    r = one.request
    if part.closed > 0 and is_hopeless(s, v):
        write_refused(s, part.component, r)
        return codes.DIED
    if part.idle_n == 0 and part.waiting >= part.limit:
        write_refused(s, part.component, r)
        return codes.QUEUE_FULL
    items = s.base[s.rq[r].index].items
    if part.trim_over >= 0 and part.waiting_items > part.trim_over:
        write_moment(s, part.component, codes.TRIMMED, g.now)
        items = max(1, int(items * part.trim_share))
    one.entered = g.now
    one.started = inf
    one.slot = -1
    one.state = codes.QUEUED
    one.work = float(items)
    one.idle = idle_until_now(s, v)
    line_up(s, v, f)
    part.waiting_items += items
    note_model(s, v)
    if part.idle_n > 0:
        fire_ready(s, v)
    return codes.WAIT


@jit
def fire_ready(s: Any, v: int) -> None:
    """Fire as long as a device is idle and a batch is ready; devices that leave may go."""
    g = s.g[0]
    part = s.pt[v]
    while part.idle_n > 0 and part.waiting > 0:
        f = upcoming(s, v)
        if is_late(s, s.fr[f].request):
            leave_line(s, v, f)
            drop_turn(s, v, f, too_late(s, v, s.fr[f].request))
            continue
        leaves_s = s.fr[oldest(s, v)].entered + part.max_wait
        if part.waiting_items < part.most_items and g.now < leaves_s:
            if part.alarm_n == 0 or leaves_s != part.alarm_s:
                part.alarm_n = 1
                part.alarm_s = leaves_s
                happen(s, leaves_s, codes.ALARM | (v << codes.KIND_BITS), 0)
            break
        fire(s, v)
    let_go(s, v)


@jit
def new_cell(s: Any, f: int, last: int) -> int:
    """One more that goes on with a batch, behind the last."""
    g = s.g[0]
    k = g.free_cell
    if k > 0:
        g.free_cell = s.cell[k].next
    else:
        if is_full(s, codes.CELLS_FULL, g.cells):
            return 0
        g.cells += 1
        k = g.cells
    one = s.cell[k]
    one.process = s.fr[f].process
    one.generation = s.pr[one.process].generation
    one.next = 0
    if last > 0:
        s.cell[last].next = k
    return k


@jit
def fire(s: Any, v: int) -> None:
    """The next in turn leave as a batch on an idle device."""
    part = s.pt[v]
    f = upcoming(s, v)
    items = 0
    n = 0
    first = 0
    last = 0
    idle_s = idle_until_now(s, v)
    slot = s.idle[part.slot_0 + part.idle_n - 1]
    head = f
    while True:
        turn = s.fr[f]
        leave_line(s, v, f)
        if n > 0 and is_late(s, turn.request):
            drop_turn(s, v, f, too_late(s, v, turn.request))
        else:
            # a process that is on its way to wait has the generation that it will wait with
            last = new_cell(s, f, last)
            if first == 0:
                first = last
            items += int(turn.work)
            n += 1
            begin_turn(s, v, f, slot, idle_s)
        f = upcoming(s, v)
        if f == 0 or items + s.fr[f].work > part.most_items:
            break
    part.waiting_items -= items
    begin_batch(s, v, slot, head, first, items, n)


@jit
def begin_batch(s: Any, v: int, slot: int, head: int, first: int, items: int, n: int) -> None:
    """A device is busy with those of a batch; `head` is the frame of the first in it, `first` its place in the list of
    those who go on at its end.
    """
    g = s.g[0]
    part = s.pt[v]
    before_idle(s, v)
    part.idle_n -= 1
    takes_s = (part.fixed_ms + part.per_item_ms * items) / 1000 * part.slowness
    if part.noise >= 0:
        r = s.fr[head].request
        takes_s *= draw(s, part.noise, s.rq[r].visit, s.rq[r].index)
    row = write_batch(s, part.component, takes_s, items, n)
    b = new_batch(s)
    if b == 0:
        return
    batch = s.batch[b]
    batch.component = v
    batch.slot = slot
    batch.first = first
    batch.row = row
    batch.n = n
    s.slot[part.slot_0 + slot].batch = b
    part.at_work += 1
    part.inside += n
    happen(s, g.now + takes_s, codes.BATCH_DONE | (b << codes.KIND_BITS), batch.serial)
    note_model(s, v)


@jit
def begin_turn(s: Any, v: int, f: int, slot: int, idle_s: float) -> None:
    """One in line leaves with a batch."""
    now = s.g[0].now
    turn = s.fr[f]
    turn.idle = idle_s - turn.idle
    turn.state = codes.WORKING
    turn.started = now
    turn.slot = slot
    if s.pt[v].meter >= 0:
        note_began(s, v, now - turn.entered)


@jit
def new_batch(s: Any) -> int:
    """A batch that nobody has; 0 if there is no room."""
    g = s.g[0]
    b = g.free_batch
    if b > 0:
        g.free_batch = s.batch[b].n
        return b
    if is_full(s, codes.BATCHES_FULL, g.batches):
        return 0
    g.batches += 1
    return g.batches


@jit
def write_batch(s: Any, c: int, takes_s: float, items: int, n: int) -> int:
    """Write a batch down and return its row."""
    g = s.g[0]
    if is_full(s, codes.BATCH_ROWS_FULL, g.batch_rows):
        return 0
    row = s.batch_row[g.batch_rows]
    row.component = c
    row.fired = g.now
    row.ended = g.now + takes_s
    row.items = items
    row.requests = n
    g.batch_rows += 1
    return g.batch_rows - 1


@jit
def end_batch(s: Any, b: int) -> None:
    """A device is done; those whom it served go on right after it, before whatever else comes at this instant."""
    g = s.g[0]
    batch = s.batch[b]
    v = batch.component
    part = s.pt[v]
    slot = batch.slot
    g.bulk = batch.first
    s.slot[part.slot_0 + slot].batch = 0
    part.at_work -= 1
    part.inside -= batch.n
    free_batch(s, b)
    note_model(s, v)
    replica = slot // part.concurrency
    if s.rep[part.replica_0 + replica].leaving > 0 and not model_drains(s, v):
        change_level(s, part.component, -1)
        go_if_done(s, v, replica)
    else:
        before_taking_up(s, v)
        s.idle[part.slot_0 + part.idle_n] = slot
        part.idle_n += 1
        fire_ready(s, v)


@jit
def before_taking_up(s: Any, v: int) -> None:
    """Devices become idle. If none was, it is only now the turn of those who wait, and the old are dropped."""
    part = s.pt[v]
    if part.idle_n == 0 and part.max_age < inf:
        while part.waiting > 0 and oldest_wait_s(s, v) > part.max_age:
            f = oldest(s, v)
            leave_line(s, v, f)
            drop_turn(s, v, f, too_late(s, v, s.fr[f].request))
    before_idle(s, v)
