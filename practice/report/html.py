"""A document as one page of HTML that needs no network and runs nothing; charts are drawn in it as SVG."""

from functools import cache
from itertools import pairwise
from math import log10
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from practice.report.document import Bars, Document, Histogram
from simulator.spec import Spec

WIDTH, LEFT, RIGHT, ROW = 720, 190, 130, 26
TOP, HEIGHT, AXIS = 74, 150, 34


class Rect(Spec):
    """A rectangle, in the units of the picture."""

    x: float
    y: float
    width: float
    height: float


class Drawn(Spec):
    """A picture ready to be written: rectangles, vertical marks and texts with their anchors."""

    title: str
    width: float
    height: float
    bars: tuple[Rect, ...]
    marks: tuple[tuple[float, float, float, bool], ...]  # x, from y, to y, whether it is the promise
    texts: tuple[tuple[float, float, str, str], ...]  # x, y, anchor, text


def as_html(document: Document) -> str:
    """The page; every text is escaped by the template, which knows no exception."""
    return _template().render(document=document, draw=draw)


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("page.html.jinja")


def draw(picture: Bars | Histogram) -> Drawn:
    """Where everything of a picture stands."""
    return _bars(picture) if isinstance(picture, Bars) else _histogram(picture)


def _bars(picture: Bars) -> Drawn:
    scale = (WIDTH - LEFT - RIGHT) / max(picture.most, 1e-9)
    rects, marks, texts = [], [], []
    for i, bar in enumerate(picture.bars):
        y = 6 + i * ROW
        width = max(0.0, min(bar.value, picture.most)) * scale
        rects.append(Rect(x=LEFT, y=y, width=width, height=ROW - 10))
        texts.append((LEFT - 8.0, y + 12.0, "end", bar.label))
        place = LEFT + width
        if bar.of is not None:
            x = LEFT + min(bar.of, picture.most) * scale
            marks.append((x, y - 3.0, y + ROW - 7.0, True))
            place = max(place, x)
        texts.append((place + 8, y + 12.0, "start", bar.text))
    height = 12 + ROW * len(picture.bars)
    return Drawn(
        title=picture.title, width=WIDTH, height=height, bars=tuple(rects), marks=tuple(marks), texts=tuple(texts)
    )


def _histogram(picture: Histogram) -> Drawn:
    low, high = log10(picture.edges[0]), log10(picture.edges[-1])
    for mark in picture.marks:
        low, high = min(low, log10(mark.at)), max(high, log10(mark.at))
    scale, most = (WIDTH - 40) / max(high - low, 1e-9), max(picture.counts) or 1
    floor = TOP + HEIGHT

    def x(value: float) -> float:
        return 20 + (log10(value) - low) * scale

    rects = tuple(
        Rect(x=x(a), y=floor - HEIGHT * count / most, width=max(0.5, x(b) - x(a) - 0.5), height=HEIGHT * count / most)
        for (a, b), count in zip(pairwise(picture.edges), picture.counts, strict=True)
    )
    marks, texts = [], []
    for i, mark in enumerate(picture.marks):
        marks.append((x(mark.at), 16.0 + 16 * i, float(floor), mark.is_promise))
        anchor = "end" if x(mark.at) > WIDTH * 0.7 else "start"
        texts.append((x(mark.at) + (-4 if anchor == "end" else 4), 24.0 + 16 * i, anchor, mark.text))
    texts += [(x(tick), floor + 16.0, "middle", f"{tick:g}") for tick in _ticks(10**low, 10**high)]
    texts.append((WIDTH / 2, floor + 32.0, "middle", picture.unit))
    return Drawn(
        title=picture.title, width=WIDTH, height=floor + AXIS, bars=rects, marks=tuple(marks), texts=tuple(texts)
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round values of 1, 2 and 5 between two values."""
    powers = range(int(log10(low)) - 1, int(log10(high)) + 2)
    return [found for power in powers for step in (1, 2, 5) if low <= (found := step * 10.0**power) <= high]
