"""Load balancers, as `components/load_balancer.py` and `outstanding.py`.

A balancer's numbers stand one block after the other, each as long as it may have members: requests under way, what it
sees of them, who lives, whose target a member is, whether it lives, who may be chosen, a short list, the place of a
member in its level, and then the levels, each a list of the members with so many requests.
"""

from math import floor
from typing import Any

from simulator.compiled import codes
from simulator.compiled.crews import is_up
from simulator.compiled.door import jit
from simulator.compiled.doors import push_target
from simulator.compiled.events import draw, resume_at
from simulator.compiled.lines import is_late
from simulator.compiled.writing import write_visit

NOW, SEEN, ALIVE, TARGETS, LIVES, AMONG, SHORT, PLACES, SIZES = range(9)
LEVELS = 4096


@jit
def serve_balancer(s: Any, p: int, f: int, sign: int) -> int:
    """Choose a replica and pass the request on."""
    g = s.g[0]
    one = s.fr[f]
    part = s.pt[one.node]
    if sign == codes.START:
        one.entered = g.now
        if part.overhead > 0:
            one.state = 1
            resume_at(s, p, g.now + part.overhead_s * part.slowness)
            return codes.WAIT
    elif one.state == 2:
        add_outstanding(s, one.node, one.a, -1)
        return sign
    elif sign != codes.OK:
        write_visit(s, part.component, one.request, one.entered, one.entered, 0.0, 0)
        return sign
    chosen = choose(s, one.node, one.request)
    if chosen < 0:
        write_visit(s, part.component, one.request, one.entered, one.entered, 0.0, 0)
        return codes.PAST_DEADLINE if chosen == -2 else codes.NO_REPLICA
    write_visit(s, part.component, one.request, one.entered, one.entered, 0.0, 1)
    add_outstanding(s, one.node, chosen, 1)
    one.state = 2
    one.a = chosen
    return push_target(s, p, s.balance[part.own_0 + TARGETS * part.members + chosen], one.request)


@jit
def choose(s: Any, v: int, r: int) -> int:
    """Which replica a request goes to; -1 if all are dead, -2 if it is too late."""
    part = s.pt[v]
    one = s.rq[r]
    if is_late(s, r):
        return -2
    known = 0
    for i in range(part.targets):
        known += s.comp[s.last[part.last_0 + i]].steps
    if known != part.known:
        part.known = known
        look_who_lives(s, v)
    tried = one.tried
    one.tried = 0
    n = 0
    is_all = 1
    among = part.own_0 + AMONG * part.members
    alive = part.own_0 + ALIVE * part.members
    if tried > 0:
        for i in range(part.alive_n):
            member = s.balance[alive + i]
            if not was_tried(s, tried, member):
                s.balance[among + n] = member
                n += 1
        is_all = 0
    if n == 0:
        is_all = 1
        for i in range(part.alive_n):
            s.balance[among + i] = s.balance[alive + i]
        n = part.alive_n
    if n == 0:
        return -1
    if part.stale_s > 0:
        refresh(s, v)
    chosen = by_policy(s, v, r, n, is_all)
    if tried > 0:
        note_tried(s, tried, chosen)
    return chosen


@jit
def was_tried(s: Any, tried: int, member: int) -> bool:
    """Whether a member is in the list of the tried."""
    k = s.tried_next[tried]
    while k > 0:
        if s.tried[k] == member:
            return True
        k = s.tried_next[k]
    return False


@jit
def note_tried(s: Any, tried: int, member: int) -> None:
    """A member is tried now."""
    g = s.g[0]
    if g.tried_rows + 2 >= s.cap[codes.TRIED_FULL]:
        g.full = codes.TRIED_FULL + 1
        return
    g.tried_rows += 1
    s.tried[g.tried_rows] = member
    s.tried_next[g.tried_rows] = s.tried_next[tried]
    s.tried_next[tried] = g.tried_rows


@jit
def look_who_lives(s: Any, v: int) -> None:
    """Somebody has died, come or gone."""
    part = s.pt[v]
    n = 0
    for i in range(part.joined):
        target = s.balance[part.own_0 + TARGETS * part.members + i]
        lives = is_up(s, s.target[target].part)
        s.balance[part.own_0 + LIVES * part.members + i] = 1 if lives else 0
        if lives:
            s.balance[part.own_0 + ALIVE * part.members + n] = i
            n += 1
    part.alive_n = n
    if part.policy == codes.LEAST_OUTSTANDING:
        part.leveled = n
        for i in range(n):
            s.balance[part.leveled_0 + i] = s.balance[part.own_0 + ALIVE * part.members + i]
        build_levels(s, v)


@jit
def seen_block(s: Any, v: int) -> int:
    """Where the numbers begin that the balancer sees."""
    part = s.pt[v]
    return part.own_0 + (SEEN if part.stale_s > 0 else NOW) * part.members


@jit
def build_levels(s: Any, v: int) -> None:
    """Put the members that were alive at the last look into their levels, in their order."""
    part = s.pt[v]
    sizes = part.own_0 + SIZES * part.members
    for level in range(LEVELS):
        s.balance[sizes + level] = 0
    for i in range(part.joined):
        s.balance[part.own_0 + PLACES * part.members + i] = -1
    low = LEVELS
    seen = seen_block(s, v)
    for i in range(part.leveled):
        member = s.balance[part.leveled_0 + i]
        level = s.balance[seen + member]
        enter_level(s, v, member, level)
        low = min(low, level)
    part.level_low = low


@jit
def enter_level(s: Any, v: int, member: int, level: int) -> None:
    """A member is the last of its level."""
    part = s.pt[v]
    if level >= LEVELS - 1:
        s.g[0].full = 1000
        return
    sizes = part.own_0 + SIZES * part.members
    n = s.balance[sizes + level]
    s.balance[part.own_0 + PLACES * part.members + member] = n
    s.balance[part.levels_0 + level * part.members + n] = member
    s.balance[sizes + level] = n + 1


@jit
def move_level(s: Any, v: int, member: int, before: int, after: int) -> None:
    """A member goes to the next level above or below; the last of its level takes its place there."""
    part = s.pt[v]
    places = part.own_0 + PLACES * part.members
    sizes = part.own_0 + SIZES * part.members
    place = s.balance[places + member]
    if place < 0:
        return
    n = s.balance[sizes + before] - 1
    s.balance[sizes + before] = n
    last = s.balance[part.levels_0 + before * part.members + n]
    if last != member:
        s.balance[part.levels_0 + before * part.members + place] = last
        s.balance[places + last] = place
    enter_level(s, v, member, after)
    if after < part.level_low or (before == part.level_low and n == 0):
        part.level_low = after


@jit
def refresh(s: Any, v: int) -> None:
    """Look at the replicas if it is time to."""
    g = s.g[0]
    part = s.pt[v]
    if g.now >= part.next_s:
        for i in range(part.joined):
            s.balance[part.own_0 + SEEN * part.members + i] = s.balance[part.own_0 + NOW * part.members + i]
        part.next_s = max((floor(g.now / part.stale_s) + 1) * part.stale_s, part.next_s)
        if part.policy == codes.LEAST_OUTSTANDING and part.known >= 0:
            build_levels(s, v)


@jit
def add_outstanding(s: Any, v: int, member: int, by: int) -> None:
    """One request more or less."""
    part = s.pt[v]
    if part.stale_s > 0:
        refresh(s, v)
    now = part.own_0 + NOW * part.members
    before = s.balance[now + member]
    s.balance[now + member] = before + by
    if part.stale_s == 0 and part.policy == codes.LEAST_OUTSTANDING and part.known >= 0:
        move_level(s, v, member, before, before + by)


@jit
def by_policy(s: Any, v: int, r: int, n: int, is_all: int) -> int:
    """Which of the `n` that may be chosen the policy takes."""
    part = s.pt[v]
    one = s.rq[r]
    among = part.own_0 + AMONG * part.members
    if part.policy == codes.RANDOM:
        return s.balance[among + int(draw(s, part.draws, one.visit, one.index) * n)]
    if part.policy == codes.ROUND_ROBIN:
        chosen = part.next_robin % part.joined
        while not is_among(s, among, n, chosen):
            chosen = (chosen + 1) % part.joined
        part.next_robin = chosen + 1
        return chosen
    if part.policy == codes.LEAST_OUTSTANDING:
        if is_all:
            sizes = part.own_0 + SIZES * part.members
            there = s.balance[sizes + part.level_low]
            luck = int(draw(s, part.draws, one.visit, one.index) * there)
            return s.balance[part.levels_0 + part.level_low * part.members + luck]
        return shortest(s, v, r, among, n)
    if part.choices >= n:
        return shortest(s, v, r, among, n)
    short = part.own_0 + SHORT * part.members
    for k in range(part.choices):
        top = n - part.choices + k
        pick = int(draw(s, part.draws + 1 + k, one.visit, one.index) * (top + 1))
        if is_among(s, short, k, pick):
            pick = top
        s.balance[short + k] = pick
    for k in range(part.choices):
        s.balance[short + k] = s.balance[among + s.balance[short + k]]
    return shortest(s, v, r, short, part.choices)


@jit
def is_among(s: Any, block: int, n: int, one: int) -> bool:
    """Whether it is one of the first `n` of a block."""
    for i in range(n):
        if s.balance[block + i] == one:
            return True
    return False


@jit
def shortest(s: Any, v: int, r: int, block: int, n: int) -> int:
    """Of the members of a block, the one with the fewest requests; of several, one at random."""
    seen = seen_block(s, v)
    least = s.balance[seen + s.balance[block]]
    for i in range(1, n):
        least = min(least, s.balance[seen + s.balance[block + i]])
    ties = 0
    for i in range(n):
        if s.balance[seen + s.balance[block + i]] == least:
            ties += 1
    which = 0
    if ties > 1:
        which = int(draw(s, s.pt[v].draws, s.rq[r].visit, s.rq[r].index) * ties)
    for i in range(n):
        if s.balance[seen + s.balance[block + i]] == least:
            if which == 0:
                return s.balance[block + i]
            which -= 1
    return s.balance[block]
