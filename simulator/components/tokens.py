"""One device of a token server: requests that run together, step by step, and the log of what they did."""

from array import array
from collections.abc import Callable
from heapq import heappop, heappush
from math import ceil, inf, nan, sqrt

import numpy as np
import simpy
from simpy.events import EventPriority

from simulator.clock import Clock
from simulator.components.request import Died, Request
from simulator.design import LlmServer as Spec
from simulator.results.own_records import TokenRecord

LAST = EventPriority(2)  # after all else at the same instant, so that who comes at a boundary still joins


class Sequence(simpy.Event):
    """A prompt and the answer that grows behind it; happens with the last token."""

    def __init__(self, env: Clock, request: Request, prompt_tokens: int):
        super().__init__(env)
        self.request, self.process = request, env.active_process
        self.prompt_tokens, self.tokens = prompt_tokens, request.items
        self.reserved = prompt_tokens + request.items
        self.entered_s = env.now
        self.accepted_s = self.started_s = self.first_token_s = inf
        self.joined_at_step = 0
        self.device: Device | None = None
        self.left = False  # the caller has gone or was turned away
        self.gone = False  # off the device
        self._defused = True  # the caller may be withdrawn at the instant at which it is turned away


class Stretch:
    """Steps between two changes of who runs. Every step is longer by `growth_s` than the one before, since every
    request's context has grown by a token; the first one also takes in the prompts.
    """

    def __init__(self, began_s: float, steps: int, running: int, prefill_s: float, step_s: float, growth_s: float):
        self.began_s, self.steps, self.running = began_s, steps, running
        self._prefill_s, self._step_s, self._growth_s = prefill_s, step_s, growth_s

    def end_s(self, steps: int) -> float:
        """When so many steps are done: an arithmetic series."""
        return self.began_s + (self._prefill_s + steps * self._step_s + self._growth_s * (steps * (steps - 1) / 2))

    def step_at(self, now_s: float) -> int:
        """The first step, counted from 1, that ends at `now_s` or later."""
        lasted_s = max(0.0, now_s - self.began_s - self._prefill_s)
        linear_s = self._step_s - self._growth_s / 2
        steps = max(1, ceil(2 * lasted_s / (linear_s + sqrt(linear_s**2 + 2 * self._growth_s * lasted_s))))
        while self.end_s(steps) < now_s:
            steps += 1
        while steps > 1 and self.end_s(steps - 1) >= now_s:
            steps -= 1
        return steps


class TokenLog:
    """Every request that began and every stretch of steps of one llm_server."""

    def __init__(self) -> None:
        self._answers = [array("d") for _ in range(9)]
        self._stretches = [array("d") for _ in range(4)]

    def add(self, one: Sequence, now_s: float, tokens: int) -> None:
        """A request has left its device with so many tokens."""
        complete = tokens == one.tokens and not one.left
        first_s = one.first_token_s if tokens else nan
        row = (one.request.index, one.entered_s, one.started_s, first_s, now_s)
        for column, value in zip(self._answers, (*row, one.prompt_tokens, tokens, one.reserved, complete), strict=True):
            column.append(value)

    def add_steps(self, stretch: Stretch, ended_s: float, steps: int) -> None:
        for column, value in zip(self._stretches, (stretch.began_s, ended_s, steps, stretch.running), strict=True):
            column.append(value)

    def record(self) -> TokenRecord:
        request, entered, started, first, ended, prompt, tokens, reserved, complete = map(np.array, self._answers)
        from_s, to_s, steps, running = map(np.array, self._stretches)
        return TokenRecord(
            request=request.astype(np.int64),
            entered_s=entered,
            started_s=started,
            first_token_s=first,
            ended_s=ended,
            prompt_tokens=prompt.astype(np.int64),
            tokens=tokens.astype(np.int64),
            reserved=reserved.astype(np.int64),
            complete=complete.astype(bool),
            stretch_from_s=from_s,
            stretch_to_s=to_s,
            steps=steps.astype(np.int64),
            running=running.astype(np.int64),
        )


class Device:
    """Requests join and leave between two steps; each gets one token a step.

    Only joining, leaving and finishing cost time here: the steps between are jumped over.
    """

    def __init__(
        self,
        env: Clock,
        spec: Spec,
        log: TokenLog,
        admit: Callable[[], None],
        noted: "Callable[[Device, list[Sequence]], None]",
    ):
        self._env, self._spec, self._log, self._admit, self._noted = env, spec, log, admit, noted
        self._kv_tokens = inf if spec.kv_memory_tokens == "unlimited" else spec.kv_memory_tokens
        self._running: list[tuple[int, int, Sequence]] = []  # a heap by last step
        self._joining: list[Sequence] = []
        self._leaving: list[Sequence] = []
        self._count = self._context = self._reserved = 0
        self._steps = self._begun = 0
        self._stretch: Stretch | None = None
        self._is_between_steps = False
        self._due_s, self._plan_number = inf, 0
        self.slowness = 1.0

    @property
    def members(self) -> int:
        """Who runs or joins at the next boundary."""
        return self._count + len(self._joining)

    @property
    def running(self) -> int:
        """Who gets a token at the end of the step."""
        return self._count

    def has_room(self, one: Sequence) -> bool:
        return self.members < self._spec.max_running and self._reserved + one.reserved <= self._kv_tokens

    def take(self, one: Sequence) -> None:
        """Let a request join at the next boundary, which is now if nothing runs."""
        one.device, one.accepted_s = self, self._env.now
        self._joining.append(one)
        self._reserved += one.reserved
        if self._stretch is not None:
            self.look_up()
        elif not self._is_between_steps:
            self._plan(self._env.now)

    def withdraw(self, one: Sequence) -> None:
        """Let a request go at once if it has not begun, else at the next boundary."""
        if one in self._joining:
            self._joining.remove(one)
            self._reserved -= one.reserved
        elif not one.gone:
            self._leaving.append(one)
            self.look_up()

    def look_up(self) -> None:
        """Stop at the end of the step under way, because something has changed."""
        if self._stretch is not None:
            step = self._stretch.step_at(self._env.now)
            if step < self._stretch.steps:
                self._stretch.steps = step
                self._plan(self._stretch.end_s(step))

    def _plan(self, at_s: float) -> None:
        if at_s >= self._due_s:
            return
        self._due_s, self._plan_number = at_s, self._plan_number + 1
        number, boundary = self._plan_number, self._env.at(at_s, LAST)
        assert boundary.callbacks is not None
        boundary.callbacks.append(lambda _: self._change(number))

    def _change(self, number: int) -> None:
        """Between two steps: who has finished or gone leaves, who waits joins, and the next stretch begins."""
        if number != self._plan_number:
            return
        self._due_s, self._is_between_steps = inf, True
        if self._stretch is not None:
            self._close(self._stretch.steps, self._env.now)
        self._let_go()
        self._admit()
        self._is_between_steps = False
        joined = self._joining
        self._begin()
        self._noted(self, joined)

    def _close(self, steps: int, now_s: float) -> None:
        assert self._stretch is not None
        self._log.add_steps(self._stretch, now_s, steps)
        self._steps += steps
        self._context += steps * self._count
        self._stretch = None

    def _let_go(self) -> None:
        while self._running and self._running[0][0] == self._steps:
            one = heappop(self._running)[2]
            if not one.gone:
                self._remove(one)
                if not one.left:
                    one.succeed()
        for one in self._leaving:
            if not one.gone:
                self._remove(one)
        self._leaving.clear()

    def _remove(self, one: Sequence) -> None:
        tokens = self._steps - one.joined_at_step
        self._count -= 1
        self._context -= one.prompt_tokens + tokens
        self._reserved -= one.reserved
        one.gone = True
        self._log.add(one, self._env.now, tokens)

    def _begin(self) -> None:
        spec, now_s, joined, prompts = self._spec, self._env.now, self._joining, 0
        for one in joined:
            one.started_s, one.joined_at_step = now_s, self._steps
            prompts += one.prompt_tokens
            self._begun += 1
            heappush(self._running, (self._steps + one.tokens, self._begun, one))
        self._joining = []
        self._count += len(joined)
        self._context += prompts
        if not self._count:
            return
        while self._running[0][2].gone:
            heappop(self._running)
        pace = self.slowness / 1000
        step_ms = spec.step_ms + spec.per_running_ms * self._count + spec.per_context_token_ms * self._context
        self._stretch = Stretch(
            now_s,
            self._running[0][0] - self._steps,
            self._count,
            spec.prefill_ms_per_token * prompts * pace,
            step_ms * pace,
            spec.per_context_token_ms * self._count * pace,
        )
        for one in joined:
            one.first_token_s = self._stretch.end_s(1)
        self._plan(self._stretch.end_s(self._stretch.steps))

    def die(self) -> None:
        """Lose everything; tokens of the step under way are not made."""
        now_s = self._env.now
        if self._stretch is not None:
            self._close(self._stretch.step_at(now_s) - 1, now_s)
        joining, self._joining = self._joining, []
        running, self._running = [one for *_, one in self._running if not one.gone], []
        for one in running:
            self._remove(one)
        self._leaving.clear()
        self._reserved = 0
        self._due_s, self._plan_number = inf, self._plan_number + 1
        for one in (*running, *joining):
            if one.process is not None and not one.left:
                one.process.interrupt(Died())
