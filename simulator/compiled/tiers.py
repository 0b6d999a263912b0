"""Caches, stores and what stands at their doors, as `components/cache.py`, `contents.py`, `store.py` and `doors.py`."""

from math import floor, inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import float_at, jit
from simulator.compiled.events import (
    answered,
    count,
    draw,
    drop,
    free_watch,
    is_full,
    new_process,
    new_request,
    new_watch,
    push_frame,
    resume_at,
    write_moment,
    write_refused,
    write_visit,
)
from simulator.compiled.queues import is_up


@jit
def push_part(s: Any, p: int, v: int, r: int) -> int:
    """Let a process ask a part."""
    f = push_frame(s, p, s.pt[v].kind, r, v)
    s.fr[f].a = 0
    return codes.PUSHED


@jit
def push_target(s: Any, p: int, t: int, r: int) -> int:
    """Let a process ask somebody, through the doors that faults may close."""
    target = s.target[t]
    if target.link >= 0:
        push_frame(s, p, codes.LINK, r, t)
        return codes.PUSHED
    return push_behind_link(s, p, t, r)


@jit
def push_behind_link(s: Any, p: int, t: int, r: int) -> int:
    """The same, where the link holds."""
    target = s.target[t]
    if target.errors >= 0:
        push_frame(s, p, codes.ERRORS, r, t)
        return codes.PUSHED
    return push_part(s, p, target.part, r)


@jit
def push_steps(s: Any, p: int, steps: int, r: int) -> int:
    """Let a process take the steps of a component."""
    push_frame(s, p, codes.STEPS, r, steps)
    return codes.PUSHED


@jit
def pass_errors(s: Any, p: int, f: int, sign: int) -> int:
    """Some answers are errors, after all the work for them is done."""
    one = s.fr[f]
    t = one.node
    if sign == codes.START:
        return push_part(s, p, s.target[t].part, one.request)
    if sign != codes.OK:
        return sign
    e = s.target[t].errors
    works = 1.0
    strikes = False
    for i in range(s.g[0].faults):
        if s.share[i].errors == e and s.share[i].used > 0:
            works *= 1 - s.share[i].share
            strikes = True
    if strikes and draw(s, s.err[e].draws, s.rq[one.request].visit, s.rq[one.request].index) < 1 - works:
        count(s, s.err[e].component, codes.ERRORS_COUNT)
        return codes.ERROR
    return codes.OK


@jit
def pass_link(s: Any, p: int, f: int, sign: int) -> int:
    """While a link is cut, neither requests nor answers pass."""
    one = s.fr[f]
    t = one.node
    if sign == codes.START:
        if s.link[s.target[t].link].faults == 0:
            return push_behind_link(s, p, t, one.request)
    elif one.state == 1 and sign == codes.OK:
        return codes.LINK_CUT
    elif sign != codes.OK:
        return sign
    elif s.link[s.target[t].link].faults == 0:
        return codes.OK
    count(s, s.link[s.target[t].link].component, codes.CUT_OFF)
    deadline = s.rq[one.request].deadline
    one.state = 1
    if s.target[t].timeout < inf:
        resume_at(s, p, s.g[0].now + s.target[t].timeout)
        return codes.WAIT
    if s.g[0].now < deadline < inf:
        resume_at(s, p, deadline)
        return codes.WAIT
    return codes.LINK_CUT


# ---- caches ----------------------------------------------------------------------------------------------------


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


# ---- stores ----------------------------------------------------------------------------------------------------


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
        draw(s, site.together_draws, row.visit, row.index)
        first = s.luck[site.together_draws * g.most_visits + row.visit] + 8 * row.index * n
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
        backup = one.b
        draw(s, site.together_draws, row.visit, row.index)
        draw(s, site.together_draws, backup, row.index)
        first = s.luck[site.together_draws * g.most_visits + row.visit] + 8 * row.index * n
        again = s.luck[site.together_draws * g.most_visits + backup] + 8 * row.index * n
        late = 0
        for i in range(n):
            takes = float_at(first + 8 * i) * one.work
            if takes > site.hedge_s:
                late += 1
                takes = min(takes, site.hedge_s + float_at(again + 8 * i) * part.slowness)
            s.scratch[i] = takes
        one.a = late
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
