"""The rows of the tables that do not grow, on their way from a design."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import design as spec
from simulator import wiring
from simulator.build import Numbering
from simulator.distributions import Floats
from simulator.draws import Draws

Row = dict[str, float]
Maker = Callable[[int], Floats]


@dataclass(frozen=True)
class Way:
    """One way to a component: its number, and how many attempts, with a backup each, and copies it may take."""

    number: int
    attempts: int = 1
    copies: int = 1


@dataclass
class Lowered:
    """The rows of the tables that do not grow, and what must be drawn."""

    design: spec.Design
    draws: Draws
    ranks: NDArray[np.int64] | None
    spare: int  # replicas that may come later
    rows: dict[str, list[Row]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    makers: list[Maker] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    levels: list[tuple[int, int]] = field(default_factory=list)  # (component or minus it, level at second 0)
    at_start: list[int] = field(default_factory=list)  # codes of events
    entries: list[tuple[int, Any]] = field(default_factory=list)  # (first place, warm contents)
    key_ids: NDArray[np.int64] | None = None  # of every request
    warm: dict[str, Any] = field(default_factory=dict)
    devices: list[tuple[int, int, int, int]] = field(default_factory=list)  # (device, part, heap, its size)
    owners: list[tuple[int, int]] = field(default_factory=list)  # (partition, consumer)
    wishes: list[tuple[int, int]] = field(default_factory=list)  # (note, replicas)

    def add(self, table: str, **values: float) -> int:
        """One more row; return its place."""
        rows = self.rows.setdefault(table, [])
        rows.append(values)
        return len(rows) - 1

    def place(self, table: str, size: int) -> int:
        """Room for so many numbers or rows that begin as zeros; return where it begins."""
        first = self.sizes.get(table, 0)
        self.sizes[table] = first + size
        return first

    def slot(self, *makers: Maker) -> int:
        """Draws that somebody will need, by visit; return the number of the first."""
        self.makers.extend(makers)
        return len(self.makers) - len(makers)

    def way(self, way: Way) -> int:
        """One more way to somebody; return its row."""
        self.ways.append(way)
        return len(self.ways) - 1


class Lowering:
    """One design on its way into tables: what has its place already."""

    def __init__(self, made: Lowered):
        self.made, self.design, self.draws = made, made.design, made.draws
        self.numbering = Numbering(made.design)
        self.balanced = wiring.balanced(made.design)
        self.first_part: dict[str, int] = {}
        self.parts: dict[str, int] = {}
        self.component: dict[str, int] = {}
        self.errors: dict[str, int] = {}
        self.links: dict[tuple[str, str], int] = {}
        self.priorities = sorted({one.priority for one in self.design.traffic.classes}, reverse=True)
