"""What several tests of the finder share: a small thing to look for, and a way to look."""

import pytest

from rubrics.choices import TradeoffPair
from rubrics.finder import ConceptCue, Finding, Findings, Sought, find

CONCEPTS = (
    ("cache", "serving_scale", "core", r"\bcach"),
    ("batch", "serving_scale", "core", r"\bbatch"),
    ("hedge", "serving_scale", "plus", r"\bhedg"),
    ("canary", "reliability_operations", "core", r"\bcanar"),
    ("fallback", "reliability_operations", "core", r"\bfall"),
    ("alarm", "reliability_operations", "plus", r"\balarm"),
)


@pytest.fixture
def sought() -> Sought:
    return Sought(
        concepts=tuple(
            ConceptCue(id=name, dimension=dimension, tier=tier, label=name, cues=(cue,))
            for name, dimension, tier, cue in CONCEPTS
        ),
        tradeoffs=(
            TradeoffPair(
                id="gpu",
                a="a wide model on GPUs",
                b="a small model on CPUs",
                prefer_a="the model is wide",
                prefer_b="the rate is low",
            ),
        ),
        material=("The cache keeps the last good answer of every user for a minute.", "keeps the last good answer"),
        told=("The promise is 50 ms for 300 requests.",),
    )


@pytest.fixture
def look(sought):
    def look(text: str) -> Findings:
        return find(sought, {"detailed_design": text})

    return look


@pytest.fixture
def finding(look):
    def finding(text: str, concept: str) -> Finding:
        return next(one for one in look(text).concepts if one.concept == concept)

    return finding
