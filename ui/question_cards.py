"""A question as a card, and the choice among many."""

import streamlit as st

from question_bank.schema import BASIS_MEANING, Question
from storage.attempts import Listed, start_attempt
from ui.people import current_person
from ui.visit import go_to_interview
from ui.words import plain

LEVEL_NAMES = {"mid": "Mid", "senior": "Senior", "staff": "Staff"}


def found(questions: list[Question], wanted: str, level: str | None, category: str | None) -> list[Question]:
    """The questions whose title, prompt or tags hold every word that is wanted, of a level and a category if chosen."""
    words = wanted.lower().split()

    def fits(question: Question) -> bool:
        text = " ".join([question.title, question.prompt, question.category, *question.tags]).lower()
        return (
            all(word in text for word in words)
            and level in (None, question.difficulty)
            and category in (None, question.category)
        )

    return [question for question in questions if fits(question)]


def question_card(question: Question, attempts: list[Listed]) -> None:
    """Show a question with what is known about it, and a button to begin."""
    with st.container(border=True, height="stretch"):
        st.subheader(plain(question.title), anchor=False)
        with st.container(horizontal=True):
            st.badge(LEVEL_NAMES[question.difficulty], color="primary")
            st.badge(f"{question.minutes} min", color="gray")
            st.badge(question.category.replace("-", " "), color="gray")
        st.text(question.prompt)
        names = ", ".join(f"{company.name} ({'+'.join(company.basis)})" for company in question.companies)
        meanings = "; ".join(f"{code}: {meaning}" for code, meaning in BASIS_MEANING.items())
        st.caption(f"Asked at: {plain(names)}", help=f"What the claim rests on. {meanings}.")
        if attempts:
            graded = [one.card.total for one in attempts if one.card is not None]
            said = f"Tried {len(attempts)} time{'s' if len(attempts) > 1 else ''}"
            st.caption(said + (f", last graded {graded[0]:.0f} of 100." if graded else ", not graded yet."))
        if st.button("Start again" if attempts else "Start", key=f"start:{question.slug}", type="primary"):
            go_to_interview(start_attempt(current_person(), question.slug))
