"""What a rubric says: eight dimensions, five levels each, and how much each dimension weighs.

Levels are whole numbers 0-4; weights are whole points that add up to 100.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from simulator.spec import Spec

DimensionId = Literal[
    "requirements_framing",
    "capacity",
    "architecture",
    "data_features",
    "model_evaluation",
    "serving_scale",
    "reliability_operations",
    "tradeoffs_judgment",
]
PhaseId = Literal[
    "requirements",
    "capacity_estimation",
    "high_level_design",
    "detailed_design",
    "bottlenecks_tradeoffs",
]
Source = Literal["measured", "checked", "self"]
EvidenceKind = Literal[
    "facts_asked", "text", "numbers", "graph", "simulation", "freshness_runs", "fault_runs", "probe_answers"
]

DIMENSIONS: tuple[DimensionId, ...] = get_args(DimensionId)
PHASES: tuple[PhaseId, ...] = get_args(PhaseId)

Level = Annotated[int, Field(ge=0, le=4)]
TOP_LEVEL = 4
# A dimension that weighs nothing would still be demanded by the gates of the signal, so none may weigh 0.
Weight = Annotated[int, Field(ge=1, le=93)]
Weights = Mapping[DimensionId, int]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
PerLevel = Annotated[tuple[Sentence, ...], Field(min_length=5, max_length=5)]


class RubricProblem(ValueError):
    """A rubric or its weights cannot be used; the message says what to change."""


class Dimension(Spec):
    """One thing that an interviewer judges; `levels[n]` describes level n."""

    id: DimensionId
    title: Annotated[str, Field(min_length=1, max_length=60)]
    question: Sentence
    default_weight: Weight
    phases: Annotated[tuple[PhaseId, ...], Field(min_length=1)]
    evidence: Annotated[tuple[EvidenceKind, ...], Field(min_length=1)]
    levels: PerLevel


class Rubric(Spec):
    """All dimensions in the order of the screen; `meaning[n]` says what level n means in any of them."""

    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    meaning: PerLevel
    dimensions: tuple[Dimension, ...]

    @model_validator(mode="after")
    def _every_dimension_stands_once(self) -> Self:
        found = sorted(dimension.id for dimension in self.dimensions)
        if found != sorted(DIMENSIONS):
            raise ValueError(f"dimensions are {found}; list each of {sorted(DIMENSIONS)} once")
        return self

    @model_validator(mode="after")
    def _weights_add_up(self) -> Self:
        total = sum(dimension.default_weight for dimension in self.dimensions)
        if total != 100:
            raise ValueError(f"default weights add up to {total}; they must add up to 100")
        return self

    def dimension(self, dimension_id: DimensionId) -> Dimension:
        """The dimension with this id."""
        return next(dimension for dimension in self.dimensions if dimension.id == dimension_id)


def weights_for(rubric: Rubric, overrides: Mapping[str, int]) -> dict[DimensionId, int]:
    """The points each dimension weighs, in the rubric's order; an override replaces the default.

    Raise RubricProblem if an override names no dimension or is no whole number of 1 or more, or if the sum is not 100.
    """
    for name, weight in overrides.items():
        if name not in DIMENSIONS:
            raise RubricProblem(f"weights name {name!r}, which is no dimension; choose from {list(DIMENSIONS)}")
        if type(weight) is not int or weight < 1:
            raise RubricProblem(f"the weight of {name} is {weight!r}; it must be a whole number of 1 or more")
    weights = {one.id: overrides.get(one.id, one.default_weight) for one in rubric.dimensions}
    if sum(weights.values()) != 100:
        raise RubricProblem(f"the weights add up to {sum(weights.values())}; change some so that they add up to 100")
    return weights
