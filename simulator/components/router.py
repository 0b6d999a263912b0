"""Splits traffic between versions, sends shadow copies, and takes a bad canary back."""

from array import array
from collections import deque
from math import ceil, inf, prod

import numpy as np
import simpy

from simulator.clock import Clock, FirstOf
from simulator.components.failures import CanaryFailed, RequestFailed
from simulator.components.records import VisitLog
from simulator.components.request import Request, Serves, Serving
from simulator.components.trials import Visits
from simulator.design import BadCanary, Route, Undo
from simulator.design import Router as Spec
from simulator.draws import Draws, PerVisit
from simulator.results.own_records import RouteRecord

FEWEST_JUDGED = 20  # canary answers in the window: one failure out of one says nothing


class RouteLog:
    """Every request that came back from a route, and when the canary was taken back."""

    def __init__(self) -> None:
        self._columns = [array("d") for _ in range(5)]
        self.undone_s = inf

    def add(self, request: Request, route: int, sent_s: float, ended_s: float, *, answered: bool) -> None:
        for column, value in zip(self._columns, (request.index, route, sent_s, ended_s, answered), strict=True):
            column.append(value)

    def record(self) -> RouteRecord:
        request, route, sent, ended, answered = map(np.array, self._columns)
        return RouteRecord(
            request=request.astype(np.int64),
            route=route.astype(np.int64),
            sent_s=sent,
            ended_s=ended,
            answered=answered.astype(bool),
            undone_s=self.undone_s,
        )


class Judge:
    """Watches the canary's last `window_s`: the share that failed, or the p99 (nearest rank) of what was answered."""

    def __init__(self, undo: Undo):
        self._undo = undo
        self._window: deque[tuple[float, bool]] = deque()  # when it ended, and whether that was bad
        self._bad = 0

    def is_too_bad(self, now_s: float, took_s: float, *, answered: bool) -> bool:
        """One more of the canary's requests has ended; whether it has now gone too far."""
        undo = self._undo
        if undo.metric == "failure_share":
            bad = not answered
        elif answered:
            bad = took_s * 1000 > undo.above
        else:
            return False
        self._window.append((now_s, bad))
        self._bad += bad
        while self._window[0][0] <= now_s - undo.window_s:
            self._bad -= self._window.popleft()[1]
        n = len(self._window)
        if n < FEWEST_JUDGED:
            return False
        if undo.metric == "failure_share":
            return self._bad / n > undo.above
        return n - self._bad < ceil(0.99 * n - 1e-9)


class Router:
    """Draws a route for every request; takes no time of its own.

    The canaries take their shares from the lower end of the draw and the first route has the rest, so that a changed
    share moves only as many requests as it must. A shadow copy is sent at the same moment, on its own; nobody waits for
    it. The canary is every route but the first that is no shadow. With `undo`, each of its answers is judged together
    with those of the last `window_s`, if there are at least 20; when they are too bad, all requests go to the first
    route from then on. Requests that were withdrawn are not judged. A bad canary does its work first and then fails a
    share of its requests, or answers only when `slow_factor` times as long has passed.
    """

    def __init__(
        self,
        env: Clock,
        name: str,
        spec: Spec,
        targets: list[tuple[Serves, Visits]],
        draws: Draws,
        log: VisitLog,
        routes: RouteLog,
    ):
        self._env, self._spec, self._targets, self._log, self._routes = env, spec, targets, log, routes
        self._luck = PerVisit(lambda visit: draws.uniforms(f"{name}/route", visit))
        self._bad_luck = PerVisit(lambda visit: draws.uniforms(f"{name}/bad", visit))
        self._shadows = [(i, self._shadow_luck(draws, name, i)) for i, route in enumerate(spec.routes) if route.shadow]
        self._shares = spec.shares()
        self._ends = _ends(spec.routes, self._shares)
        self._judge = Judge(spec.undo) if spec.undo is not None else None
        self._is_undone = False
        self._faults: list[BadCanary] = []
        self.slowness = 1.0

    def _shadow_luck(self, draws: Draws, name: str, route: int) -> PerVisit:
        return PerVisit(lambda visit: draws.uniforms(f"{name}/shadow.{route}", visit))

    def serve(self, request: Request) -> Serving:
        """Pass the request on. Raise whatever its route raises, or CanaryFailed."""
        now_s = self._env.now
        for route, luck in self._shadows:
            if luck.of(request.index, request.visit) < self._shares[route]:
                self._copy(request, route)
        chosen = self._choose(request)
        if chosen and self._faults:
            yield from self._observed(request, chosen, self._badly(request, chosen))
        else:
            self._log.add(request, now_s, now_s, now_s)
            yield from self._observed(request, chosen, self._ask(request, chosen))

    def strike(self, fault: BadCanary) -> None:
        """Let the canary be bad for requests that come from now on."""
        self._faults.append(fault)

    def heal(self, fault: BadCanary) -> None:
        self._faults.remove(fault)

    def _choose(self, request: Request) -> int:
        if self._is_undone or not self._ends:
            return 0
        luck = self._luck.of(request.index, request.visit)
        return next((route for route, end in self._ends if luck < end), 0)

    def _observed(self, request: Request, route: int, serving: Serving) -> Serving:
        sent_s = self._env.now
        try:
            yield from serving
        except RequestFailed:
            self._ended(request, route, sent_s, answered=False)
            raise
        self._ended(request, route, sent_s, answered=True)

    def _ended(self, request: Request, route: int, sent_s: float, *, answered: bool) -> None:
        now_s = self._env.now
        self._routes.add(request, route, sent_s, now_s, answered=answered)
        if self._judge is None or self._is_undone or not route or self._spec.routes[route].shadow:
            return
        if self._judge.is_too_bad(now_s, now_s - sent_s, answered=answered):
            self._is_undone, self._routes.undone_s = True, now_s

    def _ask(self, request: Request, route: int) -> Serving:
        target, visits = self._targets[route]
        if visits.is_only:
            yield from target.serve(request)
            return
        trial = request.attempt(visits.number(request))
        trial.key = visits.key(request)
        yield from target.serve(trial)
        trial.answered()

    def _badly(self, request: Request, route: int) -> Serving:
        sent_s, works = self._env.now, prod(1 - fault.failure_share for fault in self._faults)
        factor = prod(fault.slow_factor for fault in self._faults)
        try:
            yield from self._ask(request, route)
        except RequestFailed:
            self._log.add_unanswered(request, self._env.now, self._env.now, self._env.now)
            raise
        back_s = self._env.now
        if factor > 1 and back_s > sent_s:
            try:
                yield self._env.at(sent_s + factor * (back_s - sent_s))
            except simpy.Interrupt:
                self._log.add_unanswered(request, back_s, back_s, self._env.now)
                raise
        fails = self._bad_luck.of(request.index, request.visit) >= works
        (self._log.add_unanswered if fails else self._log.add)(request, back_s, back_s, self._env.now)
        if fails:
            raise CanaryFailed

    def _copy(self, request: Request, route: int) -> None:
        copy = request.attempt(request.visit)
        copy.abandoned_s = self._env.now
        FirstOf(self._env, [self._env.process(self._observed(copy, route, self._ask(copy, route)))])


def _ends(routes: tuple[Route, ...], shares: tuple[float, ...]) -> list[tuple[int, float]]:
    """The canaries, each with the upper end of its draws."""
    ends, upper = [], 0.0
    for number, route in enumerate(routes):
        if number and not route.shadow:
            upper += shares[number]
            ends.append((number, upper))
    return ends
