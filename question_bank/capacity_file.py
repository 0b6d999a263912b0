"""What the data of the capacity page may say: settings, results with their formulas, and presets of the questions."""

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from question_bank.formula import names_in
from question_bank.schema import Line, Slug, Words
from simulator.spec import Name, Positive, Spec
from simulator.yaml_text import read_own_yaml

Values = Mapping[str, float | str]
"""The settings by id: a number in the setting's unit, or the name of an option."""

_FOLDER = Path(__file__).parent
_File = TypeVar("_File", bound=Spec)


class Fixed(Spec):
    """A number that never changes, such as the seconds of a day."""

    value: Positive
    unit: Words


class _Setting(Spec):
    id: Name
    group: Name
    label: Line
    when: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    help: Line | None = None

    def is_shown(self, values: Mapping[str, float | str | None]) -> bool:
        return all(values[choice] in options for choice, options in self.when.items())


class Choice(_Setting):
    """One of several options."""

    kind: Literal["choice"]
    options: Annotated[dict[Name, Words], Field(min_length=2)]
    start: Name


class _Number(_Setting):
    words: Words
    unit: Words
    per: Words | None = None
    start: float
    low: float
    high: float

    @property
    def calculated_in(self) -> str:
        """The unit that formulas see."""
        return self.unit if self.per is None else f"{self.unit}/{self.per}"


class Amount(_Number):
    """A number over many orders of magnitude, typed with or without a unit."""

    kind: Literal["amount"]


class Slider(_Number):
    """A number in a narrow range."""

    kind: Literal["slider"]
    step: Positive
    whole: bool = False


Setting = Annotated[Choice | Amount | Slider, Field(discriminator="kind")]


class Result(Spec):
    """A number that follows: by one formula, or by one for each option of the choice `by`."""

    id: Name
    group: Name
    label: Line
    words: Words
    unit: Words
    shown_unit: Words | None = None
    formula: Line | None = None
    by: Name | None = None
    formulas: dict[Name, Line] = Field(default_factory=dict)
    source: Line | None = None

    def formula_for(self, values: Values) -> str:
        return self.formula if self.formula is not None else self.formulas[str(values[self.by or ""])]

    def all_formulas(self) -> tuple[str, ...]:
        return (self.formula,) if self.formula is not None else tuple(self.formulas.values())


class CapacityFile(Spec):
    """`capacity.yaml`."""

    version: Literal[1]
    constants: dict[Name, Fixed]
    functions: dict[Name, Words]
    groups: dict[Name, Words]
    settings: tuple[Setting, ...]
    results: tuple[Result, ...]

    @property
    def choices(self) -> dict[str, Choice]:
        return {one.id: one for one in self.settings if isinstance(one, Choice)}

    @property
    def numbers(self) -> dict[str, Amount | Slider]:
        return {one.id: one for one in self.settings if not isinstance(one, Choice)}

    @model_validator(mode="after")
    def _everything_named_exists(self) -> Self:
        if problems := list(self._problems()):
            raise ValueError("\n".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        ids = [*self.constants, *self.functions, *(one.id for one in (*self.settings, *self.results))]
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"{twice!r} stands twice; every name is written once"
        for one in (*self.settings, *self.results):
            if one.group not in self.groups:
                yield f"{one.id}.group is {one.group!r}; choose one of {', '.join(self.groups)}"
        for setting in self.settings:
            for choice, options in setting.when.items():
                yield from self._unknown_options(f"{setting.id}.when", choice, options)
        yield from self._wrong_formulas()

    def _wrong_formulas(self) -> Iterator[str]:
        known = {*self.constants, *self.numbers, *self.functions}
        for result in self.results:
            if (result.formula is None) != bool(result.by and result.formulas):
                yield f"{result.id} takes either a formula, or `by` and a formula for each option"
            if result.by is not None:
                yield from self._unknown_options(f"{result.id}.formulas", result.by, result.formulas)
                if left_out := sorted(set(self.choices[result.by].options) - set(result.formulas)):
                    yield f"{result.id}.formulas has none for {', '.join(left_out)}"
            for formula in result.all_formulas():
                if unknown := sorted(names_in(formula) - known):
                    yield f"{result.id} uses {', '.join(unknown)}, which do not stand before it"
            known.add(result.id)

    def _unknown_options(self, place: str, choice: str, options: Collection[str]) -> Iterator[str]:
        if choice not in self.choices:
            yield f"{place} names {choice!r}, which is not a choice"
        elif unknown := sorted(set(options) - set(self.choices[choice].options)):
            yield f"{place} names {', '.join(unknown)}, which {choice} does not offer"


class Preset(Spec):
    """What the page takes from one question, and the results that answer rows of its worksheet."""

    nouns: dict[Name, Name] = Field(default_factory=dict)
    settings: dict[Name, Line | float]
    rows: dict[Name, Name]


class PresetFile(Spec):
    """`capacity_presets.yaml`."""

    version: Literal[1]
    presets: dict[Slug, Preset]


@cache
def load_capacity() -> CapacityFile:
    """The settings and results of the page. Raise pydantic's ValidationError for what is wrong in the file."""
    return _load(CapacityFile, "capacity.yaml")


@cache
def load_presets() -> dict[str, Preset]:
    """The presets by question."""
    return dict(_load(PresetFile, "capacity_presets.yaml").presets)


def _load(kind: type[_File], name: str) -> _File:
    return kind.model_validate_json(json.dumps(read_own_yaml((_FOLDER / name).read_text(encoding="utf-8"))))
