"""All attempts, the newest first."""

import time

import streamlit as st

from storage.attempts import Listed, delete_attempt, list_attempts
from ui import shell
from ui.cached import questions
from ui.files.downloads import downloads
from ui.files.opened import open_file, opened
from ui.moments import ago, on_day
from ui.people import current_person
from ui.review.card import signal_words
from ui.visit import PARAMETER, go_to_interview
from ui.words import many, plain

shell.ensure()


@st.dialog("Delete this attempt?")
def confirm(attempt: Listed) -> None:
    """Deleting cannot be undone, so it is asked twice."""
    st.markdown(f"{many(attempt.words, 'word')} and {many(attempt.runs, 'run')} will be gone for good.")
    with st.container(horizontal=True):
        if st.button("Delete it", type="primary"):
            delete_attempt(current_person(), attempt.id)
            st.rerun()
        if st.button("Keep it"):
            st.rerun()


def line(attempt: Listed) -> None:
    """One attempt with its score and the ways into it."""
    question = questions().get(attempt.question)
    with st.container(border=True):
        what, score, ways = st.columns([5, 3, 4], vertical_alignment="center")
        title = plain(question.title) if question is not None else f"{plain(attempt.question)}, no longer in the bank"
        state = "finished" if attempt.finished_at is not None else f"last seen {ago(attempt.last_seen, time.time())}"
        what.markdown(
            f"**{title}**  \n{on_day(attempt.created_at)}, {state}, {many(attempt.words, 'word')}, "
            f"{many(attempt.runs, 'run')}"
        )
        with score:
            if attempt.card is None:
                st.caption("not graded")
            else:
                st.markdown(f"**{attempt.card.total:.0f} of 100**, {signal_words(attempt.card)}")
        with ways, st.container(horizontal=True, horizontal_alignment="right"):
            if question is not None and st.button("Open", key=f"open:{attempt.id}"):
                go_to_interview(attempt.id)
            if question is not None and st.button("Review", key=f"review:{attempt.id}"):
                st.switch_page("pages/review.py", query_params={PARAMETER: attempt.id})
            with st.popover("Files", key=f"files:{attempt.id}"):
                downloads(question, attempt.id)
            if st.button("Delete", key=f"delete:{attempt.id}"):
                confirm(attempt)


if opened():
    st.stop()
st.title("History", anchor=False)
attempts = list_attempts(current_person())
if not attempts:
    st.info("Nothing here yet. Every attempt appears here as soon as you start it.")
    st.page_link("pages/questions.py", label="Choose a question")
for one in attempts:
    line(one)
st.divider()
open_file()
