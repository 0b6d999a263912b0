"""A partitioned log: whoever appends a message is answered, and consumers take the messages up in their own time."""

from array import array
from collections import deque
from collections.abc import Generator
from heapq import heappop, heappush
from math import inf

import numpy as np
import simpy

from simulator.clock import Clock, FirstOf
from simulator.components.calls import Steps
from simulator.components.failures import RequestFailed
from simulator.components.records import CapacityLog, VisitLog
from simulator.components.request import Cancelled, Request, Serving
from simulator.design import Stream as Spec
from simulator.draws import PerVisit
from simulator.results.own_records import MessageRecord


class Message:
    """What was appended. `number` counts the messages of the stream."""

    __slots__ = ("appended_s", "is_listed", "is_lost", "is_read", "number", "partition", "request")

    def __init__(self, number: int, request: Request, partition: int, appended_s: float):
        self.number, self.request, self.partition, self.appended_s = number, request, partition, appended_s
        self.is_read = self.is_lost = self.is_listed = False


class MessageLog:
    """What became of every message of one stream."""

    def __init__(self) -> None:
        self._request, self._appended, self._read, self._done, self._lost = (array("d") for _ in range(5))
        self._failed: list[int] = []
        self.redelivered = 0

    def append(self, request: Request, now_s: float) -> int:
        """Write a message down and return its number."""
        self._request.append(request.index)
        self._appended.append(now_s)
        for never in (self._read, self._done, self._lost):
            never.append(inf)
        return len(self._request) - 1

    def read(self, number: int, now_s: float) -> None:
        self._read[number] = now_s

    def unread(self, number: int) -> None:
        """The consumer died; the message will be read again."""
        self._read[number] = inf
        self.redelivered += 1

    def done(self, number: int, now_s: float, *, answered: bool) -> None:
        self._done[number] = now_s
        if not answered:
            self._failed.append(number)

    def lost(self, number: int, now_s: float) -> None:
        self._lost[number] = now_s

    def record(self) -> MessageRecord:
        failed = np.zeros(len(self._request), dtype=bool)
        failed[self._failed] = True
        return MessageRecord(
            request=np.array(self._request).astype(np.int64),
            appended_s=np.array(self._appended),
            read_s=np.array(self._read),
            done_s=np.array(self._done),
            lost_s=np.array(self._lost),
            failed=failed,
            redelivered=self.redelivered,
        )


class Stream:
    """A request ends when its message is appended, to the partition of its key.

    The partitions are dealt to the live consumers in turn, and again whenever one dies or comes back. A consumer works
    on one message at a time, the oldest of its partitions, and takes the next one when the calls that it makes for it
    have ended, well or badly. The messages of a partition are worked on one after the other, so that more consumers
    than partitions are idle. What a dying consumer had in hand is read again by another (at least once). A log that
    holds `retention_messages` unread messages in all its partitions together loses the oldest for a new one. A slowdown
    counts for appends and for messages that are taken up while it lasts.
    """

    def __init__(
        self,
        env: Clock,
        spec: Spec,
        append_s: PerVisit,
        partition: PerVisit,
        work_s: PerVisit,
        calls: Steps | None,
        log: VisitLog,
        messages: MessageLog,
        capacity: CapacityLog,
    ):
        self._env, self._append_s, self._partition, self._work_s = env, append_s, partition, work_s
        self._calls, self._log, self._messages, self._capacity = calls, log, messages, capacity
        self._retention = inf if spec.retention_messages == "unlimited" else spec.retention_messages
        self._partitions: list[deque[Message]] = [deque() for _ in range(spec.partitions)]
        self._busy = [False] * spec.partitions
        self._in_hand: list[Message | None] = [None] * spec.partitions
        self._alive = list(range(spec.replicas))
        self._owner = [0] * spec.partitions
        self._ready: list[list[tuple[int, int]]] = [[] for _ in range(spec.replicas)]  # heaps: message, partition
        self._at_work: dict[int, simpy.Process] = {}
        self._oldest: list[tuple[int, Message]] = []  # a heap of what may be lost, with some that were read
        self._unread = 0
        self.slowness = 1.0
        self._deal()

    @property
    def is_up(self) -> bool:
        """Whether somebody consumes; messages are appended all the same."""
        return bool(self._alive)

    def consumed_until_s(self) -> float:
        """When the oldest message that is not consumed yet was appended; now if there is none."""
        until_s = self._env.now
        for partition, in_hand in enumerate(self._in_hand):
            message = in_hand or self._head(partition)
            if message is not None:
                until_s = min(until_s, message.appended_s)
        return until_s

    def serve(self, request: Request) -> Serving:
        """Append a message."""
        entered_s = self._env.now
        try:
            yield self._env.timeout(self._append_s.of(request.index, request.visit) * self.slowness)
        except simpy.Interrupt:
            self._log.add_unanswered(request, entered_s, entered_s, self._env.now)
            raise
        self._log.add(request, entered_s, entered_s, self._env.now)
        self._append(request)

    def _append(self, request: Request) -> None:
        now_s = self._env.now
        spread = self._partition.of(request.index, request.key) if len(self._partitions) > 1 else 0.0
        partition = int(spread * len(self._partitions))
        message = Message(self._messages.append(request, now_s), request, partition, now_s)
        waiting = self._partitions[partition]
        waiting.append(message)
        self._unread += 1
        if len(waiting) == 1:
            self._offer(partition)
        self._lose_what_is_too_much(message)

    def _lose_what_is_too_much(self, newcomer: Message) -> None:
        if self._retention == inf:
            return
        if not newcomer.is_listed:
            newcomer.is_listed = True
            heappush(self._oldest, (newcomer.number, newcomer))
        while self._unread > self._retention:
            oldest = heappop(self._oldest)[1]
            oldest.is_listed = False
            if not oldest.is_read:
                oldest.is_lost = True
                self._unread -= 1
                self._messages.lost(oldest.number, self._env.now)

    def _head(self, partition: int) -> Message | None:
        """The oldest message of a partition that is still there."""
        waiting = self._partitions[partition]
        while waiting and waiting[0].is_lost:
            waiting.popleft()
        return waiting[0] if waiting else None

    def _offer(self, partition: int) -> None:
        """Let the owner of a partition know that there is something to read."""
        head = self._head(partition)
        if head is None or self._busy[partition] or not self._alive:
            return
        owner = self._owner[partition]
        heappush(self._ready[owner], (head.number, partition))
        if owner not in self._at_work:
            self._start(owner)

    def _start(self, consumer: int) -> None:
        process = self._env.process(self._consume(consumer))
        self._at_work[consumer] = process
        FirstOf(self._env, [process])

    def _next(self, consumer: int) -> Message | None:
        ready = self._ready[consumer]
        while ready:
            number, partition = heappop(ready)
            head = self._head(partition)
            if head is None or self._busy[partition]:
                continue
            if head.number != number:
                heappush(ready, (head.number, partition))
                continue
            return head
        return None

    def _consume(self, consumer: int) -> Serving:
        """Read message after message until there is none."""
        while (message := self._next(consumer)) is not None:
            partition = message.partition
            self._partitions[partition].popleft()
            self._busy[partition] = message.is_read = True
            self._in_hand[partition] = message
            self._unread -= 1
            self._messages.read(message.number, self._env.now)
            try:
                answered = yield from self._work_on(message)
            except simpy.Interrupt:
                self._give_back(message)
                return
            self._messages.done(message.number, self._env.now, answered=answered)
            self._busy[partition], self._in_hand[partition] = False, None
            self._offer(partition)
        self._at_work.pop(consumer, None)

    def _work_on(self, message: Message) -> Generator[simpy.Event, object, bool]:
        """Whether it went well."""
        request = message.request
        yield self._env.timeout(self._work_s.of(request.index, request.visit) * self.slowness)
        if self._calls is not None:
            asking = request.attempt(request.visit)
            asking.abandoned_s, asking.deadline_s = message.appended_s, inf  # nobody waits for it
            try:
                yield from self._calls.make(asking)
            except RequestFailed:
                return False
        return True

    def _give_back(self, message: Message) -> None:
        self._partitions[message.partition].appendleft(message)
        self._busy[message.partition] = message.is_read = False
        self._in_hand[message.partition] = None
        self._unread += 1
        self._messages.unread(message.number)
        self._lose_what_is_too_much(message)
        self._offer(message.partition)

    def _deal(self) -> None:
        """Give every partition an owner among the live consumers, in turn."""
        for ready in self._ready:
            ready.clear()
        if not self._alive:
            return
        for partition in range(len(self._partitions)):
            self._owner[partition] = self._alive[partition % len(self._alive)]
        for partition in range(len(self._partitions)):
            self._offer(partition)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live consumers away; return which."""
        return self.lose(self._alive[max(0, len(self._alive) - replicas) :], comes_back=comes_back)

    @property
    def present(self) -> list[int]:
        """The live consumers."""
        return list(self._alive)

    def lose(self, killed: list[int], *, comes_back: bool) -> list[int]:  # noqa: ARG002  # the log waits either way
        """Take these consumers away; return them."""
        self._alive = [consumer for consumer in self._alive if consumer not in killed]
        for consumer in killed:
            process = self._at_work.pop(consumer, None)
            if process is not None:
                process.interrupt(Cancelled())
        self._count_capacity()
        self._deal()
        return killed

    def repair(self, replicas: list[int]) -> None:
        """Bring consumers back."""
        self._alive = sorted([*self._alive, *replicas])
        self._count_capacity()
        self._deal()

    def _count_capacity(self) -> None:
        at_work = min(len(self._partitions), len(self._alive))
        self._capacity.change(self._env.now, at_work - self._capacity.steps[-1][1])
