"""The maps of a visit: which cells a map has, which of them have run, and what is under way."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from simulator.axes import axis
from simulator.design import Design
from simulator.engine import choose
from simulator.knobs import value_at
from simulator.pareto import cheapest, frontier
from simulator.series import Series
from simulator.settings import RunSettings
from simulator.sliders import Slider
from simulator.sweep import Axis, Cell, Place, Trial, measured, plan, refused
from simulator.workers import Job
from ui import limits
from ui.simulations import visit

REQUESTS = {"stages": 20_000, "compiled": 20_000, "simpy": 6_000}  # of a cell, by engine
AT_ONCE = 4  # two for each process, so that neither waits for its next cell
SIZES = {"Coarse": (5, 5), "Medium": (10, 6), "Fine": (20, 10)}
REMEMBERED = 6


@dataclass
class Drawn:
    """One map: its axes, its cells so far and its runs."""

    axes: tuple[Axis, Axis]
    trials: dict[Place, Trial]
    requests: int
    cells: dict[Place, Cell] = field(default_factory=dict)
    series: Series | None = None

    @property
    def is_under_way(self) -> bool:
        return self.series is not None and not self.series.is_over

    def present(self, design: Design) -> tuple[float, float] | None:
        """Where the design stands between the columns and rows; None if one of its knobs is off."""
        at = [_position(one, value_at(design, one.path)) for one in self.axes]
        return None if at[0] is None or at[1] is None else (at[0], at[1])

    def comparable(self) -> list[Cell]:
        """The cells that have a cost, a p99 and a quality, and keep up with their load, in the order of the grid."""
        found = [self.cells[place] for place in sorted(self.cells)]
        return [one for one in found if None not in (one.usd_per_month, one.p99_ms, one.full_share, one.load)
                and one.overload is None]  # fmt: skip

    def frontier(self) -> list[Cell]:
        """The comparable cells that no other beats in cost, p99 and quality together."""
        some = self.comparable()
        return [some[place] for place in frontier([_costs(one) for one in some])]

    def cheapest(self) -> Cell | None:
        """The cheapest cell that keeps the promise; of equally cheap ones the one with more full answers."""
        some = [one for one in self.comparable() if one.keeps]
        return cheapest(some, lambda one: (_costs(one)[0], _costs(one)[2], _costs(one)[1]))


def _costs(cell: Cell) -> tuple[float, float, float]:
    """Cost, p99 and the share that was not answered in full and in time."""
    assert cell.usd_per_month is not None
    assert cell.p99_ms is not None
    assert cell.full_share is not None
    return cell.usd_per_month, cell.p99_ms.value, 1 - cell.full_share


def _position(one: Axis, now: Any) -> float | None:
    if not isinstance(now, int | float):
        return None
    numbers = [float(value) for value in one.values if isinstance(value, int | float)]
    return float(np.interp(now, numbers, range(len(numbers))))


def find(key: str, design: Design, pair: tuple[Slider, Slider], size: str, seed: int) -> Drawn | None:
    """The map of these knobs that was begun for this design, wherever in it the design stands."""
    found: Drawn | None = _maps(key).get(_name(design, pair, size, seed))
    return found


def draw(key: str, design: Design, pair: tuple[Slider, Slider], size: str, seed: int) -> Drawn:
    """Begin a map; whatever is under way at this place ends. Raise DesignProblem if a knob has no place."""
    cancel(key)
    counts = SIZES[size]
    axes = (_axis(design, pair[0], counts[0]), _axis(design, pair[1], counts[1]))
    drawn = Drawn(axes, {trial.place: trial for trial in plan(design, axes)}, requests_of(design))
    _run(drawn, seed, key)
    maps = _maps(key)
    maps[_name(design, pair, size, seed)] = drawn
    while len(maps) > REMEMBERED:
        del maps[next(iter(maps))]
    return drawn


def requests_of(design: Design) -> int:
    """How many requests each cell of a design's map gets: what its engine runs while somebody watches."""
    return REQUESTS[choose(design).engine]


def cancel(key: str) -> None:
    """End what is under way at a place; the cells so far stay."""
    for drawn in _maps(key).values():
        if drawn.series is not None:
            drawn.series.cancel()


def go_on(key: str, drawn: Drawn, seed: int) -> None:
    """Run the cells that are missing."""
    _run(drawn, seed, key)


def is_under_way(key: str) -> bool:
    """Whether any map of a place is being drawn."""
    return any(drawn.is_under_way for drawn in _maps(key).values())


def _run(drawn: Drawn, seed: int, key: str) -> None:
    left = [trial for place, trial in drawn.trials.items() if place not in drawn.cells]
    drawn.cells |= {trial.place: refused(trial, trial.problems) for trial in left if trial.design is None}
    runnable = [(trial, trial.design) for trial in left if trial.design is not None]

    def keep(place: int, job: Job) -> None:
        trial = runnable[place][0]
        cell = measured(trial, job.figures) if job.figures is not None else refused(trial, job.problems)
        drawn.cells[trial.place] = cell

    settings = RunSettings(seed=seed, replications=1, requests=drawn.requests)
    owner = f"{visit()}/{key}"
    designs = [design for _, design in runnable]
    drawn.series = limits.sweep(designs, settings, owner, keep, AT_ONCE, brief=True)


def _axis(design: Design, slider: Slider, count: int) -> Axis:
    return axis(slider, value_at(design, slider.path), count)


def _name(design: Design, pair: tuple[Slider, Slider], size: str, seed: int) -> str:
    """The same for designs that differ only in the two knobs."""
    data = design.model_dump(mode="json")
    for slider in pair:
        *way, last = slider.path.split(".")
        node: Any = data
        for part in way:
            node = node[int(part) if isinstance(node, list) else part] if node is not None else None
        if node is not None:
            node[int(last) if isinstance(node, list) else last] = "turned"
    rest = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    return f"{rest} {pair[0].path} {pair[1].path} {size} {seed}"


def _maps(key: str) -> dict[str, Drawn]:
    maps: dict[str, Drawn] = st.session_state.setdefault(f"{key}:maps", {})
    return maps
