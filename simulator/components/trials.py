"""Attempts that run in processes of their own, so that their caller can stop waiting for them."""

from collections.abc import Generator
from types import TracebackType
from typing import Self

import simpy

from simulator.clock import Clock, Enough, FirstOf
from simulator.components.request import Cancelled, Request, Serving


class Trials:
    """Attempts under way; leaving the `with` block abandons those that still run.

    Abandoned work goes on below, unless `cancel` is on or the caller itself was withdrawn from above.
    """

    def __init__(self, env: Clock, *, cancel: bool):
        self._env, self._cancel = env, cancel
        self._running: list[tuple[simpy.Process, Request]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, trial in self._running:
            if process.is_alive:
                trial.abandoned_s = min(trial.abandoned_s, self._env.now)
                if self._cancel or isinstance(error, simpy.Interrupt):
                    process.interrupt(Cancelled())

    def start(self, trial: Request, serving: Serving) -> simpy.Process:
        """Let an attempt run by itself from now on."""
        process = self._env.process(serving)
        self._running.append((process, trial))
        return process

    def first(self, clock: simpy.Event) -> Generator[simpy.Event, object, bool]:
        """Wait for the only attempt or the clock; return whether there is an answer. Raise the attempt's
        RequestFailed.
        """
        [(process, trial)] = self._running
        happened = yield FirstOf(self._env, [process, clock])
        if happened is process and not process.ok:
            assert isinstance(process.value, BaseException)
            raise process.value
        if happened is process:
            trial.answered()
        return happened is process

    def enough(self, need: int) -> Serving:
        """Wait until `need` attempts have answered. Raise the RequestFailed after which that can no longer be."""
        yield Enough(self._env, [process for process, _ in self._running], need)
        for process, trial in self._running:
            if process.triggered and process.ok:
                trial.answered()


class Visits:
    """Numbers the visits to one component by one way, so that each attempt has draws of its own.

    `way` tells the `ways` of the design to that component apart.
    """

    ATTEMPTS = 20  # at most ten attempts, and a backup request for each
    COPIES = 2**20  # more than any call may make
    WAYS = 2**20

    def __init__(self, way: int, ways: int):
        self.is_only = ways == 1
        self.way, self._ways, self._copies = way, self.WAYS, self.COPIES

    def key(self, request: Request) -> int:
        """Which of a request's keys is asked for this way; all attempts and copies ask for the same one."""
        return request.key * self._ways + self.way

    def number(self, request: Request, attempt: int = 0, *, backup: bool = False, copy: int = 0) -> int:
        """0 for the first attempt by the first way of a request that is itself on visit 0."""
        number = (request.visit * self._ways + self.way) * self.ATTEMPTS + 2 * attempt + backup
        return number * self._copies + copy
