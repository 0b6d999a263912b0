"""When requests arrive: a unit-rate process, drawn once, stretched by the rate over time.

A faster rate, a burst or a spike moves the same arrivals closer together; a longer horizon only adds arrivals at the
end.
"""

import numpy as np

from simulator.bursts import mean_factor
from simulator.design import Bursts, ClosedLoop, Design, EvenlySpaced, Poisson, Renewal, Trace
from simulator.distributions import Floats, Gamma, Hyperexponential
from simulator.draws import stream
from simulator.load import mean_rate_per_s
from simulator.pace import factor_edges, mean_pace, pace

WHO = "<arrivals>"  # the brackets keep it from being any component's name


def arrival_times_s(design: Design, duration_s: float, seed: int, replication: int) -> Floats:
    """Times of arrival in [0, duration_s), shape (n,). Of an open loop only; users of a closed one arrive in the run.

    A profile or a spike plays a recording faster or slower.
    """
    way = pace(design, duration_s, seed, replication)
    total = float(way.until_edges()[-1])
    if isinstance(design.traffic.arrivals, Trace):
        positions = np.array(design.traffic.arrivals.times_s)
    else:
        positions = _unit_arrivals(design, total, seed, replication)
    times_s = way.moments_s(positions[positions < total])
    return times_s[times_s < duration_s]


def _unit_arrivals(design: Design, until: float, seed: int, replication: int) -> Floats:
    """Arrivals at unit rate up to `until` and a little further."""
    gaps = stream(seed, replication, WHO)
    spread = design.traffic.arrivals.scv if isinstance(design.traffic.arrivals, Renewal) else 1.0
    count, positions = int(until + 8 * np.sqrt(until * max(spread, 1)) + 64), np.zeros(0)
    while not len(positions) or positions[-1] < until:
        further = np.cumsum(_unit_gaps(design, gaps.random(count)))
        positions = np.concatenate([positions, further + (positions[-1] if len(positions) else 0.0)])
    return positions


def expected_requests(design: Design, duration_s: float) -> float:
    """How many requests arrive in [0, duration_s) on average; of a closed loop, about how many at most."""
    arrivals = design.traffic.arrivals
    if isinstance(arrivals, ClosedLoop):
        return mean_rate_per_s(design) * duration_s
    total = float(mean_pace(design, duration_s).until_edges()[-1])
    if isinstance(arrivals, Trace):
        return float(np.searchsorted(np.array(arrivals.times_s), total, side="left"))
    return total * mean_factor(arrivals) if isinstance(arrivals, Bursts) else total


def rate_steps(design: Design, duration_s: float) -> tuple[Floats, Floats]:
    """The arrival rate as steps: edges in seconds, shape (k + 1,), and requests per second between them, shape (k,).

    Steps and spikes only, without bursts and the sine of a day.
    """
    edges_s, factors = factor_edges(design, duration_s)
    return edges_s, design.traffic.arrival_rate_per_s * factors


def _unit_gaps(design: Design, uniforms: Floats) -> Floats:
    match design.traffic.arrivals:
        case Poisson() | Bursts():
            return -np.log1p(-uniforms)
        case EvenlySpaced():
            return np.ones_like(uniforms)
        case Renewal(scv=scv):
            shape = Hyperexponential(mean_ms=1, scv=scv) if scv >= 1 else Gamma(mean_ms=1, scv=scv)
            return shape.inverse_ms(uniforms)
        case other:
            raise AssertionError(f"{other.kind} has no gaps to draw")
