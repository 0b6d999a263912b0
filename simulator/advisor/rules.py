"""The rules of the advisor as data: what each says, where it comes from, and which changes it suggests."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from simulator.spec import Name, Spec
from simulator.yaml_text import read_own_yaml

FILE = Path(__file__).parent.parent / "data" / "advice.yaml"
Line = Annotated[str, Field(min_length=1, max_length=500)]


class Rule(Spec):
    """`says` has places in braces for the numbers that the detector of the same id finds."""

    id: Name
    title: Line
    says: Line
    source: Line
    changes: Annotated[tuple[Name, ...], Field(min_length=1)]


@cache
def rules() -> dict[str, Rule]:
    """All rules by id."""
    data = read_own_yaml(FILE.read_text(encoding="utf-8"))
    return {rule.id: rule for rule in (Rule.model_validate_json(json.dumps(one)) for one in data["rules"])}
