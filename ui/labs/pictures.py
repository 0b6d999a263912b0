"""A lab's charts as Plotly figures, in the colors of all others."""

from math import floor, log10

import plotly.graph_objects as go

from question_bank.lab_models import Chart, Mark
from ui.charts import ALARM, PALETTE, QUIET
from ui.labs.words import number

DASHES = ("dash", "dot", "dashdot")


def fig_chart(chart: Chart) -> go.Figure:
    """What was measured as points, theory dashed, the current setting as an upright line."""
    figure = go.Figure()
    lines = theories = 0
    kinds = {series.kind for series in chart.series}
    for series in chart.series:
        y = [one if one is None or one > 0 or not chart.log_y else None for one in series.y]
        if series.kind == "bars":
            figure.add_bar(x=chart.x, y=y, name=series.name, marker={"color": PALETTE[0], "line": {"width": 0}})
            continue
        if series.kind == "theory":
            look = {"color": QUIET, "width": 2, "dash": DASHES[theories % len(DASHES)]}
            theories, mode = theories + 1, "lines"
        else:
            chosen = series.kind != "other"
            look = {"color": PALETTE[lines % len(PALETTE)], "width": 3 if chosen else 1.5}
            points = (
                "markers"
                if kinds == {"measured", "theory"}
                else "lines+markers"
                if series.kind == "measured"
                else "lines"
            )
            lines, mode = lines + 1, points if chosen else "lines"
        figure.add_scatter(x=chart.x, y=y, name=series.name, mode=mode, line=look, marker={"size": 8})
    for level, mark in enumerate(chart.marks):
        _mark(figure, chart, mark, level)
    figure.update_traces(hovertemplate=f"%{{x}}: %{{y{':.1%' if chart.y_unit == 'share' else ':.4g'}}}")
    figure.update_layout(
        height=270 if len(chart.series) == 1 else 310 + 22 * max(0, len(chart.series) - 2),
        margin={"l": 8, "r": 16, "t": 24 + 14 * max(0, len(chart.marks) - 1), "b": 8},
        legend={"orientation": "h", "y": -0.28, "yanchor": "top", "x": 0},
        hovermode="closest",
        dragmode=False,
        showlegend=len(chart.series) > 1,
    )
    figure.update_xaxes(**_axis(chart.x_label, chart.x_unit, list(chart.x), log=chart.log_x))
    figure.update_yaxes(**_axis(chart.y_label, chart.y_unit, _ys(chart), log=chart.log_y))
    if not chart.log_y:
        figure.update_yaxes(rangemode="tozero")
    return figure


def _ys(chart: Chart) -> list[float]:
    return [y for series in chart.series for y in series.y if y is not None]


def _axis(label: str, unit: str, values: list[float], *, log: bool) -> dict[str, object]:
    words = ", ".join(word for word in (label, "" if unit == "share" else unit) if word)
    axis: dict[str, object] = {"title": words, "automargin": True, "fixedrange": True}
    if unit == "share":
        axis["tickformat"] = ".0%"
    positive = [value for value in values if value > 0]
    if log and positive:
        ticks = log_ticks(min(positive), max(positive))
        text = [f"{tick * 100:.3g}%" if unit == "share" else number(tick) for tick in ticks]
        axis |= {"type": "log", "tickvals": ticks, "ticktext": text}
    return axis


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two: powers of ten and, where that is too few, some between them."""
    decades = range(floor(log10(low)), floor(log10(high)) + 2)
    steps = (1, 1.5, 2, 3, 4, 5, 7) if high / low < 6 else (1, 2, 5) if high / low < 100 else (1,)
    ticks = [float(f"{step}e{decade}") for decade in decades for step in steps]
    found = [tick for tick in ticks if low * 0.8 <= tick <= high * 1.25]
    return found[:: 1 + len(found) // 8]


def _mark(figure: go.Figure, chart: Chart, mark: Mark, level: int) -> None:
    if mark.until is not None:
        figure.add_vrect(x0=mark.x, x1=mark.until, fillcolor=ALARM, opacity=0.12, line_width=0)
    elif not chart.log_x or mark.x > 0:
        figure.add_vline(x=mark.x, line={"color": QUIET, "width": 1.5, "dash": "dot"})
    else:
        return
    at = log10(mark.x) if chart.log_x else mark.x
    figure.add_annotation(
        x=at, y=1, yref="paper", yanchor="bottom", yshift=1 + 14 * level * (mark.until is None), text=mark.text,
        showarrow=False, xanchor="left" if mark.until is not None else "center", font={"size": 12},
    )  # fmt: skip
