"""Choices in an answer: what is taken, what it is held against, why, what is lost and when the choice would turn."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rubrics import remarks
from rubrics.answer_text import Said
from rubrics.places import folded, stem
from rubrics.schema import PhaseId
from simulator.spec import Spec

_WORD = re.compile(r"[a-z]{3,}")
_EMPTY = frozenset(["the", "and", "for", "with", "one", "that", "this", "from", "all", "into", "than", "more"])


class TradeoffPair(Spec):
    """Two sides of a choice that a question expects, and the condition for either."""

    id: str
    a: str
    b: str
    prefer_a: str
    prefer_b: str


class Choice(Spec):
    """A choice in one sentence or two; `pair` is the question's pair that its words fit, if any does."""

    sentence: str
    phase: PhaseId | None
    pair: str | None
    has_alternative: bool
    has_reason: bool
    has_loss: bool
    has_condition: bool

    @property
    def is_reasoned(self) -> bool:
        """Whether it names an alternative and a reason."""
        return self.has_alternative and self.has_reason

    @property
    def is_weighed(self) -> bool:
        """Whether it also says what is lost or when it would turn."""
        return self.is_reasoned and (self.has_loss or self.has_condition)


def choices_in(parts: Sequence[Sequence[Said]], pairs: Sequence[TradeoffPair]) -> Iterator[Choice]:
    """Every choice; a sentence that continues a choice belongs to it and is none of its own."""
    for part in parts:
        taken = -1
        for number, one in enumerate(part):
            if number > taken and not remarks.asks(one.sentence):
                following = part[number + 1].sentence if number + 1 < len(part) else ""
                follows = bool(following) and _continues(following)
                choice = _choice(one, following if follows else "", pairs)
                if choice is not None:
                    taken = number + follows
                    yield choice


def _continues(sentence: str) -> bool:
    return remarks.refers_back(sentence) or (remarks.names_a_condition(sentence) and not remarks.compares(sentence))


def _choice(one: Said, following: str, pairs: Sequence[TradeoffPair]) -> Choice | None:
    both = f"{one.sentence} {following}".strip()
    compares = remarks.compares(one.sentence)
    pair = next((pair.id for pair in pairs if _fits(both, pair)), None)
    condition = remarks.names_a_condition(both)
    if remarks.is_list(one.sentence, 0) or not (compares or (pair and condition)):
        return None
    reasons = {remarks.support(one.sentence), remarks.support(following) if following else None}
    return Choice(
        sentence=one.sentence,
        phase=one.phase,
        pair=pair,
        has_alternative=compares or pair is not None,
        has_reason=bool(reasons - {None}),
        has_loss=remarks.names_a_loss(both),
        has_condition=condition,
    )


def _fits(text: str, pair: TradeoffPair) -> bool:
    """Whether the text has words of both sides, or half of the words of one side and of its condition."""
    found = _stems(text)
    sides = _stems(pair.a) - _stems(pair.b), _stems(pair.b) - _stems(pair.a)
    if all(found & side for side in sides):
        return True
    return any(
        side and len(found & side) * 2 >= len(side) and len(found & _stems(why)) >= 2
        for side, why in zip(sides, (pair.prefer_a, pair.prefer_b), strict=True)
    )


@lru_cache(maxsize=2_000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _WORD.findall(folded(text)) if word not in _EMPTY)
