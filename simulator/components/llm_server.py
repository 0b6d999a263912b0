"""Devices that produce tokens with continuous (iteration-level) batching, as Orca and vLLM do."""

from collections import deque
from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.failures import QueueFull, ReplicaDied, RequestFailed, TooLarge
from simulator.components.pool import too_late
from simulator.components.records import CapacityLog, VisitLog
from simulator.components.request import Died, Request, Serving
from simulator.components.tokens import Device, Sequence, TokenLog
from simulator.design import LlmServer as Spec
from simulator.results.run import Integers


class LlmServer:
    """A request joins between two steps and gets a token with every step, the first one at the end of its first step.

    It reserves KV memory for its prompt and its whole answer when it is accepted, so that nobody is ever thrown out
    for want of memory. One queue feeds all replicas, first come first served: while the first in line has no room,
    nobody overtakes it. Who is accepted goes to the replica with the fewest requests. Context is the prompt and the
    tokens produced before the step; prompts are taken in whole, in the first step.
    """

    def __init__(
        self,
        env: Clock,
        spec: Spec,
        replicas: int,
        prompt_tokens: Integers | None,
        log: VisitLog,
        tokens: TokenLog,
        capacity: CapacityLog,
        *,
        queue_dies: bool,
    ):
        self._env, self._log, self._capacity, self._queue_dies = env, log, capacity, queue_dies
        self._prompts = None if prompt_tokens is None else prompt_tokens.tolist()
        self._limit = inf if spec.queue.limit == "unlimited" else spec.queue.limit
        self._max_age_s = inf if spec.queue.drop_older_than_ms is None else spec.queue.drop_older_than_ms / 1000
        self._kv_tokens = inf if spec.kv_memory_tokens == "unlimited" else spec.kv_memory_tokens
        self._devices = [Device(env, spec, tokens, self._admit) for _ in range(replicas)]
        self._dead: set[int] = set()
        self._returning = 0  # dead replicas that will be repaired
        self._waiting: deque[Sequence] = deque()
        self._slowness = 1.0

    @property
    def is_up(self) -> bool:
        return len(self._dead) < len(self._devices)

    @property
    def slowness(self) -> float:
        """How many times longer than usual a step takes that begins now."""
        return self._slowness

    @slowness.setter
    def slowness(self, factor: float) -> None:
        self._slowness = factor
        for device in self._devices:
            device.slowness = factor
            device.look_up()

    def serve(self, request: Request) -> Serving:
        """Wait for room, then for the last token. Raise QueueFull, TooLarge, TooOld or ReplicaDied."""
        one = self._receive(request)
        try:
            yield one
        except simpy.Interrupt as interrupt:
            self._interrupted(one, interrupt)
        except RequestFailed:
            self._log.add_unanswered(request, one.entered_s, float("nan"), self._env.now)
            raise
        self._log.add(request, one.entered_s, one.started_s, self._env.now, one.started_s - one.accepted_s)

    def _receive(self, request: Request) -> Sequence:
        one = Sequence(self._env, request, 1 if self._prompts is None else self._prompts[request.index])
        why: type[RequestFailed] | None = None
        if not self.is_up and not self._returning:
            why = ReplicaDied
        elif one.reserved > self._kv_tokens:
            why = TooLarge
        elif not self._waiting and (device := self._roomiest(one)) is not None:
            device.take(one)
        elif len(self._waiting) >= self._limit:
            why = QueueFull
        else:
            self._waiting.append(one)
        if why is not None:
            self._log.add_refused(request, self._env.now)
            raise why
        return one

    def _roomiest(self, one: Sequence) -> Device | None:
        """The live device with the fewest requests of those that have room."""
        best = None
        for number, device in enumerate(self._devices):
            if number not in self._dead and device.has_room(one) and (best is None or device.members < best.members):
                best = device
        return best

    def _admit(self) -> None:
        """Accept from the head of the queue as long as there is room."""
        while self._waiting:
            one = self._waiting[0]
            device = self._roomiest(one)
            if device is None:
                return
            self._waiting.popleft()
            if self._env.now - one.entered_s > self._max_age_s or self._env.now >= one.request.deadline_s:
                one.left = True
                one.fail(too_late(self._env.now, one.request, self._log))
            else:
                device.take(one)

    def _interrupted(self, one: Sequence, interrupt: simpy.Interrupt) -> None:
        now_s, began = self._env.now, one.started_s < inf
        accepted_for_s = (one.started_s if began else now_s) - one.accepted_s if one.accepted_s < inf else 0.0
        self._log.add_unanswered(
            one.request, one.entered_s, one.started_s if began else float("nan"), now_s, accepted_for_s
        )
        if isinstance(interrupt.cause, Died):
            raise ReplicaDied from None
        if not one.left:
            one.left = True
            if one.device is not None:
                one.device.withdraw(one)
            else:
                self._waiting.remove(one)
            if not began:
                self._admit()
        raise interrupt

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live devices away, with the requests that run there; return which."""
        return self.lose(self.present[max(0, len(self.present) - replicas) :], comes_back=comes_back)

    @property
    def present(self) -> list[int]:
        """The live devices."""
        return [number for number in range(len(self._devices)) if number not in self._dead]

    def lose(self, killed: list[int], *, comes_back: bool) -> list[int]:
        """Take these devices away, with the requests that run there; return them."""
        self._dead.update(killed)
        for number in killed:
            self._devices[number].die()
        self._returning += len(killed) * comes_back
        if not self.is_up and (self._queue_dies or not self._returning):
            self._lose_queue()
        self._capacity.change(self._env.now, -len(killed))
        return killed

    def _lose_queue(self) -> None:
        while self._waiting:
            one = self._waiting.popleft()
            one.left = True
            one.fail(ReplicaDied())

    def repair(self, replicas: list[int]) -> None:
        """Bring devices back, empty; they take what waits."""
        self._dead.difference_update(replicas)
        self._returning -= len(replicas)
        self._capacity.change(self._env.now, len(replicas))
        self._admit()
