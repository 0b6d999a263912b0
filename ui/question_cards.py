"""Questions as cards, and the choice among many."""

from dataclasses import dataclass
from typing import Literal, NoReturn

import streamlit as st

from question_bank.schema import BASIS_MEANING, Company, Question
from storage.attempts import Listed, start_attempt
from ui.cached import questions
from ui.interview.round_setup import PARAMETER as SETUP
from ui.people import current_person
from ui.visit import go_to_interview
from ui.words import plain

State = Literal["new", "begun", "finished", "graded"]

LEVEL_NAMES = {"mid": "Mid", "senior": "Senior", "staff": "Staff"}
STATE_NAMES: dict[State, str] = {
    "new": "Not tried yet",
    "begun": "Begun",
    "finished": "Finished, not graded",
    "graded": "Graded",
}


@dataclass(frozen=True)
class Wanted:
    """What a person looks for; None is anything."""

    words: str = ""
    level: str | None = None
    category: str | None = None
    company: str | None = None
    minutes_at_most: int | None = None
    topic: str | None = None
    state: State | None = None


def state_of(attempts: list[Listed]) -> State:
    """How far a person has come with a question."""
    if any(one.card is not None for one in attempts):
        return "graded"
    if any(one.finished_at is not None for one in attempts):
        return "finished"
    return "begun" if attempts else "new"


def found(everything: list[Question], wanted: Wanted, states: dict[str, State]) -> list[Question]:
    """The questions that fit: every word stands somewhere in title, prompt, tags, topics or companies."""
    return [question for question in everything if _fits(question, wanted, states.get(question.slug, "new"))]


def _fits(question: Question, wanted: Wanted, state: State) -> bool:
    names = [company.name for company in question.companies]
    texts = [question.title, question.prompt, question.category, *question.tags, *question.covers_seed, *names]
    text = " ".join(texts).lower()
    return (
        all(word in text for word in wanted.words.lower().split())
        and wanted.level in (None, question.difficulty)
        and wanted.category in (None, question.category)
        and (wanted.company is None or wanted.company in names)
        and (wanted.minutes_at_most is None or question.minutes <= wanted.minutes_at_most)
        and (wanted.topic is None or wanted.topic in (*question.tags, *question.covers_seed))
        and wanted.state in (None, state)
    )


def choices(everything: list[Question]) -> Wanted:
    """The widgets that say what is looked for."""
    search, level_box, category_box, more = st.columns([4, 2, 3, 2], vertical_alignment="bottom")
    words = search.text_input("Search", placeholder="a word of the title, text, topic or company", live="300ms")
    level = level_box.selectbox("Level", list(LEVEL_NAMES), index=None, format_func=LEVEL_NAMES.get, placeholder="any")
    categories = sorted({one.category for one in everything})
    category = category_box.selectbox("Kind", categories, index=None, format_func=_spoken, placeholder="any")
    with more.popover("More filters", width="stretch"):
        companies = sorted({company.name for one in everything for company in one.companies})
        company = st.selectbox("Company", companies, index=None, placeholder="any", help=_basis_help())
        topics = sorted({topic for one in everything for topic in (*one.tags, *one.covers_seed)}, key=str.lower)
        topic = st.selectbox("Topic", topics, index=None, format_func=_spoken, placeholder="any")
        lengths = sorted({one.minutes for one in everything})
        minutes = st.selectbox("At most", lengths, index=None, format_func="{} min".format, placeholder="any length")
        state = st.selectbox("State", list(STATE_NAMES), index=None, format_func=STATE_NAMES.get, placeholder="any")
    return Wanted(words, level, category, company, minutes, topic, state)


def _spoken(slug: str) -> str:
    return slug.replace("-", " ")


def _basis_help() -> str:
    meanings = "; ".join(f"{code}: {meaning}" for code, meaning in BASIS_MEANING.items())
    return f"What the claim rests on stands behind the name. {meanings}."


def basis(company: Company) -> str:
    """The company, what the claim that it asks this rests on, and more if there is."""
    said = f"{company.name} ({'+'.join(company.basis)})"
    return f"{said}: {company.note}" if company.note else said


def question_card(question: Question, attempts: list[Listed], *, asked_at: str | None = None) -> None:
    """Show a question with what is known about it, and a button to begin."""
    with st.container(border=True, height="stretch"):
        with st.container(height="stretch"):  # so that the buttons of a row stand in line
            _about(question, attempts, asked_at)
        with st.container(horizontal=True):
            if st.button("Start again" if attempts else "Start", key=f"start:{question.slug}", type="primary"):
                start(question)
            if st.button(
                "Set up a round",
                key=f"round:{question.slug}",
                help="A mock interview, or self-study in times of your own.",
            ):
                st.switch_page("pages/interview.py", query_params={SETUP: question.slug})


def _about(question: Question, attempts: list[Listed], asked_at: str | None) -> None:
    st.subheader(plain(question.title), anchor=False)
    with st.container(horizontal=True):
        st.badge(LEVEL_NAMES[question.difficulty], color="primary")
        st.badge(f"{question.minutes} min", color="gray")
        st.badge(_spoken(question.category), color="gray")
    st.text(question.prompt)
    ours = [one for one in question.companies if one.name == asked_at]
    if ours:
        meaning = "; ".join(BASIS_MEANING[code] for code in ours[0].basis)
        st.caption(f"Asked at {plain(asked_at or '')}: {meaning}.")
    names = ", ".join(f"{company.name} ({'+'.join(company.basis)})" for company in question.companies)
    st.caption(f"Asked at: {plain(names)}", help=_basis_help())
    if attempts:
        graded = [one.card.total for one in attempts if one.card is not None]
        said = f"Tried {len(attempts)} time{'s' if len(attempts) > 1 else ''}"
        st.caption(said + (f", last graded {graded[0]:.0f} of 100." if graded else ", not graded yet."))
    related = [questions()[slug].title for slug in question.related if slug in questions()]
    if related:
        st.caption(f"Related: {plain('; '.join(related))}")


def start(question: Question) -> NoReturn:
    """Begin an attempt and go there."""
    go_to_interview(start_attempt(current_person(), question.slug))
