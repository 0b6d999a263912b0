"""The single change that lifts the signal most."""

from collections.abc import Iterable

from rubrics.hire_signal import GATES, TargetLevel, counted_levels, raised
from rubrics.schema import TOP_LEVEL, DimensionId, Level, Rubric, Weights
from rubrics.score import LevelVerdict
from simulator.spec import Spec


class NextStep(Spec):
    """One level more in one dimension: the points it brings, the gate it opens if any, and what that level asks for."""

    dimension: DimensionId
    to_level: Level
    points: float
    opens: TargetLevel | None
    advice: str


def next_step(verdicts: Iterable[LevelVerdict], weights: Weights, rubric: Rubric) -> NextStep | None:
    """The step that opens the highest gate, and among equals the one that brings most points, from the lowest level.

    Dimensions at level 4 and those held at the cap of a run are left out; None if none remains. Ties go to the
    dimension that stands first in the rubric. A level that is not shown counts as 0.
    """
    verdicts = tuple(verdicts)
    levels = counted_levels(verdicts)
    order = [one.id for one in rubric.dimensions]
    free = sorted((one for one in verdicts if (one.level or 0) < one.cap), key=lambda one: order.index(one.dimension))
    steps = [_step(one.dimension, levels, weights, rubric) for one in free]
    return max(steps, key=lambda step: (_height(step), step.points, -step.to_level), default=None)


def _step(dimension: DimensionId, levels: dict[DimensionId, int], weights: Weights, rubric: Rubric) -> NextStep:
    after = raised(levels, dimension)
    opened = [gate.target for gate in GATES if gate.is_open(after, weights) and not gate.is_open(levels, weights)]
    return NextStep(
        dimension=dimension,
        to_level=after[dimension],
        points=weights[dimension] / TOP_LEVEL,
        opens=opened[-1] if opened else None,
        advice=rubric.dimension(dimension).levels[after[dimension]],
    )


def _height(step: NextStep) -> int:
    return next((place for place, gate in enumerate(GATES, start=1) if gate.target == step.opens), 0)
