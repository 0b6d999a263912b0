"""Messages of streams that are read once more."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import is_full
from simulator.compiled.partitions import offer


@jit
def replay(s: Any, v: int, since_s: float) -> None:
    """Let consumers read again what was appended since then and they have done with; of too much only the newest."""
    g = s.g[0]
    part = s.pt[v]
    late = 0
    for m in range(1, g.messages + 1):
        message = s.message[m]
        message.again = 0
        if message.component == part.component and message.finished > 0 and message.appended >= since_s:
            message.again = 1
            late += 1
    skipped = max(0, late - (part.retention - part.unread))
    for m in range(1, g.messages + 1):
        message = s.message[m]
        if message.again == 0:
            continue
        if skipped > 0:
            skipped -= 1
            message.again = 0
            continue
        if is_full(s, codes.REPLAYS_FULL, g.replay_rows):
            return
        g.replay_rows += 1
        row = s.replay_row[g.replay_rows]
        row.component = part.component
        row.message = m
        row.since = g.now
        row.read = inf
        row.done = inf
        row.lost = inf
        message.replay = g.replay_rows
        message.is_read = 0
        message.finished = 0
        part.unread += 1
        part.oldest_message = min(part.oldest_message, m)
    for i in range(part.shards):
        s.partition[part.own_0 + i].cursor = 0
    for k in range(g.messages):
        m = g.messages - k
        message = s.message[m]
        if message.again > 0:
            message.again = 0
            put_back(s, v, m)
    for i in range(part.shards):
        offer(s, v, i)


@jit
def put_back(s: Any, v: int, m: int) -> None:
    """A message takes its place again, before those that were put back already."""
    message = s.message[m]
    own = s.partition[s.pt[v].own_0 + message.shard]
    after = own.cursor
    before = s.message[after].before if after > 0 else own.last
    while before > m:
        after = before
        before = s.message[after].before
    message.after = after
    message.before = before
    if before > 0:
        s.message[before].after = m
    else:
        own.first = m
    if after > 0:
        s.message[after].before = m
    else:
        own.last = m
    own.cursor = m
