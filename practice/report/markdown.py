"""A document as Markdown, in which nothing that a person wrote is interpreted."""

import re
from collections.abc import Iterator

from practice.report.document import Document, Part, Table

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()<>#+-.!|$~:&"})
_TICKS = re.compile("`+")


def plain(text: str) -> str:
    """A text on one line, with every sign that Markdown or HTML could read escaped."""
    return " ".join(text.split()).translate(_SPECIAL)


def as_markdown(document: Document) -> str:
    """The document; pictures are left to the tables beside them."""
    return "\n".join(_lines(document)).rstrip() + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield f"# {plain(document.title)}"
    yield ""
    for sentence in document.lead:
        yield f"{plain(sentence)}  "
    for part in document.parts:
        yield from ("", f"## {plain(part.title)}", "")
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    for sentence in part.sentences:
        yield from (plain(sentence), "")
    if part.table is not None:
        yield from _table(part.table)
        yield ""
    for point in part.points:
        yield f"- {plain(point)}"
    if part.verbatim is not None:
        fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(part.verbatim)), default=0))
        yield from (f"{fence}text", part.verbatim.rstrip("\n"), fence)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(plain, table.columns))} |"
    yield f"|{' --- |' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(map(plain, row))} |"
