"""What components write down while they run."""

from math import nan
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import is_full
from simulator.compiled.frames import given_up


@jit
def write_visit(s: Any, c: int, r: int, entered: float, started: float, filled: float, is_answered: int) -> None:
    """A visit to a component ends now."""
    g = s.g[0]
    if is_full(s, codes.VISITS_FULL, g.visit_rows):
        return
    row = s.visit[g.visit_rows]
    g.visit_rows += 1
    row.component = c
    row.request = s.rq[r].index
    row.answered = is_answered
    row.entered = entered
    row.started = started
    row.ended = g.now
    row.filled = filled
    until = g.now
    if s.rq[r].parent > 0:
        until = min(until, given_up(s, r))
    row.until = until


@jit
def write_refused(s: Any, c: int, r: int) -> None:
    """A visit that was turned away at the door."""
    write_visit(s, c, r, s.g[0].now, nan, 0.0, 0)


@jit
def write_moment(s: Any, c: int, what: int, at_s: float) -> None:
    """Something has happened to a visit that was entered at `at_s`."""
    g = s.g[0]
    if is_full(s, codes.MOMENTS_FULL, g.moment_rows):
        return
    row = s.moment[g.moment_rows]
    g.moment_rows += 1
    row.component = c
    row.what = what
    row.at_s = at_s


@jit
def count(s: Any, c: int, what: int) -> None:
    """One more of what a component counts."""
    s.count[s.comp[c].counter_0 + what] += 1


@jit
def change_level(s: Any, c: int, by: int) -> None:
    """A component can work on so many more at once; balancers look who lives."""
    g = s.g[0]
    one = s.comp[c]
    one.steps += 1
    if is_full(s, codes.LEVELS_FULL, g.level_rows):
        return
    row = s.level[g.level_rows]
    row.component = c
    row.at_s = g.now
    row.level = s.level[one.last_level].level + by
    row.before = one.last_level
    one.last_level = g.level_rows
    g.level_rows += 1
