"""Where the components of a design stand on the canvas: callers to the left of what they call."""

from dataclasses import dataclass

from simulator import wiring
from simulator.design import Design

Place = tuple[int, int]
Line = tuple[str, str]


@dataclass(frozen=True)
class Layout:
    """Column and row of every component, and of the gaps that a line goes through on its way to a later column."""

    boxes: dict[str, Place]
    gaps: dict[Line, list[Place]]

    @property
    def columns(self) -> int:
        return 1 + max(column for column, _ in self.boxes.values())

    def rows(self, column: int) -> int:
        """How many boxes and gaps stand in a column."""
        gaps = [place for places in self.gaps.values() for place in places]
        return sum(1 for one, _ in [*self.boxes.values(), *gaps] if one == column)


def layout(design: Design) -> Layout:
    """The column of a component is the longest way there from one that nobody calls. The rows of a column follow those
    of the callers, so that few lines cross (Sugiyama, Tagawa and Toda, IEEE Transactions SMC 11, 1981, one pass).
    """
    asked = {name: wiring.downstream(part) for name, part in design.components.items()}
    column: dict[str, int] = {}
    for name in reversed(wiring.downstream_first(design)):
        column[name] = max((column[one] + 1 for one in asked if name in asked[one]), default=0)
    lines = [(name, to) for name in asked for to in asked[name]]
    found = Layout({}, {line: [] for line in lines})
    for number in range(max(column.values()) + 1):
        boxes = [name for name in asked if column[name] == number]
        gaps = [(a, b) for a, b in lines if column[a] < number < column[b]]
        here: list[str | Line] = [*boxes, *gaps]
        here.sort(key=lambda one: _height(design, one, [a for a, b in lines if b == one], found))
        for row, one in enumerate(here):
            if isinstance(one, str):
                found.boxes[one] = (number, row)
            else:
                found.gaps[one].append((number, row))
    return found


def _height(design: Design, one: str | Line, callers: list[str], found: Layout) -> tuple[float, int]:
    """The mean row of the callers, then the order in which the first of them asks; the entry stands before all."""
    names = list(design.components)
    if isinstance(one, tuple):
        gaps = found.gaps[one]
        row = gaps[-1][1] if gaps else found.boxes[one[0]][1]
        return (float(row), wiring.downstream(design.components[one[0]]).index(one[1]))
    if not callers:
        return (-1.0 if one == design.traffic.entry else 0.0, names.index(one))
    rows = [(found.gaps[(caller, one)] or [found.boxes[caller]])[-1][1] for caller in callers]
    return (sum(rows) / len(rows), wiring.downstream(design.components[callers[0]]).index(one))
