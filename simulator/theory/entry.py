"""What an entry of the catalog of theories is: a title, parameters with units and ranges, and named quantities."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

Quantity = tuple[str, float, str]  # name, value, unit
Quantities = Iterator[Quantity]
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Row(NamedTuple):
    """One number that a theory gives. A share is 0-1; the unit of a plain ratio is empty."""

    quantity: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class Parameter:
    """A number that a theory takes, from `least` to `most`, both allowed; `default` if it is not given."""

    name: str
    unit: str
    meaning: str
    default: float
    least: float
    most: float
    whole: bool = False

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, as a sentence without its place, or None."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.name} is {value!r}, but must be a number, such as {self.default:g}"
        if not self.least <= value <= self.most:
            unit = f" {self.unit}" if self.unit else ""
            return f"{self.name} is {value!r}, but must be from {self.least:g} to {self.most:g}{unit}"
        if self.whole and value != int(value):
            return f"{self.name} is {value!r}, but must be a whole number, such as {self.default:g}"
        return None


@dataclass(frozen=True)
class Theory:
    """A closed form or exact solution by name. `case` is the fidelity case that it answers."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    quantities: Callable[..., Quantities]
    source: str
    case: str


def whole(name: str, meaning: str, default: int, most: int, least: int = 1, unit: str = "") -> Parameter:
    return Parameter(name, unit, meaning, default, least, most, whole=True)


def share(name: str, meaning: str, default: float) -> Parameter:
    return Parameter(name, "", meaning, default, 0.0, 1.0)


def scv(name: str, of: str, default: float, least: float = 0.0) -> Parameter:
    return Parameter(name, "", f"squared coefficient of variation of {of}", default, least, 100.0)


def milliseconds(name: str, meaning: str, default: float) -> Parameter:
    return Parameter(name, "ms", meaning, default, 1e-6, 1e9)


def rho(most: float = 0.999) -> Parameter:
    return Parameter("rho", "", "load: work offered over capacity", 0.8, 0.001, most)


def rate(name: str, unit: str, meaning: str, default: float) -> Parameter:
    return Parameter(name, unit, meaning, default, 1e-6, 1e9)


SERVICE = milliseconds("service_ms", "mean service time", 1.0)
