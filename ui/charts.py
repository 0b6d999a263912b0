"""Figures of a summary; pure functions from numbers to Plotly figures, each with its text alternative beside it.

Colors are the same for the same component in every figure, and carry no meaning that words do not carry too.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from simulator.results.cost import HOURS_PER_MONTH
from simulator.results.summary import ComponentSummary, Summary
from simulator.results.waterfall import Segment
from ui import figure_parts
from ui.words import milliseconds, share, short_dollars

PALETTE = ("#2a9d8f", "#4c78a8", "#d9722e", "#8e6bbf", "#a98511", "#5a9e4b", "#c65f8a", "#7a8b99")
ALARM = "#d1495b"
QUIET = "#7a8b99"
PINNED = "pinned"
PLAIN = {"displayModeBar": False}
Figure = go.Figure


FRAME = {
    "margin": {"l": 8, "r": 8, "t": 52, "b": 8},  # above the plot are the camera and the legend
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "dragmode": False,
}


LINE = 14  # pixels of a name in a legend; on a phone each has a line of its own
BELOW = {"yref": "container", "y": 0, "yanchor": "bottom"}


def saved_as(kind: str) -> dict[str, Any]:
    """A configuration with one button, which saves the figure as `png` or `svg`."""
    picture = {"format": kind, "filename": "windtunnel", "scale": 2 if kind == "png" else 1}
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": picture,
    }


def inked(figure: go.Figure, color: str | None) -> go.Figure:
    """The figure with all words beside its shapes in a color, as `figure_parts.inked` does it before there is one."""
    if color is None:
        return figure
    figure.update_layout(figure_parts.inked(figure.to_plotly_json()["layout"], color))
    return figure.update_traces(textfont={"color": color}, selector={"textposition": "outside"})


def colors(components: Sequence[str]) -> dict[str, str]:
    """A color for each component, by its place in the design."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(components)}


def empty_figure(height: int) -> go.Figure:
    return go.Figure(layout={"height": height, "hovermode": "closest", **FRAME})


def fig_waterfall(summary: Summary, pinned: Summary | None = None) -> go.Figure:
    """Where the time of a middling and of a slow answer went."""
    falls = [(f"p{fall.percentile * 100:g}", fall) for fall in summary.waterfalls]
    if pinned is not None:
        theirs = [(f"{PINNED} p{fall.percentile * 100:g}", fall) for fall in pinned.waterfalls]
        falls = sorted([*theirs, *falls], key=lambda one: one[1].percentile)
    shades = colors([one.component for one in summary.components])
    figure, seen = empty_figure(250), set[str]()
    longest_ms = max((fall.latency_ms for _, fall in falls), default=0.0)
    for label, fall in reversed(falls):
        for segment in fall.segments:
            if segment.mean_ms >= 0.005 * fall.latency_ms:
                _add_segment(figure, label, segment, longest_ms, shades.get(segment.component, QUIET), seen)
    height = 150 + 32 * len(falls) + LINE * len(seen)
    figure.update_layout(barmode="stack", height=height, legend={"traceorder": "normal", **BELOW})
    figure.update_xaxes(title="ms", rangemode="tozero")
    return figure


def _add_segment(  # a bar has a place, a length, a color and perhaps a name in the legend
    figure: go.Figure, label: str, segment: Segment, longest_ms: float, color: str, seen: set[str]
) -> None:
    waiting = segment.part.startswith("waiting")
    name = f"{segment.component}: {segment.part}" if segment.part != "lost" else "pauses and lost time"
    figure.add_bar(
        y=[label],
        x=[segment.mean_ms],
        name=name,
        legendgroup=name,
        showlegend=name not in seen,
        orientation="h",
        marker={
            "color": _lighter(color) if waiting else color,
            "pattern": {
                "shape": "/" if segment.part.endswith("slot") else "." if waiting else "",
                "fillmode": "overlay",
                "fgcolor": "#000000",
                "fgopacity": 0.3,
                "size": 6,
            },
        },
        text=f"{segment.mean_ms:.1f}" if segment.mean_ms > 0.06 * longest_ms else "",
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": "#000000"},
        hovertemplate=f"{name}: {segment.mean_ms:.2f} ms<extra></extra>",
    )
    seen.add(name)


def _place(segment: Segment) -> str:
    return "pauses and lost time" if segment.part == "lost" else f"{segment.part} at {segment.component}"


def _lighter(color: str) -> str:
    """Halfway to white, so that black text can be read on it whatever is behind the figure."""
    return "#" + "".join(f"{(int(color[i : i + 2], 16) + 255) // 2:02x}" for i in (1, 3, 5))


def waterfall_alt(summary: Summary) -> str:
    """The waterfall in words: the largest part of each."""
    said = []
    for fall in summary.waterfalls:
        largest = max(fall.segments, key=lambda one: one.mean_ms, default=None)
        if largest is not None:
            said.append(
                f"At p{fall.percentile * 100:g}, {milliseconds(fall.latency_ms)} in all, most of it "
                f"({milliseconds(largest.mean_ms)}) is {_place(largest)}."
            )
    return " ".join(said)


def fig_utilization(summary: Summary, pinned: Summary | None = None) -> go.Figure:
    """How busy each component is, how full its batches are, and how much of its capacity is asked for."""
    rows = [one for one in reversed(summary.components) if one.utilization is not None]
    theirs = {one.component: one for one in pinned.components} if pinned is not None else {}
    old = [theirs.get(one.component) for one in rows]
    kinds = [
        ("asked for, of capacity", QUIET, [one.load for one in rows], [one and one.load for one in old]),
        (
            "batch fullness",
            PALETTE[2],
            [one.batch_fullness for one in rows],
            [one and one.batch_fullness for one in old],
        ),
        ("busy", PALETTE[0], [_busy(one) for one in rows], [one and _busy(one) for one in old]),
    ]
    figure, names = (
        empty_figure(max(160, 70 + (62 if pinned is None else 110) * len(rows))),
        [one.component for one in rows],
    )
    for name, color, values, before in kinds:
        if name == "batch fullness" and not any(value is not None for value in (*values, *before)):
            continue
        if pinned is not None:
            _add_shares(figure, names, before, f"{PINNED}: {name}", color, 0.45)
        _add_shares(figure, names, values, name, color, 1.0)
    figure.add_vline(x=1, line={"color": ALARM, "width": 1})
    top = max([1.0, *(min(one.load or 0, 3.0) for one in rows)])
    figure.update_xaxes(tickformat=".0%", range=[0, top * 1.18])
    figure.update_layout(barmode="group", legend={"traceorder": "reversed"})
    return figure


def _busy(one: ComponentSummary) -> float | None:
    return one.utilization.value if one.utilization is not None else None


def _add_shares(
    figure: go.Figure, names: list[str], values: Sequence[float | None], name: str, color: str, opacity: float
) -> None:
    figure.add_bar(
        y=names,
        x=list(values),
        orientation="h",
        name=name,
        marker={"color": color, "opacity": opacity},
        text=[share(value) if value is not None else "" for value in values],
        textposition="outside",
    )


def utilization_alt(summary: Summary) -> str:
    """The utilization figure in words."""
    parts = [
        f"{one.component} is {share(one.utilization.value)} busy"
        for one in summary.components
        if one.utilization is not None
    ]
    return "; ".join(parts) + "." if parts else "Nothing in this design can be full."


def fig_cost(summary: Summary, pinned: Summary | None = None) -> go.Figure:
    """What each part of the fleet costs in a month; parts without a price are left out."""
    runs = [(PINNED, pinned, QUIET)] if pinned is not None else []
    runs.append(("this run", summary, PALETTE[0]))
    priced = [one.component for one in summary.cost.components if one.usd_per_hour is not None]
    figure = empty_figure(max(150, 60 + (34 if pinned is None else 56) * len(priced)))
    for name, run, color in runs:
        costs = {one.component: one.usd_per_hour for one in run.cost.components}
        values = [(costs.get(one) or 0.0) * HOURS_PER_MONTH for one in reversed(priced)]
        figure.add_bar(
            y=list(reversed(priced)),
            x=values,
            orientation="h",
            name=name,
            marker={"color": color},
            text=[short_dollars(value) for value in values],
            textposition="outside",
            hovertemplate="%{y}: %{x:,.0f} USD per month<extra></extra>",
            showlegend=pinned is not None,
            cliponaxis=False,
        )
    figure.update_xaxes(title="USD per month", rangemode="tozero", tickformat="~s")
    figure.update_layout(barmode="group", margin={"r": 80}, legend={"traceorder": "reversed"})
    return figure


def cost_alt(summary: Summary) -> str:
    """The cost figure in words: the whole and its largest part."""
    cost = summary.cost
    if not cost.is_priced:
        return "Nothing in this design has a price."
    largest = max(cost.components, key=lambda one: one.usd_per_hour or 0.0)
    of = (largest.usd_per_hour or 0.0) / cost.usd_per_hour if cost.usd_per_hour else 0.0
    return f"{cost.usd_per_month:,.0f} USD per month for the whole fleet, {share(of)} of it for {largest.component}."
