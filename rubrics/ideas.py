"""Ideas that many questions share, and the words that find them: `data/ideas.yaml`."""

from functools import cache
from pathlib import Path

from rubrics.places import Together
from simulator.spec import Spec
from simulator.yaml_text import read_own_yaml

IDEAS = Path(__file__).parent / "data" / "ideas.yaml"


class Idea(Spec):
    """Where to look for an idea, as in a concept; `found` holds sentences with it, `passed_over` some without."""

    cues: tuple[str, ...]
    together: tuple[Together, ...] = ()
    found: tuple[str, ...]
    passed_over: tuple[str, ...]


@cache
def ideas() -> dict[str, Idea]:
    """Every idea by its name."""
    data = read_own_yaml(IDEAS.read_text(encoding="utf-8"))["ideas"]
    return {name: Idea.model_validate(one, strict=False) for name, one in data.items()}
