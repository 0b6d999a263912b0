"""The card of an attempt, and the moment from which suggestions and references may be seen: when it is first kept."""

import streamlit as st

from practice.attempt import Attempt, StoredRun
from question_bank.schema import Question
from rubrics import Card, GradeProblem
from storage.attempts import latest_runs, load_attempt, load_card, save_card
from ui.people import current_person
from ui.rounds import card_of
from ui.words import plain

_PROBLEM = "card_problem"


def reveal(question: Question, attempt_id: str) -> None:
    """Keep the first card, and with it the own levels as they are before anything is suggested; for a callback."""
    attempt = load_attempt(current_person(), attempt_id)
    try:
        save_card(current_person(), attempt_id, card_of(question, attempt, latest_runs(current_person(), attempt_id)))
    except GradeProblem as problem:
        st.session_state[_PROBLEM] = f"{plain(str(problem))}. Change the sentence of that dimension."


def show_problem() -> None:
    """Say why there is no card, if it was asked for and could not be made."""
    if said := st.session_state.pop(_PROBLEM, None):
        st.error(said)


def up_to_date(question: Question, attempt: Attempt, runs: dict[str, StoredRun]) -> Card | None:
    """The card as levels, runs and text are now, kept if it has changed; None before it was first asked for.

    If a quote no longer stands in the answer, that is said, and the card is the one that was kept last.
    """
    if not attempt.is_graded:
        return None
    kept = load_card(current_person(), attempt.id)
    try:
        made = card_of(question, attempt, runs)
    except GradeProblem as problem:
        said = f"{plain(str(problem))}. Change the sentence of that dimension under Your levels."
        st.warning(f"{said} Until then the card is the one from before.")
        return kept
    if made != kept:
        save_card(current_person(), attempt.id, made)
    return made
