"""What a newcomer does first, as data."""

from functools import cache
from pathlib import Path
from typing import Literal

from question_bank.schema import Line, Slug, Words
from simulator.spec import Count, Spec
from simulator.yaml_text import read_yaml


class FirstStep(Spec):
    """One step: a card to read, an exercise, a question, or a template to break in the wind tunnel."""

    kind: Literal["card", "exercise", "question", "template"]
    slug: Slug
    title: Words
    text: Line
    minutes: Count


@cache
def first_steps() -> tuple[FirstStep, ...]:
    """All steps in their order."""
    data = read_yaml(Path(__file__).with_name("start_here.yaml").read_text(encoding="utf-8"))
    return tuple(FirstStep.model_validate(one) for one in data["steps"])
