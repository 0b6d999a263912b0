"""Turn the knobs of a design, and see what happens."""

import streamlit as st

from simulator.settings import RunSettings
from simulator.workers import Job
from ui import shell
from ui.advice import advice
from ui.cached import workers
from ui.diagram import in_words, mermaid
from ui.in_use import in_use, use
from ui.map import design_map
from ui.pictures import headline, pictures, promise
from ui.simulations import forget, simulation
from ui.tunnel import choose_fault, choose_source, knobs_of, turned, with_fault
from ui.words import many, plain

shell.ensure()

PLACE = "tunnel"
REQUESTS = 6_000
FIRST_PICTURE_S = 1.5


def progress(job: Job) -> None:
    """How far a run is. It is polled, so it is small, and the page is drawn again once the run is over."""
    if job.is_over:
        st.rerun()
    bar, button = st.columns([5, 1], vertical_alignment="center")
    done = job.summary.replications if job.summary is not None else 0
    bar.progress(job.progress, text=f"Simulating: {done} of {job.settings.replications} runs")
    button.button("Cancel", key="cancel", on_click=workers().cancel, args=(job,))


def results(job: Job) -> None:
    """The newest numbers of a run."""
    for problem in job.problems:
        st.error(plain(problem))
    if job.state == "cancelled":
        st.button("Run again", key="again", on_click=forget, args=(PLACE,))
    if job.summary is not None:
        headline(job.summary)
        promise(job.summary)
        pictures(job.summary, job.design, key=PLACE)
        if job.summary.is_preview:
            st.caption(f"A preview from {many(job.summary.replications, 'run')}. Numbers are shown as facts from five.")


st.title("Wind tunnel", anchor=False)
knobs, pictures_side = st.columns([4, 9], gap="medium")
with knobs:
    source = choose_source()
    design = None
    if source is not None:
        chosen, source = source, in_use(source)
        fault = choose_fault(source.design)
        design = with_fault(turned(source), fault)
        seed = st.number_input("Luck", 1, 1_000_000, 1, key="tunnel_seed", help="The same number, the same requests.")
with pictures_side:
    if design is None:
        st.info("Choose a design on the left.")
    else:
        with st.expander("Drawing", expanded=False, key="tunnel_drawing"):
            st.mermaid_chart(mermaid(design), alt=in_words(design))
        job = simulation(PLACE, design, RunSettings(seed=int(seed), requests=REQUESTS))
        job.wait(FIRST_PICTURE_S, for_first=True)
        if not job.is_over:
            st.fragment(progress, run_every=0.4)(job)
        results(job)
        advice_tab, map_tab = st.tabs(["Advice", "Map"], key="tunnel_section", on_change="rerun")
        if advice_tab.open and job.summary is not None:
            with advice_tab:
                advice(design, job.summary, key=f"{PLACE}:advice", apply=lambda one: use(chosen, one))
        if map_tab.open:
            with map_tab:
                design_map(design, knobs_of(source), int(seed), key=f"{PLACE}:map", apply=lambda one: use(chosen, one))
