"""The interviewer's facts: told when asked for, in the candidate's own words."""

import re
from typing import Protocol

from simulator.spec import NonNegative, Spec

NOT_SPECIFIED = "That is not specified. Make an assumption, say it, and go on."
_WORD = re.compile(r"[a-z0-9]+")


class Fact(Protocol):
    """What is needed of a question's fact."""

    @property
    def id(self) -> str: ...

    @property
    def ask(self) -> tuple[str, ...]: ...


class Asked(Spec):
    """A question that was asked, and the fact that answered it; None if the scenario does not say."""

    text: str
    fact: str | None
    at: NonNegative


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
