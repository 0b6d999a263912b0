"""Cards to know by heart, as data: small facts, the probes of concept cards, and what questions have taught."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from question_bank.cards import Card
from question_bank.schema import Line, Prose, Question
from simulator.spec import Name, Spec
from simulator.yaml_text import read_own_yaml

_FILE = Path(__file__).with_name("recall.yaml")


class _Fact(Spec):
    id: Name
    ask: Line
    answer: Prose


class RecallCard(Spec):
    """One card: what is asked, the answer in Markdown of our own, and what a strong answer has besides."""

    id: Annotated[str, Field(max_length=120)]
    source: str
    ask: str
    answer: str
    points: tuple[str, ...] = ()


@cache
def facts() -> tuple[RecallCard, ...]:
    """The small facts of `recall.yaml`, in its order."""
    data = read_own_yaml(_FILE.read_text(encoding="utf-8"))
    found = [_Fact.model_validate(one) for one in data["cards"]]
    assert len({one.id for one in found}) == len(found), "each card in recall.yaml needs an id of its own"
    return tuple(RecallCard(id=f"fact:{one.id}", source="Numbers", ask=one.ask, answer=one.answer) for one in found)


def recall_cards(concepts: Mapping[str, Card], known: Iterable[Question]) -> dict[str, RecallCard]:
    """All cards by id, in the order in which new ones come. Of a question only what is `known`: whose references the
    person has seen.
    """
    cards = [*facts(), *_probes(concepts)]
    for question in known:
        cards += _of_question(question)
    return {one.id: one for one in cards}


def _probes(concepts: Mapping[str, Card]) -> list[RecallCard]:
    return [
        RecallCard(
            id=f"probe:{card.slug}:{i}",
            source=card.title,
            ask=probe.ask,
            answer=probe.model_answer,
            points=probe.strong,
        )
        for card in concepts.values()
        for i, probe in enumerate(card.probes)
    ]


def _of_question(question: Question) -> list[RecallCard]:
    terms = [
        RecallCard(id=f"term:{question.slug}:{i}", source=question.title, ask=f"What is {term}?", answer=meaning)
        for i, (term, meaning) in enumerate(question.glossary.items())
    ]
    mistakes = [
        RecallCard(
            id=f"mistake:{question.slug}:{one.id}",
            source=question.title,
            ask=f"What is wrong with this? \u201c{one.say}\u201d",
            answer=one.why,
        )
        for one in question.mistakes
    ]
    return [*mistakes, *terms]
