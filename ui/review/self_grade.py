"""The form for the candidate's own level in one dimension, with the sentence that shows it."""

import streamlit as st

from practice.attempt import Attempt, OwnLevel
from practice.review import texts
from question_bank.schema import Question
from rubrics import GradeProblem, grade_for, sentences_of
from rubrics.schema import PHASES, Dimension
from rubrics.self_grade import MEASURED, NEEDS_A_QUOTE
from storage.attempts import save_own_level
from storage.rounds import load_said
from ui.people import current_person
from ui.rounds import replies
from ui.words import plain


def level_form(question: Question, dimension: Dimension, attempt: Attempt, *, explain: bool) -> None:
    """The form; with `explain` it also asks for the sentence that explains a failed run."""
    own = attempt.own_levels.get(dimension.id)
    st.markdown(f"{plain(dimension.question)}")
    anchor = question.level_anchors[dimension.id]
    st.caption(f"In this question a 2 looks like: {plain(anchor.at_2)}  \nA 4: {plain(anchor.at_4)}")
    with st.form(f"form:{attempt.id}:{dimension.id}", border=False):
        level = st.radio(
            "Level",
            range(5),
            index=own.level if own is not None else None,
            captions=[plain(sentence) for sentence in dimension.levels],
            key=f"level:{attempt.id}:{dimension.id}",
        )
        quote = _sentence_choice(attempt, dimension, "The sentence that shows it", own.quote if own else "", "quote")
        explained = ""
        if explain and dimension.id in MEASURED:
            label = "A run failed. The sentence of your answer that explains why, if there is one"
            explained = _sentence_choice(attempt, dimension, label, own.explains_failure if own else "", "explains")
        if st.form_submit_button("Keep"):
            _keep(attempt, dimension, level, quote, explained)


def _sentence_choice(attempt: Attempt, dimension: Dimension, label: str, now: str, name: str) -> str:
    """A sentence of the answer, first those of the phases that feed the dimension, the replies last."""
    order = [*dimension.phases, *(phase for phase in PHASES if phase not in dimension.phases)]
    replied = replies(load_said(current_person(), attempt.id))
    written = [*(attempt.section(phase).text for phase in order), *replied]
    found = [one for text in written for one in sentences_of(text)]
    options = list(dict.fromkeys([*([now] if now else []), *found]))
    chosen = st.selectbox(
        label,
        options,
        index=0 if now else None,
        placeholder="choose or paste a sentence" if options else "your answer has no sentences yet",
        accept_new_options=True,
        key=f"{name}:{attempt.id}:{dimension.id}",
    )
    return chosen or ""


def _keep(attempt: Attempt, dimension: Dimension, level: int | None, quote: str, explained: str) -> None:
    if level is None:
        st.error("Choose a level.")
        return
    if level < NEEDS_A_QUOTE:
        quote = ""
    try:
        written = [*texts(attempt), *replies(load_said(current_person(), attempt.id))]
        grade_for(dimension.id, level, texts=written, quote=quote, explained_failure=explained)
    except GradeProblem as problem:
        st.error(plain(str(problem)))
        return
    own = OwnLevel(level=level, quote=quote, explains_failure=explained)
    save_own_level(current_person(), attempt.id, dimension.id, own)
    st.rerun()
