"""Where the components of a design stand when requests flow from layer to layer."""

from simulator import wiring
from simulator.design import Design


def layers(design: Design) -> list[list[str]]:
    """The components in layers: each after everybody who asks it; in a layer, near those who ask.

    What no request comes to stands in a layer of its own, at the end.
    """
    idle = set(wiring.unreached(design))
    depth = dict.fromkeys(design.components, 0)
    callers: dict[str, list[str]] = {name: [] for name in design.components}
    for name in reversed(wiring.downstream_first(design)):
        if name in idle:
            continue
        for to in wiring.downstream(design.components[name]):
            depth[to] = max(depth[to], depth[name] + 1)
            callers[to].append(name)
    found: list[list[str]] = []
    place: dict[str, float] = {}
    for level in range(max((depth[name] for name in depth if name not in idle), default=0) + 1):
        mine = [name for name in design.components if depth[name] == level and name not in idle]
        mine.sort(key=lambda name: _middle([place[one] for one in callers[name] if one in place]))
        place |= {name: (number + 0.5) / len(mine) for number, name in enumerate(mine)}
        found.append(mine)
    return [*found, [name for name in design.components if name in idle]] if idle else found


def _middle(places: list[float]) -> float:
    return sum(places) / len(places) if places else 0.5
