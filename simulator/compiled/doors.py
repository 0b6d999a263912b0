"""How a process asks somebody, and what faults put between, as `components/doors.py`."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import draw, resume_at
from simulator.compiled.frames import push_frame
from simulator.compiled.writing import count


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
