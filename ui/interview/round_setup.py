"""What a round is begun as: mode, length, profile, target level, minutes per phase."""

import streamlit as st
from pydantic import ValidationError

from practice.phases import phases
from practice.rounds import ModeId, ProfileId, Round, mode, presets, profile, profiles, shared_minutes
from question_bank.schema import Question
from rubrics.hire_signal import TARGETS, TargetLevel
from simulator.messages import sentences
from storage.rounds import start_round
from ui.people import current_person
from ui.settings.rounds import round_choice
from ui.visit import go_to_interview
from ui.words import plain

PARAMETER = "question"
_MODES: tuple[ModeId, ...] = ("mock", "self_study")
_LONGEST_PHASE = 90


def round_setup(question: Question) -> None:
    """The choices, with the plan that follows from them, and the button that starts the clock."""
    st.title(f"A round: {plain(question.title)}", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        mode_id = _mode()
        length = st.segmented_control(
            "Minutes", presets(), default=_usual(question), required=True, key=f"round_minutes:{question.slug}"
        )
        level = _level(question)
    with right:
        profile_id = _profile()
        planned = _phase_minutes(int(length), profile_id)
    round_ = _round(int(length), planned, profile_id, level, mode_id)
    st.caption("The clock starts when you begin." + ("" if mode_id == "self_study" else " It cannot be paused."))
    with st.container(horizontal=True):
        if st.button("Begin", type="primary", disabled=round_ is None, key="begin_round") and round_ is not None:
            go_to_interview(start_round(current_person(), question.slug, round_))
        if st.button("Back to the questions", key="no_round"):
            st.switch_page("pages/questions.py")


def _mode() -> ModeId:
    chosen: ModeId = st.segmented_control(
        "Mode", _MODES, default="mock", required=True, format_func=lambda one: mode(one).title, key="round_mode"
    )
    st.caption(plain(mode(chosen).says))
    return chosen


def _usual(question: Question) -> int:
    """What the settings say, or else the preset nearest to what the question is meant to take."""
    if (chosen := round_choice()) is not None:
        return chosen[0]
    return min(presets(), key=lambda one: abs(one - question.minutes))


def _level(question: Question) -> TargetLevel:
    chosen: TargetLevel = st.segmented_control(
        "Target level",
        TARGETS,
        default=question.difficulty,
        required=True,
        format_func=str.capitalize,
        key=f"round_level:{question.slug}",
        help="How deep the interviewer goes.",
    )
    return chosen


def _profile() -> ProfileId:
    ids, settings = [one.id for one in profiles()], round_choice()
    chosen: ProfileId = st.radio(
        "Profile",
        ids,
        index=ids.index(settings[1]) if settings is not None else 0,
        format_func=lambda one: profile(one).title,
        captions=[plain(one.says) for one in profiles()],
        key="round_profile",
    )
    return chosen


def _phase_minutes(length: int, profile_id: ProfileId) -> dict[str, int]:
    """The plan of length and profile, to be edited; another length or profile brings its own plan."""
    planned = shared_minutes(length, profile_id)
    with st.expander("Minutes per phase", key="round_phases"):
        return {
            one.id: int(
                st.number_input(
                    one.title, 1, _LONGEST_PHASE, planned[one.id], key=f"minutes:{length}:{profile_id}:{one.id}"
                )
            )
            for one in phases()
        }


def _round(
    length: int, planned: dict[str, int], profile_id: ProfileId, level: TargetLevel, mode_id: ModeId
) -> Round | None:
    """The round, with a line about its plan; None with the reason if the phases do not fit into it."""
    data = {"minutes": length, "phase_minutes": planned, "profile": profile_id, "level": level, "mode": mode_id}
    try:
        found = Round.model_validate(data)
    except ValidationError as error:
        st.error(plain(" ".join(sentences(error, data)).capitalize()))
        return None
    plan = ", ".join(f"{one.title} {planned[one.id]}" for one in phases())
    st.markdown(f"{plain(plan)}, close {found.close_minutes}: **{length} minutes**")
    return found
