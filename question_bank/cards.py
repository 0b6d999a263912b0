"""Fundamentals: concept cards, and answers to practice grading on. One YAML file each; none needs code."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from question_bank.page_files import Page, load_pages
from question_bank.schema import Line, Lines, Prose, Provenance, Slug, Words
from question_bank.topics import seed_topics
from rubrics.quotes import stands_in
from rubrics.schema import DIMENSIONS, DimensionId, Level, PhaseId
from simulator.spec import Name, Spec

CARDS = Path(__file__).parent / "concepts"
EXERCISES = Path(__file__).parent / "exercises"

Text = Annotated[str, Field(min_length=1, max_length=2500)]
Group = Literal["framework", "topics", "patterns", "components", "considerations", "practices"]
GROUPS: dict[Group, str] = {
    "framework": "The framework",
    "topics": "Ten topics that interviews come back to",
    "patterns": "Four ways to serve predictions",
    "components": "Parts of an ML system",
    "considerations": "What runs through everything",
    "practices": "Practices",
}


class Table(Spec):
    """A comparison: the first column names what is compared."""

    columns: Annotated[tuple[Words, ...], Field(min_length=2, max_length=6)]
    rows: Annotated[tuple[tuple[Line, ...], ...], Field(min_length=1, max_length=15)]

    @model_validator(mode="after")
    def _rows_are_full(self) -> Self:
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {i} has {len(row)} cells for {len(self.columns)} columns; fill every column")
        return self


class Section(Spec):
    """A heading with Markdown below it, a table, or both."""

    title: Words
    text: Text | None = None
    table: Table | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.table is None:
            raise ValueError("a section needs text, a table or both")
        return self


class ProbingQuestion(Spec):
    """What an interviewer asks about the topic: the question, what it tests, a model answer, and what a strong and a
    weak answer differ in.
    """

    ask: Line
    tests: Line
    model_answer: Text
    strong: Lines
    weak: Line
    weak_why: Line


class Card(Page):
    """One topic in five minutes, with something to try and questions to practice it on."""

    title: Words
    group: Group
    order: Annotated[int, Field(ge=1, le=99)]
    minutes: Annotated[int, Field(ge=1, le=20)]
    covers_seed: tuple[Words, ...] = ()
    summary: Line
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=8)]
    probes: Annotated[tuple[ProbingQuestion, ...], Field(max_length=4)] = ()
    labs: tuple[Slug, ...] = ()
    questions: tuple[Slug, ...] = ()
    related: tuple[Slug, ...] = ()
    provenance: Provenance


class Judged(Spec):
    """The level that a dimension of the answer is given, and why."""

    level: Level
    because: Prose


class Planted(Spec):
    """A wrong statement in the answer, in its own words, and why it is wrong."""

    id: Name
    quote: Line
    say: Line
    why: Prose


class Exercise(Page):
    """A written answer to be graded by the person, and then held against a grading with reasons."""

    title: Words
    question: Slug
    story: Prose
    answer: dict[PhaseId, Text]
    levels: dict[DimensionId, Judged]
    planted: Annotated[tuple[Planted, ...], Field(min_length=1, max_length=10)]
    lesson: Prose
    provenance: Provenance

    @model_validator(mode="after")
    def _every_dimension_is_judged(self) -> Self:
        if missing := [one for one in DIMENSIONS if one not in self.levels]:
            raise ValueError(f"levels lack {', '.join(missing)}; judge every dimension")
        return self

    @model_validator(mode="after")
    def _quotes_stand_in_the_answer(self) -> Self:
        for one in self.planted:
            if not stands_in(one.quote, self.answer.values()):
                raise ValueError(f"planted.{one.id}.quote stands in no part of the answer; copy it from there")
        return self


def load_cards(folder: Path = CARDS) -> dict[str, Card]:
    """Every card by its slug, in reading order. Raise QuestionProblem with all problems of all of them."""
    order = list(get_args(Group))
    cards = load_pages(Card, folder)
    return dict(sorted(cards.items(), key=lambda one: (order.index(one[1].group), one[1].order, one[0])))


def load_exercises(folder: Path = EXERCISES) -> dict[str, Exercise]:
    """Every exercise by its slug. Raise QuestionProblem with all problems of all of them."""
    return load_pages(Exercise, folder)


def card_problems(cards: Iterable[Card], labs: Iterable[str], questions: Iterable[str]) -> list[str]:
    """A sentence for each card that names what does not exist, or asks to practice nothing."""
    cards = list(cards)
    known = {"labs": set(labs), "questions": set(questions), "related": {card.slug for card in cards}}
    return [problem for card in cards for problem in _card(card, known)]


def _card(card: Card, known: dict[str, set[str]]) -> Iterator[str]:
    place = f"concepts/{card.slug}.yaml"
    for topic in card.covers_seed:
        if topic not in seed_topics():
            yield f"{place}: covers_seed has {topic!r}, which is not in seed_topics.yaml; choose one from there"
    for field, names in known.items():
        for name in getattr(card, field):
            if name not in names:
                yield f"{place}: {field} has {name!r}, which does not exist; choose one of {', '.join(sorted(names))}"
    if card.group == "topics" and not card.probes:
        yield f"{place}: a topic needs a probing question with a model answer; write one"
    for probe in card.probes:
        if not re.search(r"\?$", probe.ask):
            yield f"{place}: the probe {probe.ask!r} is no question; end it with a question mark"
