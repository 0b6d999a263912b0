"""A concept card on the screen: what it is about, a probing question, something to try, where to practice it."""

from html import escape

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
        st.html(_html(section.table))


def _html(table: Table) -> str:
    """A table whose rows become blocks on a narrow screen; the style is the frame's."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = []
    for first, *others in table.rows:
        cells = "".join(
            f'<td data-label="{escape(column)}">{escape(cell)}</td>'
            for column, cell in zip(table.columns[1:], others, strict=True)
        )
        rows.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return f'<table class="comparison"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


@st.fragment
def _probe(card: Card, number: int, probe: ProbingQuestion) -> None:
    """Asked first; the model answer is shown once something of one's own is there, or on demand."""
    item = f"{card.slug}.{number}"
    kept = load_note(current_person(), CARD, item) or {}
    with st.container(border=True):
        st.markdown(f"**An interviewer asks:** {plain(probe.ask)}")
        with st.form(f"probe:{item}", border=False):
            st.session_state.setdefault(f"words:{item}", kept.get("text", ""))
            text = st.text_area("Your answer, in a few sentences", height=110, max_chars=4000, key=f"words:{item}")
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
