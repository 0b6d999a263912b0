"""The five phases of an answer, as data."""

from functools import cache
from pathlib import Path

from rubrics.schema import PHASES, PhaseId
from simulator.spec import Count, Spec
from simulator.yaml_text import read_yaml


class Phase(Spec):
    """One phase: its planned minutes, what belongs in it, and how a reader sees that it is done."""

    id: PhaseId
    title: str
    minutes: Count
    goal: str
    points: tuple[str, ...]
    done_when: str
    placeholder: str


@cache
def phases() -> tuple[Phase, ...]:
    """All phases in their order."""
    data = read_yaml(Path(__file__).with_name("phases.yaml").read_text(encoding="utf-8"))
    found = tuple(Phase.model_validate(one | {"points": tuple(one["points"])}) for one in data["phases"])
    assert tuple(one.id for one in found) == PHASES, "phases.yaml follows the order of rubrics.schema.PHASES"
    return found


def phase(phase_id: PhaseId) -> Phase:
    return phases()[PHASES.index(phase_id)]
