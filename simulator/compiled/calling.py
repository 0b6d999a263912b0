"""What components ask of others, as `components/calls.py`, `trials.py`, `backoff.py` and `circuit_breaker.py`."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.circuits import begin_guarded, end_guarded, refuses
from simulator.compiled.door import jit
from simulator.compiled.doors import push_target
from simulator.compiled.events import draw, resume_at, visits_from
from simulator.compiled.frames import (
    answered,
    drop,
    new_process,
    new_request,
    push_frame,
)
from simulator.compiled.lines import is_late
from simulator.compiled.trials import push_ask, push_once, visit_of

# states of a call
TRYING, PAUSING, FALLING = 1, 2, 3


@jit
def take_steps(s: Any, p: int, f: int, sign: int) -> int:
    """Take the steps one after the other; the only call of an only step takes the place of the frame."""
    one = s.fr[f]
    row = s.steps[one.node]
    r = one.request
    if sign == codes.START:
        one.d = 0
    elif sign != codes.OK:
        return sign
    elif one.d >= row.steps:
        return codes.OK
    if row.steps == 0:
        return codes.OK
    if is_late(s, r):
        return codes.PAST_DEADLINE
    step = s.step[row.step_0 + one.d]
    one.d += 1
    if step.asks == 1:
        if row.steps == 1:
            ask = s.ask[step.ask_0]
            if ask.site >= 0:
                one.kind = codes.CALL
                one.node = ask.site
                one.state = 0
                one.a = 0
                return codes.AGAIN
        return push_ask(s, p, step.ask_0, r)
    push_frame(s, p, codes.PARALLEL, r, row.step_0 + one.d - 1)
    return codes.PUSHED


@jit
def make_call(s: Any, p: int, f: int, sign: int) -> int:
    """Try, try again, and fall back. Of the frame, `a` says that it only tries, `b` counts attempts, `c` is the
    request that tries, `d` what the circuit breaker must be told, `work` the deadline.
    """
    one = s.fr[f]
    if sign == codes.START:
        return begin_call(s, p, f)
    if one.state == TRYING:
        return end_attempt(s, p, f, sign)
    if one.state == PAUSING:
        if sign != codes.OK:
            return end_try(s, f, sign)
        s.site[one.node].retries += 1
        return begin_attempt(s, p, f)
    return end_fallback(s, p, f, sign)


@jit
def begin_call(s: Any, p: int, f: int) -> int:
    """Whether the call is made at all, and how."""
    g = s.g[0]
    one = s.fr[f]
    site = s.site[one.node]
    r = one.request
    if one.a == 0:
        row = s.rq[r]
        if (site.classes >> s.base[row.index].kind) & 1 == 0:
            return codes.OK
        if site.has_share and draw(s, site.share_draws, row.visit, row.index) >= site.share:
            return codes.OK
        site.made += 1
        if site.forget:
            trial = new_request(s, r, row.visit)
            s.rq[trial].abandoned = g.now
            q = new_process(s, codes.TRIAL, trial)
            below = push_frame(s, q, codes.CALL, trial, one.node)
            s.fr[below].a = 1
            return codes.OK
    one.c = r
    if one.a == 0 and site.has_stale:
        one.c = new_request(s, r, s.rq[r].visit)
    one.work = s.rq[one.c].deadline
    if site.has_deadline:
        one.work = min(one.work, g.now + site.deadline)
    one.b = 0
    if site.has_budget:
        site.tokens = min(site.burst, site.tokens + site.ratio)
    s.rq[one.c].tried = 0
    if site.spreads:
        if g.tried_rows + 2 >= s.cap[codes.TRIED_FULL]:
            g.full = codes.TRIED_FULL + 1
        else:
            g.tried_rows += 1
            s.tried_next[g.tried_rows] = 0
            s.rq[one.c].tried = g.tried_rows
    return begin_attempt(s, p, f)


@jit
def begin_attempt(s: Any, p: int, f: int) -> int:
    """One attempt, unless the circuit breaker is open."""
    g = s.g[0]
    one = s.fr[f]
    site = s.site[one.node]
    one.state = TRYING
    one.d = -1
    if site.has_breaker:
        if refuses(s, one.node, g.now):
            site.circuit_refusals += 1
            return end_attempt(s, p, f, codes.CIRCUIT_OPEN)
        one.d = begin_guarded(s, one.node)
    until = one.work
    if site.has_timeout:
        until = min(until, g.now + site.timeout)
    if until == inf:
        return push_once(s, p, one.node, one.c, one.b)
    above = f
    f = push_frame(s, p, codes.IN_TIME, s.fr[above].c, s.fr[above].node)
    below = s.fr[f]
    below.b = s.fr[above].b
    below.work = s.fr[above].work
    below.due = until
    return codes.PUSHED


@jit
def end_attempt(s: Any, p: int, f: int, sign: int) -> int:
    """An attempt has ended: take its answer, try again, or fall back."""
    g = s.g[0]
    one = s.fr[f]
    site = s.site[one.node]
    if one.d >= 0:
        if sign < 0:
            if one.d == site.state:
                site.trial_runs = 0
        else:
            end_guarded(s, one.node, one.d, sign != codes.OK)
    if sign <= 0:
        return end_try(s, f, sign)
    one.b += 1
    if site.attempts == 0 or one.b >= site.attempts:
        return fail_try(s, p, f, sign)
    pause_s = pause(s, one.node, one.c, one.b)
    begins_s = g.now + pause_s
    if begins_s >= one.work or (site.has_breaker and refuses(s, one.node, begins_s)):
        return fail_try(s, p, f, sign)
    if site.has_budget:
        if site.tokens < 1 - 1e-9:
            site.retries_refused += 1
            return fail_try(s, p, f, sign)
        site.tokens -= 1
    one.state = PAUSING
    resume_at(s, p, begins_s)
    return codes.WAIT


@jit
def pause(s: Any, site: int, r: int, attempt: int) -> float:
    """The pause before the `attempt`-th retry, counted from 1."""
    one = s.site[site]
    longest_s = min(one.cap_ms, one.base_ms * float(1 << (attempt - 1))) / 1000
    if one.backoff == codes.NO_BACKOFF:
        return 0.0
    if one.backoff == codes.EXPONENTIAL:
        return longest_s
    luck = draw(s, one.jitter_draws, visit_of(s, site, r, attempt, 0, 0), s.rq[r].index)
    if one.backoff == codes.FULL_JITTER:
        return longest_s * luck
    return longest_s * (1 + luck) / 2


@jit
def end_try(s: Any, f: int, sign: int) -> int:
    """There is an answer, or the request was withdrawn."""
    g = s.g[0]
    one = s.fr[f]
    site = s.site[one.node]
    trial = one.c
    s.rq[trial].tried = 0
    if trial == one.request:
        return sign
    if sign == codes.OK:
        if g.now - s.rq[trial].oldest > site.stale + 1e-9:
            site.stales += 1
            sign = codes.STALE
        else:
            answered(s, trial)
    drop(s, trial)
    one.c = one.request
    if sign == codes.STALE:
        one.b = 0
        return fall_back(s, s.fr[f].process, f, sign)
    return sign


@jit
def fail_try(s: Any, p: int, f: int, sign: int) -> int:
    """There is no answer."""
    one = s.fr[f]
    s.rq[one.c].tried = 0
    if one.c != one.request:
        drop(s, one.c)
        one.c = one.request
    if one.a:
        return sign
    one.b = 0
    return fall_back(s, p, f, sign)


@jit
def fall_back(s: Any, p: int, f: int, failure: int) -> int:
    """Ask the next best; `b` counts them, `slot` keeps the failure, `c` is what is asked with."""
    g = s.g[0]
    one = s.fr[f]
    site = s.site[one.node]
    r = one.request
    if one.b >= site.fallbacks or is_late(s, r):
        site.failures += 1
        return failure
    row = s.fallback[site.fallback_0 + one.b]
    one.state = FALLING
    one.slot = failure
    if row.target < 0:
        one.c = r
        resume_at(s, p, g.now + row.answer_s)
        return codes.WAIT
    visit = 0
    if not (row.only and s.rq[r].visit == 0):
        visit = visits_from(s, row.visits_row, s.rq[r].visit, codes.VISITS)
    trial = new_request(s, r, visit)
    one.c = trial
    return push_target(s, p, row.target, trial)


@jit
def end_fallback(s: Any, p: int, f: int, sign: int) -> int:
    """A fallback has answered, or not."""
    one = s.fr[f]
    r = one.request
    if one.c != r:
        if sign == codes.OK:
            answered(s, one.c)
        drop(s, one.c)
        one.c = r
    if sign == codes.OK:
        s.site[one.node].fallen += 1
        s.rq[r].degraded = 1
        return codes.OK
    if sign < 0:
        return sign
    one.b += 1
    return fall_back(s, p, f, sign)
