"""Pictures of progress: every point stands for one attempt, and lines only lead the eye from one to the next."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil

import plotly.graph_objects as go

from practice.prediction import CLOSE
from practice.progress.rows import LevelRow, MinuteRow, PredictionRow
from rubrics import load_rubric
from ui.charts import ALARM, BELOW, PALETTE, QUIET, empty_figure
from ui.figure_parts import Data, axis, grid, in_layout

COLUMNS = 2
OWN = "own level, where another counts"
_LEVELS = {"range": [-0.4, 4.4], "tickvals": [0, 1, 2, 3, 4], "gridcolor": "rgba(128,128,128,0.25)", "zeroline": False}
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
_FURTHEST = 12.0  # a factor beyond it is drawn at the edge


def day(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def fig_levels(rows: Sequence[LevelRow], titles: Mapping[str, str]) -> go.Figure:
    """A small picture for each dimension: the level that counted, and the own level where that was another."""
    dimensions = [one for one in load_rubric().dimensions if any(row.dimension == one.id for row in rows)]
    rows_of_it = ceil(len(dimensions) / COLUMNS)
    layout = grid(
        rows_of_it, COLUMNS, shared_xaxes="all", shared_yaxes="all",
        subplot_titles=[one.title for one in dimensions], vertical_spacing=0.09, horizontal_spacing=0.06,
    )  # fmt: skip
    for number in range(1, rows_of_it * COLUMNS + 1):
        layout[in_layout("x", number)] |= {"showgrid": False, "nticks": 4, "tickformat": "%d %b"}
        layout[in_layout("y", number)] |= _LEVELS
    for title in layout["annotations"]:
        title["font"] = {"size": 13}
    traces: list[Data] = []
    for number, dimension in enumerate(dimensions, start=1):
        mine = [row for row in rows if row.dimension == dimension.id]
        counted = [row for row in mine if row.level is not None]
        own = [row for row in counted if row.own is not None and row.own != row.level]
        _points(traces, counted, [row.level for row in counted], titles, "counts", number)
        _points(traces, own, [row.own for row in own], titles, OWN, number)
        if not counted:  # a picture without a trace would have no axes either
            place: Data = {"type": "scatter", "xaxis": axis("x", number), "yaxis": axis("y", number)}
            nothing = {"x": [day(row.at) for row in mine], "y": [None] * len(mine), "showlegend": False}
            traces.append(place | nothing)
    look = {
        "height": 90 + 135 * rows_of_it, "margin": {"l": 8, "r": 8, "t": 30, "b": 60}, "dragmode": False,
        "legend": {"orientation": "h", "x": 0, **BELOW},
    }  # fmt: skip
    return go.Figure(data=traces, layout=layout | look)


def _points(
    traces: list[Data], rows: Sequence[LevelRow], levels: Sequence[int | None], titles: Mapping[str, str], name: str,
    number: int,
) -> None:  # fmt: skip
    if not rows:
        return
    is_main, is_first = name != OWN, all(trace.get("name") != name for trace in traces)
    traces.append(
        {
            "type": "scatter",
            "x": [day(row.at) for row in rows],
            "y": levels,
            "mode": "lines+markers" if is_main else "markers",
            "name": name,
            "line": {"width": 1, "color": QUIET},
            "marker": {"size": 9, "color": PALETTE[0]}
            if is_main
            else {"size": 10, "symbol": "diamond-open", "color": ALARM},
            "legendgroup": name,
            "showlegend": is_first,
            "customdata": [titles.get(row.question, row.question) for row in rows],
            "hovertemplate": f"%{{customdata}}<br>%{{x|%Y-%m-%d}}: %{{y}}<extra>{name}</extra>",
            "xaxis": axis("x", number),
            "yaxis": axis("y", number),
        }
    )


def levels_alt(rows: Sequence[LevelRow]) -> str:
    """The newest level of each dimension in words."""
    newest = {row.title: row.level for row in rows}
    return "Newest levels: " + ", ".join(
        f"{title} {'not shown' if one is None else one}" for title, one in newest.items()
    )


def fig_calibration(rows: Sequence[PredictionRow]) -> go.Figure:
    """Predicted / measured on a log scale: 1 is right, and the band is a quarter up or down."""
    figure = empty_figure(300)
    figure.add_hrect(1 / CLOSE, CLOSE, fillcolor=PALETTE[0], opacity=0.18, line_width=0)
    figure.add_hline(1, line={"color": QUIET, "width": 1})
    for name, color, symbol in (("p99", PALETTE[1], "circle"), ("cost per month", PALETTE[2], "square")):
        mine = [row for row in rows if row.what == name and row.factor is not None]
        figure.add_scatter(
            x=[day(row.at) for row in mine],
            y=[min(max(row.factor or 1.0, 1 / _FURTHEST), _FURTHEST) for row in mine],
            mode="lines+markers", name=name, line={"width": 1, "color": color},
            marker={"size": 9, "color": color, "symbol": symbol},
            customdata=[f"{row.predicted} predicted, {row.measured} measured" for row in mine],
            hovertemplate="%{x|%Y-%m-%d}: %{customdata}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(
        type="log", range=[-1.1, 1.1], tickvals=_TICKS, ticktext=[f"{one:g}x" for one in _TICKS],
        title="predicted / measured",
    )  # fmt: skip
    figure.update_xaxes(tickformat="%d %b", nticks=6)
    return figure


def fig_honesty(rows: Sequence[LevelRow]) -> go.Figure:
    """Own level minus automatic part: a mark for each dimension of each attempt, larger where several agree, and the
    mean of each attempt.
    """
    figure = empty_figure(300)
    known = [row for row in rows if row.difference is not None]
    spots: dict[tuple[float, int], list[str]] = {}
    for row in known:
        spots.setdefault((row.at, row.difference or 0), []).append(row.title)
    figure.add_hline(0, line={"color": QUIET, "width": 1})
    figure.add_scatter(
        x=[day(at) for at, _ in spots], y=[difference for _, difference in spots], mode="markers", name="dimensions",
        marker={"size": [5 + 3 * len(one) for one in spots.values()], "color": PALETTE[1], "opacity": 0.55},
        customdata=[", ".join(one) for one in spots.values()],
        hovertemplate="%{x|%Y-%m-%d}, %{y:+d}: %{customdata}<extra></extra>",
    )  # fmt: skip
    moments = sorted({row.at for row in known})
    figure.add_scatter(
        x=[day(at) for at in moments], y=[_mean([row for row in known if row.at == at]) for at in moments],
        mode="lines+markers", name="mean of the attempt", line={"width": 2, "color": PALETTE[2]},
        hovertemplate="%{x|%Y-%m-%d}: %{y:+.1f}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(range=[-4.3, 4.3], tickvals=list(range(-4, 5)), title="levels", zeroline=False)
    figure.update_xaxes(tickformat="%d %b", nticks=6)
    return figure


def _mean(rows: Sequence[LevelRow]) -> float:
    return sum(row.difference or 0 for row in rows) / len(rows)


def fig_minutes(rows: Sequence[MinuteRow], titles: Mapping[str, str]) -> go.Figure:
    """A bar for each attempt, cut into its phases, the newest on top."""
    attempts = list(dict.fromkeys(row.attempt for row in rows))
    labels = {row.attempt: f"{day(row.at):%d %b} {_short(titles.get(row.question, row.question))}" for row in rows}
    figure = empty_figure(110 + 34 * len(attempts))
    for i, phase in enumerate(dict.fromkeys(row.phase for row in rows)):
        mine = [row for row in rows if row.phase == phase]
        figure.add_bar(
            y=[row.attempt for row in mine], x=[row.spent_min for row in mine], orientation="h", name=phase,
            marker={"color": PALETTE[i]}, customdata=[row.planned_min for row in mine],
            hovertemplate=f"{phase}: %{{x:.1f}} of %{{customdata:.0f}} min<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack", legend={"traceorder": "normal", **BELOW}, margin={"t": 8, "b": 70})
    figure.update_yaxes(tickvals=attempts, ticktext=[labels[one] for one in attempts], automargin=True)
    figure.update_xaxes(title="minutes", rangemode="tozero")
    return figure


def _short(title: str) -> str:
    return title if len(title) <= 24 else f"{title[:22].rstrip()}\u2026"
