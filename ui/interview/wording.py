"""The interviewer's questions in a model's words, for whoever names an endpoint; the rules still choose what is asked.

Where a model is slow, away, or says something else, the question comes in its own words.
"""

from dataclasses import dataclass

import streamlit as st

from practice.interviewer.rules import MOST_WORDS
from practice.interviewer.state import Said
from rubrics.rewording import Rewording
from ui.review.model_grade import endpoint_fields
from ui.words import plain

_IS_ON, _WAITING = "wording_is_on", "wording_waiting"
_ENDPOINT = "wording_endpoint"


@dataclass(frozen=True)
class Waiting:
    """A question that is being reworded: for which attempt, as which of those that were said, and the work."""

    attempt: str
    number: int
    move: Said
    work: Rewording


def wording_settings() -> None:
    """The fields behind an expander; off until it is switched on, and only for this visit."""
    with st.expander("Questions in a model's words (optional)", key="wording"):
        st.markdown(
            "A language model of your choice can say the interviewer's questions in its own words. What is asked stays "
            "with the rules, and nothing is missing without a model."
        )
        endpoint = endpoint_fields(*st.columns(2, gap="medium"))
        is_on = st.toggle("Ask the model", key=_IS_ON, disabled=endpoint is None)
        st.session_state[_ENDPOINT] = endpoint if is_on else None
        host = f"**{plain(endpoint.host)}**" if endpoint is not None else "the endpoint"
        st.caption(
            f"Each question is sent to {host} as it stands, with the few words of yours that it quotes, and nothing "
            "else. A reply that is late or asks something else is not used."
        )


def reword(attempt_id: str, number: int, move: Said) -> Said | None:
    """The question at once where no model is asked, else None: it comes in a moment from `reworded`."""
    endpoint = st.session_state.get(_ENDPOINT)
    if endpoint is None:
        return move
    work = Rewording(move.text, endpoint, MOST_WORDS).start()
    st.session_state[_WAITING] = Waiting(attempt_id, number, move, work)
    return None


def is_waiting(attempt_id: str, number: int) -> bool:
    """Whether the next thing to be said is being reworded."""
    waiting: Waiting | None = st.session_state.get(_WAITING)
    return waiting is not None and (waiting.attempt, waiting.number) == (attempt_id, number)


def reworded(now: float) -> Said | None:
    """The question that was waited for, in the words it has now; None while the model is thinking."""
    waiting: Waiting = st.session_state[_WAITING]
    if not waiting.work.is_over:
        return None
    del st.session_state[_WAITING]
    return waiting.move.model_copy(update={"text": waiting.work.text, "at": now})
