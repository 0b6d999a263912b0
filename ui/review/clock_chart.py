"""The picture of where the minutes of a round went."""

from collections.abc import Sequence

import plotly.graph_objects as go

from practice.forensics import PhaseTime
from practice.phases import phase
from ui.charts import ALARM, FRAME, PALETTE, QUIET


def fig_minutes(phases: Sequence[PhaseTime]) -> go.Figure:
    """A bar for the minutes spent in each phase, red beyond the plan, and a mark where the plan ended."""
    rows = list(reversed(phases))
    titles = [phase(one.phase).title for one in rows]
    within = [min(one.spent_min, one.planned_min) for one in rows]
    figure = go.Figure()
    for name, minutes, color in (
        ("spent", within, PALETTE[0]),
        ("beyond the plan", [one.over_min for one in rows], ALARM),
    ):
        figure.add_bar(
            y=titles, x=minutes, name=name, orientation="h", marker={"color": color},
            hovertemplate=f"%{{y}}: %{{x:.1f}} min {name}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        y=titles, x=[one.planned_min for one in rows], name="planned", mode="markers",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": QUIET}},
        hovertemplate="%{y}: %{x:.0f} min planned<extra></extra>",
    )  # fmt: skip
    figure.update_layout(barmode="stack", height=260, **FRAME)
    figure.update_xaxes(title="minutes", rangemode="tozero")
    figure.update_yaxes(automargin=True)
    return figure


def minutes_alt(phases: Sequence[PhaseTime]) -> str:
    """The picture in words."""
    parts = [f"{phase(one.phase).title} {one.spent_min:.1f} of {one.planned_min:.0f}" for one in phases]
    return f"Minutes spent of those planned: {', '.join(parts)}."
