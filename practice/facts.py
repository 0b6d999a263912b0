"""The interviewer's facts: told when asked for, in the candidate's own words."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from rubrics.evidence import Cap, Evidence
from rubrics.places import stem
from rubrics.quotes import sentences_of
from simulator.spec import NonNegative, Spec

NOT_SPECIFIED = "That is not specified. Make an assumption, say it, and go on."
MOST_ASKED, SOME_ASKED = 0.75, 0.4  # shares of the facts that decide, for level 4 and 3 of requirements
_WORD = re.compile(r"[a-z0-9]+")
_ASSUMES = re.compile(r"\b(assum\w*|suppos\w*|presum\w*|let us say|let's say|say it is|take it that|i take)\b")
_ASKING = re.compile(
    "what|which|who|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|may|might|should|would|will|shall|many|"
    "much|long|often|the|a|an|of|to|in|on|for|with|by|from|at|we|i|you|our|your|us|it|its|there|any|this|that|be|have|has|"
    "need|know|about|please|tell|me|or|and|not|if|assume|assumed|assuming|use|used"
)


class Fact(Protocol):
    """What is needed of a question's fact."""

    @property
    def id(self) -> str: ...

    @property
    def ask(self) -> tuple[str, ...]: ...


class Told(Fact, Protocol):
    """A fact with its answer."""

    @property
    def must(self) -> bool: ...

    @property
    def answer(self) -> str: ...


class Asked(Spec):
    """A question that was asked, and the fact that answered it; None if the scenario does not say."""

    text: str
    fact: str | None
    at: NonNegative


class Assumption(Spec):
    """A question that the scenario does not answer, and the sentence of the answer that assumes something about it;
    None while there is none.
    """

    question: str
    at: NonNegative
    sentence: str | None


def ask(facts: Sequence[Told], question: str, at: float) -> tuple[Asked, str]:
    """Take a question in the person's own words: what is kept of it, and what the interviewer answers."""
    found = answering(tuple(facts), question)
    answers = {fact.id: fact.answer for fact in facts}
    kept = Asked(text=question.strip(), fact=found[0] if found else None, at=at)
    return kept, answers[found[0]] if found else NOT_SPECIFIED


def assumptions(asked: Iterable[Asked], texts: Iterable[str]) -> tuple[Assumption, ...]:
    """Every question that was answered "not specified", once, with the sentence that states an assumption on it."""
    stated = [one for text in texts for one in sentences_of(text) if _ASSUMES.search(one.casefold())]
    return tuple(
        Assumption(question=one.text, at=one.at, sentence=_stating(one.text, stated)) for one in _unanswered(asked)
    )


def _unanswered(asked: Iterable[Asked]) -> Iterator[Asked]:
    seen: list[frozenset[str]] = []
    for one in asked:
        words = _content(one.text)
        if one.fact is None and words and words not in seen:
            seen.append(words)
            yield one


def _stating(question: str, stated: Sequence[str]) -> str | None:
    """The sentence that shares most words with the question; None if none shares any."""
    words = _content(question)
    best = max(stated, key=lambda one: len(words & _content(one)), default=None)
    return best if best is not None and words & _content(best) else None


def _content(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _WORD.findall(text.lower()) if not _ASKING.fullmatch(word))


def must_asked(facts: Iterable[Told], known: Collection[str]) -> tuple[int, int]:
    """How many of the facts that decide were asked for, and how many there are."""
    must = [fact.id for fact in facts if fact.must]
    return len(set(must) & set(known)), len(must)


def facts_evidence(asked: int, must: int) -> Evidence:
    """What the asking shows of requirements and framing."""
    sentence = f"{asked} of the {must} facts that decide were asked for."
    return Evidence(source="checked", dimension="requirements_framing", sentence=sentence)


def facts_cap(asked: int, must: int) -> Cap:
    """The highest level of requirements that the asking allows: 4 with most of the facts that decide, 3 with some."""
    share = asked / must if must else 1.0
    level = 4 if share >= MOST_ASKED else 3 if share >= SOME_ASKED else 2
    return Cap(level=level, sentence=facts_evidence(asked, must).sentence)


def answering(facts: tuple[Fact, ...], question: str) -> list[str]:
    """The ids of the facts that a question is about, best first; empty if none is.

    A fact is found when one of its topics stands in the question as whole words, whatever their endings. More and
    longer topics win, so that one question gets one answer even if it brushes several.
    """
    words = _stems(question)
    scores = {fact.id: sum(_length(topic, words) for topic in {_stems(one) for one in fact.ask}) for fact in facts}
    return sorted((one for one, score in scores.items() if score), key=lambda one: -scores[one])


def _stems(text: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in _WORD.findall(text.lower()))


def _length(topic: tuple[str, ...], words: tuple[str, ...]) -> int:
    """The number of words of a topic if it occurs, else 0."""
    starts = range(len(words) - len(topic) + 1)
    return len(topic) if any(words[i : i + len(topic)] == topic for i in starts) else 0


def _stem(word: str) -> str:
    """The word without a plural or British spelling, enough to compare nouns."""
    word = word.replace("isation", "ization").replace("ise", "ize")
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return word
