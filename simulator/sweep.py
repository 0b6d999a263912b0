"""A grid over some numbers of a design: every combination is run on the same luck, from coarse to fine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import value_at, with_value
from simulator.results.figures import Figures, figures
from simulator.results.replications import replicate
from simulator.settings import RunSettings, TooLong
from simulator.spec import Spec
from simulator.support import DoesNotRunYet, check

MOST_CELLS = 1_000

Place = tuple[int, ...]
Value = int | float | str | bool | None


class Axis(Spec):
    """One number of the design by its path, and the values to try, in order."""

    path: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Trial:
    """One combination: its place in the grid and its design, or `problems` that say why it cannot run."""

    place: Place
    values: tuple[Value, ...]
    design: Design | None
    problems: tuple[str, ...] = ()


class Cell(Figures):
    """One combination: its place, and what its run showed or why there is none."""

    place: Place
    values: tuple[Value, ...]
    problems: tuple[str, ...] = ()

    @property
    def ran(self) -> bool:
        return not self.problems


def plan(design: Design, axes: Sequence[Axis]) -> list[Trial]:
    """All combinations, from coarse to fine. Raise DesignProblem for a path that is no place in the design or is
    given twice, an axis without values, or too many cells.
    """
    paths = [axis.path for axis in axes]
    if twice := sorted({path for path in paths if paths.count(path) > 1}):
        raise DesignProblem([f"{path} is given twice; give all its values at once" for path in twice])
    for axis in axes:
        value_at(design, axis.path)
        if not axis.values:
            raise DesignProblem([f"{axis.path} has no values; give at least one"])
    sizes = [len(axis.values) for axis in axes]
    if (cells := prod(sizes)) > MOST_CELLS:
        raise DesignProblem([f"the grid has {cells:,} cells, and {MOST_CELLS:,} is the most; give fewer values"])
    turned: dict[Place, Design] = {(): design}
    return [_trial(turned, axes, place) for place in coarse_to_fine(sizes)]


def _trial(turned: dict[Place, Design], axes: Sequence[Axis], place: Place) -> Trial:
    """One combination; `turned` holds the designs with the first values of those before it."""
    values = tuple(axis.values[i] for axis, i in zip(axes, place, strict=True))
    design = turned[()]
    try:
        for depth, axis in enumerate(axes, start=1):
            if (known := turned.get(place[:depth])) is None:
                known = turned[place[:depth]] = with_value(design, axis.path, values[depth - 1])
            design = known
        check(design)
    except (DesignProblem, DoesNotRunYet) as problem:
        return Trial(place, values, None, tuple(problem.problems))
    return Trial(place, values, design)


def coarse_to_fine(sizes: Sequence[int]) -> list[Place]:
    """Every place of a grid once: first those far apart, then twice as close, until none is left out."""
    stride, order = 1, dict[Place, None]()
    while stride < max(sizes):
        stride *= 2
    while stride:
        order |= dict.fromkeys(product(*(range(0, size, stride) for size in sizes)))
        stride //= 2
    return list(order)


def stand_in(place: Place, known: set[Place]) -> Place | None:
    """The known place that stands for an unknown one: the corner of the smallest coarse block with a known corner."""
    stride = 1
    while stride <= 2 * max([*place, 1]):
        if (corner := tuple(i - i % stride for i in place)) in known:
            return corner
        stride *= 2
    return None


def sweep(design: Design, axes: Sequence[Axis], settings: RunSettings) -> Iterator[Cell]:
    """The cells one after the other in this process, each as soon as it is there. Raise DesignProblem as `plan`."""
    for trial in plan(design, axes):
        if trial.design is None:
            yield refused(trial, trial.problems)
            continue
        try:
            yield measured(trial, figures(replicate(trial.design, settings)))
        except TooLong as problem:
            yield refused(trial, (str(problem),))


def refused(trial: Trial, problems: tuple[str, ...]) -> Cell:
    """The cell of a combination that cannot run."""
    return Cell(place=trial.place, values=trial.values, problems=problems)


def measured(trial: Trial, found: Figures) -> Cell:
    """The cell of a combination that was run."""
    return Cell(place=trial.place, values=trial.values, **dict(found))
