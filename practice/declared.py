"""What sentences declare about the settings of a design: numbers such as a time-out, and parts that are there or not.

The rules are data (`declared.yaml`). Polarity is that of the finder (`rubrics/places.py`).
"""

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from practice.drawn import PartKind, SettingKind
from question_bank.quantity import QuantityProblem, parse
from rubrics.answer_text import LONGEST_SENTENCE
from rubrics.places import Place, folded, places
from rubrics.remarks import asks, is_list
from rubrics.schema import DimensionId
from simulator.spec import Name, Spec
from simulator.yaml_text import read_own_yaml

FILE = Path(__file__).with_name("declared.yaml")
Bound = Literal["exactly", "about", "at_most", "below", "above"]
Patterns = Annotated[tuple[str, ...], Field(min_length=1)]

_TIME = r"ms|msecs?|milliseconds?|min(?:ute)?s?|secs?|seconds?|s|hours?|hrs?|h|days?"
_RANGE_BEFORE = re.compile(r"\d\s?(?:\w+\s)?(?:-|to|and|or|/|,)\s?$")
_RANGE_AFTER = re.compile(r"^\s?(?:->?|\u2192|to|or|/)\s?\d")
_CLOSE = 30


class NumberRule(Spec):
    """Where a text names the value of a setting; `declared.yaml` says what the fields mean."""

    id: Name
    about: str
    dimension: DimensionId
    setting: SettingKind
    also: tuple[SettingKind, ...] = ()
    instead: tuple[SettingKind, ...] = ()
    part: PartKind | None = None
    unit: Literal["ms", "s", "fraction"] | None = None
    is_limit: bool = False
    per_cell: bool = False
    is_count: bool = False
    says: Patterns
    silent: tuple[str, ...] = ()
    absent: str | None = None


class PartRule(Spec):
    """Where a text says that a part is there, or that it is not."""

    id: Name
    about: str
    dimension: DimensionId
    part: PartKind
    cues: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    absent: str | None = None

    @model_validator(mode="after")
    def _what_is_looked_for_can_be_said(self) -> Self:
        if bool(self.cues) != (self.absent is not None) or not (self.cues or self.none):
            raise ValueError(f"{self.id} needs `none`, or `cues` with what to say in `absent`")
        return self


class Rules(Spec):
    """The whole file."""

    silent: Patterns
    supposed: Patterns
    clause_ends: str
    about: Patterns
    at_most: Patterns
    below: Patterns
    above: Patterns
    words: dict[str, float]
    numbers: tuple[NumberRule, ...]
    parts: tuple[PartRule, ...]


class Stance(NamedTuple):
    """Whether a sentence is for a part, and the words that say so."""

    is_for: bool
    written: str


class Declared(NamedTuple):
    """A number that a sentence gives to a setting, in the rule's unit, and the words that do so."""

    rule: NumberRule
    value: float
    bound: Bound
    written: str


@cache
def rules() -> Rules:
    """The rules that come with the app; read once."""
    return Rules.model_validate_json(json.dumps(read_own_yaml(FILE.read_text(encoding="utf-8"))))


def is_silent(sentence: str) -> bool:
    """Whether a sentence asks, supposes something or speaks of another system, or is none that anybody reads."""
    return len(sentence) > LONGEST_SENTENCE or asks(sentence) or _any(rules().silent, folded(sentence))


def numbers(sentence: str) -> list[Declared]:
    """The settings that a sentence gives a number, each stretch of it once; ranges and rejected ones are left out."""
    if is_silent(sentence):
        return []
    text = folded(sentence)
    return [one for rule in rules().numbers if not _any(rule.silent, text) for one in _numbers(rule, sentence, text)]


def stance(rule: PartRule, sentence: str) -> Stance | None:
    """Whether a sentence says that a part is there or is left out; None if it says neither, or both."""
    if is_silent(sentence) or _any(rule.silent, text := folded(sentence)):
        return None
    cued = [one for one in places(sentence, rule.cues) if not _is_supposed(text, one.start, one.end)]
    left_out = [one for one in places(sentence, rule.none) if not _is_supposed(text, one.start, one.end)]
    against = [place for place in left_out if not place.rejected]
    if against:
        return Stance(False, _words(text, against[0])) if all(place.rejected for place in cued) else None
    if not cued or is_list(sentence, 0) or any(place.rejected for place in cued):
        return None
    return Stance(True, _words(text, cued[0]))


def _is_supposed(text: str, start: int, end: int) -> bool:
    """Whether the clause around a stretch of the text only supposes it."""
    ends = [(one.start(), one.end()) for one in re.finditer(rules().clause_ends, text)]
    first = max((last for _, last in ends if last <= start), default=0)
    return _any(rules().supposed, text[first : min((one for one, _ in ends if one >= end), default=len(text))])


def _words(text: str, place: Place) -> str:
    return text[place.start : place.end].strip()


def _numbers(rule: NumberRule, sentence: str, text: str) -> Iterator[Declared]:
    patterns = [_pattern(one) for one in rule.says]
    rejected = {(place.start, place.end) for place in places(sentence, patterns) if place.rejected}
    taken: set[int] = set()
    for match in (one for pattern in patterns for one in re.finditer(pattern, text)):
        start = match.start("n")
        if start in taken or match.span() in rejected or _is_range(text, start, match.end()):
            continue
        if _is_supposed(text, *match.span()):
            continue
        value = _value(rule, match)
        if value:
            taken.add(start)
            yield Declared(rule, value, _bound(text[max(0, start - _CLOSE) : start]), match.group().strip())


def _is_range(text: str, start: int, end: int) -> bool:
    return _RANGE_BEFORE.search(text[:start]) is not None or _RANGE_AFTER.search(text[end:]) is not None


def _value(rule: NumberRule, match: re.Match[str]) -> float | None:
    """The number of a match in the rule's unit; None if it cannot be read as one. Nought is none and no number."""
    written = match["n"].strip()
    in_words = rules().words.get(written)
    groups = match.groupdict()
    unit = {"%": "percent", "per cent": "percent"}.get(groups.get("unit") or "", groups.get("unit") or "")
    try:
        found = parse(written if in_words is None else repr(in_words), unit)
        value = found.to(rule.unit) if rule.unit is not None else found.value
    except QuantityProblem:
        return None
    return None if rule.is_count and (value < 2 or value % 1) else value


def _bound(before: str) -> Bound:
    """How the words in front of a number bound it."""
    said = before.rstrip()
    every: tuple[tuple[Bound, tuple[str, ...]], ...] = (
        ("about", rules().about),
        ("at_most", rules().at_most),
        ("below", rules().below),
        ("above", rules().above),
    )
    return next((bound for bound, patterns in every if _any(patterns, said)), "exactly")


@lru_cache(maxsize=200)
def _pattern(written: str) -> str:
    """The regular expression of a rule with its marks filled in; between the words before and a number may stand how it
    is bounded.
    """
    every = sorted(map(re.escape, rules().words), key=len, reverse=True)
    words, counts = "|".join(every), "|".join(one for one in every if one.split("\\ ")[-1] not in ("a", "an"))
    digits = r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
    number = rf"(?P<n>{digits}|(?:{words})\b)"
    marks = {
        "{count}": rf"{_bounds()}(?P<n>{digits}(?:k\b)?|(?:{counts})\b)(?![\w.]*\d)",
        "{time}": rf"{_bounds()}{number}[\s-]?(?P<unit>{_TIME})\b",
        "{share}": rf"{_bounds()}{number}\s?(?P<unit>%|percent|per cent)",
        "{times}": rf"{_bounds()}(?P<n>once|twice|(?:{digits}|{words})(?= times))",
    }
    for mark, pattern in marks.items():
        written = written.replace(mark, pattern)
    return written


@cache
def _bounds() -> str:
    """Words that may stand between what is spoken of and its number."""
    ends = (*rules().about, *rules().at_most, *rules().below, *rules().above)
    inner = "|".join(one.removesuffix("$").removeprefix(r"\b") for one in ends)
    return rf"(?:(?:{inner})\s?)?"


@lru_cache(maxsize=4_000)
def _any(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.search(one, text) for one in patterns)
