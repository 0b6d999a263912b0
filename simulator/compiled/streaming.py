"""A partitioned log with consumers, as `components/stream.py`."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import is_closed, is_up, kill_crew, repair_crew
from simulator.compiled.door import jit
from simulator.compiled.doors import push_steps
from simulator.compiled.events import draw, interrupt, is_full, resume_at
from simulator.compiled.frames import drop, new_request
from simulator.compiled.partitions import lose_too_much, offer
from simulator.compiled.stores import head_message, unlink_message
from simulator.compiled.writing import change_level, write_visit


@jit
def serve_stream(s: Any, p: int, f: int, sign: int) -> int:
    """Append a message."""
    g = s.g[0]
    one = s.fr[f]
    part = s.pt[one.node]
    r = one.request
    if sign == codes.START:
        one.entered = g.now
        resume_at(s, p, g.now + draw(s, part.draws, s.rq[r].visit, s.rq[r].index) * part.slowness)
        return codes.WAIT
    write_visit(s, part.component, r, one.entered, one.entered, 0.0, 1 if sign == codes.OK else 0)
    if sign == codes.OK:
        append(s, one.node, r)
    return sign


@jit
def append(s: Any, v: int, r: int) -> None:
    """A message is written, and waits to be read."""
    g = s.g[0]
    part = s.pt[v]
    i = 0
    if part.shards > 1:
        i = int(draw(s, part.shard_draws, s.rq[r].key, s.rq[r].index) * part.shards)
    if is_full(s, codes.MESSAGES_FULL, g.messages):
        return
    g.messages += 1
    m = g.messages
    message = s.message[m]
    message.component = part.component
    message.shard = i
    message.request = r
    message.index = s.rq[r].index
    message.appended = g.now
    message.replay = 0
    message.is_read = 0
    message.is_lost = 0
    message.failed = 0
    message.finished = 0
    message.again = 0
    message.read = inf
    message.done = inf
    message.lost = inf
    s.rq[r].users += 1
    one = s.partition[part.own_0 + i]
    message.before = one.last
    message.after = 0
    is_first = one.first == 0
    if one.last > 0:
        s.message[one.last].after = m
    else:
        one.first = m
    one.last = m
    part.unread += 1
    if part.oldest_message == 0:
        part.oldest_message = m
    if is_first or part.newest_first:
        offer(s, v, i)
    lose_too_much(s, v)


@jit
def next_message(s: Any, v: int, consumer: int) -> int:
    """The next message for a consumer; 0 if there is none."""
    part = s.pt[v]
    while True:
        best = -1
        for i in range(part.shards):
            one = s.partition[part.own_0 + i]
            if one.offered > 0 and one.owner == consumer:
                if best < 0:
                    best = i
                else:
                    other = s.partition[part.own_0 + best].offered
                    if (one.offered > other) if part.newest_first else (one.offered < other):
                        best = i
        if best < 0:
            return 0
        one = s.partition[part.own_0 + best]
        offered = one.offered
        one.offered = 0
        m = head_message(s, v, best)
        if m == 0 or one.busy > 0:
            continue
        if m != offered:
            offer(s, v, best)
            continue
        return m


@jit
def consume(s: Any, p: int, f: int, sign: int) -> int:
    """Read message after message until there is none. Of the frame, `a` is the consumer, `b` the message."""
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    if sign != codes.START:
        m = one.b
        message = s.message[m]
        if sign == codes.OK and one.state == 1 and part.steps >= 0:
            asking = new_request(s, message.request, s.rq[message.request].visit)
            s.rq[asking].abandoned = message.appended
            s.rq[asking].deadline = inf
            one.c = asking
            one.state = 2
            return push_steps(s, p, part.steps, asking)
        if one.state == 2:
            drop(s, one.c)
        if sign < 0:
            give_back(s, v, m)
            return codes.OK
        finish_message(s, v, m, sign)
    m = next_message(s, v, one.a)
    if m == 0:
        s.slot[part.slot_0 + one.a].process = 0
        return codes.OK
    begin_message(s, v, m)
    one.b = m
    one.state = 1
    r = s.message[m].request
    resume_at(s, p, s.g[0].now + draw(s, part.consumer_draws, s.rq[r].visit, s.rq[r].index) * part.slowness)
    return codes.WAIT


@jit
def begin_message(s: Any, v: int, m: int) -> None:
    """A consumer takes a message in hand, and with it its partition."""
    part = s.pt[v]
    message = s.message[m]
    unlink_message(s, v, message.shard, m)
    own = s.partition[part.own_0 + message.shard]
    own.busy = 1
    own.in_hand = m
    message.is_read = 1
    note_read(s, m, s.g[0].now)
    part.unread -= 1


@jit
def finish_message(s: Any, v: int, m: int, sign: int) -> None:
    """A consumer is done with a message, whatever came of it."""
    g = s.g[0]
    part = s.pt[v]
    message = s.message[m]
    if message.replay > 0:
        s.replay_row[message.replay].done = g.now
    else:
        message.done = g.now
    message.finished = 1
    message.failed = 0 if sign == codes.OK else 1
    own = s.partition[part.own_0 + message.shard]
    if sign == codes.OK:
        own.reflected = max(own.reflected, message.appended)
    if part.keeps == 0:
        drop(s, message.request)
    own.busy = 0
    own.in_hand = 0
    offer(s, v, message.shard)


@jit
def note_read(s: Any, m: int, at_s: float) -> None:
    """A message has been taken up, or will be again."""
    message = s.message[m]
    if message.replay > 0:
        s.replay_row[message.replay].read = at_s
    else:
        message.read = at_s


@jit
def give_back(s: Any, v: int, m: int) -> None:
    """A consumer has died; what it had in hand will be read again."""
    part = s.pt[v]
    message = s.message[m]
    own = s.partition[part.own_0 + message.shard]
    after = own.first
    while after > 0 and after < m:
        after = s.message[after].after
    message.after = after
    message.before = s.message[after].before if after > 0 else own.last
    if message.before > 0:
        s.message[message.before].after = m
    else:
        own.first = m
    if after > 0:
        s.message[after].before = m
    else:
        own.last = m
    own.busy = 0
    own.in_hand = 0
    message.is_read = 0
    note_read(s, m, inf)
    part.redelivered += 1
    part.unread += 1
    part.oldest_message = min(part.oldest_message, m)
    lose_too_much(s, v)
    offer(s, v, message.shard)


@jit
def deal(s: Any, v: int) -> None:
    """Give every partition an owner among the consumers that are up, in turn."""
    part = s.pt[v]
    for i in range(part.shards):
        s.partition[part.own_0 + i].offered = 0
    if not is_up(s, v):
        return
    consumer = -1
    for i in range(part.shards):
        while True:
            consumer = (consumer + 1) % part.replicas
            if s.rep[part.replica_0 + consumer].present and not is_closed(s, v, consumer):
                break
        s.partition[part.own_0 + i].owner = consumer
    for i in range(part.shards):
        offer(s, v, i)


@jit
def change_consumers(s: Any, v: int) -> None:
    """Others are up than before; the marked are gone, and the partitions are dealt anew."""
    part = s.pt[v]
    for consumer in range(part.replicas):
        if s.rep[part.replica_0 + consumer].doomed:
            slot = s.slot[part.slot_0 + consumer]
            if slot.process > 0:
                interrupt(s, slot.process, codes.CANCELLED)
                slot.process = 0
    at_work = min(part.shards, part.present - part.closed)
    change_level(s, part.component, at_work - s.level[s.comp[part.component].last_level].level)
    deal(s, v)


@jit
def lose_stream(s: Any, v: int, fault: int, comes_back: int) -> None:
    """The marked consumers die."""
    kill_crew(s, v, fault, comes_back)
    change_consumers(s, v)


@jit
def repair_stream(s: Any, v: int, fault: int) -> None:
    """Bring back what a fault has killed."""
    repair_crew(s, v, fault)
    part = s.pt[v]
    for consumer in range(part.replicas):
        s.rep[part.replica_0 + consumer].doomed = 0
    change_consumers(s, v)
