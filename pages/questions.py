"""Choose a question, or go on where you were."""

import time

import streamlit as st

from storage.attempts import Listed, list_attempts
from storage.rounds import list_rounds
from ui import shell
from ui.cached import questions, workers
from ui.moments import ago
from ui.newcomer import start_here
from ui.people import current_person
from ui.practice.next_thing import next_thing
from ui.practice.situation import here
from ui.question_cards import choices, found, question_card, state_of
from ui.rounds import is_mock
from ui.visit import go_to_interview
from ui.words import many, plain

shell.ensure()

CARDS_IN_A_ROW = 2


def unfinished(attempts: list[Listed]) -> None:
    """The newest attempts that are not finished, each with a way back in."""
    rounds = list_rounds(current_person())
    for attempt in [one for one in attempts if one.finished_at is None and one.question in questions()][:3]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            title = plain(questions()[attempt.question].title)
            clock = (
                ", a mock interview whose clock runs on" if attempt.id in rounds and is_mock(rounds[attempt.id]) else ""
            )
            st.markdown(
                f"**{title}**  \n{many(attempt.words, 'word')}, {many(attempt.runs, 'run')}, "
                f"last seen {ago(attempt.last_seen, time.time())}{clock}",
                width="stretch",
            )
            if st.button("Continue", key=f"continue:{attempt.id}"):
                go_to_interview(attempt.id)


st.title("Practice an ML system design interview", anchor=False)
st.markdown(
    "Answer in five timed phases. Draw the design, **predict** how it behaves, then run it under load and faults. "
    "The card at the end shows the evidence for every point."
)
st.page_link("pages/wind_tunnel.py", label="Or break a design first, in the wind tunnel", icon=":material/air:")
mine = list_attempts(current_person())
if not mine:
    start_here()
else:
    next_thing(here().step)
if any(one.finished_at is None for one in mine):
    st.subheader("Go on", anchor=False)
    unfinished(mine)
st.subheader("Questions", anchor=False)
everything = list(questions().values())
tried = {question.slug: [one for one in mine if one.question == question.slug] for question in everything}
wanted = choices(everything)
shown = found(everything, wanted, {slug: state_of(attempts) for slug, attempts in tried.items()})
if not shown:
    st.info("No question fits. Take a word or a filter away.")
else:
    st.caption(f"{len(shown)} of {many(len(everything), 'question')}")
for start in range(0, len(shown), CARDS_IN_A_ROW):
    for column, question in zip(st.columns(CARDS_IN_A_ROW), shown[start : start + CARDS_IN_A_ROW], strict=False):
        with column:
            question_card(question, tried[question.slug], asked_at=wanted.company)
workers()  # started when the page is there, so that the first run does not wait for them
