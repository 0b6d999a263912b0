"""Devices that produce tokens with continuous batching, as `components/llm_server.py` and `tokens.py`."""

from math import ceil, inf, nan, sqrt
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import (
    at_once,
    change_level,
    interrupt,
    is_full,
    push,
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
    remove_crew,
    repair_crew,
    too_late,
    upcoming,
)


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
def forget_sequence(s: Any, q: int) -> None:
    """One user less of a sequence: its frame, or its device."""
    seq = s.seq[q]
    seq.users -= 1
    if seq.users == 0:
        seq.next = s.g[0].free_seq
        s.g[0].free_seq = q


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
    q = g.free_seq
    if q > 0:
        g.free_seq = s.seq[q].next
    else:
        if is_full(s, codes.SEQUENCES_FULL, g.seqs):
            return codes.WAIT
        g.seqs += 1
        q = g.seqs
    seq = s.seq[q]
    seq.index = s.rq[r].index
    seq.process = p
    seq.generation = s.pr[p].generation
    seq.prompt = row.prompt
    seq.tokens = row.items
    seq.reserved = reserved
    seq.entered = g.now
    seq.accepted = inf
    seq.started = inf
    seq.first_token = inf
    seq.joined = 0
    seq.machine = -1
    seq.left = 0
    seq.gone = 0
    seq.users = 1
    seq.part = v
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
    return s.base[s.rq[r].index].priority > s.base[s.rq[first].index].priority


@jit
def members(s: Any, d: int) -> int:
    """Who runs on a device or joins at the next boundary."""
    return s.dev[d].count + s.dev[d].joining_n


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
def take(s: Any, v: int, replica: int, q: int) -> None:
    """Let a request join at the next boundary, which is now if nothing runs."""
    g = s.g[0]
    d = s.pt[v].device_0 + replica
    dev = s.dev[d]
    seq = s.seq[q]
    seq.machine = d
    seq.accepted = g.now
    seq.users += 1
    seq.next = 0
    if dev.joining_last > 0:
        s.seq[dev.joining_last].next = q
    else:
        dev.joining = q
    dev.joining_last = q
    dev.joining_n += 1
    dev.reserved += seq.reserved
    if dev.has_stretch:
        look_up(s, d)
    elif dev.between == 0:
        plan(s, d, g.now)


@jit
def end_of_steps(s: Any, d: int, steps: int) -> float:
    """When so many steps of a stretch are done: an arithmetic series."""
    dev = s.dev[d]
    return dev.began + (dev.prefill_s + steps * dev.step_s + dev.growth_s * (steps * (steps - 1) / 2))


@jit
def step_at(s: Any, d: int, now_s: float) -> int:
    """The first step, counted from 1, that ends at `now_s` or later."""
    dev = s.dev[d]
    lasted_s = max(0.0, now_s - dev.began - dev.prefill_s)
    linear_s = dev.step_s - dev.growth_s / 2
    steps = max(1, int(ceil(2 * lasted_s / (linear_s + sqrt(linear_s * linear_s + 2 * dev.growth_s * lasted_s)))))
    while end_of_steps(s, d, steps) < now_s:
        steps += 1
    while steps > 1 and end_of_steps(s, d, steps - 1) >= now_s:
        steps -= 1
    return steps


@jit
def look_up(s: Any, d: int) -> None:
    """Stop at the end of the step under way, because something has changed."""
    dev = s.dev[d]
    if dev.has_stretch:
        step = step_at(s, d, s.g[0].now)
        if step < dev.stretch_steps:
            dev.stretch_steps = step
            plan(s, d, end_of_steps(s, d, step))


@jit
def plan(s: Any, d: int, at_s: float) -> None:
    """The next boundary, after all else at that instant, so that who comes then still joins."""
    dev = s.dev[d]
    if at_s >= dev.due:
        return
    dev.due = at_s
    dev.plan += 1
    push(s, at_s, codes.LAST, codes.BOUNDARY | (d << codes.KIND_BITS), dev.plan)


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
def close_stretch(s: Any, d: int, steps: int) -> None:
    """A stretch is over after so many steps."""
    g = s.g[0]
    dev = s.dev[d]
    dev.has_stretch = 0
    dev.steps += steps
    dev.context += steps * dev.count
    if is_full(s, codes.STRETCHES_FULL, g.stretch_rows):
        return
    row = s.stretch[g.stretch_rows]
    g.stretch_rows += 1
    row.component = s.pt[dev.part].component
    row.began = dev.began
    row.ended = g.now
    row.steps = steps
    row.running = dev.stretch_running


@jit
def let_finish(s: Any, d: int) -> None:
    """Who has its last token leaves, and who was withdrawn."""
    dev = s.dev[d]
    while dev.heap_n > 0 and s.run[dev.heap_0].key == dev.steps:
        q = s.run[dev.heap_0].seq
        pop_running(s, d)
        seq = s.seq[q]
        if seq.gone == 0:
            remove_sequence(s, d, q)
            if seq.left == 0:
                at_once(s, codes.RESUME | (seq.process << codes.KIND_BITS), seq.generation)
        forget_sequence(s, q)
    q = dev.leaving
    while q > 0:
        after = s.seq[q].next_leaving
        if s.seq[q].gone == 0:
            remove_sequence(s, d, q)
        forget_sequence(s, q)
        q = after
    dev.leaving = 0
    dev.leaving_last = 0


@jit
def remove_sequence(s: Any, d: int, q: int) -> None:
    """A request is off its device; write it down."""
    g = s.g[0]
    dev = s.dev[d]
    seq = s.seq[q]
    tokens = dev.steps - seq.joined
    dev.count -= 1
    dev.context -= seq.prompt + tokens
    dev.reserved -= seq.reserved
    seq.gone = 1
    if is_full(s, codes.TOKENS_FULL, g.token_rows):
        return
    row = s.token[g.token_rows]
    g.token_rows += 1
    row.component = s.pt[dev.part].component
    row.request = seq.index
    row.entered = seq.entered
    row.started = seq.started
    row.first = seq.first_token if tokens > 0 else nan
    row.ended = g.now
    row.prompt = seq.prompt
    row.tokens = tokens
    row.reserved = seq.reserved
    row.complete = 1 if tokens == seq.tokens and seq.left == 0 else 0


@jit
def is_before(s: Any, a: int, b: int) -> bool:
    """Whether one who runs ends first, or began first."""
    one = s.run[a]
    other = s.run[b]
    return one.key < other.key or (one.key == other.key and one.begun < other.begun)


@jit
def swap_running(s: Any, a: int, b: int) -> None:
    """Two change places in the heap of a device."""
    one = s.run[a]
    other = s.run[b]
    key = one.key
    begun = one.begun
    seq = one.seq
    one.key = other.key
    one.begun = other.begun
    one.seq = other.seq
    other.key = key
    other.begun = begun
    other.seq = seq


@jit
def push_running(s: Any, d: int, key: int, q: int) -> None:
    """One more runs on a device, until a step."""
    dev = s.dev[d]
    if dev.heap_n + 1 >= dev.heap_most:
        s.g[0].full = 1000
        return
    dev.begun += 1
    i = dev.heap_n
    dev.heap_n += 1
    one = s.run[dev.heap_0 + i]
    one.key = key
    one.begun = dev.begun
    one.seq = q
    while i > 0:
        up = (i - 1) >> 1
        if not is_before(s, dev.heap_0 + i, dev.heap_0 + up):
            break
        swap_running(s, dev.heap_0 + i, dev.heap_0 + up)
        i = up


@jit
def pop_running(s: Any, d: int) -> None:
    """The first to end is taken out of the heap of a device."""
    dev = s.dev[d]
    dev.heap_n -= 1
    swap_running(s, dev.heap_0, dev.heap_0 + dev.heap_n)
    i = 0
    while True:
        k = 2 * i + 1
        if k >= dev.heap_n:
            break
        if k + 1 < dev.heap_n and is_before(s, dev.heap_0 + k + 1, dev.heap_0 + k):
            k += 1
        if not is_before(s, dev.heap_0 + k, dev.heap_0 + i):
            break
        swap_running(s, dev.heap_0 + i, dev.heap_0 + k)
        i = k


@jit
def begin_stretch(s: Any, d: int) -> None:
    """Who joins begins, and all run until the first of them has its last token."""
    g = s.g[0]
    dev = s.dev[d]
    part = s.pt[dev.part]
    prompts = 0
    joined = dev.joining
    q = joined
    while q > 0:
        seq = s.seq[q]
        seq.started = g.now
        seq.joined = dev.steps
        prompts += seq.prompt
        push_running(s, d, dev.steps + seq.tokens, q)
        q = seq.next
    dev.count += dev.joining_n
    dev.joining = 0
    dev.joining_last = 0
    dev.joining_n = 0
    dev.context += prompts
    if dev.count == 0:
        return
    while s.seq[s.run[dev.heap_0].seq].gone > 0:
        q = s.run[dev.heap_0].seq
        pop_running(s, d)
        forget_sequence(s, q)
    pace = part.slowness / 1000
    step_ms = part.step_ms + part.running_ms * dev.count + part.context_ms * dev.context
    dev.began = g.now
    dev.stretch_steps = s.run[dev.heap_0].key - dev.steps
    dev.stretch_running = dev.count
    dev.prefill_s = part.prefill_ms * prompts * pace
    dev.step_s = step_ms * pace
    dev.growth_s = part.context_ms * dev.count * pace
    dev.has_stretch = 1
    q = joined
    first_s = end_of_steps(s, d, 1)
    while q > 0:
        s.seq[q].first_token = first_s
        q = s.seq[q].next
    plan(s, d, end_of_steps(s, d, dev.stretch_steps))


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
