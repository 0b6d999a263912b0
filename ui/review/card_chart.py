"""The picture of a card: the level that counts in each dimension, and beside it what others say."""

from collections.abc import Callable, Mapping

import plotly.graph_objects as go

from rubrics import Card
from rubrics.card import DimensionCard
from rubrics.schema import DimensionId, Source
from ui.charts import ALARM, PALETTE, QUIET

SOURCES: dict[Source, str] = {
    "measured": "measured by your runs",
    "checked": "checked by arithmetic",
    "self": "your own level",
}
_COLORS: dict[Source, str] = {"measured": PALETTE[2], "checked": PALETTE[1], "self": PALETTE[0]}
Mark = Callable[[DimensionCard], int | None]


def fig_levels(card: Card, model: Mapping[DimensionId, int]) -> go.Figure:
    """A bar for each dimension by who set its level, and marks for the other levels where they differ from it."""
    rows = list(reversed(card.dimensions))
    figure = go.Figure()
    for source, name in SOURCES.items():
        mine = [row for row in rows if row.verdict.source == source]
        if mine:
            figure.add_bar(
                y=[row.title for row in mine], x=[row.verdict.level for row in mine], orientation="h", name=name,
                marker={"color": _COLORS[source]}, text=[str(row.verdict.level) for row in mine],
                textposition="inside", insidetextanchor="start", textangle=0, textfont={"color": "white"},
            )  # fmt: skip
    marks: list[tuple[str, str, str, Mark]] = [
        ("own, where another counts", "diamond", ALARM, _own),
        ("first", "circle", QUIET, _first),
        ("suggested", "triangle-up", PALETTE[3], lambda row: row.verdict.suggested),
        ("model", "square", PALETTE[4], lambda row: model.get(row.verdict.dimension)),
    ]
    for name, symbol, color, level in marks:
        shown = [(row.title, level(row)) for row in rows if level(row) is not None]
        if shown:
            figure.add_scatter(
                y=[title for title, _ in shown], x=[found for _, found in shown], mode="markers", name=name,
                marker={"color": color, "size": 12, "symbol": symbol, "line": {"width": 1.5, "color": "white"}},
            )  # fmt: skip
    if barless := [row for row in rows if not row.verdict.level]:
        figure.add_scatter(
            y=[row.title for row in barless], x=[0.05] * len(barless), mode="text",
            text=["not shown" if row.verdict.level is None else "0" for row in barless],
            textposition="middle right", hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    figure.update_yaxes(categoryorder="array", categoryarray=[row.title for row in rows], automargin=True)
    figure.update_xaxes(range=[0, 4.3], tickvals=[0, 1, 2, 3, 4], title="level", gridcolor=QUIET, zeroline=False)
    figure.update_layout(
        height=390, margin={"l": 8, "r": 8, "t": 8, "b": 8}, barmode="overlay", dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
    )  # fmt: skip
    return figure


def _own(row: DimensionCard) -> int | None:
    return row.verdict.self_level if row.verdict.self_level != row.verdict.level else None


def _first(row: DimensionCard) -> int | None:
    return row.verdict.first_level if row.verdict.first_level != row.verdict.self_level else None


def levels_alt(card: Card) -> str:
    """The picture in words."""
    parts = [
        f"{row.title} {'not shown' if row.verdict.level is None else row.verdict.level}" for row in card.dimensions
    ]
    return "Levels: " + ", ".join(parts) + "."
