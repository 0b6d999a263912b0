"""Figures of a summary; pure functions from numbers to Plotly figures, each with its text alternative beside it.

Colors are the same for the same component in every figure, and carry no meaning that words do not carry too.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log10

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from simulator.design import FaultSpec
from simulator.results.summary import Summary
from simulator.results.timeline import ComponentLine, Timeline
from ui.words import milliseconds, share

PALETTE = ("#2a9d8f", "#4c78a8", "#e07b39", "#8e6bbf", "#c9a227", "#5a9e4b", "#c65f8a", "#7a8b99")
ALARM = "#d1495b"
QUIET = "#7a8b99"
PLAIN = {"displayModeBar": False}

_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000]

_FRAME = {
    "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "dragmode": False,
}


def colors(components: Sequence[str]) -> dict[str, str]:
    """A color for each component, by its place in the design."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(components)}


def _figure(height: int) -> go.Figure:
    return go.Figure().update_layout(height=height, hovermode="closest", **_FRAME)


def fig_latency(summary: Summary, promised_ms: float | None, pinned: Summary | None = None) -> go.Figure:
    """How long answers take: a histogram with percentiles and the promise."""
    figure = _figure(300)
    for name, one, color in (("pinned", pinned, QUIET), ("this run", summary, PALETTE[0])):
        if one is None or not one.latency.histogram_counts:
            continue
        edges, counts = one.latency.histogram_edges_ms, one.latency.histogram_counts
        total = sum(counts)
        figure.add_bar(
            x=[(low * high) ** 0.5 for low, high in pairwise(edges)],
            y=[count / total for count in counts],
            width=[high - low for low, high in pairwise(edges)],
            name=name,
            marker={"color": color, "line": {"width": 0}},
            opacity=0.55 if one is pinned else 0.9,
            hovertemplate="%{x:.1f} ms: %{y:.1%} of answers<extra></extra>",
            showlegend=pinned is not None,
        )
    latency = summary.latency
    marks = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    for level, (name, estimate) in enumerate(marks):
        if estimate is not None:
            _mark(figure, estimate.value, f"{name} {milliseconds(estimate.value)}", QUIET, level)
    if promised_ms is not None:
        _mark(figure, promised_ms, f"promise {milliseconds(promised_ms)}", ALARM, 3)
    figure.update_layout(bargap=0, barmode="overlay", margin={"t": 76})
    figure.update_xaxes(
        type="log", title="latency of answers, ms", tickvals=_TICKS, ticktext=[f"{t:g}" for t in _TICKS]
    )
    figure.update_yaxes(title="share of answers", tickformat=".0%", rangemode="tozero")
    return figure


def _mark(figure: go.Figure, x: float, text: str, color: str, level: int) -> None:
    figure.add_vline(x=x, line={"color": color, "width": 1.5, "dash": "dot" if color == QUIET else "solid"})
    figure.add_annotation(
        x=log10(x), y=1, yref="paper", yanchor="bottom", yshift=2 + 16 * level, text=text, showarrow=False,
        xanchor="left" if color == ALARM else "center", font={"size": 12, "color": color if color == ALARM else None},
    )  # fmt: skip


def latency_alt(summary: Summary) -> str:
    """The latency figure in words."""
    latency = summary.latency
    numbers = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    said = ", ".join(f"{name} {milliseconds(one.value if one else None)}" for name, one in numbers)
    return f"Distribution of the latency of {sum(latency.histogram_counts):,} answers: {said}."


def fig_timeline(summary: Summary, promised_ms: float | None, faults: Sequence[FaultSpec] = ()) -> go.Figure:
    """Latency, share in time, queues and, where they change, replicas and circuits over simulated time; faults are
    shaded.
    """
    line = summary.timeline
    rows = [("ms", 0.42), ("in time", 0.25), ("waiting", 0.33)]
    rows += [("replicas", 0.25)] if _scaled(line) else []
    rows += [("circuit open", 0.2)] if line.circuits else []
    heights = [height for _, height in rows]
    figure = make_subplots(rows=len(rows), cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=heights)
    middle = [start + line.step_s / 2 for start in line.starts_s]
    figure.add_scatter(x=middle, y=line.p50_ms, name="p50", line={"color": PALETTE[0]}, row=1, col=1)
    figure.add_scatter(x=middle, y=line.p95_ms, name="p95", line={"color": PALETTE[2]}, row=1, col=1)
    if promised_ms is not None:
        figure.add_hline(y=promised_ms, line={"color": ALARM, "width": 1}, row=1, col=1)
    figure.add_scatter(
        x=middle, y=line.in_time_share, name="in time", line={"color": PALETTE[5]}, showlegend=False, row=2, col=1
    )
    _add_components(figure, line, middle)
    for circuit in line.circuits:
        _add(figure, middle, circuit.open_share, f"circuit {circuit.caller} to {circuit.to}", ALARM, len(rows))
    _shade(figure, faults, summary.duration_s)
    figure.update_layout(height=round(430 * sum(heights)), **_FRAME)
    for row, (title, _) in enumerate(rows, start=1):
        figure.update_yaxes(title=title, rangemode="tozero", row=row, col=1)
    figure.update_yaxes(tickformat=".0%", range=[-0.02, 1.05], row=2, col=1)
    if line.circuits:
        figure.update_yaxes(tickformat=".0%", range=[-0.02, 1.05], row=len(rows), col=1)
    figure.update_xaxes(title="simulated seconds", row=len(rows), col=1)
    return figure


def _scaled(line: Timeline) -> list[ComponentLine]:
    """The components whose replicas come, go or die."""
    return [one for one in line.components if one.replicas is not None]


def _add_components(figure: go.Figure, line: Timeline, middle: list[float]) -> None:
    shades = colors([one.component for one in line.components])
    for one in line.components:
        if max(one.waiting, default=0) >= 0.05:
            _add(figure, middle, one.waiting, f"waiting at {one.component}", shades[one.component], 3)
    for one in _scaled(line):
        assert one.replicas is not None
        _add(figure, middle, one.replicas, f"replicas of {one.component}", shades[one.component], 4)


def _add(figure: go.Figure, x: list[float], y: Sequence[float], name: str, color: str, row: int) -> None:
    figure.add_scatter(x=x, y=y, name=name, line={"color": color}, row=row, col=1)


def _shade(figure: go.Figure, faults: Sequence[FaultSpec], duration_s: float) -> None:
    for fault in faults:
        end = fault.at_s + fault.for_s if fault.for_s is not None else duration_s
        if fault.at_s < duration_s:
            x = {"x0": fault.at_s, "x1": min(end, duration_s)}
            figure.add_vrect(**x, fillcolor=ALARM, opacity=0.12, line_width=0, row="all", col=1)


def timeline_alt(summary: Summary) -> str:
    """The timeline in words: the worst step, and what came and went."""
    line = summary.timeline
    known = [(one, start) for one, start in zip(line.in_time_share, line.starts_s, strict=True) if one is not None]
    worst, at_s = min(known, default=(None, 0.0))
    said = [
        f"Over {summary.duration_s:,.0f} simulated seconds the worst share in time is {share(worst)}, at {at_s:,.1f} s."
    ]
    for one in _scaled(line):
        assert one.replicas is not None
        said.append(f"{one.component} has {min(one.replicas):.3g} to {max(one.replicas):.3g} replicas.")
    for circuit in line.circuits:
        first = next(start for start, now in zip(line.starts_s, circuit.open_share, strict=True) if now)
        said.append(f"The circuit from {circuit.caller} to {circuit.to} opens, first at about {first:,.1f} s.")
    return " ".join(said)


def fig_waterfall(summary: Summary) -> go.Figure:
    """Where the time of a middling and of a slow answer went."""
    shades = colors([one.component for one in summary.components])
    figure = _figure(250)
    seen = set()
    for fall in reversed(summary.waterfalls):
        for segment in fall.segments:
            if segment.mean_ms < 0.005 * fall.latency_ms:
                continue
            waiting = segment.part.startswith("waiting")
            name = f"{segment.component}: {segment.part}" if segment.part != "lost" else "pauses and lost time"
            figure.add_bar(
                y=[f"p{fall.percentile * 100:g}"],
                x=[segment.mean_ms],
                name=name,
                legendgroup=name,
                showlegend=name not in seen,
                orientation="h",
                marker={
                    "color": shades.get(segment.component, QUIET),
                    "opacity": 0.55 if waiting else 0.95,
                    "pattern": {"shape": "/" if segment.part.endswith("slot") else "." if waiting else ""},
                },
                text=f"{segment.mean_ms:.1f}" if segment.mean_ms > 0.06 * fall.latency_ms else "",
                textposition="inside",
                insidetextanchor="middle",
                textfont={"color": "#000000"},
                hovertemplate=f"{name}: {segment.mean_ms:.2f} ms<extra></extra>",
            )
            seen.add(name)
    figure.update_layout(barmode="stack", legend={"y": -0.35, "yanchor": "top", "traceorder": "normal"})
    figure.update_xaxes(title="ms", rangemode="tozero")
    return figure


def waterfall_alt(summary: Summary) -> str:
    """The waterfall in words: the largest part of each."""
    said = []
    for fall in summary.waterfalls:
        largest = max(fall.segments, key=lambda one: one.mean_ms, default=None)
        if largest is not None:
            said.append(
                f"At p{fall.percentile * 100:g}, {milliseconds(fall.latency_ms)} in all, most of it "
                f"({milliseconds(largest.mean_ms)}) is {largest.part} at {largest.component}."
            )
    return " ".join(said)


def fig_utilization(summary: Summary) -> go.Figure:
    """How busy each component is, how full its batches are, and how much of its capacity is asked for."""
    rows = [one for one in reversed(summary.components) if one.utilization is not None]
    figure = _figure(max(160, 70 + 62 * len(rows)))
    names = [one.component for one in rows]
    figure.add_bar(
        y=names, x=[one.load for one in rows], orientation="h", name="asked for, of capacity", marker={"color": QUIET},
        text=[share(one.load) if one.load is not None else "" for one in rows], textposition="outside",
    )  # fmt: skip
    if any(one.batch_fullness is not None for one in rows):
        figure.add_bar(
            y=names, x=[one.batch_fullness for one in rows], orientation="h", name="batch fullness",
            marker={"color": PALETTE[2]},
            text=[share(one.batch_fullness) if one.batch_fullness is not None else "" for one in rows],
            textposition="outside",
        )  # fmt: skip
    busy = [one.utilization.value if one.utilization else None for one in rows]
    figure.add_bar(
        y=names, x=busy, orientation="h", name="busy", marker={"color": PALETTE[0]},
        text=[share(value) for value in busy], textposition="outside",
    )  # fmt: skip
    figure.add_vline(x=1, line={"color": ALARM, "width": 1})
    top = max([1.0, *(min(one.load or 0, 3.0) for one in rows)])
    figure.update_xaxes(tickformat=".0%", range=[0, top * 1.18])
    figure.update_layout(barmode="group", legend={"traceorder": "reversed"})
    return figure


def utilization_alt(summary: Summary) -> str:
    """The utilization figure in words."""
    parts = [
        f"{one.component} is {share(one.utilization.value)} busy"
        for one in summary.components
        if one.utilization is not None
    ]
    return "; ".join(parts) + "." if parts else "Nothing in this design can be full."
