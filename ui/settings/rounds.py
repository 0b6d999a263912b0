"""What a new round begins with: its length and its profile, which shifts minutes and weights."""

import streamlit as st

from practice.phases import phases
from practice.rounds import ProfileId, presets, profile, profiles, shared_minutes, shifted_weights
from rubrics import load_rubric, weights_for
from rubrics.schema import DimensionId
from storage.notes import load_note, save_note
from ui.people import current_person
from ui.words import plain

_ROUND = "round"
_MINUTES, _PROFILE = "settings:minutes", "settings:profile"


def round_choice() -> tuple[int, ProfileId] | None:
    """The minutes of a round and its profile, as they were last set; None if they never were."""
    kept = load_note(current_person(), "setting", _ROUND) or {}
    found: ProfileId | None = next((one.id for one in profiles() if one.id == kept.get("profile")), None)
    return (int(kept["minutes"]), found) if kept.get("minutes") in presets() and found is not None else None


def rounds() -> None:
    """Two fields that save themselves, and what they mean for phases and weights."""
    st.subheader("Rounds", anchor=False)
    minutes, kind = round_choice() or (presets()[1], profiles()[0].id)
    with st.container(horizontal=True):
        st.selectbox(
            "Minutes of a round", presets(), index=presets().index(minutes), key=_MINUTES, on_change=_save, width=220
        )
        st.selectbox(
            "Profile", [one.id for one in profiles()], index=[one.id for one in profiles()].index(kind), key=_PROFILE,
            format_func=lambda one: profile(one).title, on_change=_save, width=280,
        )  # fmt: skip
    planned = shared_minutes(minutes, kind)
    st.markdown(plain(", ".join(f"{one.title} {planned[one.id]} min" for one in phases()) + "."))
    rubric = load_rubric()
    own: dict[DimensionId, int] = weights_for(rubric, {})
    weights = shifted_weights(own, kind)
    with st.expander("Weights", key="settings:weights"):
        st.caption("As of the rubric; a question has weights of its own, which the profile moves in the same way.")
        st.table(
            {
                "dimension": [one.title for one in rubric.dimensions],
                "rubric": [str(own[one.id]) for one in rubric.dimensions],
                "with this profile": [str(weights[one.id]) for one in rubric.dimensions],
            },
            border="horizontal",
        )


def _save() -> None:
    kept = {"minutes": st.session_state[_MINUTES], "profile": st.session_state[_PROFILE]}
    save_note(current_person(), "setting", _ROUND, kept)
