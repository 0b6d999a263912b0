"""The pictures of one run, each with its words and its data, and beside it those of a pinned run."""

import re
from collections.abc import Callable

import streamlit as st

from simulator.design import Design
from simulator.results.difference import Row, rows
from simulator.results.stages import Stage, stages
from simulator.results.summary import Summary
from ui import chart_data, charts
from ui.components.playback import playback
from ui.latency_chart import fig_latency, latency_alt
from ui.look import HEADLINE, INK
from ui.timeline_chart import fig_timeline, timeline_alt
from ui.words import dollars, interval, many, milliseconds, plain, share, short_dollars

MINUS = "\u2212"
NONE = "\u2013"  # a hyphen alone would become a list in Markdown
VIEWS = ("Latency", "Where the time goes", "Over time", "Playback", "Busy", "Cost", "Numbers")
_ROWS: dict[str, chart_data.Rows] = {
    "Latency": chart_data.latency_rows,
    "Where the time goes": chart_data.waterfall_rows,
    "Over time": chart_data.timeline_rows,
    "Playback": chart_data.playback_rows,
    "Busy": chart_data.component_rows,
    "Cost": chart_data.cost_rows,
    "Numbers": chart_data.component_rows,
}
_MAIN = ("p50 latency", "p99 latency", "answered in time", "by the fallback", "refused", "failed", "cost per month")
_NO_FIGURE = ("Playback", "Numbers")


def headline(summary: Summary, pinned: Summary | None = None) -> None:
    """The four numbers that one looks at first, with the difference to a pinned run."""
    latency = summary.latency.p99_ms
    before = {row.what: row for row in rows(pinned, summary)} if pinned is not None else {}
    ends = summary.outcomes
    shown = (
        ("p99 latency", milliseconds(latency.value if latency else None), interval(latency), "p99 latency"),
        (
            "Answered in time",
            share(ends.in_time_share.value if ends.in_time_share else None),
            interval_of_share(summary),
            "answered in time",
        ),
        ("By the fallback", share(ends.degraded / ends.arrivals if ends.arrivals else None), "", "by the fallback"),
        ("Cost per month", _money(summary), _money_in_full(summary), "cost per month"),
    )
    with st.container(key=HEADLINE):
        cells = st.columns(4)
    for cell, (label, value, help_text, what) in zip(cells, shown, strict=True):
        delta = _delta(before[what]) if what in before else None
        cell.metric(label, value, delta, delta_color="off", delta_arrow="off", help=help_text or None)


def bottleneck(summary: Summary) -> None:
    """What limits the design, in words."""
    if summary.bottleneck is not None:
        st.markdown(f"**Bottleneck:** {plain(summary.bottleneck.sentence)}")


def interval_of_share(summary: Summary) -> str:
    """The interval of the share in time in words, or nothing where there is none."""
    found = summary.outcomes.in_time_share
    if found is None or found.low is None or found.high is None:
        return ""
    return f"{found.low * 100:.1f}% to {found.high * 100:.1f}% in 95% of such runs"


def _money(summary: Summary) -> str:
    return short_dollars(summary.cost.usd_per_month) if summary.cost.is_priced else "not priced"


def _money_in_full(summary: Summary) -> str:
    return dollars(summary.cost.usd_per_month) if summary.cost.is_priced else ""


def _delta(row: Row) -> str | None:
    if row.before is None or row.after is None:
        return None
    change = abs(row.after - row.before)
    said = {"ms": milliseconds(change), "share": f"{change * 100:.1f} points"}.get(row.unit, short_dollars(change))
    if not re.search("[1-9]", said):
        return "as pinned"
    return f"{'+' if row.after > row.before else MINUS}{said}"


def promise(summary: Summary) -> None:
    """What was promised, and whether this run keeps it."""
    said = []
    for verdict in summary.promise:
        word = {True: "met", False: "missed", None: "unknown"}[verdict.met]
        color = {True: "green", False: "red", None: "gray"}[verdict.met]
        said.append(f":{color}-badge[{word}] {plain(verdict.sentence)}")
    if said:
        st.markdown("  \n".join(said))


Draw = Callable[[Summary, Design, Summary | None], None]


def pictures(
    summary: Summary,
    design: Design,
    *,
    key: str,
    pinned: Summary | None = None,
    place: Callable[[Draw], None] | None = None,
) -> None:
    """One picture at a time, chosen by name; words, numbers and data beside it. With `place` the picture is drawn by
    that, of whatever run it likes.
    """
    view = st.segmented_control(
        "Picture",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key=f"{key}:view",
        label_visibility="collapsed",
        persist_state="session",
    )

    def draw(summary: Summary, design: Design, pinned: Summary | None) -> None:
        _picture(view, summary, design, pinned, f"{key}:{view}")

    if place is None:
        draw(summary, design, pinned)
    else:
        place(draw)
    _save(view, summary, pinned, key)


def _picture(view: str, summary: Summary, design: Design, pinned: Summary | None, key: str) -> None:
    promised, ink = design.promise.late_after_ms(), _ink()
    match view:
        case "Latency":
            _show(fig_latency(summary, promised, pinned, ink), latency_alt(summary), key)
        case "Where the time goes":
            _show(charts.inked(charts.fig_waterfall(summary, pinned), ink), charts.waterfall_alt(summary), key)
        case "Over time":
            _over_time(summary, design, promised, pinned, key)
        case "Playback":
            _playback(summary, design, pinned, key)
        case "Busy":
            _show(charts.inked(charts.fig_utilization(summary, pinned), ink), charts.utilization_alt(summary), key)
        case "Cost":
            _cost(summary, pinned, key)
        case _:
            _numbers(summary, pinned)


def _ink() -> str | None:
    return None if st.context.theme.type == "dark" else INK  # Streamlit's own words are light enough there


def _show(figure: charts.Figure, words: str, key: str) -> None:
    kind = (st.session_state.get(_FORMAT) or FORMATS[0]).lower()  # None in a run that overtakes the one before
    st.plotly_chart(figure, config=charts.saved_as(kind), alt=words, key=key)
    st.caption(plain(words))


_FORMAT, FORMATS = "pictures:format", ("PNG", "SVG")


def _save(view: str, summary: Summary, pinned: Summary | None, key: str) -> None:
    """The data behind the picture as a file, and how the picture itself is saved."""
    name = view.lower().replace(" ", "-")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Data as CSV",
            chart_data.csv_text(_ROWS[view], summary, pinned),
            f"{name}.csv",
            "text/csv",
            key=f"{key}:csv",
            on_click="ignore",
        )
        if view not in _NO_FIGURE and (view != "Cost" or summary.cost.is_priced):
            st.segmented_control(
                "Picture saved as",
                FORMATS,
                default=FORMATS[0],
                required=True,
                key=_FORMAT,
                label_visibility="collapsed",
                persist_state="session",
            )
            st.caption("is saved by the camera above", width="content")


def _over_time(summary: Summary, design: Design, promised: float | None, pinned: Summary | None, key: str) -> None:
    found = stages(summary.timeline, design.faults, warm_up_s=summary.warm_up_s, duration_s=summary.duration_s)
    _show(fig_timeline(summary, promised, design.faults, pinned, _ink()), timeline_alt(summary, found), key)
    if found:
        st.table(_stage_table(found), border="horizontal")


def _stage_table(found: list[Stage]) -> dict[str, list[str]]:
    return {
        "the fault": [one.name for one in found],
        "seconds": [f"{one.from_s:,.1f} to {one.to_s:,.1f}" for one in found],
        "in time": [NONE if one.in_time_share is None else share(one.in_time_share) for one in found],
        "p95 at worst": [NONE if one.worst_p95_ms is None else milliseconds(one.worst_p95_ms) for one in found],
    }


def _playback(summary: Summary, design: Design, pinned: Summary | None, key: str) -> None:
    if summary.playback is None:
        st.info("This run was kept by an earlier version, which made no film. Run the design again to see one.")
        return
    playback(summary.playback, design, key=key, pinned=pinned.playback if pinned is not None else None)
    st.caption(
        "One of the runs, the first. A node fills as it is busy, and is red when it is full; the bar at its left is "
        "its queue." + (" The mark at the right is the pinned run." if pinned is not None else "")
    )


def _cost(summary: Summary, pinned: Summary | None, key: str) -> None:
    cost = summary.cost
    each = f", {cost.usd_per_1000_answers:.3g} USD per 1,000 answers" if cost.usd_per_1000_answers is not None else ""
    if cost.is_priced:
        hour, month = dollars(cost.usd_per_hour), dollars(cost.usd_per_month)
        st.markdown(f"{hour} per hour, {month} per month{each}, for the whole fleet.")
        _show(charts.inked(charts.fig_cost(summary, pinned), _ink()), charts.cost_alt(summary), key)
    else:
        st.markdown(charts.cost_alt(summary))
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


def _numbers(summary: Summary, pinned: Summary | None) -> None:
    ends = summary.outcomes
    answered = f"{ends.in_time:,} were answered in time, {ends.degraded:,} by a fallback in time, {ends.late:,} late"
    st.markdown(
        f"Of {ends.arrivals:,} counted requests {answered}; {ends.refused:,} were refused and {ends.failed:,} failed."
    )
    if pinned is not None:
        st.table(comparison_table(pinned, summary), border="horizontal")
    load, time = st.columns(2, gap="medium")
    load.table(_load_table(summary), border="horizontal")
    time.table(_time_table(summary), border="horizontal")
    for remark in summary.remarks:
        st.caption(plain(remark))
    st.caption(plain(measured_how(summary)))


def _load_table(summary: Summary) -> dict[str, list[str]]:
    found = summary.components
    return {
        "component": [one.component for one in found],
        "asked for": [NONE if one.load is None else share(one.load) for one in found],
        "busy": [NONE if one.utilization is None else share(one.utilization.value) for one in found],
        "batch": [NONE if one.mean_batch_items is None else f"{one.mean_batch_items:,.0f} items" for one in found],
    }


def _time_table(summary: Summary) -> dict[str, list[str]]:
    found = summary.components
    return {
        "component": [one.component for one in found],
        "waiting": [f"{one.mean_waiting:,.1f}" for one in found],
        "mean wait": [milliseconds(one.mean_wait_ms) for one in found],
        "mean work": [NONE if one.mean_work_ms is None else milliseconds(one.mean_work_ms) for one in found],
    }


def measured_how(summary: Summary) -> str:
    """Engine, runs, seed and warm-up in a sentence."""
    return (
        f"Engine {summary.engine}, {many(summary.replications, 'run')} of {summary.duration_s:,.1f} s with seed "
        f"{summary.settings.seed}, the first {summary.warm_up_s:,.1f} s of each not counted."
    )


def comparison_table(
    before: Summary, after: Summary, names: tuple[str, str] = ("pinned", "this run")
) -> dict[str, list[str]]:
    """The numbers of two runs beside each other with their differences; under other names only the main ones."""
    is_short = names[0] != "pinned"
    found = [row for row in rows(before, after) if not is_short or row.what in _MAIN or row.what.endswith("asked for")]
    return {
        "": [row.what for row in found],
        names[0]: [_shown(row.before, row.unit) for row in found],
        names[1]: [_shown(row.after, row.unit) for row in found],
        "difference": [(_delta(row) or NONE).replace("as pinned", f"as {names[0]}") for row in found],
    }


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return NONE
    return {"ms": milliseconds, "share": share}.get(unit, dollars)(value)
