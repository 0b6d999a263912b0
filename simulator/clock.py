"""SimPy's environment, somewhat faster, with two additions: events at an absolute time, and races between events."""

from collections.abc import Iterable
from heapq import heappop, heappush
from types import MethodType
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, EventPriority


class Clock(simpy.Environment):
    """Simulated time in seconds.

    SimPy counts delays from now, and `now + (due - now)` can miss `due` by one unit in the last place; a batch that
    must leave when its oldest request is exactly 2 ms old needs `at`.

    `now`, `timeout`, `process`, `event` and `run` do what SimPy's do, in the same order of events, with fewer calls.
    """

    now: float = 0.0  # an attribute, where SimPy has a property

    def __init__(self) -> None:
        super().__init__()
        # SimPy binds these early too, but not for a class derived from its own
        vars(self).update(process=MethodType(simpy.Process, self), event=MethodType(simpy.Event, self))

    def timeout(self, delay: float = 0, value: object = None) -> simpy.Timeout:
        """An event that happens in `delay` seconds, which must not be negative."""
        if delay < 0:
            raise ValueError(f"Negative delay {delay}")
        event = simpy.Timeout.__new__(simpy.Timeout)
        event.env, event.callbacks, event._delay = self, [], delay
        event._ok, event._value = True, value
        heappush(self._queue, (self.now + delay, NORMAL, next(self._eid), event))
        return event

    def step(self) -> None:
        """Let the next event happen. Raise EmptySchedule if there is none."""
        if not self._queue:
            raise EmptySchedule
        self.now = self._queue[0][0]
        super().step()

    def run(self, until: float | simpy.Event | None = None) -> Any:
        """Let one event after the other happen, until there is none or until what is said."""
        if until is not None:
            return super().run(until)
        queue = self._queue
        while queue:
            self.now = self._now = queue[0][0]
            event = heappop(queue)[3]
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # as simpy.Environment does
            for callback in callbacks:
                callback(event)
            if not event._ok and not hasattr(event, "_defused"):
                failure = event._value
                raise type(failure)(*failure.args) from failure
        return None

    def at(self, time_s: float, priority: EventPriority = NORMAL) -> simpy.Event:
        """An event that happens at `time_s`, which must not be in the past."""
        event = simpy.Event(self)
        event._ok, event._value = True, None  # as simpy.Timeout does
        heappush(self._queue, (time_s, priority, next(self._eid), event))
        return event


class FirstOf(simpy.Event):
    """Happens with the first of several events, which is its value; what comes after it is ignored, failures too."""

    def __init__(self, env: simpy.Environment, events: Iterable[simpy.Event]):
        super().__init__(env)
        for event in events:
            if event.callbacks is None:
                self._take(event)
            else:
                event.callbacks.append(self._take)

    def _take(self, event: simpy.Event) -> None:
        event._defused = True  # nobody else looks at a late failure, and SimPy would stop the run for it
        if not self.triggered:
            self.succeed(event)


class Enough(simpy.Event):
    """Happens when `need` of the events have succeeded, or with the first failure after which that cannot be."""

    def __init__(self, env: simpy.Environment, events: list[simpy.Event], need: int):
        super().__init__(env)
        self._missing, self._spare = need, len(events) - need
        for event in events:
            if event.callbacks is None:
                self._count(event)
            else:
                event.callbacks.append(self._count)

    def _count(self, event: simpy.Event) -> None:
        event._defused = True
        if self.triggered:
            return
        if event.ok:
            self._missing -= 1
            if self._missing == 0:
                self.succeed()
        else:
            self._spare -= 1
            if self._spare < 0:
                assert isinstance(event.value, Exception)
                self._defused = True  # whoever waited may have been withdrawn meanwhile
                self.fail(event.value)
