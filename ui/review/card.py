"""The card: a picture of the levels, the score and the signal, who says what, and the evidence of every point."""

import streamlit as st

from practice.attempt import Attempt
from question_bank.schema import Question
from rubrics import Card
from rubrics.card import DimensionCard
from rubrics.evidence import Evidence
from rubrics.hire_signal import GateResult
from rubrics.measured_error import suggestion_error
from ui.charts import PLAIN
from ui.pictures import NONE
from ui.review.card_chart import SOURCES, fig_levels, levels_alt
from ui.review.model_grade import model_grade, model_levels
from ui.words import many, plain

_OUTCOMES = {
    "yes": ("yes", "green"),
    "lean_yes": ("lean yes", "green"),
    "lean_no": ("lean no", "orange"),
    "no": ("no", "red"),
    "not_enough_evidence": ("not enough evidence", "gray"),
}


def card_step(question: Question, attempt: Attempt, card: Card) -> None:
    """The card, and below it a model's opinion for whoever wants one."""
    show_card(card, attempt.id)
    model_grade(question, attempt)


def show_card(card: Card, attempt_id: str) -> None:
    """The picture and the signal, what would lift it, the gates, the table, and every dimension with its evidence."""
    model = model_levels(attempt_id)
    picture, numbers = st.columns([3, 2], gap="large")
    with picture:
        st.plotly_chart(fig_levels(card, model), config=PLAIN, alt=levels_alt(card), key="card_levels")
    with numbers:
        _signal(card)
        _next(card)
    st.subheader("Gates", anchor=False)
    for column, gate in zip(st.columns(3), card.signal.gates, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            _gate(gate)
    st.subheader("Who says what", anchor=False)
    rows = [_row(row, model) for row in card.dimensions]
    st.table({key: [row[key] for row in rows] for key in rows[0]}, border="horizontal")
    st.caption(
        "Only what counts makes points. First and own levels are yours, before and after the suggestions. The "
        "suggested one and a model's stand beside; a suggestion two levels or more from yours marks a dispute."
    )
    st.subheader("Evidence", anchor=False)
    for row in card.dimensions:
        _dimension(row)


def signal_words(card: Card) -> str:
    """The signal in a few words."""
    word, _ = _OUTCOMES[card.signal.outcome]
    return f"{card.signal.target}: {word}" if card.signal.target else word


def _signal(card: Card) -> None:
    st.metric("Score", f"{card.total:g} of 100")
    _, color = _OUTCOMES[card.signal.outcome]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Signal**", width="content")
        st.badge(signal_words(card), color=color)
    if card.signal.outcome != "yes":
        st.markdown(plain(card.signal.sentence))
    if card.suggested_total is not None:
        error = suggestion_error()
        low, high = error.band(card.suggested_total)
        st.caption(
            f"With the suggested levels it would be {card.suggested_total:g}. Suggestions were {error.score_points:g} "
            f"points off on average on {error.answers} labeled answers of our own, so read {low:.0f} to {high:.0f}. "
            "How far own levels are off has not been measured."
        )


def _next(card: Card) -> None:
    found = card.next_step
    if found is None:
        return
    title = _title(card, found.dimension)
    what = {
        "level": f"level {found.to_level} in {title}",
        "runs": f"runs that pass, for {title}",
        "evidence": f"evidence for {title}",
    }[found.kind]
    brings = [f"{found.points:g} points"] if found.points else []
    brings += [found.lifts] if found.lifts else []
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**What would lift it most:** {plain(what)}")
        st.markdown(plain(found.advice))
        st.caption(plain("It brings " + "; ".join(brings) + "." if brings else "It brings the gates nearer."))


def _gate(gate: GateResult) -> None:
    word, color = _OUTCOMES[gate.outcome]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{gate.target.capitalize()}**", width="content")
        st.badge(word, color=color)
    missing = [one.sentence for one in gate.conditions if not one.is_met]
    met = [one.sentence for one in gate.conditions if one.is_met]
    for sentence in missing:
        st.markdown(f":orange-badge[missing] {plain(sentence)}")
    if met:
        with st.expander(f"{many(len(met), 'condition')} met", key=f"gate:{gate.target}", type="compact"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in met))


def _row(row: DimensionCard, model: dict[str, int]) -> dict[str, str]:
    verdict = row.verdict
    shown = {
        "dimension": row.title,
        "counts": "not shown" if verdict.level is None else str(verdict.level),
        "first": _level(verdict.first_level),
        "own": _level(verdict.self_level),
        "suggested": f"{_level(verdict.suggested)}{', disputed' if verdict.is_disputed else ''}",
    }
    return shown | ({"model": _level(model.get(verdict.dimension))} if model else {})


def _level(level: int | None) -> str:
    return NONE if level is None else str(level)


def _source(row: DimensionCard) -> str:
    if row.verdict.is_empty:
        return "nothing was written"
    return SOURCES[row.verdict.source] if row.verdict.source is not None else "nobody yet"


def _title(card: Card, dimension: str) -> str:
    return next(row.title for row in card.dimensions if row.verdict.dimension == dimension)


def _dimension(row: DimensionCard) -> None:
    verdict = row.verdict
    shown = "not shown" if verdict.level is None else f"level {verdict.level}"
    title = f"{row.title}: {shown}, {row.points:g} of {row.weight} points, {_source(row)}"
    if contradicting := sum(_is_contradiction(one) for one in verdict.evidence):
        title += f", {many(contradicting, 'contradiction')}"
    with st.expander(title, key=f"card:{verdict.dimension}"):
        st.markdown(plain(verdict.sentence))
        if row.descriptor:
            st.caption(plain(row.descriptor))
        for evidence in verdict.evidence:
            said = f"- {_kind(evidence)}: {plain(evidence.sentence)}"
            st.markdown(said + (f"  \n  \u201c{plain(evidence.quote)}\u201d" if evidence.quote else ""))


def _kind(evidence: Evidence) -> str:
    if _is_contradiction(evidence):
        return "text against drawing, changes no level"
    return {"measured": "measured", "checked": "checked", "self": "your own level"}[evidence.source]


def _is_contradiction(evidence: Evidence) -> bool:
    """Whether it is the text that was checked against the drawing, rather than numbers or the asking for facts."""
    return evidence.source == "checked" and evidence.dimension != "capacity" and evidence.quote is not None
