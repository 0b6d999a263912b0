"""A question's knobs and scenarios, applied to a design: one of the reference designs or a person's own."""

from dataclasses import dataclass

from question_bank.schema import Knob, Scenario
from simulator.design import Design
from simulator.design_file import design_from
from simulator.knobs import with_value
from simulator.load import visits_per_request
from simulator.results.checks import AnyOf, Check, CheckSpec


class ScenarioProblem(ValueError):
    """The scenario cannot happen to this design; the message says what the design lacks."""


@dataclass(frozen=True)
class Fitted:
    """A design with a scenario's faults in it, and the scenario's checks in that design's own names."""

    design: Design
    checks: tuple[CheckSpec, ...]
    targets: dict[str, str]  # the scenario's name of a component -> the design's


def turned(design: Design, knob: Knob, value: float | None) -> Design:
    """The design with a knob at a value; None turns it off. Raise DesignProblem if the design has no place for it."""
    whole = value is not None and float(value).is_integer()
    return with_value(design, knob.path, int(value) if value is not None and whole else value)


def fit(scenario: Scenario, design: Design) -> Fitted:
    """The scenario on a design. Raise ScenarioProblem if a component of the kind that it strikes is missing, and
    DesignProblem if a fault does not fit, such as losing more replicas than there are.
    """
    targets = _targets(scenario, design)
    faults = [
        fault.model_copy(update={key: targets.get(name, name) for key, name in fault if key in ("component", "caller")})
        for fault in scenario.faults
    ]
    data = design.model_dump(mode="json")
    data["faults"] += [fault.model_dump(mode="json") for fault in faults]
    return Fitted(design_from(data), tuple(_renamed(check, targets) for check in scenario.checks), targets)


def checks_on(scenario: Scenario, design: Design) -> tuple[CheckSpec, ...]:
    """What the scenario demands of a run of the design, faults or not. Raise ScenarioProblem as `fit` does."""
    targets = _targets(scenario, design)
    return tuple(_renamed(check, targets) for check in scenario.checks)


def _targets(scenario: Scenario, design: Design) -> dict[str, str]:
    return {name: _target(scenario, design, name, kind) for name, kind in scenario.target_kinds.items()}


def _target(scenario: Scenario, design: Design, name: str, kind: str) -> str:
    """The component of that name and kind or, in a design with other names, the most visited one of that kind."""
    same_kind = [one for one, part in design.components.items() if part.kind == kind]
    if not same_kind:
        raise ScenarioProblem(
            f"scenario {scenario.id} is about {name!r}, a {kind}, and the design has no {kind}; add one to run it"
        )
    visits = visits_per_request(design)
    return name if name in same_kind else max(same_kind, key=lambda one: visits[one])


def _renamed(check: CheckSpec, targets: dict[str, str]) -> CheckSpec:
    if isinstance(check, AnyOf):
        return AnyOf(any_of=tuple(_with_component(one, targets) for one in check.any_of))
    return _with_component(check, targets)


def _with_component(check: Check, targets: dict[str, str]) -> Check:
    if check.component is None:
        return check
    return check.model_copy(update={"component": targets.get(check.component, check.component)})
