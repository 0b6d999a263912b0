"""Devices that run batches: dynamic batching as in Triton or TensorFlow Serving."""

from collections.abc import Generator
from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.crew import Crew
from simulator.components.failures import QueueFull, ReplicaDied, RequestFailed
from simulator.components.lines import Line, bounds, line
from simulator.components.meter import Notes
from simulator.components.pool import Turn, too_late
from simulator.components.records import BatchLog, CapacityLog, HeldUpLog, VisitLog
from simulator.components.request import Died, Request, Serving, Stopped
from simulator.design import ModelServer as Spec
from simulator.draws import PerVisit


class Batch:
    """The requests that one device works on together."""

    def __init__(self, slot: int, turns: list[Turn], row: int):
        self.slot, self.turns, self.row = slot, turns, row
        self.due: simpy.Event | None = None
        self.due_s = self.left_s = inf
        self.over: simpy.Event | None = None  # once it has stood still, its requests wait for this


class ModelServer:
    """Fires when a device is idle and the batch is full or its oldest request has waited long enough.

    One queue feeds all devices, and a batch takes those who are next in it, whatever its discipline; nobody joins a
    batch that runs. A batch is full when it holds `max_items` or the next request would not fit; one request larger
    than that runs alone.
    """

    def __init__(
        self,
        env: Clock,
        spec: Spec,
        replicas: int,
        noise: PerVisit | None,
        log: VisitLog,
        batches: BatchLog,
        capacity: CapacityLog,
        *,
        queue_dies: bool,
        held_up: HeldUpLog | None = None,
    ):
        self._env, self._spec, self._noise = env, spec, noise
        self._log, self._batches, self._capacity, self._queue_dies = log, batches, capacity, queue_dies
        self._limit, self._max_age_s = bounds(spec.queue)
        self._max_items = inf if spec.max_items == "unlimited" else spec.max_items
        self._max_wait_s = spec.max_wait_ms / 1000
        self.crew = Crew(env, replicas)
        self.meter: Notes | None = None
        self._trimmed = log.moments("trimmed")
        self._held_up = held_up or HeldUpLog()
        self._held = 0  # batches that stand still
        self._idle = list(range(replicas * spec.streams))
        self._running: dict[int, Batch] = {}
        self._waiting: Line[Turn] = line(spec.queue.discipline)
        self._waiting_items = 0.0
        self._alarm_s = -inf
        self._idle_s, self._idle_since_s = 0.0, 0.0
        self.slowness = 1.0

    @property
    def is_up(self) -> bool:
        return self.crew.is_up

    def serve(self, request: Request) -> Serving:
        """Wait for a batch, then for its end. Raise QueueFull, TooOld or ReplicaDied."""
        if self.crew.closed and self.crew.is_hopeless:
            self._log.add_refused(request, self._env.now)
            raise ReplicaDied
        if not self._idle and len(self._waiting) >= self._limit:
            self._log.add_refused(request, self._env.now)
            raise QueueFull
        turn = Turn(self._env, request, self._items(request))
        turn.idle_s = self._idle_until_now_s()
        self._waiting.append(turn)
        self._waiting_items += turn.work
        if self.meter is not None:
            self._note()
        if self._idle:
            self._fire_what_is_ready()
        try:
            yield turn
        except simpy.Interrupt as interrupt:
            if end := (yield from self._stand_still(turn, interrupt)):
                self._interrupted(turn, end)
        except RequestFailed:
            self._log.add_unanswered(request, turn.entered_s, float("nan"), self._env.now, self._filled_s(turn))
            raise
        self._log.add(request, turn.entered_s, turn.started_s, self._env.now, turn.idle_s)

    def _idle_until_now_s(self) -> float:
        """How long at least one device has been idle so far."""
        return self._idle_s + (self._env.now - self._idle_since_s if self._idle else 0.0)

    def _filled_s(self, turn: Turn) -> float:
        return turn.idle_s if turn.slot >= 0 else self._idle_until_now_s() - turn.idle_s

    def _set_idle(self, slots: list[int]) -> None:
        self._idle_s = self._idle_until_now_s()
        self._idle_since_s = self._env.now
        self._idle = slots

    def _items(self, request: Request) -> int:
        trim = self._spec.trim
        if trim is None or self._waiting_items <= trim.when_waiting_items_over:
            return request.items
        self._trimmed.append(self._env.now)
        return max(1, int(request.items * trim.keep_share))

    def _stand_still(
        self, turn: Turn, interrupt: simpy.Interrupt
    ) -> Generator[simpy.Event, object, simpy.Interrupt | None]:
        """While the device stands still, so does the batch. Return what ended the visit, or None if it was done."""
        if not isinstance(interrupt.cause, Stopped):
            return interrupt
        over = self._running[turn.slot].over
        assert over is not None, "stop() has made it"
        try:
            yield over
        except simpy.Interrupt as another:
            return another
        return None

    def _interrupted(self, turn: Turn, interrupt: simpy.Interrupt) -> None:
        began = turn.slot >= 0
        started_s = turn.started_s if began else float("nan")
        self._log.add_unanswered(turn.request, turn.entered_s, started_s, self._env.now, self._filled_s(turn))
        if isinstance(interrupt.cause, Died):
            raise ReplicaDied from None
        if not began and not turn.left:
            self._waiting.remove(turn)
            self._waiting_items -= turn.work
            if self.meter is not None:
                self._note()
            self._let_go()
        raise interrupt  # a batch that runs goes on without the request

    def _fire_what_is_ready(self) -> None:
        self._fire_while_ready()
        if self.crew.leaving:
            self._let_go()

    def _fire_while_ready(self) -> None:
        now = self._env.now
        while self._idle and self._waiting:
            if now >= self._waiting.upcoming().request.deadline_s:
                self._drop_late(self._waiting.popleft())
                continue
            leaves_s = self._waiting.oldest().entered_s + self._max_wait_s
            if self._waiting_items < self._max_items and now < leaves_s:
                self._ring_at(leaves_s)
                return
            self._fire()

    def _ring_at(self, time_s: float) -> None:
        """Look again at `time_s`; one alarm for one moment is enough."""
        if time_s != self._alarm_s:
            self._alarm_s = time_s
            alarm = self._env.at(time_s)
            assert alarm.callbacks is not None
            alarm.callbacks.append(lambda _: self._fire_what_is_ready())

    def _fire(self) -> None:
        waiting, most, now = self._waiting, self._max_items, self._env.now
        turns = [waiting.popleft()]
        items = int(turns[0].work)
        while waiting and items + (turn := waiting.upcoming()).work <= most:
            waiting.popleft()
            if now >= turn.request.deadline_s:
                self._drop_late(turn)
                continue
            turns.append(turn)
            items += int(turn.work)
        self._waiting_items -= items
        slot, first = self._idle[-1], turns[0].request
        idle_s = self._idle_until_now_s()
        for turn in turns:
            turn.idle_s = idle_s - turn.idle_s
        self._set_idle(self._idle[:-1])
        takes_s = self._spec.batch_time.mean_s(items) * self.slowness
        if self._noise is not None:
            takes_s *= self._noise.of(first.index, first.visit)
        row = self._batches.add(self._env.now, self._env.now + takes_s, items, len(turns))
        batch = self._running[slot] = Batch(slot, turns, row)
        self._let_run(batch, takes_s)
        for turn in turns:
            turn.begin(slot, takes_s)
        if self.meter is not None:
            self._note()
            for turn in turns:
                self.meter.began(turn.started_s - turn.entered_s)

    def _let_run(self, batch: Batch, takes_s: float) -> None:
        due = batch.due = self._env.timeout(takes_s)
        batch.due_s = self._env.now + takes_s
        assert due.callbacks is not None
        due.callbacks.append(lambda _: self._end(batch) if batch.due is due else None)

    def _end(self, batch: Batch) -> None:
        del self._running[batch.slot]
        if batch.over is not None:
            batch.over.succeed()
        if self.meter is not None:
            self._note()
        replica = batch.slot // self._spec.streams
        if replica in self.crew.leaving and not self._drains():
            self._capacity.change(self._env.now, -1)
            self._go_if_done(replica)
        else:
            self._take_up([batch.slot])

    def _take_up(self, slots: list[int]) -> None:
        """Let devices become idle. If none was, it is only now the turn of those who wait, and the old are dropped."""
        if not self._idle and self._max_age_s < inf:
            self._drop_the_old()
        self._set_idle(self._idle + slots)
        self._fire_what_is_ready()

    def _drop_the_old(self) -> None:
        while self._waiting and self.oldest_wait_s() > self._max_age_s:
            oldest = self._waiting.oldest()
            self._waiting.remove(oldest)
            self._drop_late(oldest)

    def oldest_wait_s(self) -> float:
        """How long the oldest has waited that still does; 0 if nobody does."""
        return self._env.now - self._waiting.oldest().entered_s if self._waiting else 0.0

    def _note(self) -> None:
        assert self.meter is not None
        inside = sum(len(batch.turns) for batch in self._running.values()) + len(self._waiting)
        self.meter.note(len(self._running) - self._held, inside)

    def _drop_late(self, turn: Turn) -> None:
        self._drop(turn, too_late(self._env.now, turn.request, self._log))

    def _drop(self, turn: Turn, why: RequestFailed) -> None:
        self._waiting_items -= turn.work
        turn.left = True
        turn.fail(why)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live devices away, with the batches they run; return which."""
        return self.lose(self.crew.last_living(replicas), comes_back=comes_back)

    def lose(self, replicas: list[int], *, comes_back: bool) -> list[int]:
        """Take these devices away, with the batches they run; return those that were not dead already."""
        killed = self.crew.kill(replicas, comes_back=comes_back)
        lost = 0
        for replica in killed:
            busy = self._busy(replica)
            if self.crew.is_broken(replica):
                self._hold(-len(busy))
            else:
                lost += self._working(replica)
            self._set_idle([slot for slot in self._idle if slot // self._spec.streams != replica])
            for slot in busy:
                self._lose(self._running.pop(slot))
            if replica in self.crew.leaving:
                self.crew.gone(replica)
        if self.crew.is_hopeless or (self._queue_dies and not self.is_up):
            self._lose_queue()
        self._capacity.change(self._env.now, -lost)
        if self.meter is not None:
            self._note()
        return killed

    def _lose_queue(self) -> None:
        while self._waiting:
            self._drop(self._waiting.popleft(), ReplicaDied())

    def _lose(self, batch: Batch) -> None:
        batch.due = None
        self._batches.cut(batch.row, self._env.now)
        for turn in batch.turns:
            target = None if turn.process is None else turn.process.target
            if turn.process is not None and target is not None and target in (turn, batch.over):
                turn.process.interrupt(Died())

    def repair(self, replicas: list[int]) -> None:
        """Bring devices back, idle; they take what waits."""
        self._open(self.crew.repair(replicas))

    def stop(self, replica: int) -> None:
        """Break a device down: the batches it runs stand still, and it takes no more."""
        if not self.crew.stop(replica):
            return
        now, busy = self._env.now, self._busy(replica)
        self._capacity.change(now, -self._working(replica))
        self._set_idle([slot for slot in self._idle if slot // self._spec.streams != replica])
        self._hold(len(busy))
        for batch in (self._running[slot] for slot in busy):
            batch.left_s, batch.due = batch.due_s - now, None
            if batch.over is None:
                batch.over = self._env.event()
                for turn in batch.turns:
                    if turn.process is not None and turn.process.target is turn:
                        turn.process.interrupt(Stopped())
        if self.meter is not None:
            self._note()

    def go_on(self, replica: int) -> None:
        """End one breakdown: the batches go on where they stood."""
        if not self.crew.go_on(replica):
            return
        busy = self._busy(replica)
        self._hold(-len(busy))
        for batch in (self._running[slot] for slot in busy):
            self._let_run(batch, batch.left_s)
            self._batches.cut(batch.row, batch.due_s)
        self._open([replica])
        if self.meter is not None:
            self._note()

    def _hold(self, by: int) -> None:
        """So many batches more (or, if negative, fewer) stand still with their devices."""
        self._held += by
        self._held_up.change(self._env.now, by)

    def add_replicas(self, number: int) -> None:
        """Let new devices take work from now on."""
        self._open(self.crew.add(number))

    def remove_replicas(self, number: int) -> None:
        """Let the last devices finish the batches they run and go."""
        self.crew.remove(number)
        self._let_go()

    def _drains(self) -> bool:
        """Whether replicas that leave have to work off a queue of their own first."""
        return self._queue_dies and bool(self._waiting)

    def _let_go(self) -> None:
        """Devices that leave and have nothing to do are given up, and those that have none left are gone."""
        if self._drains():
            return
        for replica in list(self.crew.leaving):
            idle = [slot for slot in self._idle if slot // self._spec.streams == replica]
            if idle:
                self._set_idle([slot for slot in self._idle if slot not in idle])
                self._capacity.change(self._env.now, -len(idle))
            self._go_if_done(replica)

    def _go_if_done(self, replica: int) -> None:
        if not self._busy(replica) and not self.crew.is_broken(replica):
            self.crew.gone(replica)

    def _open(self, replicas: list[int]) -> None:
        self._capacity.change(self._env.now, len(replicas) * self._spec.streams)
        self._take_up([slot for slot in self._slots(replicas) if slot not in self._running])

    def _working(self, replica: int) -> int:
        """How much of its capacity counts: of one that leaves, what is not given up."""
        return sum(slot in self._running or slot in self._idle for slot in self._slots([replica]))

    def _busy(self, replica: int) -> list[int]:
        return [slot for slot in self._slots([replica]) if slot in self._running]

    def _slots(self, replicas: list[int]) -> list[int]:
        streams = self._spec.streams
        return [replica * streams + stream for replica in replicas for stream in range(streams)]
