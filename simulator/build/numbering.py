"""Which way to a component each call and route is."""

from collections import Counter

from simulator import wiring
from simulator.components.trials import Visits
from simulator.design import Design


class Numbering:
    """Hands out the ways to each component in the order of the design."""

    def __init__(self, design: Design):
        self._ways: Counter[str] = Counter()
        self._way: dict[str, int] = {}
        for name, part in design.components.items():
            for place, call in wiring.calls_of(part):
                for k, to in enumerate((call.to, *(one.to for one in call.fallback))):
                    if to is not None:
                        self._add(f"{name}.{place}.{k}", to)
            if part.kind == "router":
                for i, route in enumerate(part.routes):
                    self._add(f"{name}.routes.{i}.0", route.to)

    def _add(self, place: str, to: str) -> None:
        self._way[place] = self._ways[to]
        self._ways[to] += 1

    def way(self, place: str, to: str, fallback: int = 0) -> Visits:
        """The way of a call, or of the `fallback`-th of its fallbacks counted from 1."""
        return Visits(self._way[f"{place}.{fallback}"], self._ways[to])
