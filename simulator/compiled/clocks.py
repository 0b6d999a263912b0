"""Clocks of attempts, most of which are stopped before they ring.

Those of one call ring in the order in which they are set, as they all last as long. So they stand in line, and only one
event waits for the first of a line: one that is stopped leaves the line and costs no event.
"""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import happen, next_key, push


@jit
def set_clock(s: Any, w: int, line: int, at_s: float) -> None:
    """A watch ends at a time, unless it has ended before."""
    row = s.clocks[line]
    one = s.wt[w]
    if at_s == s.g[0].now or at_s < row.latest:
        happen(s, at_s, codes.CLOCK | (w << codes.KIND_BITS), one.serial)
        return
    row.latest = at_s
    one.clocks = line + 1
    one.rings = at_s
    one.key = next_key(s, codes.NORMAL)
    one.before = row.last
    one.after = 0
    if row.last > 0:
        s.wt[row.last].after = w
    else:
        row.first = w
    row.last = w
    if row.awaited == 0:
        await_first(s, line)


@jit
def await_first(s: Any, line: int) -> None:
    """An event waits for the first clock of a line, if there is one; should it be stopped, the event finds another."""
    row = s.clocks[line]
    row.awaited = 0
    if row.first > 0:
        first = s.wt[row.first]
        row.awaited = first.key
        push(s, first.rings, first.key, codes.FIRST_CLOCK | (line << codes.KIND_BITS), 0)


@jit
def ring(s: Any, line: int) -> int:
    """Return the watch whose clock rings now; 0 if that was stopped, and another one is awaited."""
    row = s.clocks[line]
    w = row.first
    if w > 0 and s.wt[w].key == row.awaited:
        stop_clock(s, w)
    else:
        w = 0
    await_first(s, line)
    return w


@jit
def stop_clock(s: Any, w: int) -> None:
    """A clock leaves its line, if it stands in one."""
    one = s.wt[w]
    if one.clocks == 0:
        return
    row = s.clocks[one.clocks - 1]
    if one.before > 0:
        s.wt[one.before].after = one.after
    else:
        row.first = one.after
    if one.after > 0:
        s.wt[one.after].before = one.before
    else:
        row.last = one.before
    one.clocks = 0
