"""How far the suggested score was from labels, as it was measured; in points of 0-100."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from simulator.spec import Count, Spec
from simulator.yaml_text import read_own_yaml

FILE = Path(__file__).parent / "data" / "suggestion_error.yaml"


class SuggestionError(Spec):
    """The mean distance of suggested and labelled score over so many labelled answers to so many questions."""

    score_points: Annotated[float, Field(ge=0, le=100)]
    answers: Count
    questions: Count

    def band(self, total: float) -> tuple[float, float]:
        """A suggested total of 0-100 with that distance to either side."""
        return max(0.0, total - self.score_points), min(100.0, total + self.score_points)


@cache
def suggestion_error() -> SuggestionError:
    """What was measured last."""
    return SuggestionError.model_validate_json(json.dumps(read_own_yaml(FILE.read_text(encoding="utf-8"))))
