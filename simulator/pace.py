"""How fast arrivals come over time, and at which moments so many of them have come.

A pace turns a process in its own time, such as arrivals of unit rate or a recording, into one in seconds: exactly, by
the inverse of the accumulated rate, and each arrival by itself, so that it does not depend on those beside it.
"""

from dataclasses import dataclass

import numpy as np

from simulator.bursts import factor_steps
from simulator.design import Bursts, Design, Diurnal, Steps, Trace
from simulator.distributions import Floats

_CLOSE = 1e-13  # of a day in radians


@dataclass(frozen=True)
class Pace:
    """`levels[i]` holds from `edges_s[i]` to the next edge, and is further multiplied by the hour of the `day`."""

    edges_s: Floats  # shape (k + 1,)
    levels: Floats  # shape (k,)
    day: Diurnal | None = None

    def until_edges(self) -> Floats:
        """What has accumulated at each edge, shape (k + 1,)."""
        widths = np.diff(self.edges_s if self.day is None else _accumulated(self.day, self.edges_s))
        return np.concatenate([[0.0], np.cumsum(widths * self.levels)])

    def moments_s(self, positions: Floats) -> Floats:
        """When the accumulated pace reaches each of the rising positions, which lie before its last edge."""
        if len(self.levels) == 1 and self.day is None:
            return np.asarray(self.edges_s[0] + positions / self.levels[0], dtype=np.float64)
        until = self.until_edges()
        step = np.searchsorted(until, positions, side="right") - 1
        into = (positions - until[step]) / self.levels[step]
        starts_s = self.edges_s[step]
        if self.day is None:
            return np.asarray(starts_s + into, dtype=np.float64)
        found = _moments_s(self.day, _accumulated(self.day, starts_s) + into)
        return np.maximum.accumulate(np.maximum(found, starts_s))  # rounding may swap neighbors


def pace(design: Design, duration_s: float, seed: int, replication: int) -> Pace:
    """Everything that changes the rate in one run: the profile, spikes and bursts. A recording's own rate is 1."""
    plain, bursts = mean_pace(design, duration_s), design.traffic.arrivals
    if not isinstance(bursts, Bursts):
        return plain
    starts_s, factors = factor_steps(bursts, duration_s, seed, replication)
    edges_s = np.union1d(plain.edges_s, starts_s)
    outer = np.searchsorted(plain.edges_s, edges_s[:-1], side="right") - 1
    inner = np.searchsorted(starts_s, edges_s[:-1], side="right") - 1
    return Pace(edges_s, plain.levels[outer] * factors[inner], plain.day)


def mean_pace(design: Design, duration_s: float) -> Pace:
    """The same without bursts."""
    traffic = design.traffic
    edges_s, factors = factor_edges(design, duration_s)
    unit = 1.0 if isinstance(traffic.arrivals, Trace) else traffic.arrival_rate_per_s
    return Pace(edges_s, unit * factors, traffic.profile if isinstance(traffic.profile, Diurnal) else None)


def factor_edges(design: Design, duration_s: float) -> tuple[Floats, Floats]:
    """The factors of a stepped profile and of spikes of all classes: edges in seconds, shape (k + 1,), and factors,
    shape (k,).
    """
    profile = design.traffic.profile
    points = profile.points if isinstance(profile, Steps) else ()
    spikes = [fault for fault in design.faults if fault.kind == "traffic_spike" and fault.class_name is None]
    ends = {edge for s in spikes for edge in (s.at_s, s.at_s + (s.for_s or duration_s)) if edge < duration_s}
    edges = np.array(sorted({0.0, duration_s, *ends, *(at_s for at_s, _ in points if at_s < duration_s)}))
    starts = edges[:-1]
    at_points = np.searchsorted([at_s for at_s, _ in points], starts, side="right")
    factors = np.array([1.0, *(factor for _, factor in points)])[at_points]
    for spike in spikes:
        until_s = np.inf if spike.for_s is None else spike.at_s + spike.for_s
        factors = np.where((starts >= spike.at_s) & (starts < until_s), factors * spike.factor, factors)
    return edges, factors


def _accumulated(day: Diurnal, moments_s: Floats) -> Floats:
    """The integral of the day's factor, 1 + (peak_factor - 1) sin, in seconds."""
    turn = 2 * np.pi / day.period_s
    return np.asarray(moments_s + (day.peak_factor - 1) * (1 - np.cos(turn * moments_s)) / turn, dtype=np.float64)


def _moments_s(day: Diurnal, accumulated: Floats) -> Floats:
    """The inverse: Newton's steps within a bracket that closes, from one day to the next."""
    turn, height = 2 * np.pi / day.period_s, day.peak_factor - 1
    days, wanted = np.divmod(turn * accumulated, 2 * np.pi)
    low, high = np.maximum(wanted - 2 * height, 0.0), wanted.copy()
    angle = (low + high) / 2
    for _ in range(100):
        miss = angle + height * (1 - np.cos(angle)) - wanted
        low, high = np.where(miss < 0, angle, low), np.where(miss < 0, high, angle)
        go_on = (np.abs(miss) > _CLOSE) & (high - low > _CLOSE)
        if not go_on.any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = angle - miss / (1 + height * np.sin(angle))
        inside = (newton > low) & (newton < high)
        angle = np.where(go_on, np.where(inside, newton, (low + high) / 2), angle)
    return np.asarray((angle + days * 2 * np.pi) / turn, dtype=np.float64)
