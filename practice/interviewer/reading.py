"""A plain reader of an answer: what is adopted, what is supported, which choices it makes.

It looks for words and awards nothing. A better finder can stand in its place: whatever fills a `Read` will do.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from statistics import median
from typing import Literal

from practice.interviewer.quoting import in_plain
from practice.interviewer.state import ChoiceState, ConceptState, Crammed, Status
from question_bank.schema import Concept, Question
from rubrics.places import Place, Together, places
from rubrics.quotes import sentences_of
from rubrics.schema import PHASES, PhaseId
from simulator.spec import Spec
from simulator.yaml_text import read_own_yaml

CRAMMED_TERMS = 5
SHORT_PART_WORDS = 3
LEAST_WORDS = 4

_Kind = Literal["support", "choice", "alternative", "condition", "unknowing", "number", "failure"]


class Read(Spec):
    """What a reader finds in an answer."""

    concepts: tuple[ConceptState, ...] = ()
    choices: tuple[ChoiceState, ...] = ()
    crammed: tuple[Crammed, ...] = ()


def read(question: Question, sections: Mapping[PhaseId, str], answers: tuple[str, ...] = ()) -> Read:
    """The concepts, choices and crammed sentences of an answer and of what was replied to probes."""
    listed = all_sentences(sections, answers)
    found = {one: _hits(question, one) for one in listed}
    return Read(
        concepts=tuple(_concept(concept, found) for concept in question.concepts),
        choices=tuple(_choice(one) for one in listed if _is_choice(one)),
        crammed=tuple(_crammed({one: len(hits) for one, hits in found.items()})),
    )


def all_sentences(sections: Mapping[PhaseId, str], answers: tuple[str, ...] = ()) -> list[str]:
    """The sentences of all sections in the order of the phases, then those of the answers, each once."""
    texts = [sections.get(phase, "") for phase in PHASES]
    return list(dict.fromkeys(one for text in [*texts, *answers] for one in sentences_of(text)))


def supports(text: str) -> bool:
    """Whether a text gives a number, a reason or a consequence, in more than a few words."""
    return len(text.split()) >= LEAST_WORDS and _has("support", text)


def is_unknowing(answer: str) -> bool:
    """Whether an answer says that the person does not know."""
    return _has("unknowing", answer)


def has_number(sentence: str) -> bool:
    """Whether a sentence gives a quantity with its unit, or with what it counts."""
    return _has("number", sentence)


def is_choice_with_alternative(sentence: str) -> bool:
    """Whether a sentence holds one choice against another."""
    return _is_choice(sentence) and _has("alternative", sentence)


def speaks_of_failure(sentence: str) -> bool:
    """Whether a sentence says that something fails, or what happens then."""
    return _has("failure", sentence)


@lru_cache(maxsize=50_000)
def found_in(sentence: str, cues: tuple[str, ...], together: tuple[Together, ...] = ()) -> tuple[Place, ...]:
    """Every place that a cue finds; remembered, since most sentences of an answer stay while others are added."""
    return tuple(places(sentence, cues, together))


def _concept(concept: Concept, found: Mapping[str, Mapping[str, bool]]) -> ConceptState:
    best: tuple[Status, str | None] = ("not_found", None)
    for sentence, hits in found.items():
        if concept.id not in hits:
            continue
        status = _status(sentence, hits[concept.id], crowded=len(hits) >= CRAMMED_TERMS)
        if best[0] == "not_found" or _rank(status) < _rank(best[0]):
            best = status, sentence
    return ConceptState(
        id=concept.id,
        dimension=concept.dim,
        tier=concept.tier,
        label=concept.label,
        status=best[0],
        sentence=best[1],
    )


def _hits(question: Question, sentence: str) -> dict[str, bool]:
    """The concepts that a sentence speaks of, and whether it speaks for them."""
    hits = {one.id: found_in(sentence, one.cues, one.together) for one in question.concepts}
    return {one: any(not place.rejected for place in found) for one, found in hits.items() if found}


def _status(sentence: str, adopted: bool, *, crowded: bool) -> Status:
    if not adopted:
        return "rejected"
    if crowded or sentence.rstrip().endswith("?"):
        return "named_only"
    return "adopted_with_support" if supports(sentence) else "adopted"


def _rank(status: Status) -> int:
    return ("adopted_with_support", "adopted", "named_only", "rejected").index(status)


def _is_choice(sentence: str) -> bool:
    return len(sentence.split()) >= LEAST_WORDS and not sentence.rstrip().endswith("?") and _has("choice", sentence)


def _choice(sentence: str) -> ChoiceState:
    return ChoiceState(
        sentence=sentence,
        has_alternative=_has("alternative", sentence),
        has_condition=_has("condition", sentence),
    )


def _crammed(hits: Mapping[str, int]) -> Iterator[Crammed]:
    for sentence, number in hits.items():
        parts = [len(one.split()) for one in re.split(r"[,;|](?:\s|$)", in_plain(sentence)) if one.strip()]
        terms = len(parts) if len(parts) >= CRAMMED_TERMS and median(parts) <= SHORT_PART_WORDS else 0
        if terms >= CRAMMED_TERMS and number >= 2:
            yield Crammed(sentence=sentence, terms=terms)


def _has(kind: _Kind, text: str) -> bool:
    return _patterns()[kind].search(in_plain(text).casefold()) is not None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = read_own_yaml(Path(__file__).with_name("reading.yaml").read_text(encoding="utf-8"))
    return {kind: re.compile("|".join(f"(?:{one})" for one in patterns)) for kind, patterns in data.items()}
