"""A round looked at afterwards: its clock, its predictions, and why each question was asked."""

import streamlit as st

from practice import wall_clock
from practice.attempt import Attempt
from practice.calibration import calibration
from practice.forensics import forensics
from practice.interviewer.conversation import asks
from practice.interviewer.interviewer import reply as said_back
from practice.interviewer.reading import read
from practice.interviewer.state import Said
from practice.phases import phase
from practice.prediction import compare
from practice.rounds import Round, profile
from practice.trials import story
from question_bank.schema import Question
from storage.rounds import load_marks, load_said, load_trials, predicted_runs
from ui.charts import PLAIN
from ui.interview.drill import drill_result
from ui.interview.twist import twist_result
from ui.moments import minutes
from ui.people import current_person
from ui.review.clock_chart import fig_minutes, minutes_alt
from ui.rounds import replies
from ui.words import plain


def clock_review(round_: Round, attempt: Attempt) -> None:
    """Minutes per phase against the plan, and when the first number, choice and failure were written."""
    st.subheader("Time", anchor=False)
    marks = load_marks(current_person(), attempt.id)
    found = forensics(round_, attempt, marks, (), wall_clock.now())
    st.plotly_chart(fig_minutes(found.phases), config=PLAIN, alt=minutes_alt(found.phases), key="minutes")
    st.markdown("\n".join(f"- {plain(one)}" for one in found.sentences))


def predictions_review(question: Question, attempt: Attempt) -> None:
    """How far the predictions of this attempt were off, over all runs that were predicted."""
    st.subheader("Your predictions", anchor=False)
    steady = next((one.id for one in question.simulation.scenarios if one.steady), "")
    predicted = list(predicted_runs(current_person(), attempt.id, steady))
    predicted += [
        (one.prediction, one.summary)
        for one in load_trials(current_person(), attempt.id)
        if one.prediction is not None and one.summary is not None
    ]
    found = calibration(compare(prediction, summary) for prediction, summary in predicted)
    st.markdown(plain(found.sentence))
    if found.score is not None:
        st.caption(f"Calibration {found.score:.2f}: 0 is right, 1 is off by a factor of two on average, either way.")


def trials_review(attempt: Attempt) -> None:
    """What the twist and the drill of a mock interview showed, or that there was none."""
    trials = load_trials(current_person(), attempt.id)
    given = next((one for one in load_said(current_person(), attempt.id) if one.kind == "twist"), None)
    st.subheader("The twist", anchor=False)
    if given is None:
        st.markdown("The round ended before its twist.")
    else:
        st.markdown(plain(given.text))
        ran = [one for one in trials if one.kind.startswith("twist")]
        if ran:
            twist_result(ran, key=f"twist_review:{attempt.id}")
        else:
            st.markdown("Your design was not run before and after it.")
    st.subheader("The failure drill", anchor=False)
    drills = [one for one in trials if one.kind.startswith("drill")]
    if not drills:
        said = "" if attempt.design is not None else ", and nothing was drawn that could fail"
        st.markdown(f"No fault struck before the round ended{said}.")
        return
    st.markdown(plain(story(drills[0], attempt.id)))
    drill_result(drills, key=f"drill_review:{attempt.id}")


def the_round(question: Question, attempt: Attempt, round_: Round) -> None:
    """What was asked, why, and what was answered; and what of data and model stayed untouched."""
    said = load_said(current_person(), attempt.id)
    st.markdown(f"{round_.minutes} minutes, {round_.level}, {plain(profile(round_.profile).title.lower())}.")
    _untouched(question, attempt, round_, said)
    asked = [one for one in said if asks(one)]
    st.subheader("What the interviewer asked", anchor=False)
    if not asked:
        st.markdown("The round ended before anything was asked.")
        return
    answered = sum(bool(one.answer.strip()) for one in asked)
    st.caption(f"{answered} of {len(asked)} questions were answered. Your replies are evidence for the card.")
    begun = attempt.events[0].at if attempt.events else attempt.created_at
    for one in asked:
        _asked(one, begun)


def _untouched(question: Question, attempt: Attempt, round_: Round, said: tuple[Said, ...]) -> None:
    sections = {one: draft.text for one, draft in attempt.sections.items()}
    seen = read(question, sections, replies(said))
    found = forensics(round_, attempt, (), seen.concepts, wall_clock.now())
    if found.ml_untouched is None:
        return
    st.subheader("Data and model", anchor=False)
    if found.ml_untouched > 0:
        st.markdown(plain(found.sentences[-1]))
    else:
        st.markdown("You spoke of everything that this question holds on data and model.")


def _asked(one: Said, begun: float) -> None:
    with st.container(border=True, gap="xsmall"):
        st.caption(f"{minutes(max(0.0, one.at - begun))}, {phase(one.phase).title}")
        st.markdown(f"**{plain(one.text)}**")
        st.caption(plain(one.why))
        if one.answer.strip():
            st.text(one.answer)
        else:
            st.markdown("No reply.")
        if back := said_back(one):
            st.caption(plain(back))
