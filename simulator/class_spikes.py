"""Traffic spikes of one class of requests: a noisy tenant, a bulk upload, an attack.

The class's further requests are a stream of their own, merged in time, with luck of their own: all requests that would
have come without the spike keep their arrivals and their luck. A factor below 1 leaves a part of the class's requests
out, each by a draw of its own. A larger factor moves the further requests closer together.

The further requests arrive as the others do: with exponential gaps for Poisson arrivals, in the same bursts for bursts,
evenly spaced or with gaps of the same SCV for those. Beside a recording, which has no gaps to draw, they are Poisson at
its mean rate, for as long as it lasts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.design import Design, Trace, TrafficSpike
from simulator.distributions import Floats
from simulator.draws import stream
from simulator.load import mean_rate_per_s, recorded_s
from simulator.pace import Pace

WHO = "<spikes>"

Unit = Callable[[float, np.random.Generator], Floats]  # arrivals at unit rate up to a number and a little further


def class_spikes(design: Design) -> list[TrafficSpike]:
    """The spikes that only some requests take part in."""
    return [fault for fault in design.faults if isinstance(fault, TrafficSpike) and fault.class_name is not None]


def struck(design: Design) -> list[int]:
    """The classes that a spike of their own strikes, by their place."""
    names = {spike.class_name for spike in class_spikes(design)}
    return [i for i, one in enumerate(design.traffic.classes) if one.name in names]


def factors_at(design: Design, of_class: int, moments_s: Floats) -> Floats:
    """How many times as fast the class's requests arrive at each moment, by the spikes of the class alone."""
    factors = np.ones(len(moments_s))
    for spike in _spikes_of(design, of_class):
        until_s = np.inf if spike.for_s is None else spike.at_s + spike.for_s
        factors = np.where((moments_s >= spike.at_s) & (moments_s < until_s), factors * spike.factor, factors)
    return factors


def _spikes_of(design: Design, of_class: int) -> list[TrafficSpike]:
    name = design.traffic.classes[of_class].name
    return [spike for spike in class_spikes(design) if spike.class_name == name]


def further(design: Design, of_class: int, way: Pace) -> Pace:
    """The pace of a class's further requests where `way` is that of all requests without them."""
    way = _while_recorded(design, way)
    ends = [end for one in _spikes_of(design, of_class) for end in (one.at_s, one.at_s + (one.for_s or np.inf))]
    edges_s = np.union1d(way.edges_s, [end for end in ends if end < way.edges_s[-1]])
    levels = way.levels[np.searchsorted(way.edges_s, edges_s[:-1], side="right") - 1]
    more = np.maximum(factors_at(design, of_class, edges_s[:-1]) - 1, 0.0)
    unit = mean_rate_per_s(design) if isinstance(design.traffic.arrivals, Trace) else 1.0
    return Pace(edges_s, levels * more * design.traffic.classes[of_class].share * unit, way.day)


def further_arrivals(
    design: Design, way: Pace, unit_arrivals: Unit, seed: int, replication: int
) -> tuple[Floats, NDArray[np.uint8]]:
    """When the further requests of all classes arrive, in order, and the class of each; both of shape (n,)."""
    times, classes = [np.zeros(0)], [np.zeros(0, dtype=np.uint8)]
    for of_class in struck(design):
        faster = further(design, of_class, way)
        if not (total := float(faster.until_edges()[-1])):
            continue
        name = design.traffic.classes[of_class].name
        positions = unit_arrivals(total, stream(seed, replication, f"{WHO}/{name}"))
        times.append(faster.moments_s(positions[positions < total]))
        classes.append(np.full(len(times[-1]), of_class, dtype=np.uint8))
    order = np.argsort(np.concatenate(times), kind="stable")
    return np.concatenate(times)[order], np.concatenate(classes)[order]


def _while_recorded(design: Design, way: Pace) -> Pace:
    """The same pace, or nothing any more where a recording is over."""
    recording = design.traffic.arrivals
    if not isinstance(recording, Trace) or recorded_s(recording.times_s) >= way.until_edges()[-1]:
        return way
    over_s = float(way.moments_s(np.array([recorded_s(recording.times_s)]))[0])
    edges_s = np.union1d(way.edges_s, [over_s])
    levels = way.levels[np.searchsorted(way.edges_s, edges_s[:-1], side="right") - 1]
    return Pace(edges_s, np.where(edges_s[:-1] < over_s, levels, 0.0), way.day)


def left_out(design: Design, arrived_s: Floats, class_index: NDArray[np.uint8], luck: Floats) -> NDArray[np.bool_]:
    """Which requests do not come after all, as a factor below 1 takes them away."""
    out = np.zeros(len(arrived_s), dtype=bool)
    for of_class in struck(design):
        out |= (class_index == of_class) & (luck >= factors_at(design, of_class, arrived_s))
    return out


def with_shares(design: Design, counts: list[int]) -> Design:
    """The design with the classes in other proportions."""
    if not (total := sum(counts)):
        return design
    pairs = zip(design.traffic.classes, counts, strict=True)
    classes = tuple(one.model_copy(update={"share": count / total}) for one, count in pairs)
    return design.model_copy(update={"traffic": design.traffic.model_copy(update={"classes": classes})})
