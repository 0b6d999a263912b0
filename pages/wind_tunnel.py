"""Turn the knobs of a design, break it, and see what happens and why."""

import streamlit as st

from simulator.settings import RunSettings
from ui import shell
from ui.diagram import in_words, mermaid
from ui.faults import break_it
from ui.tunnel import choose_source, turned
from ui.tunnel_prediction import ask, predict_switch, wants_prediction
from ui.tunnel_results import results, run

shell.ensure()

REQUESTS = 6_000

st.title("Wind tunnel", anchor=False)
knobs, results_side = st.columns([4, 9], gap="medium")
with knobs:
    source = choose_source()
    if source is not None:
        quiet = turned(source)
        seed = st.number_input("Luck", 1, 1_000_000, 1, key="tunnel_seed", help="The same number, the same requests.")
        predict_switch()
with results_side:
    if source is None:
        st.info("Choose a design on the left.")
    else:
        struck = break_it(source.design, quiet, source.question, REQUESTS)
        with st.expander("Drawing", expanded=False, key="tunnel_drawing"):
            st.mermaid_chart(mermaid(struck.design), alt=in_words(struck.design))
        jobs = run(struck.design, RunSettings(seed=int(seed), requests=REQUESTS))
        if wants_prediction(source.design):
            ask(source.design, struck.design)
        else:
            results(source.design, quiet, struck, source.label, jobs)
