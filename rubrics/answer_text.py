"""The sentences of an answer with the phase they stand in, and those that cannot be evidence taken out."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from rubrics import remarks
from rubrics.addressed import addressing
from rubrics.places import folded
from rubrics.quotes import sentences_of
from rubrics.schema import PHASES, PhaseId
from simulator.spec import Spec

Why = Literal["addresses_grader", "copied", "self_praise", "definition"]
SHINGLE, SHORTEST = 6, 3
COPIED_SHARE = 0.5
LONGEST_SENTENCE = 1_000
"""Characters. A longer one is no sentence that anybody wrote; it is read in pieces, so that time grows with length."""
_WORD = re.compile(r"[a-z0-9]+")

Shingle = tuple[str, ...]


class Said(Spec):
    """A sentence as it stands in the answer; `phase` is None in the answer to a probe, `why` if it may be evidence."""

    sentence: str
    phase: PhaseId | None
    why: Why | None = None


def said(
    sections: Mapping[PhaseId, str], probes: Sequence[str], material: frozenset[Shingle], *, defenses: bool = True
) -> list[list[Said]]:
    """The sentences of every section and probe answer, in their order; sections come in the order of the phases.

    Without `defenses` nothing is taken out, to measure what taking out costs.
    """
    texts: list[tuple[PhaseId | None, str]] = [(phase, sections.get(phase, "")) for phase in PHASES]
    texts += [(None, answer) for answer in sorted(probes)]
    if not defenses:
        return [[Said(sentence=one, phase=phase) for one, _, _ in _placed(text)] for phase, text in texts]
    return [list(_said(phase, text, material)) for phase, text in texts]


@lru_cache(maxsize=64)
def shingles(texts: tuple[str, ...]) -> frozenset[Shingle]:
    """Every run of six words in the texts, and every whole line and sentence of three to five."""
    return frozenset(one for text in texts for one in (*_shingles(text), *_short_lines(text)))


def _short_lines(text: str) -> list[Shingle]:
    lines = [tuple(_WORD.findall(folded(line))) for line in (text, *sentences_of(text))]
    return [one for one in lines if SHORTEST <= len(one) < SHINGLE]


def _said(phase: PhaseId | None, text: str, material: frozenset[Shingle]) -> Iterator[Said]:
    spoken_to_grader = addressing(text)
    starts, ends = [one[0] for one in spoken_to_grader], [one[1] for one in spoken_to_grader]
    shown = set[tuple[int, int]]()
    for sentence, start, end in _placed(text):
        touching = spoken_to_grader[bisect_right(ends, start) : bisect_left(starts, end)]
        shown.update(touching)
        why = "addresses_grader" if touching else _why(sentence, material)
        yield Said(sentence=sentence, phase=phase, why=why)
    for start, end in spoken_to_grader:  # code blocks and headings are no sentences, but may hold orders
        if (start, end) not in shown:
            yield Said(sentence=text[start:end].strip(), phase=phase, why="addresses_grader")


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """Each sentence letter by letter as in the text, and from where to where; a wrapped line keeps its line break."""
    at = 0
    for sentence in (piece for one in sentences_of(text) for piece in _pieces(one) if piece):
        start = text.find(sentence, at)
        end = start + len(sentence)
        if start < 0 and (found := _wrapped(sentence).search(text, at)) is not None:
            start, end = found.span()
        if start >= 0:
            at = end
            yield text[start:end], start, end


def _wrapped(sentence: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(re.escape, sentence.split())))


def _pieces(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST_SENTENCE:
        end = sentence.rfind(" ", 1, LONGEST_SENTENCE) + 1 or LONGEST_SENTENCE
        yield sentence[:end].strip()
        sentence = sentence[end:]
    yield sentence


def _why(sentence: str, material: frozenset[Shingle]) -> Why | None:
    own = _shingles(sentence)
    if own and sum(one in material for one in own) > COPIED_SHARE * len(own):
        return "copied"
    if remarks.praises_itself(sentence):
        return "self_praise"
    return "definition" if remarks.defines(sentence) else None


def _shingles(text: str) -> list[Shingle]:
    words = _WORD.findall(folded(text))
    if SHORTEST <= len(words) < SHINGLE:
        return [tuple(words)]
    return [tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)]
