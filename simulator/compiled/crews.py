"""Crews: the replicas of a part, which come and go, die and are repaired, and how many of them are paid for."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import is_full


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
