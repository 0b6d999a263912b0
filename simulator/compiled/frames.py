"""Requests, processes with their stacks of frames, and what processes wait for."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.clocks import stop_clock
from simulator.compiled.door import inline, jit
from simulator.compiled.events import is_full, resume_with, urgently


@inline
def a_request(s: Any) -> int:
    """A row for a request; 0, which nobody has, if there is no room."""
    g = s.g[0]
    r = g.free_request
    if r > 0:
        g.free_request = s.rq[r].parent
    elif not is_full(s, codes.REQUESTS_FULL, g.requests):
        g.requests += 1
        r = g.requests
    one = s.rq[r]
    one.users = 1
    one.nth = 0
    one.degraded = 0
    one.abandoned = inf
    one.oldest = inf
    return r


@jit
def new_request(s: Any, caller: int, visit: int) -> int:
    """The same request, as its caller's attempt with draws of its own. Whoever asked for it drops it."""
    r = a_request(s)
    one = s.rq[r]
    above = s.rq[caller]
    above.users += 1
    one.index = above.index
    one.visit = visit
    one.key = above.key
    one.parent = caller
    one.tried = above.tried
    one.deadline = above.deadline
    return r


@jit
def first_request(s: Any, index: int) -> int:
    """A request that arrives."""
    r = a_request(s)
    one = s.rq[r]
    one.index = index
    one.visit = 0
    one.key = 0
    one.parent = -1
    one.tried = 0
    one.deadline = inf
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
    one.clocks = 0
    return w


@jit
def free_watch(s: Any, w: int) -> None:
    """Nobody waits for it any more."""
    if w > 0:
        g = s.g[0]
        stop_clock(s, w)
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
