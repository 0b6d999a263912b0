"""Devices that run batches, as `components/model_server.py`."""

from math import inf, nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import (
    change_level,
    draw,
    happen,
    interrupt,
    is_full,
    write_moment,
    write_refused,
    write_visit,
)
from simulator.compiled.queues import (
    add_crew,
    fail_turn,
    gone,
    is_hopeless,
    is_late,
    is_up,
    kill_crew,
    leave_line,
    line_up,
    note_began,
    note_levels,
    oldest,
    oldest_wait_s,
    remove_crew,
    repair_crew,
    too_late,
    upcoming,
)


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
def drop_turn(s: Any, v: int, f: int, why: int) -> None:
    """Who has left the line is turned away."""
    s.pt[v].waiting_items -= int(s.fr[f].work)
    fail_turn(s, f, why)


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
    g = s.g[0]
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
            turn.idle = idle_s - turn.idle
            turn.state = codes.WORKING
            turn.started = g.now
            turn.slot = slot
            if part.meter >= 0:
                note_began(s, v, g.now - turn.entered)
        f = upcoming(s, v)
        if f == 0 or items + s.fr[f].work > part.most_items:
            break
    part.waiting_items -= items
    before_idle(s, v)
    part.idle_n -= 1
    takes_s = (part.fixed_ms + part.per_item_ms * items) / 1000 * part.slowness
    if part.noise >= 0:
        r = s.fr[head].request
        takes_s *= draw(s, part.noise, s.rq[r].visit, s.rq[r].index)
    row = write_batch(s, part.component, takes_s, items, n)
    b = g.free_batch
    if b > 0:
        g.free_batch = s.batch[b].n
    else:
        if is_full(s, codes.BATCHES_FULL, g.batches):
            return
        g.batches += 1
        b = g.batches
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
def free_batch(s: Any, b: int) -> None:
    """A batch is over."""
    g = s.g[0]
    s.batch[b].serial += 1
    s.batch[b].n = g.free_batch
    g.free_batch = b


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
    part = s.pt[v]
    before_idle(s, v)
    kept = 0
    for i in range(part.idle_n):
        slot = s.idle[part.slot_0 + i]
        if slot // part.concurrency != replica:
            s.idle[part.slot_0 + kept] = slot
            kept += 1
    taken = part.idle_n - kept
    part.idle_n = kept
    return taken


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
        lost += busy_devices(s, v, replica) + idle_of(s, v, replica)
        take_idle_devices(s, v, replica)
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
    part = s.pt[v]
    first = add_crew(s, v, number)
    for i in range(part.replicas):
        s.rep[part.replica_0 + i].doomed = 1 if i >= first else 0
    open_model(s, v, number)


@jit
def shrink_model(s: Any, v: int, number: int) -> None:
    """Let the last devices finish the batches they run and go."""
    remove_crew(s, v, number)
    let_go(s, v)
