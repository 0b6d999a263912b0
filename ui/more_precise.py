"""A p99 that is known as well as somebody wants it: asked for, watched, ended early, and shown with its method."""

import streamlit as st

from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.precision import METHOD, Precision, why_not
from simulator.workers import Job
from ui import searches
from ui.look import LABELED, at_least
from ui.words import capitalized, plain, share

POLL_S = 0.5
WIDTHS = (0.05, 0.02, 0.01)


def more_precise(design: Design, seed: int, *, key: str) -> None:
    """Offer to run a design until its p99 is known to a share of itself."""
    st.markdown("**More precise**")
    if reasons := why_not(design):
        st.markdown(plain(f"{capitalized(' '.join(reasons))}."))
        return
    wanted = _width(design, seed, key)
    job = searches.found(design, seed, wanted)
    polling = job is not None and not job.is_over
    st.fragment(_search, run_every=POLL_S if polling else None)(design, seed, wanted, key, polling=polling)
    st.caption(plain(METHOD))


def _width(design: Design, seed: int, key: str) -> float:
    own, kept = f"{key}:width:{fingerprint(design)}:{seed}", f"{key}:kept"
    st.session_state.setdefault(own, searches.last_wanted(design, seed) or st.session_state.get(kept, WIDTHS[0]))
    with at_least(LABELED):
        wanted: float = st.segmented_control(
            "Run until the p99 is known to",
            WIDTHS,
            key=own,
            format_func=lambda one: f"{one:.0%}",
            help="Half the width of its interval, as a share of the p99.",
            required=True,
        )
    st.session_state[kept] = wanted
    return wanted


def _search(design: Design, seed: int, wanted: float, key: str, *, polling: bool) -> None:
    job = searches.found(design, seed, wanted)
    if job is not None and not job.is_over:
        _progress(job, key)
    else:
        if job is not None:
            _result(job)
        if job is None or job.state != "done":
            again = "Search again" if job is not None else "Search"
            if st.button(again, key=f"{key}:search", help=f"At most {searches.budget(design):,} requests."):
                searches.begin(design, seed, wanted)
                st.rerun()
    job = searches.found(design, seed, wanted)
    if polling != (job is not None and not job.is_over):
        st.rerun()


def _progress(job: Job, key: str) -> None:
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(min(1.0, job.progress), text=plain(_so_far(job)))
    if button.button("Cancel", key=f"{key}:cancel"):
        searches.cancel(job)
        st.rerun()


def _so_far(job: Job) -> str:
    if job.state == "waiting":
        return "Waiting for another search to end"
    if job.precision is None:
        return "Searching"
    return f"Searching: {_known(job.precision)} so far, after {job.precision.requests_in_all:,} requests"


def _result(job: Job) -> None:
    for problem in job.problems:
        st.error(plain(f"{capitalized(problem)}."))
    if job.precision is not None:
        st.markdown(f"**{plain(_known(job.precision))}**")
        source = job.precision.sentence.removeprefix(f"{job.precision.known}, ").removesuffix("; so far")
        ended = "Cancelled. " if job.state == "cancelled" else ""
        st.markdown(plain(f"{ended}{capitalized(source)}."))
    elif job.state == "cancelled":
        st.markdown("Cancelled before anything was known.")


def _known(precision: Precision) -> str:
    p99_ms, half_ms = precision.p99_ms, precision.half_ms
    return precision.known + (f" ({share(half_ms / p99_ms)})" if p99_ms and half_ms is not None else "")
