"""The results side of the wind tunnel: what a run showed, in sections of which one is open."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import streamlit as st

from question_bank.quality import loss_in_words
from simulator.advisor.broken import why_broken
from simulator.design import Design
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.workers import Job
from ui import at_once
from ui.advice import advice
from ui.cached import workers
from ui.faults import Struck, unstruck
from ui.honesty import honesty
from ui.knobs import from_knob
from ui.map import Mapped, design_map
from ui.pictures import Draw, bottleneck, headline, pictures, promise
from ui.pinned import compared_settings, difference, pin_buttons, pinned
from ui.simulations import forget, requests_of, simulation
from ui.sources import Source
from ui.tunnel_prediction import compared
from ui.words import many, plain

PLACE, PINNED_PLACE = "tunnel", "tunnel-pinned"
FIRST_PICTURE_S = 1.5
AT_ONCE_S = 0.6  # a run that takes longer shows how far it is
PAUSE_S = 0.1
WORDS, PICTURE = "tunnel-words", "tunnel-picture"
"""The fragments that a turn of a knob draws before the page."""
_SECTION, _SECTION_KEPT = "tunnel_section", "tunnel_section_kept"


class _Page:
    """Whether the whole page is being drawn, or a fragment of it alone."""

    def __init__(self) -> None:
        self.is_drawn = False

    @contextmanager
    def drawn(self) -> Iterator[None]:
        self.is_drawn = True
        try:
            yield
        finally:
            self.is_drawn = False


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
    page: _Page = field(default_factory=_Page)


def run(design: Design, settings: RunSettings) -> tuple[Job, Job | None]:
    """The run of a design and that of the pinned one, started if need be."""
    held, settings = pinned(), compared_settings(design, settings)
    beside = None if held is None or held.design == design else simulation(PINNED_PLACE, held.design, settings)
    return simulation(PLACE, design, settings), beside


def results(source: Source, quiet: Design, struck: Struck, jobs: tuple[Job, Job | None]) -> None:
    """The newest numbers of a run; `quiet` is the design without the faults that were switched on. Where there are
    none, a turn of a knob shows the words and the picture of its run at once.
    """
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
    pin_buttons(struck.design, quiet, source)
    if job.summary is not None:
        shown = Shown(source, quiet, struck, job.summary, beside.summary if beside is not None else None)
        _numbers(shown)
        if struck.design == quiet:
            is_seen = st.session_state[_SECTION] == next(iter(SECTIONS))
            at_once.ready(*[PICTURE] * is_seen, WORDS)


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


def _turned(shown: Shown) -> Shown:
    """The same of the design as it is now; if its run is not over soon, the page is drawn to show how far it is."""
    design = shown.source.editing.design
    job, beside = jobs = run(design, RunSettings(seed=shown.summary.settings.seed, requests=requests_of(design)))
    for one in jobs:
        if one is not None:
            one.wait(AT_ONCE_S)
    if job.summary is None or not all(one is None or one.state == "done" for one in jobs):
        st.rerun()
    theirs = beside.summary if beside is not None else None
    return replace(shown, quiet=design, struck=Struck(design), summary=job.summary, pinned=theirs)


@st.fragment(key=PICTURE)
def _picture(shown: Shown, draw: Draw) -> None:
    """The picture of the run or, where the fragment is drawn alone, of the run of the design as it is now."""
    now = shown if shown.page.is_drawn else _turned(shown)
    draw(now.summary, now.struck.design, now.pinned)


@st.fragment(key=WORDS)
def _words_of(shown: Shown) -> None:
    """The same for the words, which are the last that is drawn alone."""
    if shown.page.is_drawn:
        _words(shown)
    else:
        _words(_turned(shown))
        for _ in range(2):  # the browser draws these first; whoever turns on is heard in between
            time.sleep(PAUSE_S)
            st.empty()
        st.rerun()


def _numbers(shown: Shown) -> None:
    """What is seen in every section, and the section that is open."""
    with shown.page.drawn():
        _words_of(shown)
    st.session_state.setdefault(_SECTION, st.session_state.get(_SECTION_KEPT, next(iter(SECTIONS))))
    chosen = st.tabs(list(SECTIONS), key=_SECTION, on_change=_keep_section)
    for tab, section in zip(chosen, SECTIONS.values(), strict=True):
        if tab.open:
            with tab:
                section(shown)
    if shown.summary.is_preview:
        st.caption(f"A preview from {many(shown.summary.replications, 'run')}. Numbers are shown as facts from five.")


def _words(shown: Shown) -> None:
    """What is seen in every section."""
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
    def place(draw: Draw) -> None:
        with shown.page.drawn():
            _picture(shown, draw)

    pictures(shown.summary, shown.struck.design, key=PLACE, pinned=shown.pinned, place=place)


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
