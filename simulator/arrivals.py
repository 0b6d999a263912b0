"""When requests arrive: a unit-rate process, drawn once, stretched by the rate over time.

A faster rate, a burst or a spike moves the same arrivals closer together; a longer horizon only adds arrivals at the
end.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.bursts import mean_factor
from simulator.class_spikes import class_spikes, further, further_arrivals, struck
from simulator.design import Bursts, ClosedLoop, Design, EvenlySpaced, Poisson, Renewal, Trace
from simulator.distributions import Floats, Gamma, Hyperexponential
from simulator.draws import stream
from simulator.load import mean_rate_per_s
from simulator.pace import Pace, factor_edges, mean_pace, pace
from simulator.remembered import remembered

WHO = "<arrivals>"  # the brackets keep it from being any component's name


def arrival_times_s(design: Design, duration_s: float, seed: int, replication: int) -> Floats:
    """Times of arrival in [0, duration_s), shape (n,). Of an open loop only; users of a closed one arrive in the run.

    A profile or a spike plays a recording faster or slower.
    """
    return _arrivals_along(design, pace(design, duration_s, seed, replication), duration_s, seed, replication)


def _arrivals_along(design: Design, way: Pace, duration_s: float, seed: int, replication: int) -> Floats:
    total = float(way.until_edges()[-1])
    if isinstance(design.traffic.arrivals, Trace):
        positions = np.array(design.traffic.arrivals.times_s)
    else:
        until = float(np.ceil(total))  # so that another rate, and as many requests, are the same draws
        key = ("arrivals", design.traffic.arrivals, until, seed, replication)
        positions = remembered.get(key, lambda: _unit_arrivals(design, until, stream(seed, replication, WHO)))
    times_s = way.moments_s(_below(total, positions))
    return _below(duration_s, times_s)


def _below(limit: float, rising: Floats) -> Floats:
    return rising[: np.searchsorted(rising, limit, side="left")]


def arrivals_with_further(
    design: Design, duration_s: float, seed: int, replication: int
) -> tuple[Floats, NDArray[np.uint8]]:
    """Times of arrival as without spikes of single classes and, in order behind them, those of the further requests
    that such spikes bring; and the class of each further one.
    """
    way = pace(design, duration_s, seed, replication)
    plain_s = _arrivals_along(design, way, duration_s, seed, replication)
    if not class_spikes(design):
        return plain_s, np.zeros(0, dtype=np.uint8)

    def unit_arrivals(until: float, luck: np.random.Generator) -> Floats:
        return _unit_arrivals(design, until, luck)

    further_s, classes = further_arrivals(design, way, unit_arrivals, seed, replication)
    inside = further_s < duration_s
    return np.concatenate([plain_s, further_s[inside]]), classes[inside]


def _unit_arrivals(design: Design, until: float, gaps: np.random.Generator) -> Floats:
    """Arrivals at unit rate up to `until` and a little further."""
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
    way = mean_pace(design, duration_s)
    more = sum(float(further(design, one, way).until_edges()[-1]) for one in struck(design))
    if isinstance(arrivals, Trace):
        return recorded_requests(design, duration_s) + more
    total = float(way.until_edges()[-1]) + more
    return total * mean_factor(arrivals) if isinstance(arrivals, Bursts) else total


def recorded_requests(design: Design, duration_s: float) -> int:
    """How many arrivals of a recording come within a run of so many seconds, if no class has fewer for a while."""
    arrivals = design.traffic.arrivals
    assert isinstance(arrivals, Trace), "only a trace is a recording"
    total = float(mean_pace(design, duration_s).until_edges()[-1])
    return int(np.searchsorted(np.array(arrivals.times_s), total, side="left"))


def rate_steps(design: Design, duration_s: float) -> tuple[Floats, Floats]:
    """The arrival rate as steps: edges in seconds, shape (k + 1,), and requests per second between them, shape (k,).

    Steps and spikes of all classes only, without bursts and the sine of a day.
    """
    edges_s, factors = factor_edges(design, duration_s)
    return edges_s, design.traffic.arrival_rate_per_s * factors


def _unit_gaps(design: Design, uniforms: Floats) -> Floats:
    match design.traffic.arrivals:
        case Poisson() | Bursts() | Trace():  # of a recording, the further requests of a class
            return -np.log1p(-uniforms)
        case EvenlySpaced():
            return np.ones_like(uniforms)
        case Renewal(scv=scv):
            shape = Hyperexponential(mean_ms=1, scv=scv) if scv >= 1 else Gamma(mean_ms=1, scv=scv)
            return shape.inverse_ms(uniforms)
        case other:
            raise AssertionError(f"{other.kind} has no gaps to draw")
