"""Cards on the screen: asked, answered in one's head, turned, and judged by oneself."""

import time

import streamlit as st

from practice.recall import ANSWERS, Answer
from question_bank.recall import RecallCard
from storage.practiced import add_review
from ui.people import current_person
from ui.practice.situation import Here
from ui.words import many, plain

_TURNED, _SINCE = "recall:turned", "recall:since"
LONGEST_MIN = 10.0  # of one card; more was not spent on it
_MEANS = {"again": "not known", "hard": "with effort", "good": "known", "easy": "at once"}


def recall(now: Here) -> None:
    """The first card of today's pile."""
    if not now.stack.items:
        st.success("No card is left for today.")
        _left_over(now)
        return
    card = now.known[now.stack.items[0]]
    st.caption(f"{many(len(now.stack.items), 'card')} left today")
    since = st.session_state.setdefault(_SINCE, {}).setdefault(card.id, time.time())
    with st.container(border=True):
        st.caption(plain(card.source))
        st.markdown(f"**{plain(card.ask)}**")
        if st.session_state.get(_TURNED) != card.id:
            st.caption("Say the answer to yourself first, in full.")
            st.button("Show the answer", type="primary", key="recall:turn", on_click=_turn, args=(card.id,))
            return
        st.markdown(card.answer if card.id.startswith(("probe:", "fact:")) else plain(card.answer))
        if card.points:
            st.markdown("\n".join(f"- {plain(point)}" for point in card.points))
        st.caption("How well did you know it? The next day follows from that.")
        with st.container(horizontal=True):
            for answer in ANSWERS:
                st.button(
                    answer.capitalize(), key=f"recall:{answer}", help=_MEANS[answer], on_click=_judge,
                    args=(card, answer, since),
                )  # fmt: skip
    _left_over(now)


def _turn(card: str) -> None:
    st.session_state[_TURNED] = card


def _judge(card: RecallCard, answer: Answer, since: float) -> None:
    add_review(current_person(), card.id, answer, min(LONGEST_MIN, (time.time() - since) / 60))
    st.session_state.pop(_TURNED, None)
    st.session_state.pop(_SINCE, None)


def _left_over(now: Here) -> None:
    if now.stack.left_over:
        st.caption(
            f"{many(now.stack.left_over, 'more card')} would be due; a day takes no more, and they keep their turn."
        )
