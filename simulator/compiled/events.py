"""The event list: what happens next, in SimPy's order (time, priority, number), and frames, processes and requests.

Whatever happens at once goes to a ring instead of the heap: numbers only rise, so that first in is first out.
"""

from math import inf, nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import call_at, float_at, inline, jit


@inline
def is_full(s: Any, table: int, rows: int) -> bool:
    """Whether a table has no place for one more; the run then ends, to begin anew with a larger one."""
    if rows + 1 >= s.cap[table]:
        s.g[0].full = table + 1
        return True
    return False


@inline
def is_before(one: Any, other: Any) -> int:
    """1 if it comes first; computed rather than asked, as no processor can guess it."""
    return int((one.at_s < other.at_s) | ((one.at_s == other.at_s) & (one.key < other.key)))


@inline
def put(here: Any, one: Any) -> None:
    """Write an event down at another place of the heap."""
    here.at_s = one.at_s
    here.key = one.key
    here.code = one.code
    here.x = one.x


@jit
def push(s: Any, at_s: float, priority: int, code: int, x: int) -> None:
    """Something happens at a later time. An event of the heap comes before the four below it."""
    g = s.g[0]
    if is_full(s, codes.HEAP_FULL, g.heap_n):
        return
    g.seq += 1
    key = (priority << codes.PRIORITY_SHIFT) | g.seq
    i = g.heap_n
    g.heap_n += 1
    while i > 0:
        up = (i - 1) >> 2
        above = s.heap[up]
        if above.at_s < at_s or (above.at_s == at_s and above.key < key):
            break
        put(s.heap[i], above)
        i = up
    here = s.heap[i]
    here.at_s = at_s
    here.key = key
    here.code = code
    here.x = x


@jit
def pop(s: Any) -> None:
    """The first of the heap is taken out; the last looks for a place from there."""
    g = s.g[0]
    g.heap_n -= 1
    n = g.heap_n
    last = s.heap[n]
    i = 0
    while True:
        k = 4 * i + 1
        if k + 3 < n:
            k += is_before(s.heap[k + 1], s.heap[k])
            other = 4 * i + 3
            other += is_before(s.heap[other + 1], s.heap[other])
            k += (other - k) * is_before(s.heap[other], s.heap[k])
        elif k < n:
            for other in range(k + 1, n):
                k += (other - k) * is_before(s.heap[other], s.heap[k])
        else:
            break
        if is_before(last, s.heap[k]) == 1:
            break
        put(s.heap[i], s.heap[k])
        i = k
    put(s.heap[i], last)


@inline
def at_once(s: Any, code: int, x: int) -> None:
    """Something happens now, after all that was to happen now."""
    g = s.g[0]
    if is_full(s, codes.NORMAL_FULL, g.normal_n):
        return
    one = s.normal[(g.normal_head + g.normal_n) & (s.cap[codes.NORMAL_FULL] - 1)]
    one.code = code
    one.x = x
    g.normal_n += 1


@inline
def urgently(s: Any, code: int, x: int) -> None:
    """Something happens now, before all that is not urgent."""
    g = s.g[0]
    if is_full(s, codes.URGENT_FULL, g.urgent_n):
        return
    one = s.urgent[(g.urgent_head + g.urgent_n) & (s.cap[codes.URGENT_FULL] - 1)]
    one.code = code
    one.x = x
    g.urgent_n += 1


@inline
def happen(s: Any, at_s: float, code: int, x: int) -> None:
    """Something happens at a time that has not passed."""
    if at_s == s.g[0].now:
        at_once(s, code, x)
    else:
        push(s, at_s, codes.NORMAL, code, x)


@inline
def resume_at(s: Any, p: int, at_s: float) -> None:
    """A process goes on at a time, unless it has gone on before."""
    happen(s, at_s, codes.RESUME | (p << codes.KIND_BITS), s.pr[p].generation)


@jit
def resume_with(s: Any, p: int, sign: int) -> None:
    """A process goes on at once, and is told why."""
    s.pr[p].sign = sign
    at_once(s, codes.RESUME | (p << codes.KIND_BITS), s.pr[p].generation)


@jit
def interrupt(s: Any, p: int, cause: int) -> None:
    """Let a process go on with an interrupt, before all else, if it has not ended by then."""
    urgently(s, codes.INTERRUPT | (p << codes.KIND_BITS), s.pr[p].serial * 4 - cause)


@inline
def draw(s: Any, slot: int, visit: int, index: int) -> float:
    """One number for a request and a visit; those of a visit are drawn, for all requests, when it first happens."""
    g = s.g[0]
    place = slot * g.most_visits + visit
    if s.luck[place] == 0:
        if call_at(g.callback, codes.DRAW, slot, visit) != 0:
            g.stop = 1
            return 0.0
    return float_at(s.luck[place] + 8 * index)


@jit
def visits_from(s: Any, row: int, visit: int, what: int) -> int:
    """The number of the first of the visits that one way leads to from a visit, or of the keys from a key."""
    g = s.g[0]
    place = row * g.most_visits + visit
    table = s.visits
    if what == codes.KEYS:
        table = s.keys
    if table[place] == 0:
        if call_at(g.callback, what, row, visit) != 0:
            g.stop = 1
            return 0
    return table[place]


@jit
def new_request(s: Any, caller: int, visit: int) -> int:
    """The same request, as its caller's attempt with draws of its own. Whoever asked for it drops it."""
    g = s.g[0]
    r = g.free_request
    if r > 0:
        g.free_request = s.rq[r].parent
    else:
        if is_full(s, codes.REQUESTS_FULL, g.requests):
            return 0
        g.requests += 1
        r = g.requests
    one = s.rq[r]
    above = s.rq[caller]
    one.index = above.index
    one.visit = visit
    one.key = above.key
    one.parent = caller
    above.users += 1
    one.users = 1
    one.nth = 0
    one.tried = above.tried
    one.degraded = 0
    one.abandoned = inf
    one.deadline = above.deadline
    one.oldest = inf
    return r


@jit
def first_request(s: Any, index: int) -> int:
    """A request that arrives."""
    g = s.g[0]
    r = g.free_request
    if r > 0:
        g.free_request = s.rq[r].parent
    else:
        if is_full(s, codes.REQUESTS_FULL, g.requests):
            return 0
        g.requests += 1
        r = g.requests
    one = s.rq[r]
    one.index = index
    one.visit = 0
    one.key = 0
    one.parent = -1
    one.users = 1
    one.nth = 0
    one.tried = 0
    one.degraded = 0
    one.abandoned = inf
    one.deadline = inf
    one.oldest = inf
    return r


@jit
def drop(s: Any, r: int) -> None:
    """One user less of a request; without any it is gone, and so may be those above it."""
    g = s.g[0]
    while r > 0:
        one = s.rq[r]
        one.users -= 1
        if one.users > 0:
            return
        above = one.parent
        one.parent = g.free_request
        g.free_request = r
        r = above


@jit
def answered(s: Any, r: int) -> None:
    """The caller takes this attempt's answer: its caller is degraded if it is, and has read what it has read."""
    one = s.rq[r]
    if one.parent > 0:
        above = s.rq[one.parent]
        if one.degraded:
            above.degraded = 1
        above.oldest = min(above.oldest, one.oldest)


@jit
def given_up(s: Any, r: int) -> float:
    """When the first of its callers stopped waiting; infinity if none has."""
    first = s.rq[r].abandoned
    r = s.rq[r].parent
    while r > 0:
        first = min(first, s.rq[r].abandoned)
        r = s.rq[r].parent
    return first


@inline
def push_frame(s: Any, p: int, kind: int, request: int, node: int) -> int:
    """A frame on top of a process."""
    g = s.g[0]
    f = g.free_frame
    if f > 0:
        g.free_frame = s.fr[f].parent
    else:
        if is_full(s, codes.FRAMES_FULL, g.frames):
            return 0
        g.frames += 1
        f = g.frames
    one = s.fr[f]
    process = s.pr[p]
    one.kind = kind
    one.state = 0
    one.parent = process.top
    one.request = request
    one.node = node
    one.process = p
    process.top = f
    return f


@inline
def pop_frame(s: Any, p: int) -> None:
    """The top frame of a process is done."""
    g = s.g[0]
    f = s.pr[p].top
    one = s.fr[f]
    s.pr[p].top = one.parent
    one.parent = g.free_frame
    g.free_frame = f


@jit
def new_process(s: Any, kind: int, request: int) -> int:
    """A process that begins at once, before all that is not urgent; it drops its request in the end."""
    g = s.g[0]
    p = g.free_process
    if p > 0:
        g.free_process = s.pr[p].next
    else:
        if is_full(s, codes.PROCESSES_FULL, g.processes):
            return 0
        g.processes += 1
        p = g.processes
    one = s.pr[p]
    one.top = 0
    one.state = codes.ALIVE
    one.result = 0
    one.watch = 0
    one.request = request
    one.next = 0
    one.held = 0
    one.sign = 0
    one.owner = kind
    urgently(s, codes.BEGIN | (p << codes.KIND_BITS), one.serial)
    return p


@jit
def free_process(s: Any, p: int) -> None:
    """Nobody needs a process any more that has ended."""
    g = s.g[0]
    one = s.pr[p]
    one.state = codes.FREE
    one.serial += 1
    one.generation += 1
    drop(s, one.request)
    one.next = g.free_process
    g.free_process = p


@jit
def new_watch(s: Any, p: int, missing: int, spare: int) -> int:
    """What a process waits for: so many successes of the processes that it is hung on, or the first end of them."""
    g = s.g[0]
    w = g.free_watch
    if w > 0:
        g.free_watch = s.wt[w].next
    else:
        if is_full(s, codes.WATCHES_FULL, g.watches):
            return 0
        g.watches += 1
        w = g.watches
    one = s.wt[w]
    one.process = p
    one.generation = s.pr[p].generation
    one.missing = missing
    one.spare = spare
    one.first = 1 if missing == 0 else 0
    one.triggered = 0
    one.value = 0
    one.next = 0
    return w


@jit
def free_watch(s: Any, w: int) -> None:
    """Nobody waits for it any more."""
    if w > 0:
        g = s.g[0]
        s.wt[w].serial += 1
        s.wt[w].next = g.free_watch
        g.free_watch = w


@jit
def trigger(s: Any, w: int, value: int, sign: int) -> None:
    """Let go on whoever waits, if it still does."""
    one = s.wt[w]
    one.triggered = 1
    one.value = value
    process = s.pr[one.process]
    if process.generation == one.generation and process.state == codes.ALIVE:
        resume_with(s, one.process, sign)


@jit
def tell(s: Any, w: int, p: int) -> None:
    """A process that is watched has ended."""
    one = s.wt[w]
    if one.triggered:
        return
    if one.first:
        trigger(s, w, p, codes.OK)
    elif s.pr[p].result == codes.OK:
        one.missing -= 1
        if one.missing == 0:
            trigger(s, w, p, codes.OK)
    else:
        one.spare -= 1
        if one.spare < 0:
            trigger(s, w, p, s.pr[p].result)


@jit
def write_visit(s: Any, c: int, r: int, entered: float, started: float, filled: float, is_answered: int) -> None:
    """A visit to a component ends now."""
    g = s.g[0]
    if is_full(s, codes.VISITS_FULL, g.visit_rows):
        return
    row = s.visit[g.visit_rows]
    g.visit_rows += 1
    row.component = c
    row.request = s.rq[r].index
    row.answered = is_answered
    row.entered = entered
    row.started = started
    row.ended = g.now
    row.filled = filled
    until = g.now
    if s.rq[r].parent > 0:
        until = min(until, given_up(s, r))
    row.until = until


@jit
def write_refused(s: Any, c: int, r: int) -> None:
    """A visit that was turned away at the door."""
    write_visit(s, c, r, s.g[0].now, nan, 0.0, 0)


@jit
def write_moment(s: Any, c: int, what: int, at_s: float) -> None:
    """Something has happened to a visit that was entered at `at_s`."""
    g = s.g[0]
    if is_full(s, codes.MOMENTS_FULL, g.moment_rows):
        return
    row = s.moment[g.moment_rows]
    g.moment_rows += 1
    row.component = c
    row.what = what
    row.at_s = at_s


@jit
def count(s: Any, c: int, what: int) -> None:
    """One more of what a component counts."""
    s.count[s.comp[c].counter_0 + what] += 1


@jit
def change_level(s: Any, c: int, by: int) -> None:
    """A component can work on so many more at once; balancers look who lives."""
    g = s.g[0]
    one = s.comp[c]
    one.steps += 1
    if is_full(s, codes.LEVELS_FULL, g.level_rows):
        return
    row = s.level[g.level_rows]
    row.component = c
    row.at_s = g.now
    row.level = s.level[one.last_level].level + by
    row.before = one.last_level
    one.last_level = g.level_rows
    g.level_rows += 1
