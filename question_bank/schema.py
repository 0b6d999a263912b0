"""What a question's files may say. Units stand in the field names; shares are 0-1.

A question is a folder: each class here that is called a file is one of its YAML files (`loader.py`), and `Question` is
all of them together. What must agree between files is checked in `agreement.py`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self, assert_never, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, WithJsonSchema, model_validator

from rubrics.ideas import ideas
from rubrics.schema import DimensionId, PhaseId, Weight
from simulator.design import Design, FaultSpec
from simulator.results.checks import AnyOf, Check, Metric
from simulator.spec import Name, NonNegative, Positive, Share, Spec

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PATH = r"^(components|traffic)(\.[a-z0-9_]+)+$"
ADDRESS = r"^https://\S+$"


def _is_slug(text: str) -> str:
    if len(text) > 60 or not re.fullmatch(SLUG, text):
        raise ValueError(f"{text!r} must be words of small letters and digits, joined by -")
    return text


CHECKED = {"checked": True}
"""The context in which something is read that has been found right before."""


def _is_pattern(text: str, info: ValidationInfo) -> str:
    if info.context == CHECKED:
        return text
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error
    return text


def _is_path(text: str) -> str:
    if not re.fullmatch(PATH, text):
        raise ValueError(f"{text!r} is not a place in a design; write components.ranker.max_items, for example")
    return text


def _is_address(text: str) -> str:
    if not re.fullmatch(ADDRESS, text):
        raise ValueError(f"{text!r} is not an address; begin with https://, or leave it out")
    return text


def _kind_of_check(data: object) -> str:
    """Tells the two kinds of check apart, so that what is wrong with one is not said of the other as well."""
    return "any_of" if isinstance(data, AnyOf) or (isinstance(data, dict) and "any_of" in data) else "one"


Slug = Annotated[str, AfterValidator(_is_slug), WithJsonSchema({"type": "string", "pattern": SLUG, "maxLength": 60})]
DesignPath = Annotated[str, AfterValidator(_is_path), WithJsonSchema({"type": "string", "pattern": PATH})]
Address = Annotated[str, AfterValidator(_is_address), WithJsonSchema({"type": "string", "pattern": ADDRESS})]
OneCheck = Annotated[
    Annotated[Check, Tag("one")] | Annotated[AnyOf, Tag("any_of")],
    Discriminator(_kind_of_check),
]
Pattern = Annotated[str, Field(min_length=2, max_length=300), AfterValidator(_is_pattern)]
Words = Annotated[str, Field(min_length=1, max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Prose = Annotated[str, Field(min_length=1, max_length=1500)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=30)]
WordGroup = Annotated[tuple[Words, ...], Field(min_length=1, max_length=20)]
WordGroups = Annotated[tuple[WordGroup, ...], Field(min_length=2, max_length=4)]
Range = Annotated[tuple[Positive, ...], Field(min_length=2, max_length=2)]

Category = Literal[
    "ads-and-auction",
    "data-and-features",
    "debugging",
    "edge",
    "forecasting",
    "generative-ai",
    "governance",
    "graph",
    "ml-platform",
    "operations",
    "recommendation",
    "reliability",
    "risk-and-fraud",
    "search",
    "security",
    "serving",
    "trust-and-safety",
]
Difficulty = Literal["mid", "senior", "staff"]
Tier = Literal["core", "plus", "staff"]
Basis = Literal["R", "L", "E", "S", "J"]
DesignName = Literal["cell", "junior", "senior", "staff"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
DIFFICULTIES: tuple[Difficulty, ...] = get_args(Difficulty)
DESIGN_NAMES: tuple[DesignName, ...] = get_args(DesignName)
BASIS_MEANING: dict[Basis, str] = {
    "R": "seen in an interview report",
    "L": "in a question list, book or course",
    "E": "the company has published engineering articles on it",
    "S": "stated in the source documents of this bank",
    "J": "a guess from what the company does",
}


def _refuse_repeated(place: str, ids: Iterable[str]) -> None:
    if repeated := [name for name, times in Counter(ids).items() if times > 1]:
        raise ValueError(f"{place} use the id {repeated[0]!r} twice; give each an id of its own")


# ---- question.yaml ---------------------------------------------------------------------------------------------


class Company(Spec):
    """Who is said to ask this, and on which basis; the meaning of the codes is in `BASIS_MEANING`."""

    name: Words
    basis: Annotated[tuple[Basis, ...], Field(min_length=1)]
    note: Line | None = None


class Fact(Spec):
    """What the interviewer says when one of the words in `ask` comes up. A `must` fact that nobody asked for is told at
    the end of the first phase.
    """

    id: Name
    must: bool
    topic: Words
    ask: Annotated[tuple[Words, ...], Field(min_length=1, max_length=30)]
    answer: Prose


class Slo(Spec):
    """The promise in numbers; what is left out is not promised."""

    p99_ms: Positive | None = None
    availability: Share | None = None
    freshness_s: Positive | None = None


class Budget(Spec):
    """What may be spent, and on what."""

    usd_per_month: Positive
    scope: Line


class Tradeoff(Spec):
    """A choice between `a` and `b`, with the condition for either: full credit needs choice, reason and condition."""

    id: Name
    a: Line
    b: Line
    prefer_a: Line
    prefer_b: Line


class When(Spec):
    """When a probe fits: everything that is given must hold. Of several ids in one list, one is enough."""

    from_phase: PhaseId = "requirements"
    not_found: tuple[Name, ...] = ()  # concepts
    found: tuple[Name, ...] = ()  # concepts
    row_not_accepted: tuple[Name, ...] = ()  # worksheet rows
    scenario_failed: tuple[Name, ...] = ()  # scenarios
    after_run: bool = False


class Followup(Spec):
    """A probe, when it fits, and what a strong answer contains."""

    id: Name
    when: When
    ask: Line
    strong: Prose


class Mistake(Spec):
    """A typical error and why it is one."""

    id: Name
    say: Line
    why: Line


class Anchor(Spec):
    """What level 2 and level 4 of a dimension look like in this question."""

    at_2: Line
    at_4: Line


class Provenance(Spec):
    """Who wrote this, from what, and who has read it since."""

    author: Words
    date: date
    sources: tuple[Line, ...]
    reviewed_by: tuple[Words, ...] = ()


class Described(Spec):
    """Identity, prompt, facts, lists and everything else that is prose."""

    schema_version: Literal[1]
    slug: Slug
    title: Words
    category: Category
    difficulty: Difficulty
    minutes: Annotated[int, Field(ge=20, le=120)]
    companies: Annotated[tuple[Company, ...], Field(min_length=1, max_length=12)]
    covers_seed: tuple[Words, ...] = ()
    tags: tuple[Slug, ...] = ()
    related: tuple[Slug, ...] = ()
    prompt: Prose
    facts: Annotated[tuple[Fact, ...], Field(min_length=5, max_length=25)]
    functional: Lines
    non_functional: Lines
    out_of_scope: Lines
    slo: Slo
    budget: Budget | None = None
    tradeoffs: Annotated[tuple[Tradeoff, ...], Field(min_length=3, max_length=12)]
    followups: Annotated[tuple[Followup, ...], Field(min_length=3, max_length=15)]
    mistakes: Annotated[tuple[Mistake, ...], Field(min_length=3, max_length=15)]
    glossary: Annotated[dict[Words, Prose], Field(max_length=40)]
    rubric_weights: dict[DimensionId, Weight]
    level_anchors: dict[DimensionId, Anchor]
    provenance: Provenance

    @model_validator(mode="after")
    def _weights_cover_every_dimension(self) -> Self:
        if missing := [one for one in get_args(DimensionId) if one not in self.rubric_weights]:
            raise ValueError(f"rubric_weights lacks {', '.join(missing)}; give every dimension a weight")
        if (total := sum(self.rubric_weights.values())) != 100:
            raise ValueError(f"rubric_weights add up to {total}; they must add up to 100")
        return self

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for place in ("facts", "tradeoffs", "followups", "mistakes"):
            _refuse_repeated(place, [one.id for one in getattr(self, place)])
        return self


class DesignComments(Spec):
    """A few sentences on each reference design."""

    junior: Prose
    senior: Prose
    staff: Prose


class QuestionFile(Described):
    """`question.yaml`."""

    design_comments: DesignComments


# ---- worksheet.yaml --------------------------------------------------------------------------------------------


class Constant(Spec):
    """A number that formulas use; `from_fact` names the fact that tells it."""

    value: float
    unit: Words
    label: Line
    from_fact: Name | None = None


class RatioMistake(Spec):
    """A cause that shows in the ratio of an answer to the reference."""

    ratio: Positive
    say: Line


class Row(Spec):
    """One number to estimate. Its formula may use the constants and the ids of earlier rows; `accept` earns full
    credit and `partial` half, both in the row's unit.
    """

    id: Name
    label: Line
    unit: Words
    formula: Line
    reference: Positive
    accept: Range
    partial: Range
    mistakes: tuple[RatioMistake, ...] = ()


class Worksheet(Spec):
    """`worksheet.yaml`: the capacity estimate, row by row."""

    constants: Annotated[dict[Name, Constant], Field(min_length=1, max_length=60)]
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        _refuse_repeated("rows and constants", [*(row.id for row in self.rows), *self.constants])
        return self


# ---- simulation.yaml -------------------------------------------------------------------------------------------


class Knob(Spec):
    """One number of a design that is worth turning, with its range. A knob that `may_be_off` can also be None, which
    takes out the part of the design that it belongs to.
    """

    id: Name
    label: Line
    unit: Words
    path: DesignPath
    low: float
    high: float
    step: Positive
    may_be_off: bool = False
    teaches: Line

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low is {self.low:g} and high is {self.high:g}; low must be below high")
        return self


class Scenario(Spec):
    """A run and what is demanded of it. `target_kinds` says of which kind each component is that a fault or a check
    names, so that its like can be found in a design with other names.
    """

    id: Name
    title: Words
    story: Prose
    steady: bool
    duration_s: Positive
    faults: tuple[FaultSpec, ...] = ()
    target_kinds: dict[Name, Words]
    checks: Annotated[tuple[OneCheck, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _faults_make_it_unsteady(self) -> Self:
        if self.steady and self.faults:
            raise ValueError("a steady scenario has no faults; set steady to false or leave the faults out")
        return self


class Gain(Spec):
    """What the staff design has ahead of the senior one: a metric of a scenario that is better, clearly."""

    scenario: Name
    metric: Metric
    component: Name | None = None
    class_name: Name | None = None
    better: Literal["lower", "higher"]
    from_s: NonNegative | None = None
    to_s: NonNegative | None = None


class Measured(Spec):
    """What one setting of the knobs measures; a regression test of the simulator. Of an unstable row the p99 only says
    how far it had grown.
    """

    design: DesignName
    settings: dict[Name, float | None]
    p99_ms: Positive | None = None
    utilization: Annotated[float, Field(ge=0, le=2)] | None = None
    unstable: bool = False


class QualityLoss(Spec):
    """What a failure that no timer and no counter sees costs in quality: `loss` is the share of `metric` that each
    answer of the model loses while it lasts, and `basis` says where that figure comes from.
    """

    drill: Name
    metric: Words
    loss: Annotated[float, Field(gt=0, le=1)]
    basis: Line


class Simulation(Spec):
    """`simulation.yaml`: what is run, what can be turned and what is demanded.

    The senior and the staff design pass every scenario, clearly; the junior one clearly fails those of `junior_fails`
    and no other, and the staff one is ahead of the senior one in each of `staff_gains`.
    """

    cell: Line
    stages: Lines
    knobs: Annotated[tuple[Knob, ...], Field(min_length=1, max_length=12)]
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1, max_length=8)]
    junior_fails: Annotated[tuple[Name, ...], Field(min_length=1)]
    staff_gains: Annotated[tuple[Gain, ...], Field(min_length=1, max_length=4)]
    measured_duration_s: Positive = 12.0
    measured_seed: Annotated[int, Field(ge=0)] = 1
    measured: tuple[Measured, ...] = ()
    quality_losses: Annotated[tuple[QualityLoss, ...], Field(max_length=5)] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for place in ("knobs", "scenarios"):
            _refuse_repeated(place, [one.id for one in getattr(self, place)])
        _refuse_repeated("quality_losses", [one.drill for one in self.quality_losses])
        return self


# ---- concepts.yaml and links.yaml ------------------------------------------------------------------------------


class Concept(Spec):
    """Something an answer may contain.

    A cue is a regular expression on text in small letters; `together` are groups of words of which a sentence needs one
    each, in any order and inflection. Both find places to look, and give no credit by themselves. `ideas` are shared by
    many questions (`rubrics/data/ideas.yaml`); their cues and groups find this concept as well. Each example contains
    the concept; a rejected one speaks against it; a counter-example does not speak of it at all. `other_words` say it
    in words that no cue was written for: they measure how much the cues miss, and nothing is tuned on them.
    """

    id: Name
    dim: DimensionId
    tier: Tier
    label: Line
    cues: Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=20)]
    together: Annotated[tuple[WordGroups, ...], Field(max_length=12)] = ()
    ideas: Annotated[tuple[Name, ...], Field(max_length=6)] = ()
    example: Line
    more_examples: tuple[Line, ...] = ()
    rejected: tuple[Line, ...] = ()
    counter_examples: tuple[Line, ...] = ()
    other_words: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _ideas_are_known(self) -> Self:
        for name in self.ideas:
            if name not in ideas():
                raise ValueError(f"ideas has {name!r}, which is none; choose from {', '.join(ideas())}")
        return self

    @property
    def all_cues(self) -> tuple[str, ...]:
        """Its own cues and those of its ideas."""
        return (*self.cues, *(cue for name in self.ideas for cue in ideas()[name].cues))

    @property
    def all_together(self) -> tuple[WordGroups, ...]:
        """Its own groups of words and those of its ideas."""
        return (*self.together, *(groups for name in self.ideas for groups in ideas()[name].together))


class ConceptsFile(Spec):
    """`concepts.yaml`."""

    concepts: Annotated[tuple[Concept, ...], Field(min_length=10, max_length=40)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        _refuse_repeated("concepts", [one.id for one in self.concepts])
        return self


class Link(Spec):
    """Something to read after the answer; an address only where it is certain."""

    title: Line
    authors: Line
    year: Annotated[int, Field(ge=1900, le=2100)]
    where: Line | None = None
    url: Address | None = None
    why: Line


class LinksFile(Spec):
    """`links.yaml`, apart from the rest so that a dead link touches nothing else."""

    links: tuple[Link, ...] = ()


# ---- the whole -------------------------------------------------------------------------------------------------


class ReferenceDesign(Spec):
    """A design to replay beside one's own, and what to see in it."""

    design: Design
    comment: Prose


class Designs(Spec):
    """`designs/`: the bare cell that `measured` speaks of, and three reference designs."""

    cell: Design
    junior: ReferenceDesign
    senior: ReferenceDesign
    staff: ReferenceDesign

    def by_name(self, name: DesignName) -> Design:
        """The design of that name."""
        match name:
            case "cell":
                return self.cell
            case "junior" | "senior" | "staff":
                reference: ReferenceDesign = getattr(self, name)
                return reference.design
            case _:
                assert_never(name)


class Question(Described):
    """A question with all its files."""

    worksheet: Worksheet
    simulation: Simulation
    concepts: tuple[Concept, ...]
    links: tuple[Link, ...]
    designs: Designs
