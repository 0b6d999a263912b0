"""How long answers take, as a figure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log10

from simulator.results.summary import Latency, Summary
from ui.charts import ALARM, BELOW, FRAME, PALETTE, PINNED, QUIET, Figure
from ui.figure_parts import Data, inked, upright
from ui.words import milliseconds

_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000]


def fig_latency(
    summary: Summary, promised_ms: float | None, pinned: Summary | None = None, ink: str | None = None
) -> Figure:
    """How long answers take: a histogram with percentiles and the promise; a pinned run as a line around its bars."""
    latency = summary.latency
    edges, total = latency.histogram_edges_ms, sum(latency.histogram_counts)
    bars = {
        "type": "bar",
        "x": [(low * high) ** 0.5 for low, high in pairwise(edges)],
        "y": [count / total for count in latency.histogram_counts],
        "width": [high - low for low, high in pairwise(edges)],
        "name": "this run",
        "marker": {"color": PALETTE[0], "line": {"width": 0}},
        "opacity": 0.9,
        "hovertemplate": "%{x:.1f} ms: %{y:.1%} of answers<extra></extra>",
        "showlegend": pinned is not None,
    }
    marks = list(_marks(latency, promised_ms, pinned))
    return Figure(
        data=[bars, *([] if pinned is None else _outline(pinned.latency, edges))],
        layout=inked(_layout(marks, pinned), ink),
    )


def _layout(marks: Sequence[tuple[float, str, str, int]], pinned: Summary | None) -> Data:
    return {
        **FRAME,
        "height": 324,
        "hovermode": "closest",
        "bargap": 0,
        "barmode": "overlay",
        "margin": {**FRAME["margin"], "t": 100 if pinned is None else 124},
        "legend": {**FRAME["legend"], **(BELOW if pinned is not None else {})},
        "xaxis": {
            "type": "log",
            "title": {"text": "latency of answers, ms"},
            "tickvals": _TICKS,
            "ticktext": [f"{t:g}" for t in _TICKS],
        },
        "yaxis": {"title": {"text": "share of answers"}, "tickformat": ".0%", "rangemode": "tozero"},
        "shapes": [_line(x, color) for x, _, color, _ in marks],
        "annotations": [_words(*mark) for mark in marks],
    }


def _outline(latency: Latency, edges: Sequence[float]) -> list[Data]:
    """The pinned histogram as steps, as high as it would be with bars as wide as those of this run."""
    theirs, total = latency.histogram_edges_ms, sum(latency.histogram_counts)
    if not total or len(edges) < 2:
        return []
    wider = log10(edges[1] / edges[0]) / log10(theirs[1] / theirs[0])
    heights = [count / total * wider for count in latency.histogram_counts]
    return [
        {
            "type": "scatter",
            "x": [*theirs, theirs[-1]],
            "y": [*heights, heights[-1], 0],
            "mode": "lines",
            "line": {"shape": "hv", "color": QUIET, "width": 2},
            "name": PINNED,
            "hovertemplate": f"{PINNED}, %{{x:.1f}} ms: %{{y:.1%}} of answers<extra></extra>",
        }
    ]


def _marks(
    latency: Latency, promised_ms: float | None, pinned: Summary | None
) -> Iterator[tuple[float, str, str, int]]:
    """Where a line stands, its words, its color, and the row of its words."""
    found = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    for row, (name, estimate) in enumerate(found):
        if estimate is not None:
            yield estimate.value, f"{name} {milliseconds(estimate.value)}", QUIET, row
    if promised_ms is not None:
        yield promised_ms, f"promise {milliseconds(promised_ms)}", ALARM, 3
    if pinned is not None and pinned.latency.p99_ms is not None:
        theirs = pinned.latency.p99_ms.value
        yield theirs, f"{PINNED} p99 {milliseconds(theirs)}", QUIET, 4


def _line(x: float, color: str) -> Data:
    return upright(x, {"color": color, "width": 1.5, "dash": "dot" if color == QUIET else "solid"})


def _words(x: float, text: str, color: str, row: int) -> Data:
    return {
        "x": log10(x), "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 2 + 16 * row, "text": text,
        "showarrow": False, "xanchor": "left" if color == ALARM else "center", "font": {"size": 12},
    }  # fmt: skip


def latency_alt(summary: Summary) -> str:
    """The latency figure in words."""
    latency = summary.latency
    numbers = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    said = ", ".join(f"{name} {milliseconds(one.value if one else None)}" for name, one in numbers)
    return f"Distribution of the latency of {sum(latency.histogram_counts):,} answers: {said}."
