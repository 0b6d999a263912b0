"""Figures of a grid of runs: a heatmap over two knobs, and cost against p99 with its frontier; pure functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log10

import plotly.graph_objects as go

from simulator.design import Promise
from simulator.results.singles import RunNumbers
from simulator.sliders import Slider
from simulator.sweep import Axis, Cell, Place, stand_in
from ui.charts import ALARM, PALETTE, QUIET
from ui.words import dollars, milliseconds, share, short_dollars

GOOD, MIDDLE, BAD = "#2a9d8f", "#f2efe6", "#e8806c"  # black numbers can be read on all three
INK = "#17242b"
_TICKS = [digit * 10.0**power for power in range(-1, 6) for digit in (1, 2, 5)]
CELL_NAME = "cells"


@dataclass(frozen=True)
class Metric:
    """What a map can show: a number of a cell, how it is written and whether less of it is better."""

    name: str
    value: Callable[[Cell], float | None]
    short: Callable[[float], str]
    less_is_better: bool
    bound: Callable[[Promise], float | None]
    by_ratio: bool = False
    of_run: Callable[[RunNumbers], float | None] | None = None  # the same number of a single run, if luck moves it


def _p99(cell: Cell) -> float | None:
    return None if cell.p99_ms is None or cell.overload else cell.p99_ms.value


def _in_time(cell: Cell) -> float | None:
    return None if cell.in_time_share is None else cell.in_time_share.value


METRICS = (
    Metric("p99 latency, ms", _p99, lambda v: f"{v:,.0f}" if v >= 10 else f"{v:.1f}", less_is_better=True,
           bound=lambda p: p.p99_ms, by_ratio=True, of_run=lambda run: run.p99_ms),
    Metric("Answered in time", _in_time, share, less_is_better=False, bound=lambda p: p.in_time_share,
           of_run=lambda run: run.in_time_share),
    Metric("By the fallback", lambda cell: cell.fallback_share, share, less_is_better=True,
           bound=lambda p: p.fallback_share, of_run=lambda run: run.fallback_share),
    Metric("Cost per month, USD", lambda cell: cell.usd_per_month, lambda v: short_dollars(v).removesuffix(" USD"),
           less_is_better=True, bound=lambda p: p.usd_per_month),
    Metric("Load of the fullest part", lambda cell: cell.load, share, less_is_better=True, bound=lambda _: 1.0),
)  # fmt: skip


def fig_map(  # the grid, what is known of it, and what to mark
    axes: tuple[Axis, Axis],
    labels: tuple[str, str],
    cells: Mapping[Place, Cell],
    metric: Metric,
    promise: Promise,
    present: tuple[float, float] | None,
    cheapest: Place | None,
) -> go.Figure:
    """The heatmap: numbers in cells, pale guesses where nothing ran yet, hatching where a part cannot keep up."""
    wide, high = (len(axis.values) for axis in axes)
    figure = go.Figure()
    places = [(i, j) for j in range(high) for i in range(wide)]
    known = {place: metric.value(cell) for place, cell in cells.items()}
    scale = _scale([value for value in known.values() if value is not None], metric, metric.bound(promise))
    guesses = {place: known[near] for place in places if place not in known and (near := stand_in(place, set(known)))}
    if guesses:
        figure.add_heatmap(z=_grid(guesses, scale, wide, high), opacity=0.35, **_LOOK)
    texts = [[_text(known.get((i, j)), metric) for i in range(wide)] for j in range(high)]
    figure.add_heatmap(
        z=_grid(known, scale, wide, high), text=texts, texttemplate="%{text}", textfont={"color": INK}, **_LOOK
    )
    _hatch(figure, [place for place, cell in cells.items() if cell.overload])
    _crosses(figure, [place for place, cell in cells.items() if not cell.ran])
    figure.add_scatter(
        x=[place[0] for place in places], y=[place[1] for place in places], mode="markers", name=CELL_NAME,
        marker={"symbol": "square", "size": 26, "opacity": 0, "color": QUIET},
        customdata=[list(place) for place in places], showlegend=False,
        text=[hover(axes, labels, place, cells.get(place), metric) for place in places],
        hovertemplate="%{text}<extra></extra>", selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )  # fmt: skip
    if present is not None:
        _mark(figure, present, -0.34, "present design", "diamond")
    if cheapest is not None:
        _mark(figure, (cheapest[0], cheapest[1]), 0.34, "cheapest that keeps the promise", "star")
    _axes(figure, axes, labels)
    figure.update_layout(
        height=max(260, 120 + 38 * high), margin={"l": 8, "r": 20, "t": 34, "b": 8}, dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, plot_bgcolor="rgba(0,0,0,0)",
    )  # fmt: skip
    return figure


_LOOK = {
    "colorscale": [[0, GOOD], [0.5, MIDDLE], [1, BAD]],
    "zmin": -1,
    "zmax": 1,
    "showscale": False,
    "hoverinfo": "skip",
    "xgap": 2,
    "ygap": 2,
}


def _scale(values: Sequence[float], metric: Metric, bound: float | None) -> Callable[[float], float]:
    """A number's color from -1, good, to 1, bad; 0 is the promised bound or, without one, the middle of what is
    there.
    """
    turned = (lambda v: log10(max(v, 1e-6))) if metric.by_ratio else (lambda v: v)
    seen = [turned(value) for value in values]
    if not seen:
        return lambda _: 0.0
    middle = turned(bound) if bound is not None else (min(seen) + max(seen)) / 2
    reach = max((abs(one - middle) for one in seen), default=0.0) or 1.0
    sign = 1 if metric.less_is_better else -1
    return lambda value: sign * (turned(value) - middle) / reach


def _grid(
    known: Mapping[Place, float | None], scale: Callable[[float], float], wide: int, high: int
) -> list[list[float | None]]:
    def color(place: Place) -> float | None:
        value = known.get(place)
        return None if value is None else scale(value)

    return [[color((i, j)) for i in range(wide)] for j in range(high)]


ON_A_PHONE, LETTER = 270, 7  # pixels of the columns of a map 390 pixels wide, and of a letter that can be read


def fits_a_phone(axes: tuple[Axis, Axis], cells: Mapping[Place, Cell], metric: Metric) -> bool:
    """Whether the numbers can be read in cells as narrow as they are on a phone."""
    longest = max((len(_text(metric.value(cell), metric)) for cell in cells.values()), default=0)
    return longest * LETTER <= ON_A_PHONE / len(axes[0].values)


def in_table(cell: Cell | None, metric: Metric) -> str:
    """What a cell showed, for a table."""
    return "not run" if cell is None else _said(cell, metric)


def _said(cell: Cell, metric: Metric) -> str:
    if not cell.ran:
        return "cannot run"
    value = metric.value(cell)
    return "cannot keep up" if value is None and cell.overload else _text(value, metric) or "too few answers"


def _text(value: float | None, metric: Metric) -> str:
    return "" if value is None else metric.short(value)


def hover(axes: tuple[Axis, Axis], labels: tuple[str, str], place: Place, cell: Cell | None, metric: Metric) -> str:
    """What a cell is and what it showed, for the pointer."""
    where = "<br>".join(f"{label}: {shown(axis.values[i])}" for axis, label, i in zip(axes, labels, place, strict=True))
    if cell is None:
        return f"{where}<br>not run yet"
    return f"{where}<br>" + (f"{metric.name}: {_said(cell, metric)}" if cell.ran else "cannot run")


def where(pair: tuple[Slider, Slider], values: Sequence[object]) -> str:
    """The values of a cell, in words."""
    return ", ".join(f"{one.label} {shown(value)} {one.unit}".rstrip() for one, value in zip(pair, values, strict=True))


def axis_label(one: Slider) -> str:
    """A knob with its unit."""
    return f"{one.label}, {one.unit}" if one.unit else one.label


def shown(value: object) -> str:
    """A value on an axis."""
    if value is None:
        return "off"
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _hatch(figure: go.Figure, places: Sequence[Place]) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for i, j in places:
        for start, end in (((-0.48, 0.0), (0.0, 0.48)), ((-0.48, -0.48), (0.48, 0.48)), ((0.0, -0.48), (0.48, 0.0))):
            x += [i + start[0], i + end[0], None]
            y += [j + start[1], j + end[1], None]
    if places:
        figure.add_scatter(
            x=x, y=y, mode="lines", line={"color": QUIET, "width": 1}, hoverinfo="skip", name="cannot keep up"
        )


def _crosses(figure: go.Figure, places: Sequence[Place]) -> None:
    if places:
        figure.add_scatter(
            x=[place[0] for place in places], y=[place[1] for place in places], mode="markers", name="cannot run",
            marker={"symbol": "x-thin", "size": 12, "color": ALARM, "line": {"width": 2, "color": ALARM}},
            hoverinfo="skip", unselected={"marker": {"opacity": 1}},
        )  # fmt: skip


def _mark(figure: go.Figure, at: tuple[float, float], aside: float, name: str, symbol: str) -> None:
    """Beside the number in the cell, so that both can be read."""
    figure.add_scatter(
        x=[at[0] + aside], y=[at[1] + 0.22], mode="markers", name=name, hoverinfo="skip",
        marker={"symbol": symbol, "size": 12, "color": "#ffffff", "line": {"width": 1.5, "color": INK}},
        unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def _axes(figure: go.Figure, axes: tuple[Axis, Axis], labels: tuple[str, str]) -> None:
    for axis, label, update in zip(axes, labels, (figure.update_xaxes, figure.update_yaxes), strict=True):
        count = len(axis.values)
        update(
            title=label, tickvals=list(range(count)), ticktext=[shown(value) for value in axis.values],
            range=[-0.5, count - 0.5], showgrid=False, zeroline=False,
        )  # fmt: skip


def map_alt(axes: tuple[Axis, Axis], labels: tuple[str, str], cells: Mapping[Place, Cell], metric: Metric) -> str:
    """The heatmap in words."""
    total = len(axes[0].values) * len(axes[1].values)
    found = [(value, cell) for cell in cells.values() if (value := metric.value(cell)) is not None]
    text = f"{metric.name} over {labels[0]} and {labels[1]}: {len(cells)} of {total} cells have run."
    if found:
        sign = 1 if metric.less_is_better else -1
        value, best = min(found, key=lambda item: sign * item[0])
        at = " and ".join(f"{label} {shown(v)}" for label, v in zip(labels, best.values, strict=True))
        text += f" The best is {metric.short(value)}, at {at}."
    overloaded = sum(cell.overload is not None for cell in cells.values())
    refused = sum(not cell.ran for cell in cells.values())
    text += f" {overloaded} cannot keep up." if overloaded else ""
    return text + (f" {refused} cannot run." if refused else "")


# ---- the frontier ----------------------------------------------------------------------------------------------


def fig_frontier(
    cells: Sequence[Cell], best: Sequence[Cell], promise: Promise, present: Cell | None, cheapest: Cell | None
) -> go.Figure:
    """Cost against p99: the frontier in front, everything else pale; darker points answer more in time in full."""
    figure = go.Figure()
    for name, some, size, faint in (
        ("beaten by another", [one for one in cells if one not in best], 7, True),
        ("on the frontier", list(best), 12, False),
    ):
        if some:
            figure.add_scatter(
                x=[one.usd_per_month for one in some], y=[one.p99_ms.value if one.p99_ms else None for one in some],
                mode="markers", name=name, opacity=0.6 if faint else 1, customdata=[list(one.place) for one in some],
                marker={"size": size, "color": QUIET if faint else PALETTE[0], "line": {"width": 1, "color": INK}},
                text=[point_words(one) for one in some], hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
    for cell, name, symbol in (
        (present, "present design", "diamond-open"),
        (cheapest, "cheapest that keeps the promise", "star-open"),
    ):
        if cell is not None and cell.p99_ms is not None:
            figure.add_scatter(
                x=[cell.usd_per_month], y=[cell.p99_ms.value], mode="markers", name=name, hoverinfo="skip",
                marker={"symbol": symbol, "size": 20, "color": PALETTE[2], "line": {"width": 2}},
            )  # fmt: skip
    if promise.p99_ms is not None:
        figure.add_hline(y=promise.p99_ms, line={"color": ALARM, "width": 1})
    if promise.usd_per_month is not None:
        figure.add_vline(x=promise.usd_per_month, line={"color": ALARM, "width": 1})
    figure.update_layout(
        height=340, margin={"l": 8, "r": 8, "t": 52, "b": 8}, dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(title="cost per month, USD")
    figure.update_yaxes(title="p99 latency, ms", type="log", tickvals=_TICKS, ticktext=[f"{t:g}" for t in _TICKS])
    return figure


def point_words(cell: Cell) -> str:
    """Cost, p99 and quality of a cell in a few words."""
    cost = "not priced" if cell.usd_per_month is None else f"{dollars(cell.usd_per_month)} a month"
    p99 = milliseconds(cell.p99_ms.value if cell.p99_ms else None)
    return f"{cost}, p99 {p99}, {share(cell.full_share)} in time without a fallback"
