"""Circuit breakers, as `components/circuit_breaker.py`."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import is_full


@jit
def refuses(s: Any, site: int, at_s: float) -> bool:
    """Whether an attempt at `at_s` would fail at once, as things stand now."""
    one = s.site[site]
    return one.trial_runs > 0 or at_s < one.opens_again


@jit
def begin_guarded(s: Any, site: int) -> int:
    """An attempt begins; return what its end must be told."""
    one = s.site[site]
    if one.opens_again > -inf and one.trial_runs == 0:
        one.trial_runs = 1
        change_circuit(s, site, codes.CIRCUIT_HALF)
    return one.state


@jit
def end_guarded(s: Any, site: int, began: int, failed: bool) -> None:
    """An attempt ends that began in state `began`."""
    one = s.site[site]
    if began != one.state:
        return
    if one.trial_runs > 0:
        one.trial_runs = 0
        if failed:
            open_circuit(s, site)
        else:
            one.opens_again = -inf
            one.last_n = 0
            one.last_at = 0
            one.failed = 0
            change_circuit(s, site, codes.CIRCUIT_CLOSED)
        return
    place = one.last_0 + one.last_at
    if one.last_n == one.window:
        one.failed -= s.last[place]
    else:
        one.last_n += 1
    s.last[place] = 1 if failed else 0
    one.last_at = (one.last_at + 1) % one.window
    if failed:
        one.failed += 1
    too_many = max(1.0, one.failure_share * one.window)
    if one.last_n == one.window and one.failed >= too_many:
        open_circuit(s, site)


@jit
def open_circuit(s: Any, site: int) -> None:
    """Stop asking for a while."""
    one = s.site[site]
    one.opens_again = s.g[0].now + one.open_s
    change_circuit(s, site, codes.CIRCUIT_OPENED)


@jit
def change_circuit(s: Any, site: int, state: int) -> None:
    """Write a change of state down."""
    g = s.g[0]
    s.site[site].state += 1
    if is_full(s, codes.CIRCUITS_FULL, g.circuit_rows):
        return
    row = s.circuit[g.circuit_rows]
    g.circuit_rows += 1
    row.site = site
    row.state = state
    row.at_s = g.now
