"""The sentences of an answer, and whether a quote stands in it."""

import re
from collections.abc import Iterable

MIN_QUOTE_WORDS = 4

_MARKER = re.compile(r"(?:(?:[-+*>\u2022\u2013]|\d{1,2}[.)]|[a-z][.)])\s+|\[[ xX]\]\s+)+")
_NO_PROSE = re.compile(r"#{1,6}\s|[-=_*|:\s]*$")  # headings, rules, table borders, blank lines
_FENCE = re.compile(r"```|~~~")
_END = re.compile(r"(?<![.!?])[.!?]+[\"'\u201d\u2019)\]*_`]*\s+(?=\S)")
_NEVER_LAST = {"e.g", "eg", "i.e", "ie", "vs", "cf", "approx", "ca", "incl", "excl", "resp", "dr", "mr", "mrs", "prof"}
_LAST_BEFORE_A_CAPITAL = {"etc", "max", "min", "avg", "est", "fig", "eq", "no", "nr", "req", "reqs", "sec", "hr", "hrs"}
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4", "'"),
        **dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-"),
        **dict.fromkeys("*`", ""),
    }
)


def sentences_of(text: str) -> list[str]:
    """The sentences and bullet lines of an answer in reading order, without list markers, each once.

    Headings, table borders and code blocks are left out.
    """
    found = [sentence for line in _lines(text) for sentence in _split(line) if re.search(r"\w", sentence)]
    return list(dict.fromkeys(found))


def stands_in(quote: str, texts: Iterable[str]) -> bool:
    """Whether one of the texts holds the quote, whole words only; white space, case and kinds of quotation marks
    do not matter, nor do Markdown's stars and backticks.
    """
    folded = folded_text(quote)
    if not folded:
        return False
    whole = re.compile(rf"(?<!\w){re.escape(folded)}(?!\w)")
    return any(whole.search(folded_text(text)) for text in texts)


def is_long_enough(quote: str, texts: Iterable[str]) -> bool:
    """Whether a quote says something: at least four words, or a whole sentence or bullet line of one of the texts."""
    if len(re.findall(r"\w+(?:[.,'/:-]\w+)*", quote)) >= MIN_QUOTE_WORDS:
        return True
    bare = _bare(quote)
    return bool(bare) and any(_bare(sentence) == bare for text in texts for sentence in sentences_of(text))


def folded_text(text: str) -> str:
    """The text in lower case, with single blanks, straight quotation marks and plain hyphens."""
    return " ".join(text.translate(_FOLDED).casefold().split())


def _bare(sentence: str) -> str:
    return folded_text(sentence).strip(" .!?:;,\"'")


def _lines(text: str) -> list[str]:
    """Paragraph lines and bullets; a line that was only wrapped is joined to the one before."""
    lines: list[str] = []
    in_code = continues = False
    for line in map(str.strip, text.splitlines()):
        marker = _MARKER.match(line)
        if _FENCE.match(line):
            in_code, continues = not in_code, False
        elif in_code or _NO_PROSE.match(line):
            continues = False
        elif continues and re.match("[a-z]", line) and not marker and lines[-1][-1] not in ".!?:;":
            lines[-1] += " " + line
        else:
            lines.append(line[marker.end() if marker else 0 :].strip(" \t|"))
            continues = bool(lines[-1]) and not line.endswith("|")
    return lines


def _split(line: str) -> list[str]:
    parts, start = [], 0
    for end in _END.finditer(line):
        if _ends_here(line[start : end.start()], line[end.end()]):
            parts.append(line[start : end.end()].strip())
            start = end.end()
    return [*parts, line[start:].strip()]


def _ends_here(before: str, following: str) -> bool:
    last = before.rsplit(maxsplit=1)[-1].lstrip("([\"'*_").casefold() if before.split() else ""
    if last in _NEVER_LAST:
        return False
    return following.isupper() or last not in _LAST_BEFORE_A_CAPITAL
