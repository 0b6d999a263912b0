"""Stores and what streams write into them, as `components/store.py`."""

from math import floor, inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import is_up
from simulator.compiled.door import float_at, jit
from simulator.compiled.events import draw, is_full, resume_at
from simulator.compiled.frames import answered, drop, push_frame
from simulator.compiled.writing import write_refused, write_visit


@jit
def serve_store(s: Any, p: int, f: int, sign: int) -> int:
    """A read goes to the shard of its key, or takes its time alone."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    r = one.request
    if sign == codes.START:
        if part.pool_0 < 0:
            one.entered = g.now
            resume_at(s, p, g.now + read_s(s, v, r) * part.slowness)
            return codes.WAIT
        shard = (first_shard(s, v, r) + s.rq[r].nth) % part.shards
        if part.need > 0:
            one.a = part.pool_0 + shard * part.copies
            alive = 0
            for i in range(part.copies):
                if is_up(s, one.a + i):
                    alive += 1
            if alive < part.need:
                write_refused(s, part.component, r)
                return codes.NO_QUORUM
            shards_0 = one.a
            f = push_frame(s, p, codes.QUORUM, r, v)
            s.fr[f].a = shards_0
            return codes.PUSHED
        visit = s.rq[r].visit
        f = push_frame(s, p, codes.POOL, r, part.pool_0 + shard)
        s.fr[f].work = draw(s, part.draws, visit, s.rq[r].index)
        s.fr[f].a = -1
        return codes.PUSHED
    if part.pool_0 < 0:
        write_visit(s, part.component, r, one.entered, one.entered, 0.0, 1 if sign == codes.OK else 0)
    if sign == codes.OK and part.fresh:
        note_age(s, v, r)
    return sign


@jit
def read_s(s: Any, v: int, r: int) -> float:
    """How long a read takes that never waits: of a quorum, until the last answer that is needed."""
    part = s.pt[v]
    one = s.rq[r]
    if part.need == 0:
        return draw(s, part.draws, one.visit, one.index)
    for i in range(part.copies):
        s.scratch[i] = draw(s, part.draws + i, one.visit, one.index)
    return nth_smallest(s, 0, part.copies, part.need)


@jit
def nth_smallest(s: Any, first: int, n: int, nth: int) -> float:
    """Of the numbers on the scratch pad, by insertion up to there."""
    if nth == n:
        largest = s.scratch[first]
        for i in range(1, n):
            largest = max(largest, s.scratch[first + i])
        return largest
    for i in range(1, n):
        x = s.scratch[first + i]
        k = i - 1
        while k >= 0 and s.scratch[first + k] > x:
            s.scratch[first + k + 1] = s.scratch[first + k]
            k -= 1
        s.scratch[first + k + 1] = x
    return s.scratch[first + nth - 1]


@jit
def first_shard(s: Any, v: int, r: int) -> int:
    """The shard of the request's key."""
    part = s.pt[v]
    one = s.rq[r]
    if part.shard_by_key:
        return int(draw(s, part.shard_draws, 0, one.index))
    luck = draw(s, part.shard_draws, one.key, one.index)
    if part.hot < 0 or part.shards == 1:
        return int(luck * part.shards)
    if luck < part.hot_share:
        return 0
    return 1 + int((luck - part.hot_share) / (1 - part.hot_share) * (part.shards - 1))


@jit
def note_age(s: Any, v: int, r: int) -> None:
    """The store answers a read now; how old is it?"""
    g = s.g[0]
    part = s.pt[v]
    until = max(part.fresh_seen, written_until(s, v) - part.fresh_lag)
    if part.fresh_every >= 1e-9:
        until = part.fresh_first + part.fresh_every * floor((until - part.fresh_first) / part.fresh_every)
    s.rq[r].oldest = min(s.rq[r].oldest, until)
    if is_full(s, codes.AGES_FULL, g.age_rows):
        return
    row = s.age[g.age_rows]
    g.age_rows += 1
    row.component = part.component
    row.request = s.rq[r].index
    row.read = g.now
    row.age = g.now - until


@jit
def written_until(s: Any, v: int) -> float:
    """Up to when the store holds what was written."""
    part = s.pt[v]
    if part.fresh_fed >= 0:
        return consumed_until(s, part.fresh_fed)
    return s.g[0].now


@jit
def consumed_until(s: Any, v: int) -> float:
    """How far what a stream's consumers write has come."""
    g = s.g[0]
    part = s.pt[v]
    best = inf
    for i in range(part.shards):
        one = s.partition[part.own_0 + i]
        until = g.now
        if one.in_hand > 0 and s.message[one.in_hand].appended > one.reflected:
            until = s.message[one.in_hand].appended
        m = head_message(s, v, i)
        if m > 0:
            if part.newest_first == 0 and s.message[m].appended > one.reflected:
                until = min(until, s.message[m].appended)
            else:
                k = one.last
                while k > 0 and s.message[k].appended > one.reflected:
                    until = min(until, s.message[k].appended)
                    k = s.message[k].before
        best = min(best, until)
    return best


@jit
def head_message(s: Any, v: int, i: int) -> int:
    """The next message of a partition that is still there; 0 if there is none."""
    part = s.pt[v]
    one = s.partition[part.own_0 + i]
    while True:
        m = one.last if part.newest_first else one.first
        if m == 0 or s.message[m].is_lost == 0:
            return m
        unlink_message(s, v, i, m)


@jit
def unlink_message(s: Any, v: int, i: int, m: int) -> None:
    """Take a message out of its partition's line."""
    one = s.partition[s.pt[v].own_0 + i]
    message = s.message[m]
    if message.before > 0:
        s.message[message.before].after = message.after
    else:
        one.first = message.after
    if message.after > 0:
        s.message[message.after].before = message.before
    else:
        one.last = message.before
    message.before = 0
    message.after = 0


@jit
def serve_together(s: Any, p: int, f: int, sign: int) -> int:
    """Wait for some of several shards together; one that is late is asked again, and its first answer counts."""
    g = s.g[0]
    one = s.fr[f]
    site = s.site[one.node]
    v = s.target[site.target].part
    part = s.pt[v]
    r = one.request
    row = s.rq[r]
    n = site.copies
    if sign == codes.START:
        one.entered = g.now
        one.work = part.slowness
        first = times_of(s, one.node, row.visit, row.index)
        for i in range(n):
            s.scratch[i] = float_at(first + 8 * i) * one.work
        answer_s = nth_smallest(s, 0, n, site.need)
        if site.hedge and answer_s > site.hedge_s:
            one.state = 1
            resume_at(s, p, g.now + site.hedge_s)
            return codes.WAIT
        one.state = 2
        one.a = 0
        resume_at(s, p, g.now + answer_s)
        return codes.WAIT
    if sign != codes.OK:
        write_visit(s, part.component, r, one.entered, one.entered, 0.0, 0)
        drop(s, r)
        return sign
    if one.state == 1:
        ask_again(s, f)
        one.state = 2
        resume_at(s, p, one.entered + nth_smallest(s, 0, n, site.need))
        return codes.WAIT
    write_visit(s, part.component, r, one.entered, one.entered, 0.0, 1)
    if part.fresh:
        note_age(s, v, r)
    site.backups += one.a
    answered(s, r)
    drop(s, r)
    return codes.OK


@jit
def ask_again(s: Any, f: int) -> None:
    """Ask the late shards once more; write on the scratch pad when each answers, counted from the start."""
    one = s.fr[f]
    site = s.site[one.node]
    row = s.rq[one.request]
    slowness = s.pt[s.target[site.target].part].slowness
    first = times_of(s, one.node, row.visit, row.index)
    again = times_of(s, one.node, one.b, row.index)
    one.a = 0
    for i in range(site.copies):
        takes = float_at(first + 8 * i) * one.work
        if takes > site.hedge_s:
            one.a += 1
            takes = min(takes, site.hedge_s + float_at(again + 8 * i) * slowness)
        s.scratch[i] = takes


@jit
def times_of(s: Any, site: int, visit: int, index: int) -> int:
    """Where the times lie that the shards take for one visit of a request."""
    slot = s.site[site].together_draws
    draw(s, slot, visit, index)
    return s.luck[slot * s.g[0].most_visits + visit] + 8 * index * s.site[site].copies
