"""Caches, as `components/cache.py` and `contents.py`."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.doors import push_steps
from simulator.compiled.events import draw, resume_at
from simulator.compiled.frames import answered, drop, free_watch, new_process, new_request, new_watch, push_frame
from simulator.compiled.writing import count, write_moment, write_visit


@jit
def serve_cache(s: Any, p: int, f: int, sign: int) -> int:
    """Look up, and ask downstream for what is not there."""
    g = s.g[0]
    one = s.fr[f]
    part = s.pt[one.node]
    r = one.request
    if sign == codes.START:
        one.entered = g.now
        one.work = draw(s, part.draws, s.rq[r].visit, s.rq[r].index) * part.slowness
        resume_at(s, p, g.now + one.work)
        return codes.WAIT
    if one.state == 1:  # somebody's fill is over, or the request is withdrawn
        return end_of_fill(s, f, sign)
    if sign != codes.OK:
        write_visit(s, part.component, r, one.entered, one.entered, 0.0, 0)
        return sign
    written = find(s, one.node, r)
    is_hit = written > 0
    if not is_hit and part.single_flight and s.entry[part.own_0 + s.base[s.rq[r].index].rank].filler > 0:
        write_moment(s, part.component, codes.MISSES, one.entered)
        write_moment(s, part.component, codes.COALESCED, one.entered)
        one.a = 1
        return wait_for_fill(s, p, f)
    write_visit(s, part.component, r, one.entered, one.entered, 0.0, 1)
    if is_hit:
        write_moment(s, part.component, codes.HITS, one.entered)
        if g.found != inf:
            s.rq[r].oldest = min(s.rq[r].oldest, g.found)
        return codes.OK
    write_moment(s, part.component, codes.MISSES, one.entered)
    if part.single_flight:
        one.a = 0
        begin_fill(s, p, f)
        return wait_for_fill(s, p, f)
    if part.errand:
        one.kind = codes.FILL
        one.request = new_request(s, r, s.rq[r].visit)
        s.rq[one.request].nth = s.rq[r].nth
        one.state = 0
        return push_steps(s, p, part.steps, one.request)
    one.kind = codes.STEPS
    one.node = part.steps
    one.state = 0
    return codes.AGAIN


@jit
def serve_fill(s: Any, p: int, f: int, sign: int) -> int:
    """An errand: ask downstream, write back, and keep the answer."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    trial = one.request
    if sign == codes.START:  # a fill that runs by itself
        one.state = 0
        return push_steps(s, p, part.steps, trial)
    if one.state == 0 and sign == codes.OK and part.write_draws >= 0:
        one.state = 1
        one.entered = g.now
        resume_at(s, p, g.now + draw(s, part.write_draws, s.rq[trial].visit, s.rq[trial].index) * part.slowness)
        return codes.WAIT
    if one.state == 1:
        count(s, part.component, codes.WRITE_BACKS)
        write_visit(s, part.component, trial, one.entered, one.entered, 0.0, 1 if sign == codes.OK else 0)
    if sign == codes.OK and s.rq[trial].degraded == 0:
        keep(s, v, trial)
    if part.single_flight:
        s.entry[part.own_0 + s.base[s.rq[trial].index].rank].filler = 0
        return sign
    if sign == codes.OK:
        answered(s, trial)
    drop(s, trial)
    return sign


@jit
def begin_fill(s: Any, p: int, f: int) -> None:
    """Let the fill run by itself, for all who will want it."""
    one = s.fr[f]
    r = one.request
    part = s.pt[one.node]
    trial = new_request(s, r, s.rq[r].visit)
    s.rq[trial].nth = s.rq[r].nth
    q = new_process(s, codes.FILLER, trial)
    push_frame(s, q, codes.FILL, trial, one.node)
    entry = s.entry[part.own_0 + s.base[s.rq[r].index].rank]
    entry.filler = q
    entry.filler_request = trial


@jit
def wait_for_fill(s: Any, p: int, f: int) -> int:
    """Hang on the fill of one's key."""
    one = s.fr[f]
    entry = s.entry[s.pt[one.node].own_0 + s.base[s.rq[one.request].index].rank]
    one.b = entry.filler_request
    s.rq[one.b].users += 1
    w = new_watch(s, p, 0, 0)
    filler = s.pr[entry.filler]
    if filler.watch == 0:
        filler.watch = w
    else:
        last = filler.watch
        while s.wt[last].next > 0:
            last = s.wt[last].next
        s.wt[last].next = w
    one.watch = w
    one.state = 1
    return codes.WAIT


@jit
def end_of_fill(s: Any, f: int, sign: int) -> int:
    """The outcome of the fill is the request's; whoever only waited for it writes its visit down now."""
    g = s.g[0]
    one = s.fr[f]
    part = s.pt[one.node]
    r = one.request
    trial = one.b
    result = sign
    if sign == codes.OK:
        result = s.wt[one.watch].result
    if one.a:
        began = max(one.entered, g.now - one.work)
        write_visit(s, part.component, r, one.entered, began, 0.0, 1 if result == codes.OK else 0)
    if sign == codes.OK:
        free_watch(s, one.watch)
    else:
        s.wt[one.watch].triggered = 2  # whoever ends will free it
    if result == codes.OK:
        if s.rq[trial].degraded:
            s.rq[r].degraded = 1
        s.rq[r].oldest = min(s.rq[r].oldest, s.rq[trial].oldest)
    drop(s, trial)
    return result


@jit
def find(s: Any, v: int, r: int) -> float:
    """Whether a cache holds what a request asks for: -1 if not. When it was written is noted in `found`."""
    g = s.g[0]
    part = s.pt[v]
    one = s.rq[r]
    if part.contents == codes.FIXED:
        g.found = inf
        if draw(s, part.hits_draws, one.visit, one.index) < part.hit_ratio and g.now >= part.empty_until:
            return inf
        return -1.0
    e = s.base[one.index].rank
    entry = s.entry[part.own_0 + e]
    if part.contents == codes.LRU:
        if entry.here == 0:
            return -1.0
        to_front(s, v, e)
        g.found = entry.written
        return inf
    if entry.here == 0 or g.now >= entry.until:
        return -1.0
    if part.renewed:
        entry.until = g.now + part.ttl
    g.found = entry.written
    return inf


@jit
def keep(s: Any, v: int, r: int) -> None:
    """A fill: hold what the request has brought back."""
    g = s.g[0]
    part = s.pt[v]
    if part.contents == codes.FIXED or g.now < part.empty_until:
        return
    e = s.base[s.rq[r].index].rank
    entry = s.entry[part.own_0 + e]
    entry.written = s.rq[r].oldest
    if part.contents == codes.TTL:
        entry.here = 1
        entry.until = g.now + part.ttl
        return
    if entry.here == 0:
        entry.here = 1
        part.lru_n += 1
        link_last(s, v, e)
    else:
        to_front(s, v, e)
    if part.lru_n > part.capacity:
        old = part.lru_first - 1
        unlink(s, v, old)
        s.entry[part.own_0 + old].here = 0
        part.lru_n -= 1


@jit
def to_front(s: Any, v: int, e: int) -> None:
    """An entry has been used."""
    if s.pt[v].lru_last != e + 1:
        unlink(s, v, e)
        link_last(s, v, e)


@jit
def unlink(s: Any, v: int, e: int) -> None:
    """Take an entry out of the order of use."""
    part = s.pt[v]
    one = s.entry[part.own_0 + e]
    if one.before > 0:
        s.entry[part.own_0 + one.before - 1].after = one.after
    else:
        part.lru_first = one.after
    if one.after > 0:
        s.entry[part.own_0 + one.after - 1].before = one.before
    else:
        part.lru_last = one.before


@jit
def link_last(s: Any, v: int, e: int) -> None:
    """Put an entry at the end of the order of use, where the youngest are."""
    part = s.pt[v]
    one = s.entry[part.own_0 + e]
    one.after = 0
    one.before = part.lru_last
    if part.lru_last > 0:
        s.entry[part.own_0 + part.lru_last - 1].after = e + 1
    else:
        part.lru_first = e + 1
    part.lru_last = e + 1


@jit
def empty_cache(s: Any, v: int, until_s: float) -> None:
    """Throw everything away, and keep nothing until then."""
    part = s.pt[v]
    part.empty_until = max(part.empty_until, until_s)
    if part.contents != codes.FIXED:
        for e in range(s.g[0].keys_n):
            s.entry[part.own_0 + e].here = 0
        part.lru_first = 0
        part.lru_last = 0
        part.lru_n = 0
