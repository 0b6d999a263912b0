"""What an answer says to a grader instead of to an interviewer is taken out before any model reads it, and shown.

A filter of patterns finds what it knows and no more; the decoys of the model grader stand behind it.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from simulator.yaml_text import read_yaml

PATTERNS = Path(__file__).parent / "data" / "addressing.yaml"

MOST_ROUNDS = 20
"""What is still hidden inside what was hidden after so many rounds is no answer; nothing of it stays."""

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_LOOKALIKES = str.maketrans("асеорхуі\u2018\u2019\u201c\u201d\u2013\u2014", "aceopxyi''\"\"--")  # noqa: RUF001
_SENTENCE_START = re.compile(r"[.!?\u3002]+[\"'\u201d\u2019)\]*_`]*\s+|\u3002|\n\s*\n\s*|\n[ \t]*(?=[^a-z\s])")
_RUN = re.compile(
    r"[A-Za-z0-9+/_-]{41,}={0,2}|(?:%[0-9a-fA-F]{2}){8,}|(?:\\[ux][0-9a-fA-F]{2,4}){4,}|(?:&#\w{2,7};){4,}"
)
_ROLE = r"^[ \t]*(?:#+[ \t]+|>[ \t]*)*[*_`]*({roles})[*_`]*[ \t]*:[^\n]*(?:(?<=:)\n[^\n]+)?"


class Cleaned(NamedTuple):
    """The text that may be sent, and what was taken out of it, in reading order."""

    text: str
    removed: tuple[str, ...]


@lru_cache(maxsize=8)
def cleaned(text: str) -> Cleaned:
    """The text without what speaks to a grader, imitates the frame of a request, is encoded or plays another role.

    Characters that nobody can see are dropped without a word. Cleaning a cleaned text removes nothing.
    """
    removed, kept = _parted(text)
    parts = (" ".join(part.split()) for part, _ in removed)
    return Cleaned("".join(text[place] for place in kept), tuple(part for part in parts if part))


def addressing(text: str) -> list[tuple[int, int]]:
    """From where to where in the text each thing reaches that `cleaned` takes out, in order."""
    return _joined([where for part, where in _parted(text)[0] if part.strip()])


class _Patterns(NamedTuple):
    speech: re.Pattern[str]
    markup: re.Pattern[str]
    role: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    data = read_yaml(PATTERNS.read_text(encoding="utf-8"))
    speech, markup = ("|".join(f"(?:{one['find']})" for one in data[part]) for part in ("speech", "markup"))
    roles = "|".join(re.escape(role).replace(r"\ ", "[ _]") for role in data["roles"])
    return _Patterns(
        re.compile(speech),
        re.compile(markup),
        re.compile(_ROLE.replace("{roles}", roles), re.IGNORECASE | re.MULTILINE),
    )


def _parted(text: str) -> tuple[list[tuple[str, tuple[int, int]]], list[int]]:
    """What is taken out, with its place in the text, and the places of the characters that stay."""
    kept = [place for place, character in enumerate(text) if not _UNSEEN.match(character)]
    now, removed = "".join(text[place] for place in kept), list[tuple[str, tuple[int, int]]]()
    for round_number in range(MOST_ROUNDS):
        if not (spans := _spans(now)):
            break
        if round_number == MOST_ROUNDS - 1:
            spans = [(0, len(now))]
        removed += [(now[start:end], (kept[start], kept[end - 1] + 1)) for start, end in spans]
        places = list(_left(now, spans))
        now, kept = "".join(now[place] for place in places), [kept[place] for place in places]
    return removed, kept


def _spans(text: str) -> list[tuple[int, int]]:
    """The stretches to take out, in order, none touching another."""
    patterns = _patterns()
    folded, places = _folded(text)
    sentences = _sentences(text)
    found = [(match.start(), match.end()) for match in patterns.role.finditer(text)]
    found += [(match.start(), match.end()) for match in _RUN.finditer(text) if _is_encoded(match.group())]
    found += [(places[one.start()], places[one.end() - 1] + 1) for one in patterns.markup.finditer(folded)]
    starts = [start for start, _ in sentences]
    for match in patterns.speech.finditer(folded):
        start, end = places[match.start()], places[match.end() - 1] + 1
        found += sentences[bisect_right(starts, start) - 1 : bisect_left(starts, end)]
    return _joined(found)


def _folded(text: str) -> tuple[str, list[int]]:
    """The text in small letters with single blanks, and for each of its characters the place it comes from."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character).casefold().translate(_LOOKALIKES):
            blank = one.isspace()
            if not (blank and letters and letters[-1] == " "):
                letters.append(" " if blank else one)
                places.append(place)
    return "".join(letters), places


def _sentences(text: str) -> list[tuple[int, int]]:
    starts = [0, *(match.end() for match in _SENTENCE_START.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(starts) if end > start]


def _is_encoded(run: str) -> bool:
    """Whether a long run without blanks is an encoding rather than a path or a long name."""
    if run[0] in "%\\&":
        return True
    if re.fullmatch(r"(?i)[0-9a-f]+", run):
        return not run.isdigit()
    marks = sum(run.count(one) for one in "/_-")
    kinds = (re.search(r"[a-z]", run), re.search(r"[A-Z]", run), re.search(r"\d|=$", run))
    return all(kinds) and marks * 12 <= len(run)


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def _left(text: str, spans: list[tuple[int, int]]) -> Iterator[int]:
    at = 0
    for start, end in spans:
        yield from range(at, start)
        at = end - text[start:end].endswith("\n")  # what stood on two lines must not become one sentence
    yield from range(at, len(text))
