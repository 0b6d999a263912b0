"""A single change to a design, and how one is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.advisor.case import Case
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import with_value
from simulator.support import DoesNotRunYet, check


@dataclass(frozen=True)
class Change:
    """What to change, in words, and the design with it. `rule` is what suggests it, `kind` what is turned and where,
    `saves` whether it is meant to cost less.
    """

    label: str
    design: Design
    rule: str = ""
    kind: str = ""
    saves: bool = False


def changed(case: Case, label: str, edits: dict[str, Any]) -> Iterator[Change]:
    """The change that sets values at paths; nothing if the design does not allow it or is the same afterwards."""
    design = case.design
    try:
        for path, value in edits.items():
            design = with_value(design, path, value)
        check(design)
    except (DesignProblem, DoesNotRunYet):
        return
    if design != case.design:
        yield Change(label, design)
