"""Training that saves checkpoints against failures. Times are in any one unit; failures are exponential.

Young, Communications of the ACM 17, 1974; Daly, Future Generation Computer Systems 22, 2006.
"""

import math

from simulator.theory.refusals import require_not_negative, require_positive


def young_interval(checkpoint_cost: float, time_between_failures: float) -> float:
    """The best work between checkpoints to first order, sqrt(2 d M). Young 1974."""
    require_positive(checkpoint_cost=checkpoint_cost, time_between_failures=time_between_failures)
    return math.sqrt(2 * checkpoint_cost * time_between_failures)


def daly_interval(checkpoint_cost: float, time_between_failures: float) -> float:
    """The best work between checkpoints to higher order; M if a checkpoint takes 2 M or more. Daly 2006."""
    first_order = young_interval(checkpoint_cost, time_between_failures)
    if checkpoint_cost >= 2 * time_between_failures:
        return time_between_failures
    x = math.sqrt(checkpoint_cost / (2 * time_between_failures))
    return first_order * (1 + x / 3 + x**2 / 9) - checkpoint_cost


def first_order_waste(interval: float, checkpoint_cost: float, time_between_failures: float) -> float:
    """The share of time lost to saving and to redoing half an interval at each failure, d / t + t / 2M. Young 1974."""
    require_positive(interval=interval, time_between_failures=time_between_failures)
    require_not_negative(checkpoint_cost=checkpoint_cost)
    return checkpoint_cost / interval + interval / (2 * time_between_failures)


def checkpoint_efficiency(
    interval: float, checkpoint_cost: float, restart_cost: float, time_between_failures: float
) -> float:
    """The useful share of the time of a long job: t / (M e^(R/M) (e^((t+d)/M) - 1)). Daly 2006.

    Failures may strike during work, checkpoints and restarts.
    """
    require_positive(interval=interval, time_between_failures=time_between_failures)
    require_not_negative(checkpoint_cost=checkpoint_cost, restart_cost=restart_cost)
    between = time_between_failures
    longest = max(restart_cost, interval + checkpoint_cost) / between
    if longest > 300:
        raise ValueError(f"an interval or restart lasts {longest:.3g} times as long as it takes to fail; shorten it")
    return interval / (between * math.exp(restart_cost / between) * math.expm1((interval + checkpoint_cost) / between))
