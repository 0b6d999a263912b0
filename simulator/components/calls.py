"""What one component asks of others: steps one after the other, the calls of a step side by side.

A call tries, waits at most its timeout, sends a backup request when it is late, tries again after a pause, and falls
back on the next best answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.clock import Clock, FirstOf
from simulator.components.failures import RequestFailed, TimedOut
from simulator.components.request import Request, Serves, Serving
from simulator.components.store import Store
from simulator.components.trials import Trials, Visits
from simulator.design import Call as CallSpec
from simulator.draws import PerVisit
from simulator.results.run import CallCounts

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

    def make(self, request: Request) -> Serving:
        """Ask, and return when there is an answer. Raise the last RequestFailed if there is none."""
        if not self._is_made(request):
            return
        self.counts.made += 1
        if self.spec.fire_and_forget:
            self._forget(request)
            return
        try:
            yield from self._try(request)
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

    def _try(self, request: Request) -> Serving:
        last = self.spec.retries.attempts - 1 if self.spec.retries else 0
        for attempt in range(last + 1):
            if attempt:
                self.counts.retries += 1
                yield self.env.timeout(self._pause_s(request, attempt))
            try:
                yield from (
                    self._once(request, attempt) if self.spec.timeout_ms is None else self._in_time(request, attempt)
                )
            except RequestFailed:
                if attempt == last:
                    raise
            else:
                return

    def _pause_s(self, request: Request, attempt: int) -> float:
        retries = self.spec.retries
        assert retries is not None, "only a retry policy makes a second attempt"
        longest_s: float = min(retries.cap_ms, retries.base_ms * 2 ** (attempt - 1)) / 1000
        if retries.backoff == "none":
            return 0.0
        if retries.backoff == "exponential":
            return longest_s
        assert self.luck.jitter is not None, "build.py draws the jitter of every policy that has one"
        luck = self.luck.jitter.of(request.index, self.visits.number(request, attempt))
        return longest_s * luck if retries.backoff == "full_jitter" else longest_s * (1 + luck) / 2

    def _in_time(self, request: Request, attempt: int) -> Serving:
        assert self.spec.timeout_ms is not None
        with Trials(self.env, cancel=self.spec.cancel) as trials:
            trial = request.attempt(request.visit)
            trials.start(trial, self._once(trial, attempt))
            if not (yield from trials.first(self.env.timeout(self.spec.timeout_ms / 1000))):
                self.counts.timeouts += 1
                raise TimedOut

    def _once(self, request: Request, attempt: int) -> Serving:
        """One attempt without its timeout: plain, with a backup request, or several copies at once."""
        if self.spec.fan_out is None:
            yield from self._single(request, attempt)
            return
        target, fan_out = self.target, self.spec.fan_out
        copies = target.shards if fan_out.copies == "all" and isinstance(target, Store) else fan_out.copies
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

    def make(self, request: Request) -> Serving:
        """Take the steps in order. Raise the first RequestFailed that no fallback answered."""
        for step in self._steps:
            if len(step) == 1:
                yield from step[0](request)
            else:
                with Trials(self._env, cancel=False) as trials:
                    for ask in step:
                        trial = request.attempt(request.visit)
                        trials.start(trial, ask(trial))
                    yield from trials.enough(len(step))
