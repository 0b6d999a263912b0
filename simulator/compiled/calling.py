"""What components ask of others, as `components/calls.py`, `trials.py`, `backoff.py` and `circuit_breaker.py`."""

from math import inf
from typing import Any

from simulator.compiled import codes
from simulator.compiled.door import jit
from simulator.compiled.events import (
    answered,
    draw,
    drop,
    free_process,
    free_watch,
    happen,
    interrupt,
    is_full,
    new_process,
    new_request,
    new_watch,
    push_frame,
    resume_at,
    tell,
    visits_from,
)
from simulator.compiled.queues import is_late, is_up
from simulator.compiled.tiers import push_target

# states of a call
TRYING, PAUSING, FALLING = 1, 2, 3


@jit
def push_ask(s: Any, p: int, ask: int, r: int) -> int:
    """Let a process make one call: the target's own `serve` if the call has no policy."""
    one = s.ask[ask]
    if one.site < 0:
        return push_target(s, p, one.target, r)
    f = push_frame(s, p, codes.CALL, r, one.site)
    s.fr[f].a = 0
    return codes.PUSHED


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


# ---- trials ----------------------------------------------------------------------------------------------------


@jit
def start_trial(s: Any, f: int, r: int) -> int:
    """A process of an attempt that the frame holds on to."""
    one = s.fr[f]
    q = new_process(s, codes.TRIAL, r)
    s.pr[q].held = 1
    if one.trials == 0:
        one.trials = q
    else:
        s.pr[one.last_trial].next = q
    one.last_trial = q
    return q


@jit
def watch_first(s: Any, p: int, f: int, clock_s: float) -> None:
    """Wait for the only attempt or the clock."""
    one = s.fr[f]
    w = new_watch(s, p, 0, 0)
    one.watch = w
    hang(s, w, one.trials)
    happen(s, clock_s, codes.CLOCK | (w << codes.KIND_BITS), s.wt[w].serial)


@jit
def watch_enough(s: Any, p: int, f: int, need: int) -> None:
    """Wait until so many attempts have answered, or so many have failed that they cannot."""
    one = s.fr[f]
    n = 0
    q = one.trials
    while q > 0:
        n += 1
        q = s.pr[q].next
    w = new_watch(s, p, need, n - need)
    one.watch = w
    q = one.trials
    while q > 0:
        if s.pr[q].state == codes.TOLD:
            tell(s, w, q)
        else:
            hang(s, w, q)
        q = s.pr[q].next


@jit
def hang(s: Any, w: int, q: int) -> None:
    """The watch is told of the end of a process."""
    s.pr[q].watch = w
    s.pr[q].watch_serial = s.wt[w].serial


@jit
def leave_trials(s: Any, f: int, cancel: int, sign: int) -> None:
    """Abandon the attempts that still run; they go on below unless they are cancelled."""
    g = s.g[0]
    one = s.fr[f]
    q = one.trials
    while q > 0:
        process = s.pr[q]
        after = process.next
        process.held = 0
        if process.state == codes.ALIVE:
            trial = s.rq[process.request]
            trial.abandoned = min(trial.abandoned, g.now)
            process.watch = 0
            process.next = 0
            if cancel or sign < 0:
                interrupt(s, q, codes.CANCELLED)
        else:
            free_process(s, q)
        q = after
    one.trials = 0
    free_watch(s, one.watch)
    one.watch = 0


@jit
def take_answers(s: Any, f: int) -> None:
    """The caller takes what has been answered."""
    q = s.fr[f].trials
    while q > 0:
        if s.pr[q].state >= codes.OVER and s.pr[q].result == codes.OK:
            answered(s, s.pr[q].request)
        q = s.pr[q].next


@jit
def gather(s: Any, p: int, f: int, sign: int) -> int:
    """Several attempts side by side: the calls of a step, copies of a call, or the replicas of a shard."""
    one = s.fr[f]
    r = one.request
    kind = one.kind
    if sign == codes.START:
        one.trials = 0
        one.watch = 0
        need = 0
        if kind == codes.PARALLEL:
            step = s.step[one.node]
            need = step.asks
            for i in range(step.asks):
                trial = new_request(s, r, s.rq[r].visit)
                push_ask(s, start_trial(s, f, trial), step.ask_0 + i, trial)
        elif kind == codes.COPIES:
            site = s.site[one.node]
            need = site.need
            for i in range(site.copies):
                trial = new_request(s, r, s.rq[r].visit)
                push_single(s, start_trial(s, f, trial), one.node, trial, one.b, i)
        else:
            part = s.pt[one.node]
            need = part.need
            for i in range(part.copies):
                if is_up(s, one.a + i):
                    trial = new_request(s, r, s.rq[r].visit)
                    q = start_trial(s, f, trial)
                    below = push_frame(s, q, codes.POOL, trial, one.a + i)
                    s.fr[below].work = draw(s, part.draws + i, s.rq[r].visit, s.rq[r].index)
                    s.fr[below].a = -1
        watch_enough(s, p, f, need)
        return codes.WAIT
    if sign == codes.OK:
        take_answers(s, f)
    cancel = 0
    if kind == codes.COPIES:
        cancel = s.site[one.node].cancel
    leave_trials(s, f, cancel, sign)
    return sign


# ---- one attempt -----------------------------------------------------------------------------------------------


@jit
def push_once(s: Any, p: int, site: int, r: int, attempt: int) -> int:
    """One attempt without its timeout: plain, with a backup request, or several copies at once."""
    one = s.site[site]
    if one.copies == 0:
        return push_single(s, p, site, r, attempt, 0)
    if one.together:
        trial = new_request(s, r, visit_of(s, site, r, attempt, 0, 0))
        backup = visit_of(s, site, r, attempt, 1, 0)
        f = push_frame(s, p, codes.TOGETHER, trial, site)
        s.fr[f].b = backup
        return codes.PUSHED
    f = push_frame(s, p, codes.COPIES, r, site)
    s.fr[f].b = attempt
    return codes.PUSHED


@jit
def visit_of(s: Any, site: int, r: int, attempt: int, backup: int, copy: int) -> int:
    """Which draws an attempt has."""
    one = s.site[site]
    row = s.rq[r]
    if one.only and row.visit == 0 and attempt == 0 and backup == 0 and copy == 0:
        return 0  # the first way of a request that is itself on visit 0
    return visits_from(s, one.visits_row, row.visit, codes.VISITS) + (2 * attempt + backup) * max(1, one.copies) + copy


@jit
def key_of(s: Any, row: int, only: int, r: int) -> int:
    """Which of a request's keys is asked for this way."""
    if only and s.rq[r].key == 0:
        return 0
    return visits_from(s, row, s.rq[r].key, codes.KEYS)


@jit
def push_single(s: Any, p: int, site: int, r: int, attempt: int, copy: int) -> int:
    """Ask once, or once more when it is late."""
    one = s.site[site]
    if one.hedge:
        f = push_frame(s, p, codes.HEDGE, r, site)
        s.fr[f].b = attempt
        s.fr[f].c = copy
        return codes.PUSHED
    trial = new_attempt(s, site, r, attempt, 0, copy)
    push_frame(s, p, codes.SINGLE, trial, site)
    return codes.PUSHED


@jit
def new_attempt(s: Any, site: int, r: int, attempt: int, backup: int, copy: int) -> int:
    """The request as an attempt of this call."""
    one = s.site[site]
    trial = new_request(s, r, visit_of(s, site, r, attempt, backup, copy))
    s.rq[trial].key = key_of(s, one.visits_row, one.only, r)
    s.rq[trial].nth = copy
    return trial


@jit
def ask_single(s: Any, p: int, f: int, sign: int) -> int:
    """One attempt at the target."""
    one = s.fr[f]
    if sign == codes.START:
        return push_target(s, p, s.site[one.node].target, one.request)
    if sign == codes.OK:
        answered(s, one.request)
    drop(s, one.request)
    return sign


@jit
def ask_hedged(s: Any, p: int, f: int, sign: int) -> int:
    """Ask, ask once more when it is late, and take what comes first; a failure then waits for the other."""
    g = s.g[0]
    one = s.fr[f]
    r = one.request
    site = s.site[one.node]
    if sign == codes.START:
        one.trials = 0
        trial = new_attempt(s, one.node, r, one.b, 0, one.c)
        push_target(s, start_trial(s, f, trial), site.target, trial)
        watch_first(s, p, f, g.now + site.hedge_s)
        return codes.WAIT
    if sign == codes.OK and one.state == 0:
        q = s.wt[one.watch].value
        if q > 0:
            sign = s.pr[q].result
            if sign == codes.OK:
                answered(s, s.pr[q].request)
        else:
            site.backups += 1
            free_watch(s, one.watch)
            trial = new_attempt(s, one.node, r, one.b, 1, one.c)
            push_target(s, start_trial(s, f, trial), site.target, trial)
            one.state = 1
            watch_enough(s, p, f, 1)
            return codes.WAIT
    elif sign == codes.OK:
        take_answers(s, f)
    leave_trials(s, f, site.cancel_loser, sign)
    return sign


@jit
def ask_in_time(s: Any, p: int, f: int, sign: int) -> int:
    """One attempt, which ends at its timeout or at the request's deadline, whatever comes first."""
    one = s.fr[f]
    r = one.request
    site = s.site[one.node]
    if sign == codes.START:  # `due` is when it ends, `work` the deadline
        one.trials = 0
        trial = new_request(s, r, s.rq[r].visit)
        s.rq[trial].deadline = one.work
        push_once(s, start_trial(s, f, trial), one.node, trial, one.b)
        watch_first(s, p, f, one.due)
        return codes.WAIT
    if sign == codes.OK:
        q = s.wt[one.watch].value
        if q > 0:
            sign = s.pr[q].result
            if sign == codes.OK:
                answered(s, s.pr[q].request)
        elif one.due == one.work:
            site.deadlines += 1
            sign = codes.PAST_DEADLINE
        else:
            site.timeouts += 1
            sign = codes.TIMED_OUT
    leave_trials(s, f, site.cancel, sign)
    return sign


# ---- a call with all its policies ------------------------------------------------------------------------------


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


# ---- circuit breakers ------------------------------------------------------------------------------------------


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
