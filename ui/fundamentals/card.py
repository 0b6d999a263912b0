"""A concept card on the screen: what it is about, a probing question, something to try, where to practice it."""

import streamlit as st

from question_bank.cards import Card, ProbingQuestion, Section, Table
from storage.notes import load_note, save_note
from ui.cached import labs, questions
from ui.fundamentals.contents import CARD, card_link
from ui.labs.lab import show_lab
from ui.people import current_person
from ui.question_cards import LEVEL_NAMES, start
from ui.words import plain


def show_card(card: Card) -> None:
    """The whole card; the model answer opens after one's own words."""
    st.title(plain(card.title), anchor=False)
    st.markdown(f"*{plain(card.summary)}*")
    for section in card.sections:
        _section(section)
    for number, probe in enumerate(card.probes):
        _probe(card, number, probe)
    for slug in card.labs:
        if slug in labs():
            show_lab(labs()[slug])
    _practice(card)
    if card.related:
        with st.container(horizontal=True):
            st.markdown("See also")
            for slug in card.related:
                card_link(slug)
    st.caption("Sources: " + plain("; ".join(card.provenance.sources)))
    save_note(current_person(), CARD, card.slug, {"read": True})


def _section(section: Section) -> None:
    st.subheader(plain(section.title), anchor=False)
    if section.text is not None:
        st.markdown(section.text)
    if section.table is not None:
        st.markdown(_markdown(section.table))


def _markdown(table: Table) -> str:
    rows = [table.columns, ("---",) * len(table.columns), *table.rows]
    cells = [[cell if cell == "---" else plain(cell) for cell in row] for row in rows]
    for row in cells[2:]:
        row[0] = f"**{row[0]}**"
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


@st.fragment
def _probe(card: Card, number: int, probe: ProbingQuestion) -> None:
    """Asked first; the model answer is shown once something of one's own is there, or on demand."""
    item = f"{card.slug}.{number}"
    kept = load_note(current_person(), CARD, item) or {}
    with st.container(border=True):
        st.markdown(f"**An interviewer asks:** {plain(probe.ask)}")
        with st.form(f"probe:{item}", border=False):
            text = st.text_area("Your answer, in a few sentences", kept.get("text", ""), height=110, max_chars=4000)
            left, right = st.columns(2)
            answered = left.form_submit_button("Compare with a model answer", type="primary", width="stretch")
            shown = right.form_submit_button("I do not know: show it", width="stretch")
        if answered and not text.strip():
            st.info("Write a sentence first; what you have tried to recall stays longer than what you only read.")
        elif answered or shown:
            kept = {"text": text, "seen": True}
            save_note(current_person(), CARD, item, kept)
        if kept.get("seen"):
            _model_answer(probe)


def _model_answer(probe: ProbingQuestion) -> None:
    st.markdown(f"**A model answer.** {probe.model_answer}")
    st.markdown("A strong answer\n" + "\n".join(f"- {plain(line)}" for line in probe.strong))
    st.markdown(f"A weak one says: {plain(probe.weak)} *{plain(probe.weak_why)}*")
    st.caption(f"What it tests: {plain(probe.tests)}")


def _practice(card: Card) -> None:
    known = [questions()[slug] for slug in card.questions if slug in questions()]
    if not known:
        return
    st.subheader("Practice it on a question", anchor=False)
    for question in known:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(question.title)} ({LEVEL_NAMES[question.difficulty]}, {question.minutes} min)")
            if st.button("Start", key=f"start:{card.slug}:{question.slug}"):
                start(question)
