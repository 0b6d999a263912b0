"""Waiting lines, replicas that come and go, and what an autoscaler reads: what pools and model servers share."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import inline, jit
from simulator.compiled.events import is_full, resume_with
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


# ---- replicas --------------------------------------------------------------------------------------------------


@jit
def is_closed(s: Any, v: int, replica: int) -> bool:
    """Whether a replica takes no work."""
    one = s.rep[s.pt[v].replica_0 + replica]
    return one.dead > 0 or one.leaving > 0


@jit
def is_up(s: Any, v: int) -> bool:
    """Whether somebody takes work."""
    part = s.pt[v]
    return part.closed < part.present


@jit
def is_hopeless(s: Any, v: int) -> bool:
    """Whether nobody takes work and nobody ever will."""
    part = s.pt[v]
    if part.closed < part.present or part.expecting > 0:
        return False
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        if one.present and one.leaving == 0 and one.dead != codes.STAYS_DEAD:
            return False
    return True


@jit
def note_crew(s: Any, v: int) -> None:
    """Count anew who takes no work, and who is paid for."""
    part = s.pt[v]
    closed = 0
    present = 0
    paid = part.starting
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        if one.present:
            present += 1
            if one.dead > 0 or one.leaving > 0:
                closed += 1
            if one.dead == 0:
                paid += 1
    part.present = present
    part.closed = closed
    c = s.comp[part.component]
    if c.scaler >= 0 and paid != part.paid_for:
        change_paid(s, part.component, paid - part.paid_for)
        part.paid_for = paid


@jit
def change_paid(s: Any, c: int, by: int) -> None:
    """So many more replicas are paid for."""
    g = s.g[0]
    one = s.comp[c]
    if is_full(s, codes.LEVELS_FULL, g.level_rows):
        return
    row = s.level[g.level_rows]
    row.component = -1 - c
    row.at_s = g.now
    row.level = s.level[one.last_paid].level + by
    row.before = one.last_paid
    one.last_paid = g.level_rows
    g.level_rows += 1


@jit
def gone(s: Any, v: int, replica: int) -> None:
    """A leaving replica has finished."""
    one = s.rep[s.pt[v].replica_0 + replica]
    one.present = 0
    one.leaving = 0
    one.dead = 0
    note_crew(s, v)


@jit
def add_crew(s: Any, v: int, number: int) -> int:
    """So many new replicas, which are marked; return the number of the first."""
    part = s.pt[v]
    first = part.replicas
    if first + number >= part.replicas_most:
        s.g[0].full = 1000
        return first
    part.replicas += number
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        one.doomed = 1 if i >= first else 0
        if one.doomed:
            one.present = 1
            one.dead = 0
            one.leaving = 0
    note_crew(s, v)
    return first


@jit
def remove_crew(s: Any, v: int, number: int) -> int:
    """Let the last that take work leave; they are marked as going. Return how many that are."""
    part = s.pt[v]
    left = number
    for k in range(part.replicas):
        i = part.replicas - 1 - k
        one = s.rep[part.replica_0 + i]
        one.doomed = 0
        if left > 0 and one.present and one.dead == 0 and one.leaving == 0:
            one.doomed = 1
            left -= 1
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        if one.doomed:
            one.leaving = 1
    note_crew(s, v)
    return number - left


@jit
def doom_last(s: Any, v: int, number: int) -> None:
    """Mark the last live replicas, which a fault will kill."""
    part = s.pt[v]
    left = number
    for k in range(part.replicas):
        one = s.rep[part.replica_0 + part.replicas - 1 - k]
        one.doomed = 0
        if left > 0 and one.present and one.dead == 0 and one.leaving == 0:
            one.doomed = 1
            left -= 1


@jit
def kill_crew(s: Any, v: int, fault: int, comes_back: int) -> None:
    """The marked replicas that are not dead yet die; those stay marked."""
    part = s.pt[v]
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        if one.doomed:
            if one.present and one.dead == 0:
                one.dead = codes.COMES_BACK if comes_back else codes.STAYS_DEAD
                one.fault = fault + 1
            else:
                one.doomed = 0
    note_crew(s, v)


@jit
def repair_crew(s: Any, v: int, fault: int) -> int:
    """The replicas that a fault killed are alive again; those that take work are marked. Return how many."""
    part = s.pt[v]
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        one.doomed = 0
        if one.fault == fault + 1:
            one.fault = 0
            one.dead = 0
            one.doomed = 1
    note_crew(s, v)
    number = 0
    for i in range(part.replicas):
        one = s.rep[part.replica_0 + i]
        if one.doomed:
            if one.present and one.leaving == 0:
                number += 1
            else:
                one.doomed = 0
    return number


@jit
def take_idle(s: Any, v: int, replica: int) -> int:
    """The slots of a replica are idle no more; the others stay in order. Return how many were."""
    part = s.pt[v]
    kept = 0
    for i in range(part.idle_n):
        slot = s.idle[part.slot_0 + i]
        if slot // part.concurrency != replica:
            s.idle[part.slot_0 + kept] = slot
            kept += 1
    taken = part.idle_n - kept
    part.idle_n = kept
    return taken


# ---- what an autoscaler reads ----------------------------------------------------------------------------------


@jit
def integrate(s: Any, m: int) -> None:
    """Bring the integrals up to date."""
    one = s.meter[m]
    passed = s.g[0].now - one.last
    one.busy_s += one.busy * passed
    one.inside_s += one.inside * passed
    one.last = s.g[0].now


@jit
def note_levels(s: Any, v: int, busy: float, inside: float) -> None:
    """From now on so much of a part works, and so many requests are in it."""
    part = s.pt[v]
    m = part.meter
    one = s.meter[m]
    integrate(s, m)
    if one.fleet:
        one.busy = one.busy + (busy - part.meter_busy)
        one.inside = one.inside + (inside - part.meter_inside)
        part.meter_busy = busy
        part.meter_inside = inside
    else:
        one.busy = busy
        one.inside = inside


@jit
def note_began(s: Any, v: int, waited: float) -> None:
    """A request's work has begun."""
    one = s.meter[s.pt[v].meter]
    one.waits += waited
    one.started += 1


@jit
def fail_turn(s: Any, f: int, why: int) -> None:
    """Whoever waits in a frame is turned away."""
    one = s.fr[f]
    one.state = codes.LEFT
    resume_with(s, one.process, why)
