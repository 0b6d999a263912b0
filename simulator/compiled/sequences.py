"""Sequences of token servers: how many a device holds, and which of them ends first."""

from math import inf, nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import is_full


@jit
def new_sequence(s: Any, p: int, v: int, index: int) -> int:
    """The prompt and the tokens of a request that a process waits for; 0 if there is no room."""
    g = s.g[0]
    q = g.free_seq
    if q > 0:
        g.free_seq = s.seq[q].next
    else:
        if is_full(s, codes.SEQUENCES_FULL, g.seqs):
            return 0
        g.seqs += 1
        q = g.seqs
    one = s.seq[q]
    row = s.base[index]
    one.index = index
    one.process = p
    one.generation = s.pr[p].generation
    one.prompt = row.prompt
    one.tokens = row.items
    one.reserved = row.prompt + row.items
    one.entered = g.now
    one.accepted = inf
    one.started = inf
    one.first_token = inf
    one.joined = 0
    one.machine = -1
    one.left = 0
    one.gone = 0
    one.users = 1
    one.part = v
    return q


@jit
def forget_sequence(s: Any, q: int) -> None:
    """One user less of a sequence: its frame, or its device."""
    seq = s.seq[q]
    seq.users -= 1
    if seq.users == 0:
        seq.next = s.g[0].free_seq
        s.g[0].free_seq = q


@jit
def members(s: Any, d: int) -> int:
    """Who runs on a device or joins at the next boundary."""
    return s.dev[d].count + s.dev[d].joining_n


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
