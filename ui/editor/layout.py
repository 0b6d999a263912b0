"""Where the components of a design stand on the canvas: callers to the left of what they call."""

from simulator import wiring
from simulator.design import Design

Places = dict[str, tuple[int, int]]


def places(design: Design) -> Places:
    """Column and row of every component. A column is the longest way there from a component that nobody calls; the
    rows of a column follow those of the callers, so that few lines cross.
    """
    callers = {name: [one for one in design.components if name in _asked(design, one)] for name in design.components}
    column: dict[str, int] = {}
    for name in reversed(wiring.downstream_first(design)):
        column[name] = max((column[caller] + 1 for caller in callers[name]), default=0)
    found: Places = {}
    for number in range(max(column.values()) + 1):
        here = [name for name in design.components if column[name] == number]
        here.sort(key=lambda name: _height(design, name, callers[name], found))
        found |= {name: (number, row) for row, name in enumerate(here)}
    return found


def _asked(design: Design, name: str) -> list[str]:
    return wiring.downstream(design.components[name])


def _height(design: Design, name: str, callers: list[str], found: Places) -> tuple[float, int]:
    """The mean row of the callers, the entry before all; then the order in which the first caller asks."""
    if not callers:
        return (-1.0 if name == design.traffic.entry else 0.0, list(design.components).index(name))
    rows = [found[caller][1] for caller in callers]
    return (sum(rows) / len(rows), _asked(design, callers[0]).index(name))
