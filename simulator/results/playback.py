"""The first replication as a film: how many wait, how many are worked on and how busy each component is."""

import numpy as np

from simulator.distributions import Floats
from simulator.results.levels import busy_s, capacity_s, inside_s, waiting_s
from simulator.results.run import ComponentRecord, Run
from simulator.spec import Spec

STEPS = 120


class PlayedComponent(Spec):
    """One component in each step, on average over it; `busy_share` is None where nothing ever waits, or for a step
    without capacity.
    """

    component: str
    waiting: tuple[float, ...]
    inside: tuple[float, ...]  # waiting or worked on
    busy_share: tuple[float | None, ...] | None


class Playback(Spec):
    """One replication in steps of `step_s` seconds from its start, warm-up included, to the last arrival."""

    step_s: float
    components: tuple[PlayedComponent, ...]


def playback(run: Run) -> Playback:
    """The film of a run. Single runs show the ups and downs of chance that a mean over several hides."""
    edges = np.linspace(0, run.duration_s, STEPS + 1)
    return Playback(
        step_s=float(edges[1]),
        components=tuple(_played(name, record, edges) for name, record in run.components.items()),
    )


def _played(name: str, record: ComponentRecord, edges: Floats) -> PlayedComponent:
    width, busy = np.diff(edges), None
    if record.capacity:
        available = capacity_s(record, edges)
        shares = np.divide(busy_s(record, edges), available, out=np.full_like(available, np.nan), where=available > 0)
        busy = tuple(None if np.isnan(share) else _short(min(1.0, share)) for share in shares.tolist())
    inside = inside_s(record, edges) / width
    return PlayedComponent(
        component=name,
        waiting=tuple(map(_short, (waiting_s(record, edges) / width).tolist())),
        inside=tuple(map(_short, inside.tolist())),
        busy_share=busy,
    )


def _short(value: float) -> float:
    return float(f"{value:.4g}")
