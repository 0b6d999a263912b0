"""A caller that stops asking somebody who does not answer."""

from collections import deque
from math import inf

from simulator.clock import Clock
from simulator.design import CircuitBreaker as Spec
from simulator.results.run import CallCounts


class CircuitBreaker:
    """Closed, open or half-open; it counts attempts, each retry as one more.

    It opens when `failure_share` of the last `window` attempts have failed, never before it has seen so many. After
    `open_s` one attempt is let through: its answer closes the breaker, which then counts from zero, and its failure
    opens it for as long again. What began before the last change of state changes nothing. Nygard, Release It!,
    2007; it counts like resilience4j, in a sliding window that must be full.
    """

    def __init__(self, env: Clock, spec: Spec, counts: CallCounts):
        self._env, self._spec, self._counts = env, spec, counts
        self._last: deque[bool] = deque(maxlen=spec.window)
        self._failures = 0
        self._opens_again_s = -inf  # when it may ask again; in the past while it is closed
        self._trial_runs = False
        self._state = 0  # counts changes of state

    def refuses(self, at_s: float) -> bool:
        """Whether an attempt at `at_s` would fail at once, as things stand now."""
        return self._trial_runs or at_s < self._opens_again_s

    def begin(self) -> int:
        """Note that an attempt begins, and return what `end` must be told."""
        if self._opens_again_s > -inf and not self._trial_runs:
            self._trial_runs = True
            self._change("half-open")
        return self._state

    def end(self, began: int, *, failed: bool) -> None:
        """Note how an attempt ended that began in state `began`."""
        if began != self._state:
            return
        if self._trial_runs:
            self._trial_runs = False
            self._open() if failed else self._close()
            return
        if len(self._last) == self._spec.window:
            self._failures -= self._last[0]
        self._last.append(failed)
        self._failures += failed
        too_many = max(1, self._spec.failure_share * self._spec.window)
        if len(self._last) == self._spec.window and self._failures >= too_many:
            self._open()

    def withdraw(self, began: int) -> None:
        """Note that an attempt was withdrawn; if it was the trial, the next attempt is the trial."""
        if began == self._state:
            self._trial_runs = False

    def _open(self) -> None:
        self._opens_again_s = self._env.now + self._spec.open_s
        self._change("open")

    def _close(self) -> None:
        self._opens_again_s = -inf
        self._last.clear()
        self._failures = 0
        self._change("closed")

    def _change(self, state: str) -> None:
        self._state += 1
        self._counts.circuit_changes.append((self._env.now, state))
