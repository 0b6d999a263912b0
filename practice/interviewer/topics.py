"""What the rules listen for in an answer, and which of it matters to a question."""

import json
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from practice.interviewer import quoting
from practice.interviewer.reading import found_in, supports
from practice.interviewer.state import ConceptState, Status, TopicState
from question_bank.schema import Pattern, Question
from simulator.spec import Name, Spec
from simulator.yaml_text import read_own_yaml

_ORDER: tuple[Status, ...] = (
    "adopted_with_support",
    "adopted",
    "named_only",
    "rejected_with_reason",
    "rejected",
    "not_found",
)
ConceptPattern = Annotated[str, Field(pattern=r"^[a-z0-9_*]+$", max_length=60)]


class Topic(Spec):
    """Something to listen for. `concepts` are patterns on the ids of concepts that are about it."""

    id: Name
    concepts: tuple[ConceptPattern, ...] = ()
    cues: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    about: tuple[Pattern, ...] = ()

    def holds(self, concept_id: str) -> bool:
        """Whether a concept is about this topic."""
        return _fits(self.concepts, concept_id)


@lru_cache(maxsize=10_000)
def _fits(patterns: tuple[str, ...], concept_id: str) -> bool:
    return any(fnmatchcase(concept_id, one) for one in patterns)


class _File(Spec):
    topics: tuple[Topic, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [one.id for one in self.topics]
        if repeated := [one for one in ids if ids.count(one) > 1]:
            raise ValueError(f"topics has {repeated[0]!r} twice; name each topic once")
        return self


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of the file."""
    text = Path(__file__).with_name("topics.yaml").read_text(encoding="utf-8")
    return _File.model_validate_json(json.dumps(read_own_yaml(text))).topics


def topic_of(concept_id: str) -> str:
    """The topic that a concept belongs to; the concept itself where there is none."""
    return next((one.id for one in topics() if one.holds(concept_id)), concept_id)


def heard(sentences: Iterable[str], concepts: Sequence[ConceptState]) -> tuple[TopicState, ...]:
    """How each topic stands: by its own cues in the sentences, or by the question's concepts, whichever is better."""
    listed = list(dict.fromkeys(sentences))
    return tuple(_heard(one, listed, concepts) for one in topics())


def _heard(topic: Topic, sentences: list[str], concepts: Sequence[ConceptState]) -> TopicState:
    best: tuple[Status, str | None] = ("not_found", None)
    for concept in concepts:
        if topic.holds(concept.id) and _is_better(concept.status, best[0]):
            best = concept.status, quoting.quote(concept.sentence or "")
    for sentence in sentences:
        found = found_in(sentence, topic.cues)
        adopted = [one for one in found if not one.rejected]
        if not found:
            continue
        at = min(one.start for one in adopted or found)
        status: Status = _status(sentence) if adopted else "rejected"
        if _is_better(status, best[0]) or (status == best[0] and best[1] is None):
            best = status, quoting.quote(sentence, at)
    return TopicState(id=topic.id, status=best[0], quote=best[1])


def _status(sentence: str) -> Status:
    if sentence.rstrip().endswith("?"):
        return "named_only"
    return "adopted_with_support" if supports(sentence) else "adopted"


def _is_better(one: Status, other: Status) -> bool:
    return _ORDER.index(one) < _ORDER.index(other)


def about_question(question: Question) -> tuple[str, ...]:
    """The topics that matter to a question, by its own description."""
    texts = [question.prompt, *(fact.answer for fact in question.facts), *question.functional, *question.non_functional]
    texts += [concept.label for concept in question.concepts]
    described = " ".join(" ".join(texts).casefold().split())
    return _about(described, tuple(concept.id for concept in question.concepts))


@lru_cache(maxsize=100)
def _about(described: str, concepts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        one.id
        for one in topics()
        if any(re.search(cue, described) for cue in one.about or one.cues)
        or (not one.about and any(one.holds(concept) for concept in concepts))
    )
