"""The candidate's design, at hand from the third phase on."""

import streamlit as st

from practice.scenario_runs import starting_design
from question_bank.schema import Question
from simulator.design import Design
from storage.attempts import save_design
from ui.editor.editor import design_editor
from ui.people import current_person
from ui.visit import current_attempt
from ui.words import plain


def drawing(question: Question) -> None:
    """The design editor of the current attempt; every valid change is saved."""
    attempt = current_attempt()
    if attempt is None:
        return
    st.subheader("Your design", anchor=False)
    st.caption(
        f"{plain(question.simulation.cell)} Traffic and promise are the question's; the parts and how they call each "
        "other are yours. Every valid change is saved."
    )

    def save(design: Design) -> None:
        save_design(current_person(), attempt.id, design)

    design_editor(attempt.design or starting_design(question), key=f"design:{attempt.id}", save=save)
