"""Turn the knobs of a design, and see what happens."""

import streamlit as st

from simulator.design_file import fingerprint
from simulator.settings import RunSettings
from ui import at_once, shell
from ui.editor.editor import edit
from ui.faults import break_it
from ui.knobs import turned
from ui.look import LABELED, at_least
from ui.share import SEED, share, shared_source
from ui.simulations import requests_of
from ui.sources import choose_source
from ui.tunnel_prediction import ask, predict_switch, wants_prediction
from ui.tunnel_results import results, run

shell.ensure()
at_once.not_ready()

st.title("Wind tunnel", anchor=False)
st.caption("Turn a knob, or switch something on under **Break it**: what happens, and why, stands below.")
knobs, results_side = st.columns([4, 9], gap="medium")
with knobs:
    source = shared_source() or choose_source()
    if source is not None:
        quiet = turned(source)
        st.session_state.setdefault(SEED, 1)
        with at_least(LABELED):
            seed = int(st.number_input("Luck", 1, 1_000_000, key=SEED, help="The same number, the same requests."))
        predict_switch()
with results_side:
    if source is None:
        st.info("Choose a design on the left.")
    else:
        with st.expander("Design", key="tunnel_drawing", on_change="rerun") as drawing:
            if drawing.open:
                edit(source.editing)
        begun = source.start.design
        requests = requests_of(quiet)
        struck = break_it(quiet, source.question, requests, fingerprint(begun))
        with knobs:
            share(struck.design, seed)
        jobs = run(struck.design, RunSettings(seed=seed, requests=requests))
        if wants_prediction(begun):
            ask(begun, struck.design)
        else:
            results(source, quiet, struck, jobs)
