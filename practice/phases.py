"""The five phases of an answer, as data."""

from functools import cache
from pathlib import Path
from typing import Any

from rubrics.schema import PHASES, PhaseId
from simulator.spec import Count, Spec
from simulator.yaml_text import read_yaml


class Phase(Spec):
    """One phase: what belongs in it, and how a reader sees that it is done."""

    id: PhaseId
    title: str
    goal: str
    points: tuple[str, ...]
    done_when: str
    placeholder: str


class Plan(Spec):
    """How a round of so many minutes is shared among the phases, in whole minutes; the rest is for the close."""

    minutes: Count
    phases: tuple[Count, Count, Count, Count, Count]


@cache
def phases() -> tuple[Phase, ...]:
    """All phases in their order."""
    data = _data()
    found = tuple(Phase.model_validate(one | {"points": tuple(one["points"])}) for one in data["phases"])
    assert tuple(one.id for one in found) == PHASES, "phases.yaml follows the order of rubrics.schema.PHASES"
    return found


def phase(phase_id: PhaseId) -> Phase:
    return phases()[PHASES.index(phase_id)]


def planned_minutes(round_minutes: int) -> dict[PhaseId, int]:
    """The minutes of each phase in a round: of the longest plan that fits, or else of the shortest there is."""
    plans = sorted(
        (Plan.model_validate(one | {"phases": tuple(one["phases"])}) for one in _data()["plans"]), key=_length
    )
    fitting = [plan for plan in plans if plan.minutes <= round_minutes] or plans[:1]
    return dict(zip(PHASES, fitting[-1].phases, strict=True))


def _length(plan: Plan) -> int:
    return plan.minutes


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(Path(__file__).with_name("phases.yaml").read_text(encoding="utf-8"))
    return data
