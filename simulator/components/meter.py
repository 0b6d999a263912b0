"""What an autoscaler reads: levels of one component, integrated on change since the last reading."""

from typing import Protocol

from simulator.clock import Clock
from simulator.components.records import CapacityLog


class Notes(Protocol):
    """What a component tells of itself."""

    def note(self, busy: float, inside: float) -> None: ...

    def began(self, waited_s: float) -> None: ...


class Meter:
    """Busy slots, requests inside and waits of one component; `note` comes after every change of a level."""

    def __init__(self, env: Clock, capacity: CapacityLog):
        self._env, self._capacity = env, capacity
        self._since_s = self._last_s = env.now
        self._busy = self._inside = 0.0
        self._busy_s = self._inside_s = 0.0
        self._waits_s, self._started = 0.0, 0

    def note(self, busy: float, inside: float) -> None:
        """From now on so many slots work, and so many requests are in service or wait."""
        self._integrate()
        self._busy, self._inside = busy, inside

    def add(self, busy: float, inside: float) -> None:
        """From now on so many slots more work, and so many requests more are in service or wait."""
        self.note(self._busy + busy, self._inside + inside)

    def began(self, waited_s: float) -> None:
        """A request's work has begun."""
        self._waits_s += waited_s
        self._started += 1

    def _integrate(self) -> None:
        passed_s = self._env.now - self._last_s
        self._busy_s += self._busy * passed_s
        self._inside_s += self._inside * passed_s
        self._last_s = self._env.now

    def period_s(self) -> float:
        """How long ago the last reading was."""
        return self._env.now - self._since_s

    def utilization(self) -> float | None:
        """Busy time over capacity time since the last reading; None without capacity."""
        self._integrate()
        available_s = self._capacity.integral(self._since_s, self._env.now)
        return self._busy_s / available_s if available_s > 0 else None

    def mean_inside(self) -> float:
        """Requests in service or waiting, on average since the last reading."""
        self._integrate()
        return self._inside_s / self.period_s() if self.period_s() > 0 else self._inside

    def mean_wait_s(self) -> float | None:
        """The mean wait of those whose work began since the last reading; None if there were none."""
        return self._waits_s / self._started if self._started else None

    def restart(self) -> None:
        """Begin the next period."""
        self._integrate()
        self._since_s = self._env.now
        self._busy_s = self._inside_s = self._waits_s = 0.0
        self._started = 0


class PartOfMeter:
    """One of several replicas with a queue each, whose levels add up."""

    def __init__(self, whole: Meter):
        self._whole, self._busy, self._inside = whole, 0.0, 0.0

    def note(self, busy: float, inside: float) -> None:
        self._whole.add(busy - self._busy, inside - self._inside)
        self._busy, self._inside = busy, inside

    def began(self, waited_s: float) -> None:
        self._whole.began(waited_s)
