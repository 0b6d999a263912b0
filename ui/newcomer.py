"""Where somebody who has done nothing here yet begins."""

import streamlit as st

from question_bank.start_here import FirstStep, first_steps
from ui.cached import cards, exercises, questions, templates
from ui.fundamentals.contents import PAGE
from ui.question_cards import start
from ui.sources import go_to_template
from ui.words import plain


def start_here() -> None:
    """The first steps, side by side."""
    steps = [step for step in first_steps() if step.slug in _known(step)]
    if not steps:
        return
    st.subheader("Start here", anchor=False)
    for number, (column, step) in enumerate(zip(st.columns(len(steps)), steps, strict=True), start=1):
        with column, st.container(border=True, height="stretch"):
            with st.container(height="stretch"):  # so that the buttons of a row stand in line
                st.markdown(f"**{number}. {plain(step.title)}**")
                st.caption(f"{plain(step.text)} About {step.minutes} minutes.")
            if st.button("Start" if step.kind == "question" else "Open", key=f"first:{step.slug}"):
                if step.kind == "question":
                    start(questions()[step.slug])
                if step.kind == "template":
                    go_to_template(templates()[step.slug])
                st.switch_page(PAGE, query_params={step.kind: step.slug})


def _known(step: FirstStep) -> dict[str, object]:
    return {"card": cards(), "exercise": exercises(), "question": questions(), "template": templates()}[step.kind]
