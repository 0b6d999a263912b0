"""Where a sentence speaks of something, and whether it speaks for it or against it.

A cue finds a place to look, by a regular expression or by words that stand together in any order and inflection
(stems by the Snowball algorithm for English, M. F. Porter 2001). Polarity is decided by trigger words and their scope,
in the manner of NegEx (W. W. Chapman et al., A simple algorithm for identifying negated findings, 2001) and ConText
(H. Harkema et al., 2009): a trigger reaches to the next punctuation mark or "but".
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import snowballstemmer

from simulator.yaml_text import read_own_yaml

TRIGGERS = Path(__file__).parent / "data" / "polarity.yaml"
NEAR = 14
"""Words that stand together have at most so many other words between the first and the last."""

Together = tuple[tuple[str, ...], ...]

_PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2013\u2014\u2212", "''\"\"-----")
_WORD = re.compile(r"[a-z0-9]+(?:[.'/][a-z0-9]+)*")
_STEMMER = snowballstemmer.stemmer("english")


class Place(NamedTuple):
    """A stretch of a sentence, in small letters with straight quotation marks, and the cue that found it."""

    start: int
    end: int
    cue: str
    rejected: bool


def places(sentence: str, cues: Sequence[str], together: Sequence[Together] = ()) -> list[Place]:
    """Every place that a cue finds in one sentence.

    A cue in `cues` is a regular expression on folded text. One in `together` has groups of words: a sentence is a place
    if it has a word of each group, in any order and inflection, close to one another.
    """
    text = folded(sentence)
    found = [
        Place(match.start(), match.end(), cue, _is_rejected(text, match.start(), match.end(), _compiled(cue)))
        for cue in cues
        for match in _compiled(cue).finditer(text)
        if match.end() > match.start()
    ]
    for groups in together:
        for start, end in _standing_together(text, groups):
            name = " + ".join("/".join(group) for group in groups)
            found.append(Place(start, end, name, _is_rejected(text, start, end, name)))
    return found


def is_adopted(sentence: str, cues: Sequence[str], together: Sequence[Together] = ()) -> bool:
    """Whether some place in the sentence is not rejected."""
    return any(not place.rejected for place in places(sentence, cues, together))


@lru_cache(maxsize=4_000)
def folded(sentence: str) -> str:
    """Small letters, plain quotation marks and hyphens, and Markdown's bold and code marks taken out."""
    plain = re.sub(r"\*\*|`", "", sentence.translate(_PLAIN).casefold())
    return " ".join(plain.split())


# ---- words in any order ----------------------------------------------------------------------------------------


class _Stemmed(NamedTuple):
    """Where each word begins and ends, its stem, and at which words each stem stands."""

    bounds: tuple[tuple[int, int], ...]
    stems: tuple[str, ...]
    at: dict[str, list[int]]


@lru_cache(maxsize=4_000)
def _stemmed(text: str) -> _Stemmed:
    bounds = tuple((match.start(), match.end()) for match in _WORD.finditer(text))
    stems = tuple(stem(text[start:end]) for start, end in bounds)
    at = defaultdict[str, list[int]](list)
    for number, one in enumerate(stems):
        at[one].append(number)
    return _Stemmed(bounds, stems, dict(at))


def _standing_together(text: str, groups: Together) -> Iterator[tuple[int, int]]:
    """The shortest stretch with a word of each group; a word that is in two groups serves for both."""
    words = _stemmed(text)
    found = list[list[tuple[int, int]]]()
    for group in groups:
        if not (spans := _spans(words, group)):
            return
        found.append(spans)
    latest: dict[int, tuple[int, int]] = {}
    best: tuple[int, int] | None = None
    for start, end, number in sorted((*span, number) for number, spans in enumerate(found) for span in spans):
        latest[number] = start, end
        chosen = sorted(latest.values())
        if len(chosen) < len(groups):
            continue
        first, last = chosen[0][0], max(end for _, end in chosen)
        inside = sum(one[1] - one[0] for one in chosen)
        if last - first - inside <= NEAR and (best is None or last - first < best[1] - best[0]):
            best = first, last
    if best is not None:
        yield words.bounds[best[0]][0], words.bounds[best[1] - 1][1]


def _spans(words: _Stemmed, group: tuple[str, ...]) -> list[tuple[int, int]]:
    """From which to which word each phrase of the group stands."""
    return [
        (start, start + len(phrase))
        for first, phrases in _by_first(group).items()
        for start in words.at.get(first, ())
        for phrase in phrases
        if words.stems[start : start + len(phrase)] == phrase
    ]


@lru_cache(maxsize=20_000)
def _by_first(group: tuple[str, ...]) -> dict[str, tuple[tuple[str, ...], ...]]:
    phrases = sorted({stems_of(phrase) for phrase in group} - {()})
    return {first: tuple(one for one in phrases if one[0] == first) for first in {one[0] for one in phrases}}


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a word in small letters, British -ise taken as -ize."""
    american = re.sub(r"(?<=[a-z]{3})is(e[ds]?|ing|ations?)$", r"iz\1", word)
    stemmed: str = _STEMMER.stemWord(american)
    return stemmed


@lru_cache(maxsize=20_000)
def stems_of(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase's words."""
    return tuple(stem(word) for word in _WORD.findall(folded(phrase)))


@lru_cache(maxsize=20_000)
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(cue)


# ---- for or against --------------------------------------------------------------------------------------------


class _Triggers(NamedTuple):
    before: re.Pattern[str]  # "without a cache"
    after: re.Pattern[str]  # "a cache buys us nothing"
    harmless: re.Pattern[str]  # "not only a cache"
    twice: re.Pattern[str]  # "never without a cache"
    ends: re.Pattern[str]  # what ends a trigger's reach
    ends_after: re.Pattern[str]  # what ends the reach of a trigger that comes after
    says_no: re.Pattern[str]  # words that, standing together, mean the negation


@cache
def _triggers() -> _Triggers:
    data = read_own_yaml(TRIGGERS.read_text(encoding="utf-8"))
    return _Triggers(*(re.compile("|".join(data[field])) for field in _Triggers._fields))


def _is_rejected(text: str, start: int, end: int, cue: re.Pattern[str] | str) -> bool:
    triggers = _triggers()
    blanked = triggers.harmless.sub(_blank, triggers.twice.sub(_blank, text[:start]) + text[start:])
    ends = [match.start() for match in triggers.ends.finditer(blanked)]
    reach_from = max((at for at in ends if at < start), default=0)
    reach_to = min((at for at in ends if at >= end), default=len(blanked))
    for match in triggers.before.finditer(blanked, reach_from, end):
        if _belongs_to(cue, text, match, start, end):
            continue
        if not _has_end(triggers.ends, blanked, match.end(), start):
            return True
    if (other := triggers.ends_after.search(blanked, end, reach_to)) is not None:
        reach_to = other.start()
    return triggers.after.search(blanked, end, reach_to) is not None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _belongs_to(cue: re.Pattern[str] | str, text: str, negation: re.Match[str], start: int, end: int) -> bool:
    """Whether a negation inside a place is part of what the cue means.

    It is if the cue finds nothing without it, if the words that stand together include a negation, or if it only says
    what is left aside ("sessions, not clicks").
    """
    if negation.end() <= start:
        return False
    before = text[start : max(start, negation.start())].rstrip()
    if before.endswith(","):
        return True
    if isinstance(cue, str):
        return _triggers().says_no.search(cue) is not None
    after = text[negation.end() : end]
    phrase = f"{negation.group()} {after.split()[0]}" if after.split() else negation.group()
    return phrase.rstrip(",.;:") in cue.pattern or cue.search(f"{before}{after}") is None


def _has_end(ends: re.Pattern[str], text: str, start: int, end: int) -> bool:
    return start < end and ends.search(text, start, end) is not None
