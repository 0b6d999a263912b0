"""Devices that produce tokens with continuous (iteration-level) batching, as Orca and vLLM do."""

from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.crew import Crew
from simulator.components.failures import QueueFull, ReplicaDied, RequestFailed, TooLarge
from simulator.components.lines import Line, bounds, line
from simulator.components.meter import Notes
from simulator.components.pool import too_late
from simulator.components.records import CapacityLog, VisitLog
from simulator.components.request import Died, Request, Serving
from simulator.components.tokens import Device, Sequence, TokenLog
from simulator.design import LlmServer as Spec
from simulator.results.run import Integers


class LlmServer:
    """A request joins between two steps and gets a token with every step, the first one at the end of its first step.

    It reserves KV memory for its prompt and its whole answer when it is accepted, so that nobody is ever thrown out
    for want of memory. One queue feeds all replicas: while the next in turn has no room, nobody else is accepted. Who
    is accepted goes to the replica with the fewest requests. Context is the prompt and the tokens produced before the
    step; prompts are taken in whole, in the first step. A replica that breaks down loses what it holds.
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
        self._env, self._spec, self._log, self._tokens = env, spec, log, tokens
        self._capacity, self._queue_dies = capacity, queue_dies
        self._prompts = None if prompt_tokens is None else prompt_tokens.tolist()
        self._limit, self._max_age_s = bounds(spec.queue)
        self._kv_tokens = inf if spec.kv_memory_tokens == "unlimited" else spec.kv_memory_tokens
        self.crew = Crew(env, replicas)
        self.meter: Notes | None = None
        self._slowness = 1.0
        self._devices: dict[int, Device] = {}
        self._make_devices(self.crew.present)
        self._waiting: Line[Sequence] = line(spec.queue.discipline)

    def _make_devices(self, replicas: list[int]) -> None:
        for replica in replicas:
            device = self._devices[replica] = Device(self._env, self._spec, self._tokens, self._admit, self._noted)
            device.slowness = self._slowness

    @property
    def is_up(self) -> bool:
        return self.crew.is_up

    @property
    def slowness(self) -> float:
        """How many times longer than usual a step takes that begins now."""
        return self._slowness

    @slowness.setter
    def slowness(self, factor: float) -> None:
        self._slowness = factor
        for device in self._devices.values():
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
        if self.crew.closed and self.crew.is_hopeless:
            why = ReplicaDied
        elif one.reserved > self._kv_tokens:
            why = TooLarge
        elif self._waiting.would_be_next(one) and (device := self._roomiest(one)) is not None:
            device.take(one)
        elif len(self._waiting) >= self._limit:
            why = QueueFull
        else:
            self._waiting.append(one)
        if why is not None:
            self._log.add_refused(request, self._env.now)
            raise why
        if self.meter is not None:
            self._note()
        return one

    def _roomiest(self, one: Sequence) -> Device | None:
        """The live device with the fewest requests of those that have room. One that leaves still takes what waits in
        its own queue.
        """
        best, closed = None, self.crew.closed
        for number, device in self._devices.items():
            takes = number not in closed or (self._queue_dies and self.crew.only_leaves(number))
            if takes and device.has_room(one) and (best is None or device.members < best.members):
                best = device
        return best

    def _admit(self) -> None:
        """Accept the next in turn as long as there is room."""
        while self._waiting:
            one = self._waiting.upcoming()
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
            if self.meter is not None:
                self._note()
        raise interrupt

    def _noted(self, device: Device, began: list[Sequence]) -> None:
        """A device has begun its next steps, with these new requests, or has nothing more to do."""
        if self.crew.leaving and not device.members:
            self._let_leave()
        if self.meter is not None:
            self._note()
            for one in began:
                self.meter.began(one.started_s - one.entered_s)

    def _let_leave(self) -> None:
        """Let those go that were asked to and are done."""
        if self._queue_dies and self._waiting:
            return
        for replica in sorted(self.crew.leaving):
            if not self._devices[replica].members:
                self._capacity.change(self._env.now, -1)
                self._go(replica)

    def _go(self, replica: int) -> None:
        del self._devices[replica]
        self.crew.gone(replica)

    def _note(self) -> None:
        """Of a replica, the share of `max_running` that runs is busy."""
        assert self.meter is not None
        devices = self._devices.values()
        running = sum(device.running for device in devices) / self._spec.max_running
        self.meter.note(running, len(self._waiting) + sum(device.members for device in devices))

    def oldest_wait_s(self) -> float:
        """How long the oldest has waited that still does; 0 if nobody does."""
        return self._env.now - self._waiting.oldest().entered_s if self._waiting else 0.0

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live devices away, with the requests that run there; return which."""
        return self.lose(self.crew.last_living(replicas), comes_back=comes_back)

    def lose(self, replicas: list[int], *, comes_back: bool) -> list[int]:
        """Take these devices away, with the requests that run there; return those that were not dead already."""
        killed = self.crew.kill(replicas, comes_back=comes_back)
        self._capacity.change(self._env.now, -sum(not self.crew.is_broken(replica) for replica in killed))
        self._empty(killed)
        return killed

    def _empty(self, replicas: list[int]) -> None:
        """These devices have gone down: what they hold is lost, and the queue too if nobody is left to take it."""
        for replica in replicas:
            self._devices[replica].die()
            if replica in self.crew.leaving:
                self._go(replica)
        if self.crew.is_hopeless or (self._queue_dies and not self.is_up):
            self._lose_queue()
        if self.meter is not None:
            self._note()

    def _lose_queue(self) -> None:
        while self._waiting:
            one = self._waiting.popleft()
            one.left = True
            one.fail(ReplicaDied())

    def repair(self, replicas: list[int]) -> None:
        """Bring devices back, empty; they take what waits."""
        self._open(self.crew.repair(replicas))

    def stop(self, replica: int) -> None:
        """Break a device down: what it holds is lost, and it takes no more."""
        if self.crew.stop(replica):
            self._capacity.change(self._env.now, -1)
            self._empty([replica])

    def go_on(self, replica: int) -> None:
        """End one breakdown: the device is back, empty."""
        if self.crew.go_on(replica):
            self._open([replica])

    def add_replicas(self, number: int) -> None:
        """Let new devices take requests from now on."""
        new = self.crew.add(number)
        self._make_devices(new)
        self._open(new)

    def remove_replicas(self, number: int) -> None:
        """Let the last devices finish the requests they hold and go."""
        self.crew.remove(number)
        self._let_leave()

    def _open(self, replicas: list[int]) -> None:
        self._capacity.change(self._env.now, len(replicas))
        self._admit()
        if self.meter is not None:
            self._note()
