"""How sure the numbers of a run are: how they were measured, what theory says, prices, what is left out."""

import streamlit as st

from simulator.design import Design
from simulator.results.honesty import BesideTheory, beside_theory, not_modelled, price_sources
from simulator.results.summary import Summary
from ui.more_precise import more_precise
from ui.pictures import NONE
from ui.words import interval, many, milliseconds, plain, share


def honesty(summary: Summary, design: Design, *, key: str) -> None:
    """Everything that a reader should know before believing a number."""
    _measured(summary)
    more_precise(design, summary.settings.seed, key=f"{key}:precise")
    if summary.remarks:
        st.markdown("**To be minded**\n" + "\n".join(f"- {plain(remark)}" for remark in summary.remarks))
    _theory(summary, design)
    _prices(design)
    st.markdown("**Not in any run**\n" + "\n".join(f"- {plain(line)}" for line in not_modelled(design)))


def _measured(summary: Summary) -> None:
    runs, p99 = summary.replications, summary.latency.p99_ms
    seeds = f"seed {summary.settings.seed}" + (f", luck 1 to {runs} of it" if runs > 1 else "")
    known = interval(p99)
    rows = {
        "Engine": f"{summary.engine}, every request {_steps(summary)}. {summary.engine_note}".strip(),
        "Requests counted": f"{summary.outcomes.arrivals:,} in {many(runs, 'run')}",
        "Luck": f"{seeds}; the same number gives the same requests to every design",
        "Time": f"{summary.duration_s:,.1f} simulated seconds a run; what is under way at the end is finished",
        "Warm-up": f"the first {summary.warm_up_s:,.1f} s of each run are not counted",
        "p99 and its interval": f"{milliseconds(p99.value)}; {known}" if p99 is not None and known else "not known yet",
        "Intervals": "Student's, from the single runs, since requests of one run depend on each other",
        "Fleet": _fleet(summary.cell_fraction),
    }
    st.markdown("**How it was measured**")
    st.table({"": list(rows), "this run": [plain(one) for one in rows.values()]}, border="horizontal")


def _steps(summary: Summary) -> str:
    return "component by component" if summary.engine == "stages" else "event by event"


def _fleet(fraction: float) -> str:
    if fraction == 1:
        return "all of it is simulated"
    part = f"1/{1 / fraction:,.0f}" if abs(1 / fraction - round(1 / fraction)) < 1e-6 else f"{fraction:.3%}"
    return f"{part} of it is simulated; cost is scaled up, latencies are those of the cell"


def _theory(summary: Summary, design: Design) -> None:
    found = beside_theory(design, summary)
    st.markdown("**Theory beside the run**")
    if not found:
        st.markdown("Nothing in this design can be full, so queueing theory has nothing to say.")
        return
    st.table(
        {
            "component": [one.component for one in found],
            "what": [one.what for one in found],
            "calculated": [_shown(one, one.calculated) for one in found],
            "measured": [_shown(one, one.measured) for one in found],
        },
        border="horizontal",
    )
    st.markdown("\n".join(f"- {plain(one.component)}, {one.what}: {_formula(one)}{plain(one.why)}" for one in found))


def _formula(one: BesideTheory) -> str:
    return f"{plain(one.formula)}. " if one.calculated is not None else ""


def _shown(one: BesideTheory, value: float | None) -> str:
    if value is None:
        return NONE
    return share(value) if one.what == "hit ratio" else milliseconds(value)


def _prices(design: Design) -> None:
    found = price_sources(design)
    st.markdown("**Prices**")
    if not found:
        st.markdown("Nothing in this design has a price.")
        return
    unknown = "set in the design, without a source"
    st.table(
        {
            "component": [one.component for one in found],
            "USD per replica and hour": [f"{one.usd_per_hour:g}" for one in found],
            "source": [plain(f"{one.source} ({one.date})") if one.source else unknown for one in found],
        },
        border="horizontal",
    )
