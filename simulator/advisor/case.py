"""What the detectors look at: a design with a run of it, and what they find."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simulator import wiring
from simulator.design import Call, ComponentSpec, Design
from simulator.distributions import Distribution
from simulator.load import Load, capacity_of, mean_rate_per_s, static_load, visits_per_request
from simulator.results.summary import CallSummary, ComponentSummary, Summary
from simulator.results.waterfall import Waterfall
from simulator.spec import Spec

FREE_SLOT, BATCH, WORK = "waiting for a free slot", "waiting for the batch", "work"
_GRID = (np.arange(20_000) + 0.5) / 20_000


class Beside(Spec):
    """A number that a closed form gives, beside what was measured."""

    quantity: str
    unit: str
    expected: float
    measured: float | None
    source: str


class Finding(Spec):
    """A rule that the run shows. `weight` is how much of the trouble it explains: a share of the time or of the
    requests, and more than 1 where something cannot keep up.
    """

    rule: str
    title: str
    component: str
    call: str | None
    sentence: str
    source: str
    theory: tuple[Beside, ...]
    weight: float


@dataclass(frozen=True)
class Seen:
    """What a detector has seen: where, how much it weighs, and the words for the places of its rule's sentence."""

    component: str
    weight: float
    words: dict[str, str]
    theory: list[Beside] = field(default_factory=list)
    call: str | None = None


@dataclass(frozen=True)
class Case:
    """A design and a run of it."""

    design: Design
    summary: Summary

    @cached_property
    def parts(self) -> dict[str, ComponentSummary]:
        return {one.component: one for one in self.summary.components}

    @cached_property
    def static(self) -> dict[str, Load]:
        return static_load(self.design)

    @cached_property
    def visits(self) -> dict[str, float]:
        return visits_per_request(self.design)

    @cached_property
    def promised_ms(self) -> float | None:
        return self.design.promise.late_after_ms()

    @property
    def promised_age_s(self) -> float | None:
        return self.design.promise.freshness_s

    def load(self, name: str) -> float:
        """The share of a component's capacity that was asked for; 0 where nothing can be full."""
        return (self.parts[name].load or 0.0) if name in self.parts else 0.0

    def rate_per_s(self, name: str) -> float:
        """Visits per second that came to a component."""
        return self.summary.arrival_rate_per_s * self.parts[name].visits_per_request

    def capacity_per_s(self, name: str) -> float | None:
        return capacity_of(self.design, name)

    def fall(self, percentile: float = 0.99) -> Waterfall | None:
        return next((one for one in self.summary.waterfalls if one.percentile == percentile), None)

    def time_ms(self, name: str, part: str, percentile: float = 0.99) -> tuple[float, float]:
        """The time that a request around the percentile spends there, and its share of the whole."""
        fall = self.fall(percentile)
        if fall is None or fall.latency_ms <= 0:
            return 0.0, 0.0
        mean_ms = sum(one.mean_ms for one in fall.segments if (one.component, one.part) == (name, part))
        return mean_ms, mean_ms / fall.latency_ms

    def waits(self, name: str, part: str = FREE_SLOT) -> dict[str, str]:
        """The words `wait` and `total` of the time at one place."""
        fall = self.fall()
        return {"wait": ms(self.time_ms(name, part)[0]), "total": ms(fall.latency_ms if fall else 0.0)}

    def calls(self) -> Iterator[tuple[str, str, Call]]:
        """Each call: the caller, the place in it and the call."""
        for name, part in self.design.components.items():
            for place, call in wiring.calls_of(part):
                yield name, place, call

    def counted_calls(self) -> Iterator[tuple[str, str, Call, CallSummary]]:
        """The same of those that were made, with what their policies did; a plain call has none and is left out."""
        made = {one.place: one for one in self.summary.calls if one.made}
        for name, place, call in self.calls():
            if (found := made.get(f"{name}.{place}")) is not None:
                yield name, place, call, found

    @cached_property
    def is_steady(self) -> bool:
        """Whether nothing changes over time, so that a closed form of a steady queue applies."""
        traffic = self.design.traffic
        return (
            not self.design.faults
            and traffic.profile is None
            and traffic.arrivals.kind in ("poisson", "evenly_spaced", "renewal")
        )

    @cached_property
    def arrival_scv(self) -> float:
        """The SCV of the gaps between arrivals."""
        arrivals = self.design.traffic.arrivals
        match arrivals.kind:
            case "evenly_spaced":
                return 0.0
            case "renewal":
                return arrivals.scv
            case _:
                return 1.0

    @property
    def mean_rate_per_s(self) -> float:
        return mean_rate_per_s(self.design)


def scv(distribution: Distribution) -> float:
    """The squared coefficient of variation, from 20,000 evenly spread quantiles; 0 for what takes no time."""
    values = distribution.inverse_ms(_GRID)
    mean = float(values.mean())
    return float(values.var()) / mean**2 if mean else 0.0


def quantile_ms(distribution: Distribution, share: float) -> float:
    """The duration that a share of all do not exceed, in ms."""
    return float(distribution.inverse_ms(np.array([share]))[0])


def work_time(part: ComponentSpec) -> Distribution | None:
    """The distribution of one visit's own work; None where it is no plain one."""
    match part.kind:
        case "service":
            return part.service_time
        case "store":
            return part.read_time
        case _:
            return None


def ms(value: float) -> str:
    """A duration in words."""
    if value >= 10_000:
        return f"{value / 1000:,.1f} s"
    return f"{value / 1000:,.2f} s" if value >= 1000 else f"{value:,.1f} ms"


def seconds(value: float) -> str:
    """A time of data in words."""
    if value >= 7200:
        return f"{value / 3600:,.3g} h"
    return f"{value / 60:,.3g} min" if value >= 600 else f"{value:,.3g} s"


def percent(value: float) -> str:
    """A share in words."""
    if value >= 100:
        return f"{value:,.0f} times"
    return f"{value:.0%}" if value >= 0.1 else f"{value * 100:.2g}%"


def rate(per_s: float) -> str:
    """A rate in words, without its unit."""
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"
