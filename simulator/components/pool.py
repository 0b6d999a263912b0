"""Identical slots behind one queue: the heart of a service and of a store's shard."""

from collections import deque
from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.failures import DeadlinePassed, QueueFull, ReplicaDied, RequestFailed, TooOld
from simulator.components.records import CapacityLog, VisitLog
from simulator.components.request import Died, Request, Serving
from simulator.design import Queue


class Turn(simpy.Event):
    """A place in a queue that becomes a time in service: it happens when the work is done.

    One event instead of two: whoever frees the slot schedules the end of the work, as `simpy.Timeout` does at its
    birth.
    """

    def __init__(self, env: Clock, request: Request, work: float):
        super().__init__(env)
        self.entered_s = env.now
        self.started_s = inf
        self.request, self.work = request, work  # seconds of service, or items of a batch
        self.process = env.active_process
        self.slot = -1
        self.idle_s = 0.0  # of a model server: idle time before, then idle time while waiting
        self.left = False  # the caller has gone or was turned away, the place is void
        self._defused = True  # the caller may be withdrawn at the instant at which it is turned away

    def begin(self, slot: int, takes_s: float) -> None:
        """Happen in `takes_s` from now."""
        self.started_s, self.slot = self.env.now, slot
        self._ok, self._value = True, None
        self.env.schedule(self, delay=takes_s)


def too_late(now_s: float, turn: Turn, log: VisitLog) -> RequestFailed:
    """Why a turn that comes too late is dropped: its request's deadline has passed, or it is too old."""
    if now_s >= turn.request.deadline_s:
        log.count("past_deadline")
        return DeadlinePassed()
    return TooOld()


class Pool:
    """`replicas` times `concurrency` slots, first come first served, with a bounded queue.

    Assumes that slots are interchangeable and that work, once begun, runs at full speed to its end or dies with its
    replica. A slowdown counts for work that begins while it lasts. The queue stands in front of the replicas and
    outlives them, unless `queue_dies`.
    """

    def __init__(
        self,
        env: Clock,
        replicas: int,
        concurrency: int,
        queue: Queue,
        log: VisitLog,
        capacity: CapacityLog,
        *,
        queue_dies: bool = False,
    ):
        self._env, self._log, self._capacity, self._queue_dies = env, log, capacity, queue_dies
        self._limit = inf if queue.limit == "unlimited" else queue.limit
        self._max_age_s = inf if queue.drop_older_than_ms is None else queue.drop_older_than_ms / 1000
        self._replicas, self._concurrency = replicas, concurrency
        self._dead: set[int] = set()
        self._returning = 0  # dead replicas that will be repaired
        self._idle = list(range(replicas * concurrency))
        self._at_work: dict[int, simpy.Process | None] = {}
        self._waiting: deque[Turn] = deque()
        self._queue_length = 0
        self.slowness = 1.0

    @property
    def is_up(self) -> bool:
        return len(self._dead) < self._replicas

    def serve(self, request: Request, work_s: float) -> Serving:
        """Wait for a slot, then work. Raise QueueFull, TooOld or ReplicaDied."""
        env = self._env
        if self._idle:
            slot, entered_s = self._idle.pop(), env.now
            self._at_work[slot] = env.active_process
            try:
                yield env.timeout(work_s * self.slowness)
            except simpy.Interrupt as interrupt:
                self._interrupted(interrupt, request, entered_s, entered_s, slot)
            self._log.add(request, entered_s, entered_s, env.now)
        else:
            turn = self._line_up(request, work_s)
            try:
                yield turn
            except simpy.Interrupt as interrupt:
                self._queue_length -= turn.slot < 0 and not turn.left
                turn.left = True
                self._interrupted(interrupt, request, turn.entered_s, turn.started_s, turn.slot)
            except RequestFailed:
                self._log.add_unanswered(request, turn.entered_s, float("nan"), env.now)
                raise
            slot = turn.slot
            self._log.add(request, turn.entered_s, turn.started_s, env.now)
        self._release(slot)

    def _line_up(self, request: Request, work_s: float) -> Turn:
        if not self.is_up and not self._returning:
            self._log.add_refused(request, self._env.now)
            raise ReplicaDied
        if self._queue_length >= self._limit:
            self._log.add_refused(request, self._env.now)
            raise QueueFull
        turn = Turn(self._env, request, work_s)
        self._waiting.append(turn)
        self._queue_length += 1
        return turn

    def _interrupted(
        self, interrupt: simpy.Interrupt, request: Request, entered_s: float, started_s: float, slot: int
    ) -> None:
        """Write the visit down as unanswered and leave: by ReplicaDied, or as the caller who withdrew."""
        began = started_s if slot >= 0 else float("nan")
        self._log.add_unanswered(request, entered_s, began, self._env.now)
        if isinstance(interrupt.cause, Died):
            raise ReplicaDied from None
        if slot >= 0:
            self._release(slot)
        raise interrupt

    def _release(self, slot: int) -> None:
        del self._at_work[slot]
        now = self._env.now
        while self._waiting:
            turn = self._waiting.popleft()
            if turn.left:
                continue
            self._queue_length -= 1
            if now - turn.entered_s > self._max_age_s or now >= turn.request.deadline_s:
                turn.left = True
                turn.fail(too_late(now, turn, self._log))
                continue
            self._at_work[slot] = turn.process
            turn.begin(slot, turn.work * self.slowness)
            return
        self._idle.append(slot)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live replicas away, with the work they hold; return which."""
        alive = [replica for replica in range(self._replicas) if replica not in self._dead]
        killed = alive[max(0, len(alive) - replicas) :]
        self._dead.update(killed)
        for replica in killed:
            for slot in range(replica * self._concurrency, (replica + 1) * self._concurrency):
                if slot in self._idle:
                    self._idle.remove(slot)
                else:
                    process = self._at_work.pop(slot)
                    assert process is not None, "serve() runs inside a process"
                    process.interrupt(Died())
        self._returning += len(killed) * comes_back
        if not self.is_up and (self._queue_dies or not self._returning):
            self._lose_queue()
        self._capacity.change(self._env.now, -len(killed) * self._concurrency)
        return killed

    def _lose_queue(self) -> None:
        for turn in self._waiting:
            if not turn.left:
                turn.left = True
                turn.fail(ReplicaDied())
        self._waiting.clear()
        self._queue_length = 0

    def repair(self, replicas: list[int]) -> None:
        """Bring replicas back, idle; they take what waits."""
        self._dead.difference_update(replicas)
        self._returning -= len(replicas)
        self._capacity.change(self._env.now, len(replicas) * self._concurrency)
        for replica in replicas:
            for slot in range(replica * self._concurrency, (replica + 1) * self._concurrency):
                self._at_work[slot] = None
                self._release(slot)
