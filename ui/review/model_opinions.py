"""What a model found, beside the person's own levels: a row for each dimension, and the quotations it rests on."""

import streamlit as st

from practice.attempt import Attempt
from rubrics import load_rubric
from rubrics.inquiry import Inquiry
from rubrics.model_cost import Prices, spent
from rubrics.model_task import Opinion
from ui.pictures import NONE
from ui.review.concepts import concept
from ui.words import dollars, many, plain


def opinions(inquiry: Inquiry, attempt: Attempt, prices: Prices) -> None:
    """The table, the sum, and an expander for each dimension."""
    found = inquiry.opinions
    if not found:
        return
    reasons = {one.sentence for one in found if one.problem is not None}
    if len(reasons) == 1 and all(one.level is None for one in found):
        st.error(plain(reasons.pop()) + " There is no opinion.")
        return
    st.subheader(f"What {plain(inquiry.model)} found", anchor=False)
    rows = [_row(one, attempt, prices) for one in found]
    st.table({key: [row[key] for row in rows] for key in rows[0]}, border="horizontal")
    st.caption(plain(_sum(found, prices)))
    for one in found:
        _dimension(one)


def _row(one: Opinion, attempt: Attempt, prices: Prices) -> dict[str, str]:
    core = [item for item in one.items if item.tier == "core"]
    own = attempt.own_levels.get(one.dimension)
    known = one.tokens_in is not None and one.tokens_out is not None
    tokens = (one.tokens_in or 0, one.tokens_out or 0)
    usd = prices.usd(*tokens) if known else None
    return {
        "dimension": _title(one),
        "your level": str(own.level) if own is not None else NONE,
        "model's level": str(one.level) if one.level is not None else "none",
        "core adopted": f"{sum(item.is_adopted for item in core)} of {len(core)}" if one.items else NONE,
        "decoys": one.decoys or NONE,
        "tokens": f"{sum(tokens):,}" if known else "not told",
        "USD": dollars(usd).removesuffix(" USD") if usd is not None else NONE,
    }


def _title(one: Opinion) -> str:
    return load_rubric().dimension(one.dimension).title


def _sum(found: tuple[Opinion, ...], prices: Prices) -> str:
    sent = f"{many(sum(one.requests for one in found), 'request')} sent"
    tokens = spent(found)
    if tokens is None:
        return f"{sent}. The endpoint did not say how many tokens they took."
    usd = prices.usd(*tokens)
    cost = f", {dollars(usd)}" if usd is not None else ""
    asked = "Capacity was not asked about: its numbers are checked by arithmetic."
    return f"{sent}, {tokens[0]:,} tokens in and {tokens[1]:,} out{cost}. {asked}"


def _dimension(one: Opinion) -> None:
    level = f"level {one.level}" if one.level is not None else "no level"
    with st.expander(f"{_title(one)}: {level} by the model", key=f"opinion:{one.dimension}"):
        st.markdown(plain(one.sentence))
        for item in one.items:
            concept(item.status, item.label, item.quote)
        if doubts := _doubts(one):
            st.caption(plain(doubts))


def _doubts(one: Opinion) -> str:
    said = []
    if one.made_up:
        said.append(f"{many(one.made_up, 'quotation')} did not stand in your answer and did not count.")
    if one.differing:
        said.append(f"The two runs did not agree on {many(one.differing, 'concept')}, which count as not found.")
    return " ".join(said)
