"""What a lab shows, whether it was simulated or calculated: figures and charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Figure:
    """A number. `half` is half of its 95% interval where it was measured; a share has the unit `share`, and is 0-1."""

    id: str
    label: str
    value: float | None
    unit: str = ""
    half: float | None = None


@dataclass(frozen=True)
class Series:
    """A line over the x values of its chart; None where there is nothing to draw."""

    name: str
    y: Values
    kind: Literal["measured", "line", "theory", "other", "bars"] = "measured"  # other: not the one that is chosen


@dataclass(frozen=True)
class Mark:
    """A place on the x axis: a line, or a stretch if `until` is given."""

    x: float
    text: str
    until: float | None = None


@dataclass(frozen=True)
class Chart:
    """Lines of one unit over x."""

    title: str
    x_label: str
    x_unit: str
    y_unit: str
    x: tuple[float, ...]
    series: tuple[Series, ...]
    y_label: str = ""
    log_x: bool = False
    log_y: bool = False
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Everything that a lab shows at one setting of its knobs."""

    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    remarks: tuple[str, ...] = ()

    def figure(self, name: str) -> Figure:
        """The figure of that id. Raise KeyError if there is none."""
        for one in self.figures:
            if one.id == name:
                return one
        raise KeyError(name)


def values(some: Sequence[float | None]) -> Values:
    """Numbers for a chart, without what cannot be drawn."""
    return tuple(None if one is None or not isfinite(one) else float(one) for one in some)
