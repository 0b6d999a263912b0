"""Devices that run batches: dynamic batching as in Triton or TensorFlow Serving."""

from collections import deque
from math import inf

import simpy

from simulator.clock import Clock
from simulator.components.failures import QueueFull, ReplicaDied, RequestFailed
from simulator.components.pool import Turn, too_late
from simulator.components.records import BatchLog, CapacityLog, VisitLog
from simulator.components.request import Died, Request, Serving
from simulator.design import ModelServer as Spec
from simulator.draws import PerVisit


class Batch:
    """The requests that one device works on together."""

    def __init__(self, slot: int, turns: list[Turn], row: int):
        self.slot, self.turns, self.row = slot, turns, row
        self.died = False


class ModelServer:
    """Fires when a device is idle and the batch is full or its oldest request has waited long enough.

    One queue feeds all devices, first come first served; nobody joins a batch that runs. A batch is full when it holds
    `max_items` or the next request would not fit; one request larger than that runs alone.
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
    ):
        self._env, self._spec, self._noise = env, spec, noise
        self._log, self._batches, self._capacity, self._queue_dies = log, batches, capacity, queue_dies
        self._limit = inf if spec.queue.limit == "unlimited" else spec.queue.limit
        self._max_age_s = inf if spec.queue.drop_older_than_ms is None else spec.queue.drop_older_than_ms / 1000
        self._max_items = inf if spec.max_items == "unlimited" else spec.max_items
        self._max_wait_s = spec.max_wait_ms / 1000
        self._replicas = replicas
        self._dead: set[int] = set()
        self._returning = 0  # dead replicas that will be repaired
        self._idle = list(range(replicas * spec.streams))
        self._running: dict[int, Batch] = {}
        self._waiting: deque[Turn] = deque()
        self._waiting_items = 0.0
        self._alarm_s = -inf
        self._idle_s, self._idle_since_s = 0.0, 0.0
        self.slowness = 1.0

    @property
    def is_up(self) -> bool:
        return len(self._dead) < self._replicas

    def serve(self, request: Request) -> Serving:
        """Wait for a batch, then for its end. Raise QueueFull, TooOld or ReplicaDied."""
        if not self.is_up and not self._returning:
            self._log.add_refused(request, self._env.now)
            raise ReplicaDied
        if not self._idle and len(self._waiting) >= self._limit:
            self._log.add_refused(request, self._env.now)
            raise QueueFull
        turn = Turn(self._env, request, self._items(request))
        turn.idle_s = self._idle_until_now_s()
        self._waiting.append(turn)
        self._waiting_items += turn.work
        if self._idle:
            self._fire_what_is_ready()
        try:
            yield turn
        except simpy.Interrupt as interrupt:
            self._interrupted(turn, interrupt)
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
        self._log.count("trimmed")
        return max(1, int(request.items * trim.keep_share))

    def _interrupted(self, turn: Turn, interrupt: simpy.Interrupt) -> None:
        began = turn.slot >= 0
        started_s = turn.started_s if began else float("nan")
        self._log.add_unanswered(turn.request, turn.entered_s, started_s, self._env.now, self._filled_s(turn))
        if isinstance(interrupt.cause, Died):
            raise ReplicaDied from None
        if not began and not turn.left:
            self._waiting.remove(turn)
            self._waiting_items -= turn.work
        raise interrupt  # a batch that runs goes on without the request

    def _fire_what_is_ready(self) -> None:
        now = self._env.now
        while self._idle and self._waiting:
            if now >= self._waiting[0].request.deadline_s:
                self._drop_late(self._waiting.popleft())
                continue
            leaves_s = self._waiting[0].entered_s + self._max_wait_s
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
        turns, items = [self._waiting.popleft()], 0
        items += int(turns[0].work)
        while self._waiting and items + self._waiting[0].work <= self._max_items:
            if self._env.now >= self._waiting[0].request.deadline_s:
                self._drop_late(self._waiting.popleft())
                continue
            turns.append(self._waiting.popleft())
            items += int(turns[-1].work)
        self._waiting_items -= items
        slot, first = self._idle[-1], turns[0].request
        for turn in turns:
            turn.idle_s = self._idle_until_now_s() - turn.idle_s
        self._set_idle(self._idle[:-1])
        takes_s = self._spec.batch_time.mean_s(items) * self.slowness
        if self._noise is not None:
            takes_s *= self._noise.of(first.index, first.visit)
        row = self._batches.add(self._env.now, self._env.now + takes_s, items, len(turns))
        batch = self._running[slot] = Batch(slot, turns, row)
        ended = self._env.timeout(takes_s)
        assert ended.callbacks is not None
        ended.callbacks.append(lambda _: self._end(batch))
        for turn in turns:
            turn.begin(slot, takes_s)

    def _end(self, batch: Batch) -> None:
        if not batch.died:
            del self._running[batch.slot]
            self._take_up([batch.slot])

    def _take_up(self, slots: list[int]) -> None:
        """Let devices become idle. If none was, it is only now the turn of those who wait, and the old are dropped."""
        while not self._idle and self._waiting and self._env.now - self._waiting[0].entered_s > self._max_age_s:
            self._drop_late(self._waiting.popleft())
        self._set_idle(self._idle + slots)
        self._fire_what_is_ready()

    def _drop_late(self, turn: Turn) -> None:
        self._drop(turn, too_late(self._env.now, turn, self._log))

    def _drop(self, turn: Turn, why: RequestFailed) -> None:
        self._waiting_items -= turn.work
        turn.left = True
        turn.fail(why)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live devices away, with the batches they run; return which."""
        alive = [replica for replica in range(self._replicas) if replica not in self._dead]
        killed = alive[max(0, len(alive) - replicas) :]
        self._dead.update(killed)
        for slot in self._slots(killed):
            if slot in self._idle:
                self._set_idle([one for one in self._idle if one != slot])
            else:
                self._lose(self._running.pop(slot))
        self._returning += len(killed) * comes_back
        if not self.is_up and (self._queue_dies or not self._returning):
            self._lose_queue()
        self._capacity.change(self._env.now, -len(killed) * self._spec.streams)
        return killed

    def _lose_queue(self) -> None:
        while self._waiting:
            self._drop(self._waiting.popleft(), ReplicaDied())

    def _lose(self, batch: Batch) -> None:
        batch.died = True
        self._batches.cut(batch.row, self._env.now)
        for turn in batch.turns:
            if turn.process is not None and turn.process.target is turn:
                turn.process.interrupt(Died())

    def repair(self, replicas: list[int]) -> None:
        """Bring devices back, idle; they take what waits."""
        self._dead.difference_update(replicas)
        self._returning -= len(replicas)
        self._capacity.change(self._env.now, len(replicas) * self._spec.streams)
        self._take_up(self._slots(replicas))

    def _slots(self, replicas: list[int]) -> list[int]:
        streams = self._spec.streams
        return [replica * streams + stream for replica in replicas for stream in range(streams)]
