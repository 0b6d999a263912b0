"""Replicas that follow a metric, by the rules of the Kubernetes HorizontalPodAutoscaler.

Source: kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale (algorithm details and scaling policies).
"""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Protocol, assert_never

from simulator.clock import Clock
from simulator.components.meter import Meter, Notes
from simulator.components.records import CapacityLog
from simulator.components.request import Serving
from simulator.design import Autoscaling

TOLERANCE = 0.1  # how far the metric may be from its target without consequence
ROUNDING = 1e-9


class Counted(Protocol):
    """What an autoscaler needs of a component's replicas."""

    is_expecting: bool
    starting: int

    @property
    def able(self) -> int: ...

    @property
    def present(self) -> Sequence[object]: ...

    @property
    def paid(self) -> CapacityLog | None: ...

    @paid.setter
    def paid(self, paid: CapacityLog) -> None: ...

    def start(self, number: int) -> None: ...


class Scaled(Protocol):
    """What an autoscaler needs of a component: it tells the meter of every change of its levels."""

    @property
    def crew(self) -> Counted: ...

    @property
    def meter(self) -> Notes | None: ...

    @meter.setter
    def meter(self, meter: Meter) -> None: ...

    def add_replicas(self, number: int) -> None: ...

    def remove_replicas(self, number: int) -> None: ...

    def oldest_wait_s(self) -> float: ...


class Autoscaler:
    """Looks every period and asks for ceil(ready * metric / target) replicas.

    Replicas that start count as there, and as idle ones when more are wanted. What was added in the last window bounds
    what may be added now; the highest wish of the cool-down bounds what may be removed. Replicas that start go first,
    the others finish their work before they go. Dead and broken replicas do not count.
    """

    def __init__(
        self, env: Clock, spec: Autoscaling, scaled: Scaled, capacity: CapacityLog, is_over: Callable[[], bool]
    ):
        self._env, self._spec, self._scaled, self._is_over = env, spec, scaled, is_over
        self._crew = scaled.crew
        self._crew.is_expecting = True
        self._crew.paid = self.paid = CapacityLog(len(self._crew.present))
        self._meter = scaled.meter = Meter(env, capacity)
        self._wishes: list[tuple[float, int]] = [(env.now, self._crew.able)]
        self._changes: list[tuple[float, int]] = []
        self._starting: list[list[int]] = []  # how many of each group are still wanted
        env.process(self._look())

    def _look(self) -> Serving:
        looks = 0
        while True:
            looks += 1
            yield self._env.at(looks * self._spec.period_s)
            if self._is_over():
                return
            self._scale_to(self._wanted())
            self._meter.restart()

    def _wanted(self) -> int:
        """How many replicas there are to be from now on, starting ones included."""
        spec, current = self._spec, self._current()
        if current > spec.maximum:
            return spec.maximum
        if current < spec.minimum:
            return spec.minimum
        wish = self._wish()
        now = self._env.now
        self._wishes = [(at_s, one) for at_s, one in self._wishes if at_s > now - spec.cool_down_s] + [(now, wish)]
        if wish < current:
            wish = min(current, max(one for _, one in self._wishes))
        return max(spec.minimum, min(wish, spec.maximum, max(current, self._most())))

    def _current(self) -> int:
        return self._crew.able + self._crew.starting

    def _wish(self) -> int:
        """What the metric asks for, before any bound."""
        ready, current, metric = self._crew.able, self._current(), self._metric()
        if metric is None:
            return current
        ratio = metric / self._spec.target
        if ratio > 1 and self._crew.starting:
            ratio *= ready / current
            if ratio < 1:
                return current
            ready = current
        if abs(ratio - 1) <= TOLERANCE + ROUNDING:
            return current
        return ceil(ratio * ready - ROUNDING)

    def _metric(self) -> float | None:
        """Over the last period; None if no replica takes work."""
        if not self._crew.able:
            return None
        match self._spec.metric:
            case "utilization":
                return self._meter.utilization()
            case "concurrency":
                return self._meter.mean_inside() / self._crew.able
            case "queue_delay_ms":
                wait_s = self._meter.mean_wait_s()
                return 1000 * (self._scaled.oldest_wait_s() if wait_s is None else wait_s)
            case _:
                assert_never(self._spec.metric)

    def _most(self) -> int:
        """The most replicas that the window allows."""
        since_s = self._env.now - self._spec.scale_up_window_s
        self._changes = [(at_s, by) for at_s, by in self._changes if at_s > since_s]
        before = self._current() - sum(by for _, by in self._changes)
        return max(before + self._spec.add_at_most, ceil(before * self._spec.multiply_at_most - ROUNDING))

    def _scale_to(self, wanted: int) -> None:
        by = wanted - self._current()
        if by:
            self._changes.append((self._env.now, by))
        if by > 0:
            self._env.process(self._start(by))
        elif by < 0:
            self._scaled.remove_replicas(-by - self._start_fewer(-by))

    def _start(self, number: int) -> Serving:
        group = [number]
        self._starting.append(group)
        self._crew.start(number)
        yield self._env.timeout(self._spec.start_delay_s)
        self._starting.remove(group)
        self._crew.starting -= group[0]
        self._scaled.add_replicas(group[0])

    def _start_fewer(self, number: int) -> int:
        """Give up starting so many, the latest first; return how many that were."""
        given_up = 0
        for group in reversed(self._starting):
            fewer = min(group[0], number - given_up)
            group[0] -= fewer
            given_up += fewer
        self._crew.start(-given_up)
        return given_up
