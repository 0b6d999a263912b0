"""What the form says: labels with units, help, groups and starting values, from `words.yaml`."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, TypeAdapter, field_validator

from simulator.spec import Spec
from simulator.yaml_text import read_yaml
from ui.form.shapes import shapes

FIRST = "first"


class Word(Spec):
    """What is said of one field; `empty` is what an empty one stands for."""

    label: str
    help: str | None = None
    empty: str = ""
    step: float | int | None = None


class Words(Spec):
    """What is said of one group of fields."""

    title: str = ""
    fields: dict[str, Word] = Field(default_factory=dict)
    groups: dict[str, list[str]] = Field(default_factory=dict)
    start: dict[str, Any] | None = None

    @field_validator("fields", mode="before")
    @classmethod
    def _a_label_alone_will_do(cls, value: Any) -> Any:
        return {name: {"label": one} if isinstance(one, str) else one for name, one in value.items()}


@cache
def _table() -> tuple[dict[str, Words], dict[str, str]]:
    data = read_yaml((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    choices = TypeAdapter(dict[str, str]).validate_python(data.pop("choices"))
    return TypeAdapter(dict[str, Words]).validate_python(data), choices


@cache
def word(model: type[Spec], field: str) -> Word:
    """What is said of a field of a model, or of the model that it comes from. Raise KeyError if nothing is."""
    for one in model.__mro__:
        found = _table()[0].get(one.__name__)
        if found is not None and field in found.fields:
            return found.fields[field]
    raise KeyError(f"{model.__name__}.{field}")


@cache
def groups(model: type[Spec]) -> dict[str, list[str]]:
    """The fields of a model by the part of the form they stand in; all of them first if nothing is said."""
    found = _table()[0].get(model.__name__)
    return found.groups if found is not None and found.groups else {FIRST: list(shapes(model))}


def title(model: type[Spec]) -> str:
    """The name of a model as one of several to choose from."""
    return _table()[0][model.__name__].title


def start(model: type[Spec]) -> dict[str, Any]:
    """The values that a new group begins with, where the vocabulary has no default."""
    for one in model.__mro__:
        found = _table()[0].get(one.__name__)
        if found is not None and found.start is not None:
            return dict(found.start)
    return {}


def choice(value: str) -> str:
    """An option as a person would say it."""
    return _table()[1].get(value, value.replace("_", " "))
