"""What a sentence is besides what it speaks of: evidence or not, with support or without, a list or prose."""

import re
from functools import cache
from pathlib import Path
from statistics import median

from rubrics.places import folded, is_adopted
from simulator.yaml_text import read_yaml

DATA = Path(__file__).parent / "data"
LIST_HITS = 5
LIST_FUNCTION_WORDS = 0.28
"""Prose of engineers holds 30-50 percent of function words, enumerations 0-20; notes with numbers lie between."""
BARE_FUNCTION_WORDS = 0.12
LIST_PARTS, LIST_PART_WORDS = 5, 3
CROWDED_HITS, CROWDED_WORDS = 3, 8
MIN_WORDS = 4

_SUPPORT = ("number", "reason", "mechanism", "consequence")
_REASONS = ("number", "reason", "consequence")
_NUMBERS = re.compile(r"(?<![\w.+/-])\d[\d.,]*")
_WORDS = re.compile(r"[a-z0-9][a-z0-9'./%-]*")


def praises_itself(sentence: str) -> bool:
    """Whether the sentence makes a claim about the answer instead of the design."""
    return _found("self_praise", sentence)


def defines(sentence: str) -> bool:
    """Whether the sentence only says what a word means."""
    return _found("definition", sentence) and not _found("speaks_of_here", sentence)


def asks(sentence: str) -> bool:
    """Whether the sentence is a question."""
    return sentence.rstrip("\"'\u201d\u2019)*_` ").endswith("?")


def support(sentence: str) -> str | None:
    """What supports a claim in this sentence: a number, a reason with content, a mechanism or a consequence."""
    return next((kind for kind in _SUPPORT if _found(kind, sentence)), None)


def gives_reason(sentence: str) -> bool:
    """Whether the sentence says why."""
    return _found("reason", sentence)


def numbers(text: str) -> frozenset[str]:
    """The numbers that stand alone in a text, as written but without thousands' commas; not those in p99 or int8."""
    return frozenset(one.replace(",", "").rstrip(".") for one in _NUMBERS.findall(text))


def is_supported(sentence: str, following: str | None) -> bool:
    """Whether the sentence supports what it claims, or the next one does and carries it on."""
    return support(sentence) is not None or _carried_on(following) is not None


def is_reasoned(sentence: str, following: str | None) -> bool:
    """Whether a refusal has a number, a reason or a consequence, or the next sentence supports it and carries it on."""
    return support(sentence) in _REASONS or _carried_on(following) is not None


def _carried_on(following: str | None) -> str | None:
    return support(following) if following and refers_back(following) else None


def refers_back(sentence: str) -> bool:
    """Whether the sentence carries on what the one before it says."""
    return _found("refers_back", sentence)


def compares(sentence: str) -> bool:
    """Whether the sentence holds one thing against another."""
    return _found("comparison", sentence)


def names_a_loss(sentence: str) -> bool:
    """Whether the sentence says what a choice costs."""
    return _found("loss", sentence)


def names_a_condition(sentence: str) -> bool:
    """Whether the sentence says when the choice would be another one."""
    return _found("condition", sentence)


def is_list(sentence: str, hits: int) -> bool:
    """Whether the sentence enumerates: many concepts or many short parts with few function words, or bare nouns."""
    words = _WORDS.findall(folded(sentence))
    share = sum(word in _function_words() for word in words) / len(words) if words else 0
    if share < LIST_FUNCTION_WORDS and (hits >= LIST_HITS or _has_short_parts(sentence)):
        return True
    is_bare = len(words) < MIN_WORDS and ":" not in sentence  # "Out: training." says something
    return is_bare or (share < BARE_FUNCTION_WORDS and support(sentence) is None)


def _has_short_parts(sentence: str) -> bool:
    parts = [len(_WORDS.findall(part)) for part in re.split(r"[,;|](?:\s|$)", folded(sentence))]
    return len(parts) >= LIST_PARTS and median(parts) <= LIST_PART_WORDS


def is_crowded(sentence: str, hits: int) -> bool:
    """Whether concepts follow one another so closely that little is said about each."""
    return hits >= CROWDED_HITS and word_count(sentence) < CROWDED_WORDS * hits


def names(dimension: str, sentence: str) -> bool:
    """Whether the sentence speaks of a dimension in the most general words, and not against it."""
    return is_adopted(sentence, _general_terms()[dimension]) if dimension in _general_terms() else False


def word_count(text: str) -> int:
    """How many words a text has."""
    return len(_WORDS.findall(folded(text)))


def _found(kind: str, text: str) -> bool:
    return _patterns()[kind].search(folded(text)) is not None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = read_yaml((DATA / "remarks.yaml").read_text(encoding="utf-8"))
    return {kind: re.compile("|".join(f"(?:{one})" for one in patterns)) for kind, patterns in data.items()}


@cache
def _function_words() -> frozenset[str]:
    return frozenset((DATA / "function_words.txt").read_text(encoding="utf-8").split())


@cache
def _general_terms() -> dict[str, tuple[str, ...]]:
    data = read_yaml((DATA / "general_terms.yaml").read_text(encoding="utf-8"))
    return {dimension: tuple(patterns) for dimension, patterns in data.items()}
