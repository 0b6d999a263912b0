"""A document of headings, sentences, tables, pictures and text as it was written; nothing in it is markup."""

from simulator.spec import Spec


class Table(Spec):
    """Rows under columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Bar(Spec):
    """One bar from 0, in the chart's unit; `of` is a thinner mark to hold it against."""

    label: str
    value: float
    text: str
    of: float | None = None


class Bars(Spec):
    """A chart of bars that lie; `title` says what it shows, `of` what the marks are."""

    title: str
    bars: tuple[Bar, ...]
    most: float
    of: str = ""


class Line(Spec):
    """A mark at a place of a histogram."""

    at: float
    text: str
    is_promise: bool = False


class Histogram(Spec):
    """Shares in bins with these edges on a log scale, with marks."""

    title: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    marks: tuple[Line, ...]
    unit: str


class Part(Spec):
    """A heading and what stands below it, in the order of the fields."""

    title: str
    sentences: tuple[str, ...] = ()
    picture: Bars | Histogram | None = None
    table: Table | None = None
    points: tuple[str, ...] = ()
    verbatim: str | None = None


class Document(Spec):
    """A whole report."""

    title: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
