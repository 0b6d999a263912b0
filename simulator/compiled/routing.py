"""Routers with canaries, shadows and their undoing, as `components/router.py`."""

from math import ceil
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.doors import push_target
from simulator.compiled.events import draw, is_full, resume_at, visits_from
from simulator.compiled.frames import answered, drop, new_process, new_request, push_frame
from simulator.compiled.writing import write_visit


@jit
def serve_router(s: Any, p: int, f: int, sign: int) -> int:
    """Send shadows, choose a route, and become the frame that watches it."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    r = one.request
    row = s.rq[r]
    for i in range(part.routes):
        route = s.route[part.route_0 + i]
        if route.shadow > 0 and draw(s, route.draws, row.visit, row.index) < route.share:
            trial = new_request(s, r, row.visit)
            s.rq[trial].abandoned = g.now
            q = new_process(s, codes.TRIAL, trial)
            below = push_frame(s, q, codes.OBSERVED, trial, v)
            s.fr[below].a = i
            s.fr[below].b = 0
    chosen = 0
    if part.undone == 0 and part.canaries > 0:
        luck = draw(s, part.draws, row.visit, row.index)
        for i in range(1, part.routes):
            route = s.route[part.route_0 + i]
            if route.shadow == 0 and luck < route.end:
                chosen = i
                break
    one.b = 0
    if chosen > 0 and spoiled(s, v) > 0:
        one.b = 1
    else:
        write_visit(s, part.component, r, g.now, g.now, 0.0, 1)
    one.kind = codes.OBSERVED
    one.state = 0
    one.a = chosen
    return codes.AGAIN


@jit
def spoiled(s: Any, v: int) -> int:
    """By how many faults the canary is bad now."""
    n = 0
    for i in range(s.g[0].faults):
        if s.fault[i].what == codes.SPOIL and s.fault[i].part == v and s.share[i].used > 0:
            n += 1
    return n


@jit
def observe(s: Any, p: int, f: int, sign: int) -> int:
    """Ask a route and note how it ends. Of the frame, `a` is the route, `b` says that it is bad, `c` is the request
    that is sent, `work` what share a bad canary does right and `due` how much slower it is.
    """
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    part = s.pt[v]
    r = one.request
    if sign == codes.START:
        begin_route(s, f)
        return push_target(s, p, s.route[part.route_0 + one.a].target, one.c)
    if one.c != r:
        if sign == codes.OK:
            answered(s, one.c)
        drop(s, one.c)
        one.c = r
    if one.b:
        if one.state == 0:
            if sign < 0:
                return sign
            if sign > 0:
                write_visit(s, part.component, r, g.now, g.now, 0.0, 0)
                end_route(s, f, 0)
                return sign
            one.started = g.now
            if one.due > 1 and g.now > one.entered:
                one.state = 1
                resume_at(s, p, one.entered + one.due * (g.now - one.entered))
                return codes.WAIT
        elif sign != codes.OK:
            write_visit(s, part.component, r, one.started, one.started, 0.0, 0)
            return sign
        fails = draw(s, part.bad_draws, s.rq[r].visit, s.rq[r].index) >= one.work
        write_visit(s, part.component, r, one.started, one.started, 0.0, 0 if fails else 1)
        if fails:
            sign = codes.BAD_CANARY
    if sign < 0:
        return sign
    end_route(s, f, 1 if sign == codes.OK else 0)
    return sign


@jit
def begin_route(s: Any, f: int) -> None:
    """Look how bad the route is, and what is sent by it."""
    g = s.g[0]
    one = s.fr[f]
    v = one.node
    r = one.request
    route = s.route[s.pt[v].route_0 + one.a]
    one.entered = g.now
    one.state = 0
    one.work = 1.0
    one.due = 1.0
    if one.b:
        for i in range(g.faults):
            if s.fault[i].what == codes.SPOIL and s.fault[i].part == v and s.share[i].used > 0:
                one.work *= 1 - s.fault[i].factor
                one.due *= s.fault[i].more
    one.c = r
    if route.is_only == 0:
        visit = 0
        if not (route.only and s.rq[r].visit == 0):
            visit = visits_from(s, route.visits_row, s.rq[r].visit, codes.VISITS)
        trial = new_request(s, r, visit)
        if not (route.only and s.rq[r].key == 0):
            s.rq[trial].key = visits_from(s, route.visits_row, s.rq[r].key, codes.KEYS)
        one.c = trial


@jit
def end_route(s: Any, f: int, is_answered: int) -> None:
    """A request has come back from its route; the canary may be taken back for it."""
    g = s.g[0]
    one = s.fr[f]
    part = s.pt[one.node]
    if is_full(s, codes.ROUTES_FULL, g.route_rows):
        return
    row = s.route_row[g.route_rows]
    g.route_rows += 1
    row.component = part.component
    row.request = s.rq[one.request].index
    row.route = one.a
    row.answered = is_answered
    row.sent = one.entered
    row.ended = g.now
    if part.judges == 0 or part.undone > 0 or one.a == 0 or s.route[part.route_0 + one.a].shadow > 0:
        return
    if is_too_bad(s, one.node, g.now - one.entered, is_answered):
        part.undone = 1
        part.undone_s = g.now


@jit
def is_too_bad(s: Any, v: int, took_s: float, is_answered: int) -> bool:
    """One more of the canary's requests has ended; whether it has now gone too far."""
    g = s.g[0]
    part = s.pt[v]
    bad = 1 - is_answered
    if part.judges == 2:
        if is_answered == 0:
            return False
        bad = 1 if took_s * 1000 > part.undo_above else 0
    if part.judged_to + 1 >= part.judged_most:
        g.full = 1000
        return False
    note = s.note[part.judged_0 + part.judged_to]
    note.at_s = g.now
    note.n = bad
    part.judged_to += 1
    part.judged_bad += bad
    while s.note[part.judged_0 + part.judged_from].at_s <= g.now - part.undo_window:
        part.judged_bad -= s.note[part.judged_0 + part.judged_from].n
        part.judged_from += 1
    n = part.judged_to - part.judged_from
    if n < 20:
        return False
    if part.judges == 1:
        return part.judged_bad / n > part.undo_above
    return n - part.judged_bad < ceil(0.99 * n - 1e-9)
