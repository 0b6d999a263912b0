"""Grading somebody else's answer: levels and wrong statements first, then a grading with reasons beside them."""

import streamlit as st

from practice.phases import phase
from question_bank.cards import Exercise
from rubrics import load_rubric, sentences_of
from rubrics.schema import DimensionId
from rubrics.score import score
from storage.notes import load_note, save_note
from ui.cached import questions
from ui.fundamentals.contents import EXERCISE
from ui.people import current_person
from ui.words import many, plain


def show_exercise(exercise: Exercise) -> None:
    """The answer, the person's grading of it, and then the comparison."""
    st.title(plain(exercise.title), anchor=False)
    st.text(exercise.story)
    answer, grading = st.columns([3, 2], gap="medium")
    with answer, st.container(border=True):
        for phase_id, text in exercise.answer.items():
            st.subheader(phase(phase_id).title, anchor=False)
            st.markdown(plain(text).replace("\n", "  \n"))
    with grading:
        _grading(exercise)


@st.fragment
def _grading(exercise: Exercise) -> None:
    kept = load_note(current_person(), EXERCISE, exercise.slug) or {}
    mine: dict[str, int | None] = {}
    st.markdown(
        "**Your grading.** 0 is nothing or wrong, 1 named, 2 right in general, 3 right for this case, 4 decides."
    )
    for dimension in load_rubric().dimensions:
        key = f"level:{exercise.slug}:{dimension.id}"
        st.session_state.setdefault(key, kept.get("levels", {}).get(dimension.id))
        mine[dimension.id] = st.segmented_control(
            plain(dimension.title),
            range(5),
            key=key,
            help="  \n".join(f"{level}: {plain(said)}" for level, said in enumerate(dimension.levels)),
            disabled=kept.get("compared", False),
        )
    sentences = [one for text in exercise.answer.values() for one in sentences_of(text)]
    st.session_state.setdefault(f"wrong:{exercise.slug}", [one for one in kept.get("wrong", []) if one in sentences])
    wrong = st.multiselect(
        "Statements that are wrong",
        sentences,
        placeholder=f"{many(len(exercise.planted), 'statement')} cannot stand as written",
        key=f"wrong:{exercise.slug}",
        disabled=kept.get("compared", False),
    )
    now = {"levels": {name: level for name, level in mine.items() if level is not None}, "wrong": wrong}
    if not kept.get("compared") and now != {"levels": kept.get("levels", {}), "wrong": kept.get("wrong", [])}:
        save_note(current_person(), EXERCISE, exercise.slug, now)
    open_ones = sum(level is None for level in mine.values())
    if kept.get("compared"):
        _comparison(exercise, now["levels"], wrong)
        st.button("Grade it again", on_click=_begin_again, args=(exercise,))
        return
    st.button(
        "Compare",
        type="primary",
        disabled=open_ones > 0,
        help="Every dimension needs a level first.",
        on_click=save_note,
        args=(current_person(), EXERCISE, exercise.slug, now | {"compared": True}),
    )
    if open_ones:
        st.caption(f"{many(open_ones, 'dimension')} without a level yet.")


def _begin_again(exercise: Exercise) -> None:
    save_note(current_person(), EXERCISE, exercise.slug, {})
    for name in exercise.levels:
        st.session_state.pop(f"level:{exercise.slug}:{name}", None)
    st.session_state.pop(f"wrong:{exercise.slug}", None)


def _comparison(exercise: Exercise, levels: dict[str, int], wrong: list[str]) -> None:
    weights = questions()[exercise.question].rubric_weights if exercise.question in questions() else {}
    theirs: dict[DimensionId, int] = {name: judged.level for name, judged in exercise.levels.items()}
    st.subheader("Beside ours", anchor=False)
    if weights:
        st.markdown(f"You gave **{score(levels, weights):.0f}** of 100, we **{score(theirs, weights):.0f}**.")
    for dimension in load_rubric().dimensions:
        judged, own = exercise.levels[dimension.id], levels[dimension.id]
        apart = "the same" if own == judged.level else f"you gave {own}"
        with st.expander(f"{dimension.title}: {judged.level}, {apart}"):
            st.markdown(plain(judged.because))
    st.subheader("Wrong statements", anchor=False)
    for one in exercise.planted:
        hit = any(one.quote in sentence or sentence in one.quote for sentence in wrong)
        with st.expander(f"{'Found' if hit else 'Missed'}: {one.say}", expanded=not hit):
            st.markdown(f"\u201c{plain(one.quote)}\u201d  \n{plain(one.why)}")
    others = [one for one in wrong if not any(p.quote in one or one in p.quote for p in exercise.planted)]
    if others:
        st.caption(f"{many(len(others), 'other statement')} that you marked may be thin, but can stand.")
    st.markdown(plain(exercise.lesson))
