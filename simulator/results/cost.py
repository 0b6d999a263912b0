"""What a design costs, for the fleet: the cell's replicas by their price, divided by the cell's fraction."""

from simulator.design import ComponentSpec, Design
from simulator.spec import Spec

HOURS_PER_MONTH = 730  # 365 * 24 / 12


class ComponentCost(Spec):
    """One component of the fleet."""

    component: str
    replicas: float
    usd_per_hour: float | None  # None: not priced


class Cost(Spec):
    """Money for the whole fleet. `unpriced` names what is not in it."""

    usd_per_hour: float
    usd_per_month: float
    usd_per_1000_answers: float | None
    components: tuple[ComponentCost, ...]
    unpriced: tuple[str, ...]

    @property
    def is_priced(self) -> bool:
        """Whether anything has a price at all; 0 USD would be a lie otherwise."""
        return len(self.unpriced) < len(self.components)


def cost(design: Design, answers_per_s: float, replicas: dict[str, float] | None = None) -> Cost:
    """The cost of a design whose cell answers `answers_per_s` requests a second.

    `replicas` says how many there were on average where they scale by themselves.
    """
    fraction = design.cell.fraction
    parts = [_component(name, part, fraction, (replicas or {}).get(name)) for name, part in design.components.items()]
    per_hour = sum(part.usd_per_hour or 0.0 for part in parts)
    answers_per_hour = answers_per_s / fraction * 3600
    return Cost(
        usd_per_hour=per_hour,
        usd_per_month=per_hour * HOURS_PER_MONTH,
        usd_per_1000_answers=per_hour / answers_per_hour * 1000 if answers_per_hour > 0 else None,
        components=tuple(parts),
        unpriced=tuple(part.component for part in parts if part.usd_per_hour is None),
    )


def _component(name: str, part: ComponentSpec, fraction: float, mean_replicas: float | None) -> ComponentCost:
    own = getattr(part, "replicas", 1) if mean_replicas is None else mean_replicas
    replicas = own * (part.shards if part.kind == "store" else 1) / fraction
    price = part.usd_per_replica_hour
    return ComponentCost(component=name, replicas=replicas, usd_per_hour=None if price is None else price * replicas)
