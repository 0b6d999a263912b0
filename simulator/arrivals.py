"""When requests arrive: a unit-rate process, drawn once, stretched by the rate over time.

A faster rate or a spike moves the same arrivals closer together; a longer horizon only adds arrivals at the end.
"""

import numpy as np

from simulator.design import Design, EvenlySpaced, Poisson, Renewal, Steps
from simulator.distributions import Floats, Gamma, Hyperexponential
from simulator.draws import stream

WHO = "<arrivals>"  # the brackets keep it from being any component's name


def arrival_times_s(design: Design, duration_s: float, seed: int, replication: int) -> Floats:
    """Times of arrival in [0, duration_s), shape (n,)."""
    edges_s, rates = rate_steps(design, duration_s)
    expected = np.concatenate([[0.0], np.cumsum(np.diff(edges_s) * rates)])
    gaps = stream(seed, replication, WHO)
    spread = design.traffic.arrivals.scv if isinstance(design.traffic.arrivals, Renewal) else 1.0
    count, positions = int(expected[-1] + 8 * np.sqrt(expected[-1] * max(spread, 1)) + 64), np.zeros(0)
    while not len(positions) or positions[-1] < expected[-1]:
        further = np.cumsum(_unit_gaps(design, gaps.random(count)))
        positions = np.concatenate([positions, further + (positions[-1] if len(positions) else 0.0)])
    positions = positions[positions < expected[-1]]
    step = np.searchsorted(expected, positions, side="right") - 1
    return np.asarray(edges_s[step] + (positions - expected[step]) / rates[step], dtype=np.float64)


def expected_requests(design: Design, duration_s: float) -> float:
    """How many requests arrive in [0, duration_s) on average."""
    edges_s, rates = rate_steps(design, duration_s)
    return float((np.diff(edges_s) * rates).sum())


def rate_steps(design: Design, duration_s: float) -> tuple[Floats, Floats]:
    """The arrival rate as steps: edges in seconds, shape (k + 1,), and requests per second between them, shape (k,)."""
    profile = design.traffic.profile
    assert profile is None or isinstance(profile, Steps), "support.py refuses the other profiles"
    points = profile.points if profile else ()
    spikes = [fault for fault in design.faults if fault.kind == "traffic_spike"]
    ends = {edge for s in spikes for edge in (s.at_s, s.at_s + (s.for_s or duration_s)) if edge < duration_s}
    edges = np.array(sorted({0.0, duration_s, *ends, *(at_s for at_s, _ in points if at_s < duration_s)}))
    factors = np.ones(len(edges) - 1)
    for i, start in enumerate(edges[:-1]):
        for at_s, factor in points:
            if at_s <= start:
                factors[i] = factor
        for spike in spikes:
            if spike.at_s <= start and (spike.for_s is None or start < spike.at_s + spike.for_s):
                factors[i] *= spike.factor
    return edges, design.traffic.arrival_rate_per_s * factors


def _unit_gaps(design: Design, uniforms: Floats) -> Floats:
    match design.traffic.arrivals:
        case Poisson():
            return -np.log1p(-uniforms)
        case EvenlySpaced():
            return np.ones_like(uniforms)
        case Renewal(scv=scv):
            shape = Hyperexponential(mean_ms=1, scv=scv) if scv >= 1 else Gamma(mean_ms=1, scv=scv)
            return shape.inverse_ms(uniforms)
        case other:
            raise AssertionError(f"support.py refuses {other.kind}")
