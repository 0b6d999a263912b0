"""A lab's knobs as widgets; they start where the prediction was asked for."""

from functools import partial

import streamlit as st

from question_bank.labs import Lab, Options, Setting, Settings, Slider, Steps
from ui.labs.words import shown
from ui.words import plain

SHORT = 34  # characters of all choices together that fit side by side on a phone


def knobs(lab: Lab) -> Settings:
    """Draw every knob and return where it stands."""
    return {knob.id: _knob(lab, knob) for knob in lab.knobs}


def reset(lab: Lab) -> None:
    """Put every knob back to where the prediction was asked for."""
    for name, value in lab.asked_at().items():
        st.session_state[_key(lab, name)] = value


def _key(lab: Lab, name: str) -> str:
    return f"lab:{lab.slug}:{name}"


def _knob(lab: Lab, knob: Slider | Steps | Options) -> Setting:
    key = _key(lab, knob.id)
    if not knob.fits(st.session_state.get(key, "")):
        st.session_state[key] = lab.asked_at()[knob.id]
    unit = f", {knob.unit}" if knob.unit not in ("", "share") else ""
    label = plain(f"{knob.label}{unit}")
    value: Setting
    if isinstance(knob, Slider):
        value = st.slider(label, knob.low, knob.high, step=knob.step, key=key, format="%g")
    elif isinstance(knob, Steps):
        said = partial(shown, unit="share" if knob.unit == "share" else "")
        value = st.select_slider(label, list(knob.values), key=key, format_func=said)
    else:
        value = _choice(label, knob, key)
    return value


def _choice(label: str, knob: Options, key: str) -> str:
    names = {one.id: one.label for one in knob.choices}
    if sum(map(len, names.values())) <= SHORT:
        return st.segmented_control(label, list(names), key=key, format_func=names.__getitem__, required=True)
    return st.radio(label, list(names), key=key, format_func=names.__getitem__)
