"""What kind of widget each field of the vocabulary needs, read from its type."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from simulator.spec import Spec

REFERS = {
    "to": "component",
    "entry": "component",
    "component": "component",
    "caller": "component",
    "targets": "replicated",
    "fed_by": "stream",
    "class_name": "class",
    "classes": "class",
}
"""Fields that hold the name of something else in the design, and what that is."""


@dataclass(frozen=True)
class Number:
    """A number in a range; `word` is what stands in its place when there is none, such as `unlimited`."""

    whole: bool
    low: float | None = None
    high: float | None = None
    word: str | None = None


@dataclass(frozen=True)
class Text:
    longest: int | None


@dataclass(frozen=True)
class Flag:
    """Yes or no."""


@dataclass(frozen=True)
class Choice:
    options: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """The name of something else in the design, or with `many` a list of names."""

    of: str
    many: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of numbers."""

    columns: int


@dataclass(frozen=True)
class Group:
    model: type[Spec]


@dataclass(frozen=True)
class Variants:
    """One of several groups, told apart by `kind`."""

    models: tuple[type[Spec], ...]


@dataclass(frozen=True)
class Varying:
    """A whole number that is always the same, or a group that says how it varies."""

    number: Number
    model: type[Spec]


@dataclass(frozen=True)
class Many:
    item: "Shape"
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Maybe:
    """Something that may be left out."""

    inner: "Shape"


Shape = Number | Text | Flag | Choice | Reference | Table | Group | Variants | Varying | Many | Maybe


@cache
def shapes(model: type[Spec]) -> dict[str, Shape]:
    """The shape of each field that a person can set; `kind` and `version` say which model it is."""
    hints = get_type_hints(model, include_extras=True)
    names = [name for name in model.model_fields if name not in ("kind", "version", "components", "calls", "on_miss")]
    return {name: _refers(name, _shape(hints[name])) for name in names}


def _refers(name: str, shape: Shape) -> Shape:
    if name not in REFERS:
        return shape
    match shape:
        case Text():
            return Reference(REFERS[name])
        case Maybe(inner=Text()):
            return Maybe(Reference(REFERS[name]))
        case Many(item=Text()):
            return Reference(REFERS[name], many=True)
        case _:
            return shape


def _shape(annotation: Any, limits: dict[str, Any] | None = None) -> Shape:
    limits, origin = limits or {}, get_origin(annotation)
    if origin is Annotated:
        inner, *extras = get_args(annotation)
        return _shape(inner, limits | dict(_limits(extras)))
    if origin in (Union, types.UnionType):
        return _one_of(get_args(annotation))
    if origin is tuple:
        return _many(get_args(annotation)[0], limits)
    return Choice(get_args(annotation)) if origin is Literal else _single(annotation, limits)


def _single(annotation: type, limits: dict[str, Any]) -> Shape:
    if issubclass(annotation, Spec):
        return Group(annotation)
    if annotation is bool:
        return Flag()
    if annotation is str:
        return Text(limits.get("max_length"))
    if annotation in (int, float):
        return Number(annotation is int, limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt")))
    raise TypeError(f"no widget is known for {annotation!r}")


def _one_of(options: tuple[Any, ...]) -> Shape:
    kept = [_shape(one) for one in options if one is not type(None)]
    if len(kept) < len(options):
        return Maybe(kept[0] if len(kept) == 1 else _merged(kept))
    return _merged(kept)


def _merged(kept: list[Shape]) -> Shape:
    match kept:
        case [Number() as number, Choice(options=(str() as word,))]:
            return Number(number.whole, number.low, number.high, word)
        case [Choice(options=(0,)), Number() as number]:  # no variation, or some
            return Number(number.whole, 0, number.high)
        case [Number() as number, Group(model=model)]:
            return Varying(number, model)
        case _ if all(isinstance(one, Group) for one in kept):
            return Variants(tuple(one.model for one in kept if isinstance(one, Group)))
    raise TypeError(f"no widget is known for one of {kept!r}")


def _many(item: Any, limits: dict[str, Any]) -> Shape:
    plain = get_args(item)[0] if get_origin(item) is Annotated else item
    if get_origin(plain) is tuple:
        return Table(len(get_args(plain)))
    if plain is float:
        return Table(1)
    return Many(_shape(item), limits.get("min_length", 0), limits.get("max_length"))


def _limits(extras: list[Any]) -> Iterator[tuple[str, Any]]:
    for extra in extras:
        for one in extra.metadata if isinstance(extra, FieldInfo) else [extra]:
            for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
                if getattr(one, name, None) is not None:
                    yield name, getattr(one, name)


def models_in(shape: Shape) -> tuple[type[Spec], ...]:
    """The groups of fields that a shape may show."""
    match shape:
        case Group(model=model) | Varying(model=model):
            return (model,)
        case Variants(models=models):
            return models
        case Many(item=inner) | Maybe(inner=inner):
            return models_in(inner)
        case _:
            return ()
