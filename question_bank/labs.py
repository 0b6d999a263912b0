"""Labs: small experiments inside concept cards. One YAML file each; one that runs the simulator needs no code.

A lab asks for a prediction at given settings first, then lets the person turn its knobs, and says what to notice.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from question_bank.page_files import Page, load_pages
from question_bank.schema import Line, Prose, Words
from simulator.design import Design
from simulator.results.checks import Check, Metric
from simulator.spec import Name, NonNegative, Positive, Spec

LABS = Path(__file__).parent / "labs"
PATH = r"^(components|traffic|faults|promise)(\.[a-z0-9_]+)+$"

Number = int | float
Setting = Number | str
Settings = dict[str, Setting]
Unit = Annotated[str, Field(max_length=20)]
Text = Annotated[str, Field(min_length=1, max_length=2500)]
Formula = Annotated[str, Field(min_length=1, max_length=300)]


def _is_path(text: str) -> str:
    if not re.fullmatch(PATH, text):
        raise ValueError(f"{text!r} is not a place in a design; write components.ranker.max_items, for example")
    return text


Place = Annotated[str, AfterValidator(_is_path)]
Paths = Annotated[tuple[Place, ...], Field(max_length=20)]


# ---- knobs -----------------------------------------------------------------------------------------------------


class Slider(Spec):
    """A number between two ends. In a simulation it is written to every one of `paths`."""

    kind: Literal["slider"]
    id: Name
    label: Words
    unit: Unit = ""
    low: Number
    high: Number
    step: Number
    default: Number
    paths: Paths = ()

    @model_validator(mode="after")
    def _default_is_on_the_scale(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low is {self.low:g} and high is {self.high:g}; low must be below high")
        if not 0 < self.step <= self.high - self.low:
            raise ValueError(f"step is {self.step:g}; it must be above 0 and fit between low and high")
        if not self.fits(self.default):
            raise ValueError(f"default is {self.default:g}, which is not between {self.low:g} and {self.high:g}")
        if len({type(one) for one in (self.low, self.high, self.step, self.default)}) > 1:
            raise ValueError("low, high, step and default must all be whole numbers, or all have a decimal point")
        return self

    def fits(self, value: Setting) -> bool:
        return not isinstance(value, str) and self.low <= value <= self.high

    def ends(self) -> tuple[Setting, ...]:
        return self.low, self.high


class Steps(Spec):
    """One of a few numbers, for a scale that is not even."""

    kind: Literal["steps"]
    id: Name
    label: Words
    unit: Unit = ""
    values: Annotated[tuple[Number, ...], Field(min_length=2, max_length=30)]
    default: Number
    paths: Paths = ()

    @model_validator(mode="after")
    def _values_rise_and_hold_the_default(self) -> Self:
        if list(self.values) != sorted(set(self.values)):
            raise ValueError("values must rise")
        if self.default not in self.values:
            raise ValueError(f"default is {self.default:g}, which is not among the values")
        return self

    def fits(self, value: Setting) -> bool:
        return value in self.values

    def ends(self) -> tuple[Setting, ...]:
        return self.values[0], self.values[-1]


class Choice(Spec):
    """One way to do it; in a simulation, what to write where (null takes an optional part out)."""

    id: Name
    label: Words
    set: dict[Place, JsonValue] = Field(default_factory=dict)


class Options(Spec):
    """A choice between ways to do it."""

    kind: Literal["options"]
    id: Name
    label: Words
    unit: Literal[""] = ""
    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=8)]
    default: Name

    @model_validator(mode="after")
    def _default_is_a_choice(self) -> Self:
        if self.default not in self.ends():
            raise ValueError(f"default is {self.default!r}, which is not among the choices")
        return self

    def fits(self, value: Setting) -> bool:
        return value in self.ends()

    def ends(self) -> tuple[Setting, ...]:
        return tuple(one.id for one in self.choices)


Knob = Annotated[Slider | Steps | Options, Field(discriminator="kind")]


# ---- the prediction --------------------------------------------------------------------------------------------


class NumberWanted(Spec):
    """A figure of the lab, asked for before it is shown; `at` are the knobs that differ from their defaults."""

    kind: Literal["number"]
    ask: Line
    figure: Name
    unit: Unit
    at: Settings = Field(default_factory=dict)


class Band(Spec):
    """An answer to choose, which is right if the figure lies in it."""

    id: Name
    label: Words
    at_least: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        return above and (self.below is None or value < self.below)


class ChoiceWanted(Spec):
    """A figure of the lab by bands, asked for before it is shown."""

    kind: Literal["choice"]
    ask: Line
    figure: Name
    unit: Unit
    at: Settings = Field(default_factory=dict)
    bands: Annotated[tuple[Band, ...], Field(min_length=2, max_length=6)]


Wanted = Annotated[NumberWanted | ChoiceWanted, Field(discriminator="kind")]


# ---- where the numbers come from -------------------------------------------------------------------------------


class Measured(Spec):
    """A figure that a run gives; a window in simulated seconds holds it to the requests that arrive in it."""

    id: Name
    label: Words
    unit: Unit
    metric: Metric
    component: Name | None = None
    class_name: Name | None = None
    from_s: NonNegative | None = None
    to_s: NonNegative | None = None

    @model_validator(mode="after")
    def _is_a_figure_that_can_be(self) -> Self:
        self.check(self.from_s, self.to_s)
        return self

    def check(self, from_s: float | None, to_s: float | None) -> Check:
        """What is measured, as a check; its bound means nothing."""
        return Check(
            metric=self.metric,
            component=self.component,
            class_name=self.class_name,
            at_least=0.0,
            from_s=from_s,
            to_s=to_s,
        )


class FromCatalog(Spec):
    """A quantity of the theory catalog; each parameter is a formula over the knobs."""

    name: Name
    quantity: Name
    parameters: dict[Name, Formula]


class TheoryLine(Spec):
    """What theory says, drawn beside what was measured: a formula over the knobs, or an entry of the catalog."""

    label: Words
    formula: Formula | None = None
    catalog: FromCatalog | None = None
    source: Line

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        if (self.formula is None) == (self.catalog is None):
            raise ValueError("a theory line takes either a formula or an entry of the catalog")
        return self


class Picture(Spec):
    """One chart: figures of one unit over what is swept."""

    title: Words
    figures: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]
    log_y: bool = False
    theory: tuple[TheoryLine, ...] = ()


class KnobSweep(Spec):
    """The chart's x axis is a knob; with `each`, every choice of that knob is a line of its own."""

    kind: Literal["knob"]
    knob: Name
    values: Annotated[tuple[Number, ...], Field(min_length=3, max_length=16)]
    each: Name | None = None
    log: bool = False


class TimeSweep(Spec):
    """The chart's x axis is simulated time, in windows; `mark` says what happens while the first fault lasts."""

    kind: Literal["time"]
    window_s: Positive
    mark: Words


Sweep = Annotated[KnobSweep | TimeSweep, Field(discriminator="kind")]


class Simulation(Spec):
    """A small design that is run for every point: about `requests` requests, or `seconds`."""

    kind: Literal["simulation"]
    design: Design
    sweep: Sweep
    figures: Annotated[tuple[Measured, ...], Field(min_length=1, max_length=6)]
    pictures: Annotated[tuple[Picture, ...], Field(min_length=1, max_length=3)]
    requests: Annotated[int, Field(ge=100, le=5000)] | None = None
    seconds: Positive | None = None
    warm_up_s: NonNegative | None = None
    replications: Annotated[int, Field(ge=3, le=5)] = 3

    @model_validator(mode="after")
    def _lasts_a_known_time(self) -> Self:
        if (self.requests is None) == (self.seconds is None):
            raise ValueError("a simulation takes either requests or seconds")
        if isinstance(self.sweep, TimeSweep) and self.seconds is None:
            raise ValueError("a sweep over time needs seconds")
        return self

    @model_validator(mode="after")
    def _pictures_show_its_figures(self) -> Self:
        known = {one.id: one for one in self.figures}
        for picture in self.pictures:
            for name in picture.figures:
                if name not in known:
                    raise ValueError(
                        f"the picture {picture.title!r} shows {name!r}, which is no figure; "
                        f"choose one of {', '.join(known)}"
                    )
            if len({known[name].unit for name in picture.figures}) > 1:
                raise ValueError(f"the picture {picture.title!r} has figures of different units; make two of it")
        return self


class Numbers(Spec):
    """A model of plain numbers, by its name in `lab_models`; the knobs are its parameters."""

    kind: Literal["numbers"]
    name: Name


Source = Annotated[Simulation | Numbers, Field(discriminator="kind")]


# ---- the lab ---------------------------------------------------------------------------------------------------


class Why(Spec):
    """The reason behind it, with a formula, and where it is written."""

    text: Text
    sources: Annotated[tuple[Line, ...], Field(min_length=1, max_length=8)]


class Lab(Page):
    """A situation, a prediction, knobs and pictures, what to notice, and why."""

    title: Words
    lead: Prose
    knobs: Annotated[tuple[Knob, ...], Field(min_length=1, max_length=6)]
    predict: Wanted
    source: Source
    notice: Annotated[tuple[Line, ...], Field(min_length=3, max_length=5)]
    why: Why

    @model_validator(mode="after")
    def _knobs_have_names_of_their_own(self) -> Self:
        names = [knob.id for knob in self.knobs]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two knobs have the id {repeated!r}; give each an id of its own")
        return self

    @model_validator(mode="after")
    def _is_asked_at_settings_that_exist(self) -> Self:
        for name, value in self.predict.at.items():
            self._require(name, value, "predict.at")
        return self

    @model_validator(mode="after")
    def _sweeps_over_its_knobs(self) -> Self:
        if not isinstance(self.source, Simulation) or not isinstance(self.source.sweep, KnobSweep):
            return self
        sweep = self.source.sweep
        for value in sweep.values:
            self._require(sweep.knob, value, "source.sweep.values")
        if sweep.each is not None and not isinstance(self.knob(sweep.each), Options):
            raise ValueError(f"source.sweep.each is {sweep.each!r}, which is no knob with choices")
        return self

    def _require(self, name: str, value: Setting, place: str) -> None:
        knob = self.knob(name)
        if knob is None:
            known = ", ".join(one.id for one in self.knobs)
            raise ValueError(f"{place} names {name!r}, which is no knob; choose one of {known}")
        if not knob.fits(value):
            raise ValueError(f"{place} sets {name} to {value!r}, which is not on its scale")

    def knob(self, name: str) -> Slider | Steps | Options | None:
        return next((one for one in self.knobs if one.id == name), None)

    def asked_at(self) -> Settings:
        """The settings that the prediction is for, which are also those that the knobs start at."""
        return {knob.id: self.predict.at.get(knob.id, knob.default) for knob in self.knobs}


def load_labs(folder: Path = LABS) -> dict[str, Lab]:
    """Every lab by its slug, by title. Raise QuestionProblem with all problems of all of them."""
    labs = load_pages(Lab, folder)
    return dict(sorted(labs.items(), key=lambda one: one[1].title.lower()))


def numbers_of(settings: Settings, knobs: Iterable[Slider | Steps | Options]) -> dict[str, float]:
    """The settings that are numbers, for formulas."""
    return {knob.id: float(settings[knob.id]) for knob in knobs if not isinstance(knob, Options)}
