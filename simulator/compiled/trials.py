"""Attempts of a call, alone and side by side, as `components/trials.py`."""

from typing import Any

from simulator.compiled import codes
from simulator.compiled.clocks import set_clock
from simulator.compiled.crews import is_up
from simulator.compiled.door import jit
from simulator.compiled.doors import push_target
from simulator.compiled.events import draw, interrupt, visits_from
from simulator.compiled.frames import (
    answered,
    drop,
    free_process,
    free_watch,
    new_process,
    new_request,
    new_watch,
    push_frame,
    tell,
)


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
    set_clock(s, w, 2 * one.node + (1 if one.kind == codes.HEDGE else 0), clock_s)


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
