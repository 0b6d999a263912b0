"""The card: each dimension's level, where it comes from, and what follows."""

import plotly.graph_objects as go
import streamlit as st

from rubrics import Card
from rubrics.card import DimensionCard
from ui.charts import ALARM, PALETTE, PLAIN, QUIET
from ui.words import plain

SOURCES = {"measured": "measured by your runs", "checked": "checked by arithmetic", "self": "your own level"}
_OUTCOMES = {
    "yes": ("yes", "green"),
    "lean_yes": ("lean yes", "green"),
    "lean_no": ("lean no", "orange"),
    "no": ("no", "red"),
    "not_enough_evidence": ("not enough evidence", "gray"),
}


def show_card(card: Card) -> None:
    """The total, the signal, and every dimension with its evidence."""
    total, signal = st.columns([1, 3], gap="medium")
    with total:
        st.metric("Score", f"{card.total:.0f} of 100")
    with signal:
        word, color = _OUTCOMES[card.signal.outcome]
        st.badge(f"{card.signal.target}: {word}" if card.signal.target else word, color=color)
        st.markdown(plain(card.signal.sentence))
    if card.next_step is not None:
        st.info(
            f"What would lift it most: level {card.next_step.to_level} in "
            f"{plain(_title(card, card.next_step.dimension))}, {card.next_step.points:.1f} points. "
            f"{plain(card.next_step.advice)}"
        )
    st.plotly_chart(_levels(card), config=PLAIN, alt=_alt(card), key="card_levels")
    for row in card.dimensions:
        _dimension(row)
    with st.expander("Gates: what each signal asks for", key="gates"):
        for gate in card.signal.gates:
            word, color = _OUTCOMES[gate.outcome]
            st.badge(f"{gate.target}: {word}", color=color)
            st.markdown(
                "\n".join(f"- {'met' if c.is_met else 'missing'}: {plain(c.sentence)}" for c in gate.conditions)
            )


def _title(card: Card, dimension: str) -> str:
    return next(row.title for row in card.dimensions if row.verdict.dimension == dimension)


def _dimension(row: DimensionCard) -> None:
    verdict = row.verdict
    shown = "not shown" if verdict.level is None else f"level {verdict.level}"
    source = SOURCES[verdict.source] if verdict.source is not None else "nothing yet"
    with st.expander(f"{row.title}: {shown}, {row.points:.1f} of {row.weight} points", key=f"card:{verdict.dimension}"):
        st.markdown(plain(verdict.sentence))
        if row.descriptor:
            st.caption(plain(row.descriptor))
        st.caption(f"Set by: {source}.")
        for evidence in verdict.evidence:
            said = f"- {SOURCES[evidence.source]}: {plain(evidence.sentence)}"
            st.markdown(said + (f"  \n  \u201c{plain(evidence.quote)}\u201d" if evidence.quote else ""))


def _levels(card: Card) -> go.Figure:
    rows = list(reversed(card.dimensions))
    colors = {"measured": PALETTE[2], "checked": PALETTE[1], "self": PALETTE[0]}
    figure = go.Figure()
    for source, name in SOURCES.items():
        mine = [row for row in rows if row.verdict.source == source]
        figure.add_bar(
            y=[row.title for row in mine], x=[row.verdict.level for row in mine], orientation="h", name=name,
            marker={"color": colors[source]}, text=[str(row.verdict.level) for row in mine], textposition="outside",
            cliponaxis=False,
        )  # fmt: skip
    own = [row for row in rows if row.verdict.self_level not in (None, row.verdict.level)]
    if own:
        figure.add_scatter(
            y=[row.title for row in own], x=[row.verdict.self_level for row in own], mode="markers",
            name="your own level, where another counts", marker={"color": ALARM, "size": 10, "symbol": "diamond-open"},
        )  # fmt: skip
    figure.update_yaxes(categoryorder="array", categoryarray=[row.title for row in rows])
    figure.update_xaxes(range=[0, 4.3], tickvals=[0, 1, 2, 3, 4], title="level", gridcolor=QUIET, zeroline=False)
    figure.update_layout(
        height=380, margin={"l": 8, "r": 8, "t": 8, "b": 8}, barmode="overlay", dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def _alt(card: Card) -> str:
    parts = [
        f"{row.title} {'not shown' if row.verdict.level is None else row.verdict.level}" for row in card.dimensions
    ]
    return "Levels: " + ", ".join(parts) + "."
