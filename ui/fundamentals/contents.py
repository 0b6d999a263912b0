"""What there is to read and try, and the way to each of it."""

import streamlit as st

from question_bank.cards import GROUPS, Card, Exercise
from question_bank.labs import Lab
from storage.notes import noted
from ui.cached import cards, exercises, labs
from ui.labs.lab import LAB
from ui.people import current_person
from ui.words import plain

CARD, EXERCISE = "card", "exercise"
PAGE = "pages/fundamentals.py"
IN_A_ROW = 2


def card_link(slug: str, before: str = "") -> None:
    """A link to a card, with a word before its title."""
    st.page_link(PAGE, label=before + plain(cards()[slug].title), query_params={CARD: slug})


def exercise_link(slug: str) -> None:
    """A link to an exercise."""
    st.page_link(PAGE, label=plain(exercises()[slug].title), query_params={EXERCISE: slug})


def lab_link(slug: str) -> None:
    """A link to a lab by itself."""
    st.page_link(PAGE, label=plain(labs()[slug].title), query_params={LAB: slug})


def contents() -> None:
    """Everything by groups, with what has been seen."""
    st.title("Fundamentals", anchor=False)
    st.markdown(
        "Five minutes each: what it is about, a question that interviewers ask, a model answer, "
        "and something to try. Where a card has a lab, predict before you turn the knob."
    )
    seen = set(noted(current_person(), "card"))
    graded = set(noted(current_person(), "exercise"))
    wanted = st.text_input("Search the cards", placeholder="a word of the title or text", live="300ms")
    found = [card for card in cards().values() if _fits(card, wanted)]
    found_labs = [lab for lab in labs().values() if _has(f"{lab.title} {lab.lead}", wanted)]
    if not found and not found_labs:
        st.info("No card has these words. Take one away.")
    if not wanted:
        st.subheader("Grade an answer first", anchor=False)
        for exercise in exercises().values():
            _exercise(exercise, exercise.slug in graded)
    for group, title in GROUPS.items():
        mine = [card for card in found if card.group == group]
        if mine:
            st.subheader(title, anchor=False)
            for start in range(0, len(mine), IN_A_ROW):
                for column, card in zip(st.columns(IN_A_ROW), mine[start : start + IN_A_ROW], strict=False):
                    with column:
                        _entry(card, card.slug in seen)
    if found_labs:
        _labs(found_labs)


def _labs(found: list[Lab]) -> None:
    st.subheader("Labs", anchor=False)
    done = set(noted(current_person(), LAB))
    columns, tall = st.columns(3), -(-len(found) // 3)
    for number, lab in enumerate(found):
        with columns[number // tall], st.container(horizontal=True, vertical_alignment="center"):
            lab_link(lab.slug)
            if lab.slug in done:
                st.badge("tried", color="green")


def _fits(card: Card, wanted: str) -> bool:
    texts = [card.title, card.summary, *card.covers_seed, *(section.text or "" for section in card.sections)]
    return _has(" ".join([*texts, *(probe.ask for probe in card.probes)]), wanted)


def _has(text: str, wanted: str) -> bool:
    return all(word in text.lower() for word in wanted.lower().split())


def _entry(card: Card, seen: bool) -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_link(card.slug)
            st.badge(f"{card.minutes} min", color="gray")
            if card.labs:
                st.badge("lab", color="primary")
            if seen:
                st.badge("read", color="green")
        st.caption(plain(card.summary))


def _exercise(exercise: Exercise, graded: bool) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            exercise_link(exercise.slug)
            st.badge("exercise", color="primary")
            if graded:
                st.badge("begun", color="green")
        st.caption(plain(exercise.story))
