"""What one component asks of others: steps one after the other, the calls of a step side by side.

A call tries, waits at most its timeout, sends a backup request when it is late, tries again after a pause, and falls
back on the next best answer, also when the answer rests on data that are too old. A deadline, once set, bounds
everything below it: nobody waits, tries again, begins a step or takes work from a queue for a request whose deadline
has passed. The fallback of the call that set it is outside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import simpy

from simulator.clock import Clock, FirstOf
from simulator.components.backoff import Budget, pause_s
from simulator.components.circuit_breaker import CircuitBreaker
from simulator.components.doors import Door
from simulator.components.failures import CircuitOpen, DeadlinePassed, RequestFailed, StaleAnswer, TimedOut
from simulator.components.request import Request, Serves, Serving
from simulator.components.store import Store
from simulator.components.trials import Trials, Visits
from simulator.design import Call as CallSpec
from simulator.draws import PerVisit
from simulator.results.run import CallCounts

SAME_AGE_S = 1e-9  # an age is a difference of times, which rounding may move

Ask = Callable[[Request], Serving]


@dataclass(frozen=True)
class CallLuck:
    """Whether a request makes the call at all, and how long it pauses before it tries again."""

    share: PerVisit | None = None
    jitter: PerVisit | None = None


@dataclass(frozen=True)
class NextBest:
    """A fallback: another component or, without one, a ready answer after `answer_s`."""

    answer_s: float
    target: Serves | None
    visits: Visits | None

    def serve(self, env: Clock, request: Request) -> Serving:
        if self.target is None or self.visits is None:
            yield env.timeout(self.answer_s)
        else:
            trial = request.attempt(self.visits.number(request))
            yield from self.target.serve(trial)
            trial.answered()


@dataclass(frozen=True)
class Call:
    """One call with all its policies."""

    env: Clock
    spec: CallSpec
    target: Serves
    visits: Visits
    fallbacks: Sequence[NextBest] = ()
    luck: CallLuck = CallLuck()
    counts: CallCounts = field(default_factory=CallCounts)
    budget: Budget | None = None
    breaker: CircuitBreaker | None = None
    spreads: bool = False  # its attempts avoid replicas that were tried

    def make(self, request: Request) -> Serving:
        """Ask, and return when there is an answer. Raise the last RequestFailed if there is none."""
        if not self._is_made(request):
            return
        self.counts.made += 1
        if self.spec.fire_and_forget:
            self._forget(request)
            return
        try:
            if self.spec.stale_after_s is None:
                yield from self._try(request)
            else:
                yield from self._try_for_fresh(request, self.spec.stale_after_s)
        except RequestFailed as failure:
            yield from self._fall_back(request, failure)

    def _is_made(self, request: Request) -> bool:
        if self.spec.classes and request.class_name not in self.spec.classes:
            return False
        return self.luck.share is None or self.luck.share.of(request.index, request.visit) < self.spec.share

    def _forget(self, request: Request) -> None:
        trial = request.attempt(request.visit)
        trial.abandoned_s = self.env.now
        FirstOf(self.env, [self.env.process(self._try(trial))])  # takes care of its failure

    def _try_for_fresh(self, request: Request, stale_after_s: float) -> Serving:
        """Ask, and take nothing that is too old by the time it comes."""
        trial = request.attempt(request.visit)
        yield from self._try(trial)
        if self.env.now - trial.oldest_write_s > stale_after_s + SAME_AGE_S:
            self.counts.stale += 1
            raise StaleAnswer
        trial.answered()

    def _try(self, request: Request) -> Serving:
        deadline_s, attempt = self._deadline_s(request), 0
        if self.budget is not None:
            self.budget.earn()
        request.tried = set() if self.spreads else None
        try:
            while True:
                try:
                    yield from self._guarded(request, attempt, deadline_s)
                except RequestFailed:
                    attempt += 1
                    if not self._may_retry(attempt, pause_s := self._pause_s(request, attempt), deadline_s):
                        raise
                else:
                    return
                yield self.env.timeout(pause_s)
                self.counts.retries += 1
        finally:
            request.tried = None

    def _deadline_s(self, request: Request) -> float:
        if self.spec.deadline_ms is None:
            return request.deadline_s
        return min(request.deadline_s, self.env.now + self.spec.deadline_ms / 1000)

    def _may_retry(self, attempt: int, pause_s: float, deadline_s: float) -> bool:
        """Whether there is an attempt left, the time to begin it, a caller's breaker that allows it, and a token."""
        if self.spec.retries is None or attempt >= self.spec.retries.attempts:
            return False
        begins_s = self.env.now + pause_s
        if begins_s >= deadline_s or (self.breaker is not None and self.breaker.refuses(begins_s)):
            return False
        if self.budget is None or self.budget.take():
            return True
        self.counts.retries_refused += 1
        return False

    def _pause_s(self, request: Request, attempt: int) -> float:
        if self.spec.retries is None or attempt >= self.spec.retries.attempts:
            return 0.0
        assert self.luck.jitter is not None, "build/calls.py draws the jitter of every call with retries"
        luck = self.luck.jitter.of(request.index, self.visits.number(request, attempt))
        return pause_s(self.spec.retries, attempt, luck)

    def _guarded(self, request: Request, attempt: int, deadline_s: float) -> Serving:
        """One attempt, unless the circuit breaker is open."""
        if self.breaker is None:
            yield from self._in_time(request, attempt, deadline_s)
            return
        if self.breaker.refuses(self.env.now):
            self.counts.circuit_refusals += 1
            raise CircuitOpen
        began = self.breaker.begin()
        try:
            yield from self._in_time(request, attempt, deadline_s)
        except RequestFailed:
            self.breaker.end(began, failed=True)
            raise
        except simpy.Interrupt:
            self.breaker.withdraw(began)
            raise
        self.breaker.end(began, failed=False)

    def _in_time(self, request: Request, attempt: int, deadline_s: float) -> Serving:
        """One attempt, which ends at its timeout or at the request's deadline, whatever comes first."""
        until_s = deadline_s
        if self.spec.timeout_ms is not None:
            until_s = min(until_s, self.env.now + self.spec.timeout_ms / 1000)
        if until_s == inf:
            yield from self._once(request, attempt)
            return
        with Trials(self.env, cancel=self.spec.cancel) as trials:
            trial = request.attempt(request.visit)
            trial.deadline_s = deadline_s
            trials.start(trial, self._once(trial, attempt))
            if not (yield from trials.first(self.env.at(until_s))):
                if until_s == deadline_s:
                    self.counts.deadlines += 1
                    raise DeadlinePassed
                self.counts.timeouts += 1
                raise TimedOut

    def _once(self, request: Request, attempt: int) -> Serving:
        """One attempt without its timeout: plain, with a backup request, or several copies at once."""
        if self.spec.fan_out is None:
            yield from self._single(request, attempt)
            return
        target, fan_out = self.target, self.spec.fan_out
        copies = target.shards if fan_out.copies == "all" and isinstance(target, Store | Door) else fan_out.copies
        assert copies != "all", "wiring.py wants a number where there are no shards"
        need = copies if fan_out.need == "all" else fan_out.need
        if isinstance(target, Store) and target.pools is None:
            yield from self._read_together(target, request, attempt, copies, need)
        else:
            with Trials(self.env, cancel=self.spec.cancel) as trials:
                for copy in range(copies):
                    trial = request.attempt(request.visit)
                    trials.start(trial, self._single(trial, attempt, copy))
                yield from trials.enough(need)

    def _single(self, request: Request, attempt: int, copy: int = 0) -> Serving:
        visit = self.visits.number(request, attempt, copy=copy)
        if self.spec.hedge is not None:
            yield from self._hedged(request, visit, self.visits.number(request, attempt, backup=True, copy=copy), copy)
        else:
            trial = self._attempt(request, visit, copy)
            yield from self.target.serve(trial)
            trial.answered()

    def _attempt(self, request: Request, visit: int, copy: int) -> Request:
        trial = request.attempt(visit)
        trial.key, trial.copy = self.visits.key(request), copy
        return trial

    def _hedged(self, request: Request, visit: int, backup_visit: int, copy: int) -> Serving:
        """Ask, ask once more when it is late, and take what comes first; a failure then waits for the other."""
        assert self.spec.hedge is not None
        with Trials(self.env, cancel=self.spec.hedge.cancel_loser) as trials:
            trial = self._attempt(request, visit, copy)
            trials.start(trial, self.target.serve(trial))
            if not (yield from trials.first(self.env.timeout(self.spec.hedge.after_ms / 1000))):
                self.counts.backup_requests += 1
                backup = self._attempt(request, backup_visit, copy)
                trials.start(backup, self.target.serve(backup))
                yield from trials.enough(1)

    def _read_together(self, store: Store, request: Request, attempt: int, copies: int, need: int) -> Serving:
        trial = request.attempt(self.visits.number(request, attempt))
        hedge_after_s = None if self.spec.hedge is None else self.spec.hedge.after_ms / 1000
        backup_visit = self.visits.number(request, attempt, backup=True)
        backups = yield from store.serve_many(trial, copies, need, hedge_after_s, backup_visit)
        self.counts.backup_requests += backups
        trial.answered()

    def _fall_back(self, request: Request, failure: RequestFailed) -> Serving:
        for next_best in self.fallbacks:
            if self.env.now >= request.deadline_s:
                break
            try:
                yield from next_best.serve(self.env, request)
            except RequestFailed as another:
                failure = another
            else:
                self.counts.fallbacks += 1
                request.degraded = True
                return
        self.counts.failures += 1
        raise failure


class Steps:
    """All steps of one component."""

    def __init__(self, env: Clock, steps: list[list[Ask]]):
        self._env, self._steps = env, steps
        self._only = steps[0][0] if len(steps) == 1 and len(steps[0]) == 1 else None

    def make(self, request: Request) -> Serving:
        """Take the steps in order. Raise the first RequestFailed that no fallback answered."""
        if self._only is None:
            return self._one_by_one(request)
        if self._env.now >= request.deadline_s:
            raise DeadlinePassed
        return self._only(request)  # without a generator of its own, which every event would have to pass

    def _one_by_one(self, request: Request) -> Serving:
        for step in self._steps:
            if self._env.now >= request.deadline_s:
                raise DeadlinePassed
            if len(step) == 1:
                yield from step[0](request)
            else:
                with Trials(self._env, cancel=False) as trials:
                    for ask in step:
                        trial = request.attempt(request.visit)
                        trials.start(trial, ask(trial))
                    yield from trials.enough(len(step))
