"""Measured and published figures for components, devices and prices, each with its source, date and how sure we are.

The figures are data (`data/components.yaml`, `devices.yaml`, `prices.yaml`). What nobody has published stays null. An
entry may hold ready values for components of a design; where these say more than the source does, the entry says so.
"""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, JsonValue, TypeAdapter, ValidationError, model_validator

from simulator.design import ComponentSpec
from simulator.design_file import DesignProblem
from simulator.messages import sentences
from simulator.spec import Count, Label, Spec
from simulator.yaml_text import read_own_yaml

Data = dict[str, Any]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*$", max_length=20)]
Date = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$")]
Figure = int | float | Text
Figures = dict[Label, Figure | dict[Label, Figure]]

ComponentKind = Literal[
    "service", "cache", "store", "model_server", "llm_server", "stream", "load_balancer", "router"
]  # fmt: skip
Subject = ComponentKind | Literal["network", "traffic", "autoscaling", "training", "failure", "price"]
Category = Literal[
    "cache", "feature_store", "kv_store", "database", "stream", "object_store", "ann", "network", "inference", "llm",
    "workload", "price", "cold_start", "failure",
]  # fmt: skip

FILES = ("components", "devices", "prices")


class Source(Spec):
    """Where figures come from, and whether we have read it there ourselves."""

    title: Text
    url: Annotated[str, Field(pattern=r"^https://")] | None
    year: Annotated[int, Field(ge=1950, le=2100)]
    read: Literal["yes", "second hand", "no"]
    how: Label = ""


class Fragment(Spec):
    """Values of some fields, ready for components of the kinds in `to`."""

    to: Annotated[tuple[ComponentKind, ...], Field(min_length=1)]
    data: Annotated[dict[str, JsonValue], Field(min_length=1)]


class Entry(Spec):
    """A researched figure. `value`, `unit` and `distribution` are the researcher's; `assumption` is ours.

    `fits` says what it is about. `applies` holds what a design can take from it; where it is about a component and
    holds nothing for it, `missing` says why. `fitted_up_to` is the largest batch, or number of running requests, that
    a formula was fitted to. `date` is when the figure was published or, without a source, written down.
    """

    id: Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_.-]*$", max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    category: Category
    fits: Annotated[tuple[Subject, ...], Field(min_length=1)]
    value: Figure | Figures | None
    unit: Text
    distribution: Text | None = None
    source: Key | None
    date: Date
    confidence: Literal["high", "medium", "low"] | None
    confidence_note: Label = ""
    note: Text | None = None
    fitted_up_to: Count | None = None
    assumption: Text | None = None
    missing: Text | None = None
    applies: tuple[Fragment, ...] = ()

    @model_validator(mode="after")
    def _null_stays_null(self) -> Self:
        if self.value is None and (self.applies or self.confidence):
            raise ValueError(f"{self.id} has no value, so it can neither be sure of it nor give it to a component")
        if self.value is not None and self.confidence is None:
            raise ValueError(f"{self.id} has a value; say how sure it is: high, medium or low")
        return self

    @model_validator(mode="after")
    def _applies_once_to_what_it_fits(self) -> Self:
        kinds = [kind for fragment in self.applies for kind in fragment.to]
        for kind in kinds:
            if kind not in self.fits or kinds.count(kind) > 1:
                raise ValueError(f"{self.id} applies to {kind!r}; it must fit it, and apply to it once")
        return self

    def fragment(self, kind: str) -> Data | None:
        """What a component of this kind can take, as a copy of its own; None if there is nothing."""
        for fragment in self.applies:
            if kind in fragment.to:
                return deepcopy(fragment.data)
        return None


class CatalogueFile(Spec):
    """Sources, each once, and the entries that refer to them."""

    version: Literal[1]
    sources: dict[Key, Source]
    entries: Annotated[tuple[Entry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _sources_are_listed_and_used(self) -> Self:
        used = {entry.source for entry in self.entries if entry.source is not None}
        if unknown := sorted(used - set(self.sources)):
            raise ValueError(f"entries refer to {', '.join(unknown)}, which are not among the sources; add them")
        if idle := sorted(set(self.sources) - used):
            raise ValueError(f"no entry refers to the sources {', '.join(idle)}; take them out")
        return self


class Catalogue(Spec):
    """All entries by id, in the order of the files, and all sources by key."""

    sources: dict[Key, Source]
    entries: dict[str, Entry]

    def source_of(self, entry: Entry) -> Source | None:
        return None if entry.source is None else self.sources[entry.source]


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of the data files. Raise ValueError with a sentence for each thing that is wrong in them."""
    folder = Path(__file__).parent / "data"
    return joined([read_catalogue((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in FILES])


def read_catalogue(text: str) -> CatalogueFile:
    """One file's sources and entries. Raise ValueError with a sentence for each thing that is wrong."""
    data = read_own_yaml(text)
    try:
        return CatalogueFile.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise ValueError("\n".join(sentences(error, data))) from error


def joined(files: list[CatalogueFile]) -> Catalogue:
    """The files as one. Raise ValueError if an id or a source stands in two places."""
    ids = [entry.id for file in files for entry in file.entries]
    keys = [key for file in files for key in file.sources]
    if twice := sorted({one for names in (ids, keys) for one in names if names.count(one) > 1}):
        raise ValueError(f"{', '.join(twice)} stands twice; each entry and each source is written once")
    return Catalogue(
        sources={key: source for file in files for key, source in file.sources.items()},
        entries={entry.id: entry for file in files for entry in file.entries},
    )


def entries_for(subject: str) -> tuple[Entry, ...]:
    """What is known about a kind of component, or about the network, traffic, failures and so on."""
    return tuple(entry for entry in load_catalogue().entries.values() if subject in entry.fits)


_COMPONENT: TypeAdapter[Any] = TypeAdapter(ComponentSpec)


def apply(entry: Entry, component: Data) -> Data:
    """The component with the entry's values for its kind; nested data replaces what was there. Raise DesignProblem."""
    kind = component.get("kind")
    fragment = entry.fragment(str(kind))
    if fragment is None:
        kinds = [one for fragment in entry.applies for one in fragment.to]
        choices = f"it has some for {', '.join(kinds)}" if kinds else "it is there to be read"
        raise DesignProblem([f"{entry.id} has no values for a component of the kind {kind!r}; {choices}"])
    merged = component | fragment
    try:
        _COMPONENT.validate_json(json.dumps(merged, default=str))
    except ValidationError as error:
        raise DesignProblem(sentences(error, merged)) from error
    return merged
