"""Questions to the interviewer, and what was told."""

import streamlit as st

from practice.attempt import Attempt
from practice.facts import NOT_SPECIFIED, answering
from question_bank.schema import Fact, Question
from storage.attempts import add_asked
from ui.people import current_person
from ui.visit import current_attempt
from ui.words import plain

LONGEST_QUESTION = 300


@st.fragment
def ask_box(question: Question) -> None:
    """One box to ask in; the answer appears above it."""
    attempt = current_attempt()
    if attempt is None:
        return
    st.subheader("Ask the interviewer", anchor=False)
    if not attempt.asked:
        st.caption("The prompt is vague on purpose. Ask about one thing at a time; what you learn is yours to use.")
    with st.form(f"ask:{attempt.id}", clear_on_submit=True, border=False):
        asked = st.text_input(
            "Your question", max_chars=LONGEST_QUESTION, placeholder="How many people use it?", key="ask_text"
        )
        sent = st.form_submit_button("Ask")
    if sent and asked.strip():
        found = answering(question.facts, asked)
        add_asked(current_person(), attempt.id, asked.strip(), found[0] if found else None)
        attempt = current_attempt() or attempt
    facts = {fact.id: fact for fact in question.facts}
    for asked_before in reversed(attempt.asked):
        answer = facts[asked_before.fact].answer if asked_before.fact in facts else NOT_SPECIFIED
        with st.container(border=True):
            st.caption(plain(asked_before.text))
            st.text(answer)


def told(question: Question, attempt: Attempt) -> None:
    """What is known by now; after the first phase the remaining must-facts are told too."""
    known = attempt.known_facts()
    asked = [fact for fact in question.facts if fact.id in known]
    rest = [fact for fact in question.facts if fact.must and fact.id not in known]
    with st.expander(f"What you know: {len(asked)} asked, {len(rest)} told", key="told"):
        if not asked and not rest:
            st.caption("Nothing yet.")
        _list(asked)
        if rest:
            st.caption("You did not ask for these; they are told so that the phases after this one stay comparable.")
            _list(rest)


def _list(facts: list[Fact]) -> None:
    for fact in facts:
        st.markdown(f"**{plain(fact.topic)}**  \n{plain(fact.answer)}")
