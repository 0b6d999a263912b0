"""The pictures of one run, each with its words."""

import streamlit as st

from simulator.design import Design
from simulator.results.summary import Summary
from ui import charts
from ui.words import dollars, interval, milliseconds, plain, share, short_dollars

NONE = "\u2013"  # a hyphen alone would become a list in Markdown
VIEWS = ("Latency", "Where the time goes", "Over time", "Busy", "Cost", "Numbers")


def headline(summary: Summary) -> None:
    """The four numbers that one looks at first, and the bottleneck in words."""
    latency, cells = summary.latency.p99_ms, st.columns(4)
    with cells[0]:
        st.metric("p99 latency", milliseconds(latency.value if latency else None), help=interval(latency) or None)
    ends = summary.outcomes
    with cells[1]:
        st.metric("Answered in time", share(ends.in_time_share.value if ends.in_time_share else None))
    with cells[2]:
        st.metric("By the fallback", share(ends.degraded / ends.arrivals if ends.arrivals else None))
    with cells[3]:
        if summary.cost.is_priced:
            month = summary.cost.usd_per_month
            st.metric("Cost per month", short_dollars(month), help=dollars(month))
        else:
            st.metric("Cost per month", "not priced")
    if summary.bottleneck is not None:
        st.markdown(f"**Bottleneck:** {plain(summary.bottleneck.sentence)}")


def promise(summary: Summary) -> None:
    """What was promised, and whether this run keeps it."""
    for verdict in summary.promise:
        word = {True: "met", False: "missed", None: "unknown"}[verdict.met]
        color = {True: "green", False: "red", None: "gray"}[verdict.met]
        st.markdown(f":{color}-badge[{word}] {plain(verdict.sentence)}")


def pictures(summary: Summary, design: Design, *, key: str, pinned: Summary | None = None) -> None:
    """One picture at a time, chosen by name; words and numbers beside it."""
    view = st.segmented_control("Picture", VIEWS, default=VIEWS[0], required=True, key=f"{key}:view")
    promised = design.promise.late_after_ms()
    match view:
        case "Latency":
            figure, words = charts.fig_latency(summary, promised, pinned), charts.latency_alt(summary)
        case "Where the time goes":
            figure, words = charts.fig_waterfall(summary), charts.waterfall_alt(summary)
        case "Over time":
            figure = charts.fig_timeline(summary, promised, design.faults)
            words = charts.timeline_alt(summary)
        case "Busy":
            figure, words = charts.fig_utilization(summary), charts.utilization_alt(summary)
        case "Cost":
            _cost(summary)
            return
        case _:
            _numbers(summary)
            return
    st.plotly_chart(figure, config=charts.PLAIN, alt=words, key=f"{key}:{view}")
    st.caption(plain(words))


def _cost(summary: Summary) -> None:
    cost = summary.cost
    each = f", {cost.usd_per_1000_answers:.3g} USD per 1,000 answers" if cost.usd_per_1000_answers is not None else ""
    st.markdown(
        f"{dollars(cost.usd_per_hour)} per hour, {dollars(cost.usd_per_month)} per month{each}, for the whole fleet."
    )
    st.table(
        {
            "component": [one.component for one in cost.components],
            "replicas in the fleet": [f"{one.replicas:,.0f}" for one in cost.components],
            "USD per month": [
                "not priced" if one.usd_per_hour is None else f"{one.usd_per_hour * 730:,.0f}"
                for one in cost.components
            ],
        },
        border="horizontal",
    )


def _numbers(summary: Summary) -> None:
    ends = summary.outcomes
    answered = f"{ends.in_time:,} were answered in time, {ends.degraded:,} by a fallback in time, {ends.late:,} late"
    st.markdown(
        f"Of {ends.arrivals:,} counted requests {answered}; {ends.refused:,} were refused and {ends.failed:,} failed."
    )
    rows = summary.components
    st.table(
        {
            "component": [one.component for one in rows],
            "asked for": [NONE if one.load is None else share(one.load) for one in rows],
            "busy": [NONE if one.utilization is None else share(one.utilization.value) for one in rows],
            "waiting": [f"{one.mean_waiting:,.1f}" for one in rows],
            "mean wait": [milliseconds(one.mean_wait_ms) for one in rows],
            "mean work": [NONE if one.mean_work_ms is None else milliseconds(one.mean_work_ms) for one in rows],
            "batch": [NONE if one.mean_batch_items is None else f"{one.mean_batch_items:,.0f} items" for one in rows],
        },
        border="horizontal",
    )
    for remark in summary.remarks:
        st.caption(plain(remark))
    st.caption(
        f"Engine {summary.engine}, {summary.replications} runs of {summary.duration_s:,.1f} s with seed "
        f"{summary.settings.seed}, the first {summary.warm_up_s:,.1f} s of each not counted."
    )
