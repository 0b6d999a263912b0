"""The event list: what happens next, in SimPy's order (time, priority, number), and frames, processes and requests.

Whatever happens at once goes to a ring instead of the heap: numbers only rise, so that first in is first out.
"""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import call_at, comes_before, float_at, inline, jit


@inline
def is_full(s: Any, table: int, rows: int) -> bool:
    """Whether a table has no place for one more; the run then ends, to begin anew with a larger one."""
    if rows + 1 >= s.cap[table]:
        s.g[0].full = table + 1
        return True
    return False


@inline
def put(here: Any, one: Any) -> None:
    """Write an event down at another place of the heap."""
    here.at_s = one.at_s
    here.key = one.key
    here.code = one.code
    here.x = one.x


@inline
def next_key(s: Any, priority: int) -> int:
    """The place of a new event among those of the same instant."""
    s.g[0].seq += 1
    return (priority << codes.PRIORITY_SHIFT) | s.g[0].seq


@jit
def push(s: Any, at_s: float, key: int, code: int, x: int) -> None:
    """Something happens at a later time. An event of the heap comes before the four below it."""
    g = s.g[0]
    if is_full(s, codes.HEAP_FULL, g.heap_n):
        return
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
    """The first of the heap is taken out; the gap goes down, and the last, which most often belongs there, fills it."""
    g = s.g[0]
    g.heap_n -= 1
    n = g.heap_n
    last = s.heap[n]
    i = 0
    while True:
        k = 4 * i + 1
        if k + 3 < n:
            k += comes_before(s.heap[k + 1], s.heap[k])
            other = 4 * i + 3
            other += comes_before(s.heap[other + 1], s.heap[other])
            k += (other - k) * comes_before(s.heap[other], s.heap[k])
        elif k < n:
            for other in range(k + 1, n):
                k += (other - k) * comes_before(s.heap[other], s.heap[k])
        else:
            break
        put(s.heap[i], s.heap[k])
        i = k
    while i > 0:
        up = (i - 1) >> 2
        if comes_before(s.heap[up], last) == 1:
            break
        put(s.heap[i], s.heap[up])
        i = up
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
        push(s, at_s, next_key(s, codes.NORMAL), code, x)


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
