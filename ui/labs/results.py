"""What a lab shows, remembered for all visits of this server process."""

import json
import time

import streamlit as st

from question_bank.lab_models import Outcome, Point, run_lab, simulate_point
from question_bank.labs import Lab, Settings
from ui.cached import labs

PATIENCE_S = 0.4  # after which progress is shown


@st.cache_data(max_entries=3000, show_spinner=False)
def _point(slug: str, settings: str) -> Point:
    return simulate_point(labs()[slug], json.loads(settings))


def _remembered(lab: Lab, settings: Settings) -> Point:
    return _point(lab.slug, json.dumps(settings, sort_keys=True))


def outcome(lab: Lab, settings: Settings) -> Outcome:
    """Everything at a setting. Progress is shown when it takes a while; turning a knob meanwhile stops it."""
    begun, place = time.monotonic(), st.empty()

    def stage(share: float) -> None:
        if time.monotonic() - begun > PATIENCE_S:
            place.progress(share, "Running. Turn a knob to stop it and begin anew.")

    found = run_lab(lab, settings, _remembered, stage)
    place.empty()
    return found


def outcome_asked(lab: Lab) -> Outcome:
    """The figures at the settings that the prediction was asked for."""
    return run_lab(lab, lab.asked_at(), _remembered, only_here=True)
