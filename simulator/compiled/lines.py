"""Waiting lines: who waits in front of a part, whose turn is next and who has waited too long."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import inline, jit
from simulator.compiled.events import resume_with
from simulator.compiled.writing import count


@jit
def line_up(s: Any, v: int, f: int) -> None:
    """A frame takes its place in the line of a part."""
    g = s.g[0]
    part = s.pt[v]
    one = s.fr[f]
    level = 0
    if part.discipline == codes.PRIORITY:
        level = s.base[s.rq[one.request].index].line
    row = s.line[part.line_0 + level]
    if row.seen == 0:
        g.order += 1
        row.seen = g.order
    one.line = level
    one.after = 0
    one.before = row.last
    if row.last > 0:
        s.fr[row.last].after = f
    else:
        row.first = f
    row.last = f
    part.waiting += 1


@jit
def leave_line(s: Any, v: int, f: int) -> None:
    """A frame gives up its place, or its turn has come."""
    part = s.pt[v]
    one = s.fr[f]
    row = s.line[part.line_0 + one.line]
    if one.before > 0:
        s.fr[one.before].after = one.after
    else:
        row.first = one.after
    if one.after > 0:
        s.fr[one.after].before = one.before
    else:
        row.last = one.before
    part.waiting -= 1


@jit
def upcoming(s: Any, v: int) -> int:
    """The next in turn; 0 if nobody waits."""
    part = s.pt[v]
    if part.waiting == 0:
        return 0
    if part.discipline == codes.FIFO:
        return s.line[part.line_0].first
    if part.discipline == codes.LIFO:
        return s.line[part.line_0].last
    for level in range(part.lines):
        first = s.line[part.line_0 + level].first
        if first > 0:
            return first
    return 0


@jit
def oldest(s: Any, v: int) -> int:
    """Who has waited longest; 0 if nobody waits. Of several, who is of the priority that was seen first."""
    part = s.pt[v]
    best = 0
    seen = 0
    for level in range(part.lines):
        row = s.line[part.line_0 + level]
        if row.first > 0:
            entered = s.fr[row.first].entered
            is_older = best == 0 or entered < s.fr[best].entered
            if is_older or (entered == s.fr[best].entered and row.seen < seen):
                best = row.first
                seen = row.seen
    return best


@jit
def oldest_wait_s(s: Any, v: int) -> float:
    """How long the oldest has waited that still does; 0 if nobody does."""
    first = oldest(s, v)
    if first == 0:
        return 0.0
    return s.g[0].now - s.fr[first].entered


@inline
def is_late(s: Any, r: int) -> bool:
    """Whether the deadline of a request has passed."""
    return s.g[0].now >= s.rq[r].deadline


@jit
def too_late(s: Any, v: int, r: int) -> int:
    """Why a request whose turn comes too late is dropped."""
    if is_late(s, r):
        count(s, s.pt[v].component, codes.PAST_DEADLINES)
        return codes.PAST_DEADLINE
    return codes.TOO_OLD


@jit
def fail_turn(s: Any, f: int, why: int) -> None:
    """Whoever waits in a frame is turned away."""
    one = s.fr[f]
    one.state = codes.LEFT
    resume_with(s, one.process, why)
