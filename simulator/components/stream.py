"""A partitioned log: whoever appends a message is answered, and consumers take the messages up in their own time."""

from array import array
from bisect import insort
from collections import deque
from collections.abc import Generator
from heapq import heappop, heappush
from math import inf

import numpy as np
import simpy

from simulator.clock import Clock, FirstOf
from simulator.components.calls import Steps
from simulator.components.crew import Crew
from simulator.components.failures import RequestFailed
from simulator.components.records import CapacityLog, VisitLog
from simulator.components.request import Cancelled, Request, Serving
from simulator.design import Stream as Spec
from simulator.draws import PerVisit
from simulator.results.own_records import MessageRecord, ReplayRecord


class Message:
    """What was appended. `number` counts the messages of the stream, `replay` the times that messages are to be read
    again; it is -1 the first time.
    """

    __slots__ = ("appended_s", "is_listed", "is_lost", "is_read", "number", "partition", "replay", "request")

    def __init__(self, number: int, request: Request, partition: int, appended_s: float):
        self.number, self.request, self.partition, self.appended_s = number, request, partition, appended_s
        self.is_read = self.is_lost = self.is_listed = False
        self.replay = -1


class _Readings:
    """When messages became unread, and what became of each then."""

    def __init__(self) -> None:
        self.since, self.read, self.done, self.lost = (array("d") for _ in range(4))

    def add(self, now_s: float) -> int:
        self.since.append(now_s)
        for never in (self.read, self.done, self.lost):
            never.append(inf)
        return len(self.since) - 1


class MessageLog:
    """What became of every message of one stream, at first and when it was to be read again.

    For a replay it has to keep the messages that consumers have done with.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        self._consumed: list[Message] | None = [] if keeps else None
        self._request, self._message = array("d"), array("d")
        self._first, self._again = _Readings(), _Readings()
        self._failed: set[int] = set()
        self.redelivered = 0

    def append(self, request: Request, now_s: float) -> int:
        """Write a message down and return its number."""
        self._request.append(request.index)
        return self._first.add(now_s)

    def replay(self, message: Message, now_s: float) -> int:
        """A message is to be read again; return the number of this replay."""
        self._message.append(message.number)
        return self._again.add(now_s)

    def _of(self, message: Message) -> tuple[_Readings, int]:
        return (self._first, message.number) if message.replay < 0 else (self._again, message.replay)

    def read(self, message: Message, now_s: float) -> None:
        readings, row = self._of(message)
        readings.read[row] = now_s

    def unread(self, message: Message) -> None:
        """The consumer died; the message will be read again."""
        self.read(message, inf)
        self.redelivered += 1

    def done(self, message: Message, now_s: float, *, answered: bool) -> None:
        readings, row = self._of(message)
        readings.done[row] = now_s
        if answered:
            self._failed.discard(message.number)
        else:
            self._failed.add(message.number)
        if self._consumed is not None:
            self._consumed.append(message)

    def take_back(self, since_s: float, most: float) -> list[Message]:
        """What was appended at `since_s` or later and is done with, in that order; of more than `most` the newest."""
        assert self._consumed is not None, "build/streams.py knows of every replay"
        late = sorted((one for one in self._consumed if one.appended_s >= since_s), key=_by_number)
        back = late[int(max(0, len(late) - most)) :]
        numbers = {one.number for one in back}
        self._consumed = [one for one in self._consumed if one.number not in numbers]
        return back

    def lost(self, message: Message, now_s: float) -> None:
        readings, row = self._of(message)
        readings.lost[row] = now_s

    def record(self) -> MessageRecord:
        failed, first = np.zeros(len(self._request), dtype=bool), self._first
        failed[list(self._failed)] = True
        return MessageRecord(
            request=np.array(self._request).astype(np.int64),
            appended_s=np.array(first.since),
            read_s=np.array(first.read),
            done_s=np.array(first.done),
            lost_s=np.array(first.lost),
            failed=failed,
            redelivered=self.redelivered,
            replays=self._replays() if self._message else None,
        )

    def _replays(self) -> ReplayRecord:
        again = self._again
        return ReplayRecord(
            message=np.array(self._message).astype(np.int64),
            since_s=np.array(again.since),
            read_s=np.array(again.read),
            done_s=np.array(again.done),
            lost_s=np.array(again.lost),
        )


class Stream:
    """A request ends when its message is appended, to the partition of its key.

    The partitions are dealt to the live consumers in turn, and again whenever one dies or comes back. A consumer works
    on one message at a time, the oldest of its partitions, or the newest if it is to catch up so, and takes the next
    one when the calls that it makes for it have ended, well or badly. The messages of a partition are worked on one
    after the other, so that more consumers than partitions are idle. What a dying consumer had in hand is read again by
    another (at least once). A log that holds `retention_messages` unread messages in all its partitions together loses
    the oldest for a new one. A slowdown counts for appends and for messages that are taken up while it lasts.
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
        self._is_newest_first = spec.catch_up == "newest_first"
        self._partitions: list[deque[Message]] = [deque() for _ in range(spec.partitions)]
        self._busy = [False] * spec.partitions
        self._in_hand: list[Message | None] = [None] * spec.partitions
        self._reflected_s = [0.0] * spec.partitions  # the newest that was consumed well
        self.crew = Crew(env, spec.replicas)
        self._owner = [0] * spec.partitions
        self._ready: list[list[tuple[int, int]]] = [[] for _ in range(spec.replicas)]  # heaps: rank, partition
        self._offered: list[int | None] = [None] * spec.partitions  # the rank by which each is in a heap
        self._at_work: dict[int, simpy.Process] = {}
        self._oldest: list[tuple[int, Message]] = []  # a heap of what may be lost, with some that were read
        self._unread = 0
        self.slowness = 1.0
        self._deal()

    @property
    def is_up(self) -> bool:
        """Whether somebody consumes; messages are appended all the same."""
        return self.crew.is_up

    def consumed_until_s(self) -> float:
        """How far what consumers write has come: to the append of the oldest message, in any partition, that is newer
        than all that was consumed there; now if there is none. What is read again has been written before.
        """
        return min(self._reflected_until_s(partition) for partition in range(len(self._partitions)))

    def _reflected_until_s(self, partition: int) -> float:
        reflected_s, in_hand = self._reflected_s[partition], self._in_hand[partition]
        until_s = self._env.now if in_hand is None or in_hand.appended_s <= reflected_s else in_hand.appended_s
        first = self._head(partition)
        if first is None:
            return until_s
        if not self._is_newest_first and first.appended_s > reflected_s:
            return min(until_s, first.appended_s)
        for message in reversed(self._partitions[partition]):
            if message.appended_s <= reflected_s:
                break
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
        if len(waiting) == 1 or self._is_newest_first:
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
                self._messages.lost(oldest, self._env.now)

    def _head(self, partition: int) -> Message | None:
        """The next message of a partition that is still there."""
        waiting, end = self._partitions[partition], -1 if self._is_newest_first else 0
        while waiting and waiting[end].is_lost:
            del waiting[end]
        return waiting[end] if waiting else None

    def _offer(self, partition: int) -> None:
        """Let the owner of a partition know that there is something to read."""
        head = self._head(partition)
        if head is None or self._busy[partition] or not self.crew.is_up:
            return
        owner, rank = self._owner[partition], -head.number if self._is_newest_first else head.number
        if self._offered[partition] != rank:
            self._offered[partition] = rank
            heappush(self._ready[owner], (rank, partition))
        if owner not in self._at_work:
            self._start(owner)

    def _start(self, consumer: int) -> None:
        process = self._env.process(self._consume(consumer))
        self._at_work[consumer] = process
        FirstOf(self._env, [process])

    def _next(self, consumer: int) -> Message | None:
        ready = self._ready[consumer]
        while ready:
            rank, partition = heappop(ready)
            if rank != self._offered[partition]:
                continue  # another message has come before
            self._offered[partition] = None
            head = self._head(partition)
            if head is None or self._busy[partition]:
                continue
            if head.number != abs(rank):
                self._offer(partition)
                continue
            return head
        return None

    def _consume(self, consumer: int) -> Serving:
        """Read message after message until there is none."""
        while (message := self._next(consumer)) is not None:
            partition = message.partition
            del self._partitions[partition][-1 if self._is_newest_first else 0]
            self._busy[partition] = message.is_read = True
            self._in_hand[partition] = message
            self._unread -= 1
            self._messages.read(message, self._env.now)
            try:
                answered = yield from self._work_on(message)
            except simpy.Interrupt:
                self._give_back(message)
                return
            self._done(message, answered=answered)
            self._busy[partition], self._in_hand[partition] = False, None
            self._offer(partition)
        self._at_work.pop(consumer, None)

    def _done(self, message: Message, *, answered: bool) -> None:
        self._messages.done(message, self._env.now, answered=answered)
        if answered:
            newest_s = self._reflected_s[message.partition]
            self._reflected_s[message.partition] = max(newest_s, message.appended_s)

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
        insort(self._partitions[message.partition], message, key=_by_number)
        self._busy[message.partition] = message.is_read = False
        self._in_hand[message.partition] = None
        self._unread += 1
        self._messages.unread(message)
        self._lose_what_is_too_much(message)
        self._offer(message.partition)

    def replay(self, of_s: float) -> None:
        """Let consumers read again what was appended in the last `of_s` seconds and they have done with.

        The log holds what it may hold unread: of more than that only the newest is read again.
        """
        now_s = self._env.now
        again = self._messages.take_back(now_s - of_s, self._retention - self._unread)
        self._unread += len(again)
        for message in again:
            message.is_read, message.replay = False, self._messages.replay(message, now_s)
            self._lose_what_is_too_much(message)
        for partition, waiting in enumerate(self._partitions):
            mine = [message for message in again if message.partition == partition]
            self._partitions[partition] = deque(sorted([*waiting, *mine], key=_by_number))
            self._offer(partition)

    def _deal(self) -> None:
        """Give every partition an owner among the consumers that are up, in turn."""
        for ready in self._ready:
            ready.clear()
        self._offered = [None] * len(self._partitions)
        up = self.crew.takes_work()
        if not up:
            return
        for partition in range(len(self._partitions)):
            self._owner[partition] = up[partition % len(up)]
        for partition in range(len(self._partitions)):
            self._offer(partition)

    def kill(self, replicas: int, *, comes_back: bool) -> list[int]:
        """Take the last `replicas` live consumers away; return which."""
        return self.lose(self.crew.last_living(replicas), comes_back=comes_back)

    def lose(self, replicas: list[int], *, comes_back: bool) -> list[int]:
        """Take these consumers away; return those that were not dead already."""
        killed = self.crew.kill(replicas, comes_back=comes_back)
        self._change(killed)
        return killed

    def repair(self, replicas: list[int]) -> None:
        """Bring consumers back."""
        self.crew.repair(replicas)
        self._change([])

    def stop(self, replica: int) -> None:
        """Break a consumer down."""
        if self.crew.stop(replica):
            self._change([replica])

    def go_on(self, replica: int) -> None:
        """End one breakdown."""
        if self.crew.go_on(replica):
            self._change([])

    def _change(self, gone: list[int]) -> None:
        """Others are up than before: what the gone had in hand is given back, and the partitions are dealt anew."""
        for consumer in gone:
            process = self._at_work.pop(consumer, None)
            if process is not None:
                process.interrupt(Cancelled())
        at_work = min(len(self._partitions), self.crew.able)
        self._capacity.change(self._env.now, at_work - self._capacity.steps[-1][1])
        self._deal()


def _by_number(message: Message) -> int:
    return message.number
