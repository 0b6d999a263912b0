"""The results side of the wind tunnel: what a run showed, in sections of which one is open."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from question_bank.quality import loss_in_words
from simulator.advisor.broken import why_broken
from simulator.design import Design
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.workers import Job
from ui.advice import advice
from ui.cached import workers
from ui.faults import Struck, unstruck
from ui.honesty import honesty
from ui.knobs import from_knob
from ui.map import Mapped, design_map
from ui.pictures import bottleneck, headline, pictures, promise
from ui.pinned import compared_settings, difference, pin_buttons, pinned
from ui.simulations import forget, simulation
from ui.sources import Source
from ui.tunnel_prediction import compared
from ui.words import many, plain

PLACE, PINNED_PLACE = "tunnel", "tunnel-pinned"
FIRST_PICTURE_S = 1.5
_SECTION, _SECTION_KEPT = "tunnel_section", "tunnel_section_kept"


@dataclass(frozen=True)
class Shown:
    """What a section has to show: where the design came from, how it stands without and with what breaks it, its
    numbers, and the pinned run.
    """

    source: Source
    quiet: Design
    struck: Struck
    summary: Summary
    pinned: Summary | None


def run(design: Design, settings: RunSettings) -> tuple[Job, Job | None]:
    """The run of a design and that of the pinned one, started if need be."""
    held, settings = pinned(), compared_settings(design, settings)
    beside = None if held is None or held.design == design else simulation(PINNED_PLACE, held.design, settings)
    return simulation(PLACE, design, settings), beside


def results(source: Source, quiet: Design, struck: Struck, jobs: tuple[Job, Job | None]) -> None:
    """The newest numbers of a run; `quiet` is the design without the faults that were switched on."""
    job, beside = jobs
    for one in jobs:
        if one is not None:
            one.wait(FIRST_PICTURE_S, for_first=True)
    if not all(one is None or one.is_over for one in jobs):
        st.fragment(_progress, run_every=0.25)(jobs)
    for problem in job.problems:
        st.error(plain(problem))
    for problem in beside.problems if beside is not None else ():
        st.error(f"The pinned run: {plain(problem)}")
    if job.state == "cancelled":
        st.button("Run again", key="again", on_click=forget, args=(PLACE,))
    pin_buttons(struck.design, quiet, source.label)
    if job.summary is not None:
        _numbers(Shown(source, quiet, struck, job.summary, beside.summary if beside is not None else None))


def _progress(jobs: tuple[Job, Job | None]) -> None:
    """How far the runs are. It is polled, so it is small, and the page is drawn again once they are over."""
    under_way = [one for one in jobs if one is not None and not one.is_over]
    if not under_way:
        st.rerun()
    job = under_way[0]
    bar, button = st.columns([5, 1], vertical_alignment="center")
    done = job.summary.replications if job.summary is not None else 0
    bar.progress(job.progress, text=f"Simulating: {done} of {job.settings.replications} runs")
    button.button("Cancel", key="cancel", on_click=_cancel, args=(under_way,))


def _cancel(under_way: list[Job]) -> None:
    for job in under_way:
        workers().cancel(job)


def _numbers(shown: Shown) -> None:
    """What is seen in every section, and the section that is open."""
    summary, held = shown.summary, pinned()
    headline(summary, shown.pinned)
    promise(summary)
    _why(why_broken(shown.struck.design, summary))
    bottleneck(summary)
    if shown.struck.loss is not None:
        st.warning(plain(loss_in_words(shown.struck.loss, summary)))
    compared(shown.source.start.design, shown.struck.design, summary)
    if held is not None and (shown.pinned is not None or held.design == shown.struck.design):
        difference(shown.pinned or summary, summary, held, shown.struck.design)
    st.session_state.setdefault(_SECTION, st.session_state.get(_SECTION_KEPT, next(iter(SECTIONS))))
    chosen = st.tabs(list(SECTIONS), key=_SECTION, on_change=_keep_section)
    for tab, section in zip(chosen, SECTIONS.values(), strict=True):
        if tab.open:
            with tab:
                section(shown)
    if summary.is_preview:
        st.caption(f"A preview from {many(summary.replications, 'run')}. Numbers are shown as facts from five.")


def _why(sentences: list[str]) -> None:
    """What breaks the promise, right below the promise."""
    if sentences:
        with st.container(border=True, key="why-it-breaks"):
            said = "\n".join(f"- {plain(one)}" for one in sentences)
            st.markdown(f"**Why it breaks**\n\n{said}")
            st.caption("Advice, below, tries single changes against it.")


def _keep_section() -> None:
    """Tabs forget which one is open when a rerun has nothing to show in them."""
    st.session_state[_SECTION_KEPT] = st.session_state[_SECTION]


def _pictures(shown: Shown) -> None:
    pictures(shown.summary, shown.struck.design, key=PLACE, pinned=shown.pinned)


def _honesty(shown: Shown) -> None:
    honesty(shown.summary, shown.struck.design, key=PLACE)


def _advice(shown: Shown) -> None:
    advice(shown.struck.design, shown.summary, key=f"{PLACE}:advice", apply=_use(shown))


def _map(shown: Shown) -> None:
    question = shown.source.question
    first = [from_knob(knob) for knob in question.simulation.knobs] if question is not None else []
    mapped = Mapped(shown.struck.design, first, shown.summary.settings.seed, shown.summary.by_run)
    design_map(mapped, key=f"{PLACE}:map", apply=_use(shown))


def _use(shown: Shown) -> Callable[[Design], None]:
    """What puts a design that was tried under faults in use: the faults stay switches."""

    def use(tried: Design) -> None:
        shown.source.editing.replace(lambda _: unstruck(tried, shown.struck.design, shown.quiet))

    return use


SECTIONS: dict[str, Callable[[Shown], None]] = {
    "Pictures": _pictures,
    "Advice": _advice,
    "Map": _map,
    "How sure": _honesty,
}
"""The sections by name, in their order; another one is another line."""
