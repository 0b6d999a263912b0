"""Identical slots behind one queue: the heart of a service and of a store's shard."""

from collections.abc import Generator
from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.crew import Crew
from simulator.components.failures import DeadlinePassed, QueueFull, ReplicaDied, RequestFailed, TooOld
from simulator.components.lines import Line, bounds, line
from simulator.components.meter import Notes
from simulator.components.records import CapacityLog, HeldUpLog, VisitLog
from simulator.components.request import Died, Request, Serving, Stopped
from simulator.design import Queue


class Turn(simpy.Event):
    """A place in a queue that becomes a time in service: it happens when the work is done.

    One event instead of two: whoever frees the slot schedules the end of the work, as `simpy.Timeout` does at its
    birth.
    """

    def __init__(self, env: Clock, request: Request, work: float):
        super().__init__(env)
        self.entered_s = env.now
        self.started_s = self.due_s = inf
        self.request, self.work = request, work  # seconds of service, or items of a batch
        self.process = env.active_process
        self.slot = -1
        self.idle_s = 0.0  # of a model server: idle time before, then idle time while waiting
        self.left = False  # the caller has gone or was turned away, the place is void
        self._defused = True  # the caller may be withdrawn at the instant at which it is turned away

    def begin(self, slot: int, takes_s: float) -> None:
        """Happen in `takes_s` from now."""
        self.started_s, self.slot = self.env.now, slot
        self.due_s = self.started_s + takes_s
        self._ok, self._value = True, None
        self.env.schedule(self, delay=takes_s)


def too_late(now_s: float, request: Request, log: VisitLog) -> RequestFailed:
    """Why a request whose turn comes too late is dropped: its deadline has passed, or it is too old."""
    if now_s >= request.deadline_s:
        log.count("past_deadline")
        return DeadlinePassed()
    return TooOld()


class Pool:
    """`replicas` times `concurrency` slots behind a bounded queue.

    Assumes that slots are interchangeable and that work, once begun, runs at full speed to its end, stands still with
    its replica or dies with it. A slowdown counts for work that begins while it lasts. The queue stands in front of the
    replicas and outlives them, unless `queue_dies`.
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
        held_up: HeldUpLog | None = None,
    ):
        self._env, self._log, self._capacity, self._queue_dies = env, log, capacity, queue_dies
        self._held_up = held_up or HeldUpLog()
        self._limit, self._max_age_s = bounds(queue)
        self._concurrency = concurrency
        self.crew = Crew(env, replicas)
        self._closed = self.crew.closed
        self.meter: Notes | None = None
        self._idle = list(range(replicas * concurrency))
        self._at_work: dict[int, simpy.Process | None] = {}
        self._going_on: dict[int, simpy.Event] = {}  # of replicas that stand still
        self._held = 0  # slots that stand still with them
        self._waiting: Line[Turn] = line(queue.discipline)
        self._queue_length = 0
        self.slowness = 1.0

    @property
    def is_up(self) -> bool:
        return self.crew.is_up

    def serve(self, request: Request, work_s: float) -> Serving:
        """Wait for a slot, then work. Raise QueueFull, TooOld or ReplicaDied."""
        env = self._env
        if self._idle:
            slot, entered_s = self._idle.pop(), env.now
            self._at_work[slot] = env.active_process
            if self.meter is not None:
                self._note(0.0)
            takes_s = work_s * self.slowness
            try:
                yield env.timeout(takes_s)
            except simpy.Interrupt as interrupt:
                if end := (yield from self._stand_still(interrupt, slot, entered_s + takes_s)):
                    self._interrupted(end, request, entered_s, entered_s, slot)
            self._log.add(request, entered_s, entered_s, env.now)
        else:
            turn = self._line_up(request, work_s)
            try:
                yield turn
            except simpy.Interrupt as interrupt:
                if end := (yield from self._stand_still(interrupt, turn.slot, turn.due_s)):
                    self._leave_line(turn)
                    self._interrupted(end, request, turn.entered_s, turn.started_s, turn.slot)
            except RequestFailed:
                self._log.add_unanswered(request, turn.entered_s, float("nan"), env.now)
                raise
            slot = turn.slot
            self._log.add(request, turn.entered_s, turn.started_s, env.now)
        self._release(slot)

    def _line_up(self, request: Request, work_s: float) -> Turn:
        if self.crew.closed and self.crew.is_hopeless:
            self._log.add_refused(request, self._env.now)
            raise ReplicaDied
        if self._queue_length >= self._limit:
            self._log.add_refused(request, self._env.now)
            raise QueueFull
        turn = Turn(self._env, request, work_s)
        self._waiting.append(turn)
        self._queue_length += 1
        if self.meter is not None:
            self._note()
        return turn

    def _leave_line(self, turn: Turn) -> None:
        self._queue_length -= turn.slot < 0 and not turn.left
        turn.left = True
        if self.meter is not None:
            self._note()

    def _stand_still(
        self, interrupt: simpy.Interrupt, slot: int, due_s: float
    ) -> Generator[simpy.Event, object, simpy.Interrupt | None]:
        """While the replica stands still, so does the work. Return what ended the work, or None if it was done."""
        left_s = due_s - self._env.now
        while isinstance(interrupt.cause, Stopped):
            began_s = inf
            try:
                yield self._going_on[slot // self._concurrency]
                began_s = self._env.now
                yield self._env.timeout(left_s)
            except simpy.Interrupt as another:
                interrupt = another
                left_s -= max(0.0, self._env.now - began_s)
            else:
                return None
        return interrupt

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
        if self._closed and slot // self._concurrency in self._closed and not self._drains(slot // self._concurrency):
            self._leave_closed(slot // self._concurrency)
            return
        now = self._env.now
        while self._waiting:
            turn = self._waiting.popleft()
            if turn.left:
                continue
            self._queue_length -= 1
            if now - turn.entered_s > self._max_age_s or now >= turn.request.deadline_s:
                turn.left = True
                turn.fail(too_late(now, turn.request, self._log))
                continue
            self._at_work[slot] = turn.process
            turn.begin(slot, turn.work * self.slowness)
            if self.meter is not None:
                self._note(now - turn.entered_s)
            return
        if self._closed and slot // self._concurrency in self._closed:
            self._leave_closed(slot // self._concurrency)
            return
        self._idle.append(slot)
        if self.meter is not None:
            self._note()

    def _drains(self, replica: int) -> bool:
        """Whether a replica that leaves has to work off a queue of its own first."""
        if not (self._queue_dies and self._queue_length):
            return False
        return replica in self.crew.leaving and not self.crew.is_broken(replica)

    def _leave_closed(self, replica: int) -> None:
        """A slot is done of a replica that takes no more work."""
        if self.crew.is_broken(replica):
            self._hold(-1)
        elif replica in self.crew.leaving:
            self._capacity.change(self._env.now, -1)
        if self.meter is not None:
            self._note()
        if replica in self.crew.leaving and not self._busy(replica) and not (self._queue_dies and self._queue_length):
            self.crew.gone(replica)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live replicas away, with the work they hold; return which."""
        return self.lose(self.crew.last_living(replicas), comes_back=comes_back)

    def lose(self, replicas: list[int], *, comes_back: bool) -> list[int]:
        """Take these replicas away, with the work they hold; return those that were not dead already."""
        killed = self.crew.kill(replicas, comes_back=comes_back)
        lost = 0
        for replica in killed:
            busy = self._busy(replica)
            if self.crew.is_broken(replica):
                self._hold(-len(busy))
            else:
                lost += len(busy) if replica in self.crew.leaving else self._concurrency
            for slot in self._slots(replica):
                if slot in self._at_work:
                    process = self._at_work.pop(slot)
                    assert process is not None, "serve() runs inside a process"
                    process.interrupt(Died())
                elif slot in self._idle:
                    self._idle.remove(slot)
            if replica in self.crew.leaving:
                self.crew.gone(replica)
        if self.crew.is_hopeless or (self._queue_dies and not self.is_up):
            self._lose_queue()
        self._capacity.change(self._env.now, -lost)
        if self.meter is not None:
            self._note()
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
        self._open(self.crew.repair(replicas))

    def stop(self, replica: int) -> None:
        """Break one down: the work it holds stands still, and it takes no more."""
        if not self.crew.stop(replica):
            return
        busy = self._busy(replica)
        self._going_on[replica] = self._env.event()
        self._idle = [slot for slot in self._idle if slot // self._concurrency != replica]
        self._capacity.change(self._env.now, -len(busy) if replica in self.crew.leaving else -self._concurrency)
        self._hold(len(busy))
        for slot in busy:
            process = self._at_work[slot]
            assert process is not None, "serve() runs inside a process"
            process.interrupt(Stopped())
        if self.meter is not None:
            self._note()

    def go_on(self, replica: int) -> None:
        """End one breakdown: the work goes on where it stood."""
        if not self.crew.go_on(replica):
            return
        if replica in self._going_on:
            self._hold(-len(self._busy(replica)))
            self._going_on.pop(replica).succeed()
        self._open([replica])

    def _hold(self, by: int) -> None:
        """So many slots more (or, if negative, fewer) stand still with their replicas."""
        self._held += by
        self._held_up.change(self._env.now, by)

    def add_replicas(self, number: int) -> None:
        """Let new replicas take work from now on."""
        self._open(self.crew.add(number))

    def remove_replicas(self, number: int) -> None:
        """Let the last replicas finish what they hold and go."""
        for replica in self.crew.remove(number):
            busy = self._busy(replica)
            self._idle = [slot for slot in self._idle if slot // self._concurrency != replica]
            self._capacity.change(self._env.now, len(busy) - self._concurrency)
            if not busy:
                self.crew.gone(replica)

    def oldest_wait_s(self) -> float:
        """How long the oldest has waited that still does; 0 if nobody does."""
        return max((self._env.now - turn.entered_s for turn in self._waiting if not turn.left), default=0.0)

    def _note(self, waited_s: float | None = None) -> None:
        assert self.meter is not None
        busy = len(self._at_work)
        self.meter.note(busy - self._held, busy + self._queue_length)
        if waited_s is not None:
            self.meter.began(waited_s)

    def _open(self, replicas: list[int]) -> None:
        self._capacity.change(self._env.now, len(replicas) * self._concurrency)
        for replica in replicas:
            free = [slot for slot in self._slots(replica) if slot not in self._at_work]
            self._at_work.update(dict.fromkeys(free))  # all first: the last one to be released may end a leaving one
            for slot in free:
                self._release(slot)

    def _slots(self, replica: int) -> range:
        return range(replica * self._concurrency, (replica + 1) * self._concurrency)

    def _busy(self, replica: int) -> list[int]:
        return [slot for slot in self._slots(replica) if slot in self._at_work]
