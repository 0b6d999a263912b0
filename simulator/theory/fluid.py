"""Backlogs as fluids: what piles up while more comes in than goes out, and how long it takes to drain.

Rates are per time unit, times in that unit. Newell, Applications of Queueing Theory, 2nd ed., 1982.
"""

from dataclasses import dataclass

from simulator.theory.refusals import require_not_negative, require_positive


@dataclass(frozen=True)
class Backlog:
    """A backlog that comes and goes; `drain_time` counts from its peak."""

    peak: float
    drain_time: float
    longest_wait: float


def burst_backlog(usual_rate: float, burst_rate: float, burst_time: float, capacity: float) -> Backlog:
    """A burst through a consumer of constant capacity: the backlog drains at the spare capacity, not at capacity."""
    require_positive(usual_rate=usual_rate, burst_rate=burst_rate, capacity=capacity)
    require_not_negative(burst_time=burst_time)
    _require_spare(usual_rate, capacity)
    peak = max(0.0, burst_rate - capacity) * burst_time
    return Backlog(peak, peak / (capacity - usual_rate), peak / capacity)


def scale_out_backlog(arrival_rate: float, capacity_before: float, capacity_after: float, delay: float) -> Backlog:
    """A step of load that meets new capacity only after a delay.

    The longest wait is that of the request that is served just when the capacity comes: it arrived before the end of
    the delay, at `delay` * `capacity_before` / `arrival_rate`.
    """
    require_positive(arrival_rate=arrival_rate, capacity_before=capacity_before, capacity_after=capacity_after)
    require_not_negative(delay=delay)
    _require_spare(arrival_rate, capacity_after)
    short = max(0.0, arrival_rate - capacity_before)
    peak = short * delay
    return Backlog(peak, peak / (capacity_after - arrival_rate), delay * short / arrival_rate)


def _require_spare(rate: float, capacity: float) -> None:
    if capacity <= rate:
        raise ValueError(f"the capacity is {capacity:g}, but must be above {rate:g}, the rate, or nothing ever drains")
