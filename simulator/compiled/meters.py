"""Meters: what an autoscaler reads about its component."""

from typing import Any

from simulator.compiled.door import jit


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
