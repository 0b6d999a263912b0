"""Words of the answer as an interviewer repeats them: few, exact, and on one line."""

import re

WORDS = 7
LONGEST = 80  # characters; a longer stretch without blanks is no quotation that anybody could read
_MARKS = re.compile(r"\*\*|`|[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
LEAST = 3  # words, before a quotation may end early
_STOPS = ",.;:!?"
_LOOSE = re.compile(
    "(?i:a|an|the|of|and|or|to|in|on|at|for|with|is|are|was|by|from|because|since|so|it|its|which|that|this|if|as|we"
    "|no|not|than)"
)
_EDGES = " ,.;:!?-\u2013\u2014()[]\"'\u201c\u201d\u2018\u2019"


def quote(sentence: str, start: int = 0, words: int = WORDS) -> str | None:
    """At most so many words of a sentence, around the word at the character `start` of its plain form; None where there
    is nothing to quote.
    """
    plain = in_plain(sentence)
    listed = plain.split()
    at = len(plain[: max(0, start)].split(" ")) - 1 if start else 0
    first = max(0, min(at - 1, len(listed) - words))
    chosen = listed[first : first + words]
    ends = [number + 1 for number, word in enumerate(chosen) if word[-1] in _STOPS and first + number >= at]
    chosen = chosen[: next((one for one in ends if one >= LEAST), len(chosen))]
    if first + len(chosen) < len(listed):
        chosen = without_loose_end(chosen)
    found = " ".join(chosen).strip(_EDGES)
    return found if found and len(found) <= LONGEST and re.search(r"\w", found) else None


def without_loose_end(words: list[str]) -> list[str]:
    """The words without articles and prepositions at their end, of which at least three stay."""
    end = len(words)
    while end > LEAST and _LOOSE.fullmatch(words[end - 1]):
        end -= 1
    return words[:end]


def in_plain(sentence: str) -> str:
    """The sentence without bold and code marks and with single blanks, in its own letters."""
    return " ".join(_MARKS.sub("", " ".join(sentence.split())).split())


def is_quoted_from(quoted: str, text: str) -> bool:
    """Whether the words stand in the text as they are, but for white space and marks."""
    return quoted in in_plain(text)


def word_count(text: str) -> int:
    return len(text.split())
