"""Turn the knobs of a design, and see what happens."""

import streamlit as st

from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.workers import Job
from ui import shell
from ui.diagram import in_words, mermaid
from ui.pictures import headline, pictures
from ui.simulations import forget, simulation
from ui.tunnel import choose_source, turned, with_fault
from ui.words import plain

shell.ensure()

PLACE = "tunnel"
REQUESTS = 6_000
FIRST_PICTURE_S = 1.5


def promise(summary: Summary) -> None:
    """What was promised, and whether this run keeps it."""
    for verdict in summary.promise:
        word = {True: "met", False: "missed", None: "unknown"}[verdict.met]
        color = {True: "green", False: "red", None: "gray"}[verdict.met]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, color=color)
            st.markdown(plain(verdict.sentence))


def results(job: Job, was_running: bool) -> None:
    """The newest numbers of a run; polls while there are more to come."""
    if was_running and job.is_over:
        st.rerun()  # ends the polling
    if job.state == "failed":
        for problem in job.problems:
            st.error(plain(problem))
    summary = job.summary
    if not job.is_over:
        done = summary.replications if summary is not None else 0
        bar, button = st.columns([5, 1], vertical_alignment="center")
        bar.progress(job.progress, text=f"Simulating: {done} of {job.settings.replications} runs")
        button.button("Cancel", key="cancel", on_click=forget, args=(PLACE,))
    if summary is None:
        return
    headline(summary)
    promise(summary)
    pictures(summary, job.design, key=PLACE)
    if summary.is_preview:
        st.caption(f"A preview from {summary.replications} runs. Numbers are shown as facts from five.")


st.title("Wind tunnel", anchor=False)
knobs, pictures_side = st.columns([4, 9], gap="medium")
with knobs:
    source = choose_source()
    design = None
    if source is not None:
        design = with_fault(turned(source))
        seed = st.number_input("Luck", 1, 1_000_000, 1, key="tunnel_seed", help="The same number, the same requests.")
with pictures_side:
    if design is None:
        st.info("Choose a design on the left.")
    else:
        with st.expander("Drawing", expanded=False, key="tunnel_drawing"):
            st.mermaid_chart(mermaid(design), alt=in_words(design))
        job = simulation(PLACE, design, RunSettings(seed=int(seed), requests=REQUESTS))
        job.wait(FIRST_PICTURE_S, for_first=True)
        running = not job.is_over
        st.fragment(results, run_every=0.4 if running else None)(job, running)
