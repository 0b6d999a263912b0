"""How deep each topic has been gone into, and the next step down.

What -> why not the alternative -> how much -> what if it breaks -> how would you notice -> what would change your mind.
The next rung is asked only if the present one has support; otherwise the same is asked once in other words, and then
the topic is dropped. How far down it goes depends on the target level.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from practice.interviewer.quoting import quote
from practice.interviewer.rules import rule_book
from practice.interviewer.state import ConceptState, Said, State
from practice.interviewer.topics import topic_of
from rubrics.schema import PHASES, DimensionId

FROM_PHASE = PHASES.index("detailed_design")
OF_THE_DESIGN: tuple[DimensionId, ...] = (
    "architecture",
    "data_features",
    "model_evaluation",
    "serving_scale",
    "reliability_operations",
)


class Step(NamedTuple):
    """The next question on a topic; `is_supported` says whether the rung before it, or the text, has support."""

    concept: str
    topic: str
    dimension: DimensionId
    rung: int
    wording: int
    quote: str
    is_supported: bool


def next_rungs(state: State) -> Iterator[Step]:
    """The next step on every concept of the design that the answer speaks for, from the depth phase on."""
    if PHASES.index(state.phase) < FROM_PHASE:
        return
    top = rule_book().top_rung[state.level]
    for concept in state.concepts:
        quoted = quote(concept.sentence or "") if concept.is_named else None
        if quoted is None or concept.dimension not in OF_THE_DESIGN:
            continue
        topic = topic_of(concept.id)
        step = position(concept, [one for one in state.said if one.topic == topic and one.rung is not None])
        if step is not None and step[0] <= top:
            rung, wording, is_supported = step
            yield Step(concept.id, topic, concept.dimension, rung, wording, quoted, is_supported)


def position(concept: ConceptState, said: Sequence[Said]) -> tuple[int, int, bool] | None:
    """The next rung and wording on a topic, and whether what is there so far has support; None once it is dropped, or
    while an answer is awaited.
    """
    if not said:
        return _first(concept)
    last = said[-1]
    rung = last.rung or 1
    if last.answered_at is None:
        return None
    if last.is_supported:
        return rung + 1, 0, True
    asked = sum(one.rung == rung for one in said)
    return (rung, 1, False) if asked == 1 and not last.is_told and last.id == f"rung_{rung}" else None


def _first(concept: ConceptState) -> tuple[int, int, bool]:
    """Who has only named it is asked what it is, who speaks for it why, and who gave a reason how much."""
    match concept.status:
        case "adopted_with_support":
            return 3, 0, True
        case "adopted":
            return 2, 0, False
        case _:
            return 1, 0, False
