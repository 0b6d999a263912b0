"""How long answers take, as a figure."""

from collections.abc import Sequence
from itertools import pairwise
from math import log10
from typing import Any

from simulator.results.summary import Latency, Summary
from ui.charts import ALARM, BELOW, PALETTE, PINNED, QUIET, Figure, empty_figure
from ui.words import milliseconds

_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000]


def fig_latency(summary: Summary, promised_ms: float | None, pinned: Summary | None = None) -> Figure:
    """How long answers take: a histogram with percentiles and the promise; a pinned run as a line around its bars."""
    figure, latency = empty_figure(324), summary.latency
    edges, total = latency.histogram_edges_ms, sum(latency.histogram_counts)
    figure.add_bar(
        x=[(low * high) ** 0.5 for low, high in pairwise(edges)],
        y=[count / total for count in latency.histogram_counts],
        width=[high - low for low, high in pairwise(edges)],
        name="this run",
        marker={"color": PALETTE[0], "line": {"width": 0}},
        opacity=0.9,
        hovertemplate="%{x:.1f} ms: %{y:.1%} of answers<extra></extra>",
        showlegend=pinned is not None,
    )
    if pinned is not None:
        _outline(figure, pinned.latency, edges)
    lines, texts = _marks(summary, promised_ms, pinned)
    figure.update_layout(
        bargap=0,
        barmode="overlay",
        margin={"t": 100 if pinned is None else 124},
        shapes=lines,
        annotations=texts,
    )
    if pinned is not None:
        figure.update_layout(legend=BELOW)
    figure.update_xaxes(
        type="log", title="latency of answers, ms", tickvals=_TICKS, ticktext=[f"{t:g}" for t in _TICKS]
    )
    figure.update_yaxes(title="share of answers", tickformat=".0%", rangemode="tozero")
    return figure


def _outline(figure: Figure, latency: Latency, edges: Sequence[float]) -> None:
    """The pinned histogram as steps, as high as it would be with bars as wide as those of this run."""
    theirs, total = latency.histogram_edges_ms, sum(latency.histogram_counts)
    if not total or len(edges) < 2:
        return
    wider = log10(edges[1] / edges[0]) / log10(theirs[1] / theirs[0])
    heights = [count / total * wider for count in latency.histogram_counts]
    figure.add_scatter(
        x=[*theirs, theirs[-1]],
        y=[*heights, heights[-1], 0],
        mode="lines",
        line={"shape": "hv", "color": QUIET, "width": 2},
        name=PINNED,
        hovertemplate=f"{PINNED}, %{{x:.1f}} ms: %{{y:.1%}} of answers<extra></extra>",
    )


def _marks(
    summary: Summary, promised_ms: float | None, pinned: Summary | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Upright lines at the percentiles and the promise, and their names, one above the other. They are set all at once:
    Plotly checks the whole layout for each that is added.
    """
    latency = summary.latency
    places = [(latency.p50_ms, "p50", QUIET), (latency.p95_ms, "p95", QUIET), (latency.p99_ms, "p99", QUIET)]
    marks = [(level, one.value, name, color) for level, (one, name, color) in enumerate(places) if one is not None]
    if promised_ms is not None:
        marks.append((3, promised_ms, "promise", ALARM))
    if pinned is not None and pinned.latency.p99_ms is not None:
        marks.append((4, pinned.latency.p99_ms.value, f"{PINNED} p99", QUIET))
    lines = [_line(x, color) for _, x, _, color in marks]
    return lines, [_name(x, f"{name} {milliseconds(x)}", color, level) for level, x, name, color in marks]


def _line(x: float, color: str) -> dict[str, Any]:
    look = {"color": color, "width": 1.5, "dash": "dot" if color == QUIET else "solid"}
    return {"type": "line", "x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": look}


def _name(x: float, text: str, color: str, level: int) -> dict[str, Any]:
    anchor = "left" if color == ALARM else "center"
    return {"x": log10(x), "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 2 + 16 * level, "text": text,
            "showarrow": False, "xanchor": anchor, "font": {"size": 12}}  # fmt: skip


def latency_alt(summary: Summary) -> str:
    """The latency figure in words."""
    latency = summary.latency
    numbers = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    said = ", ".join(f"{name} {milliseconds(one.value if one else None)}" for name, one in numbers)
    return f"Distribution of the latency of {sum(latency.histogram_counts):,} answers: {said}."
