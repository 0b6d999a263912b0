"""The advice: what limits a design and by which rule, and the best single changes with what each of them did."""

import streamlit as st

from simulator.advisor.advice import Plan, Tried
from simulator.advisor.case import Beside, Finding
from simulator.advisor.change import Change
from simulator.advisor.diagnosis import diagnose
from simulator.design import Design
from simulator.results.comparison import Difference
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from ui import advice_work
from ui.advice_work import Apply, Trying
from ui.limits import may_sweep
from ui.simulations import visit
from ui.words import dollars, many, milliseconds, plain, share

POLL_S = 0.6
REQUESTS = 4_000
ALSO = 4
NO_NUMBER = "\u2013"


def advice(design: Design, summary: Summary, *, key: str, apply: Apply) -> None:
    """Say what limits a design whose run this is, try changes to it when asked, and call `apply` with one to use."""
    polling = advice_work.is_under_way(key)
    st.fragment(_section, run_every=POLL_S if polling else None)(design, summary, key, apply, polling=polling)


def _section(design: Design, summary: Summary, key: str, apply: Apply, *, polling: bool) -> None:
    _used(design, key, apply)
    _diagnosis(diagnose(design, summary))
    st.markdown("**What to change**")
    trying = advice_work.find(key, design, summary.settings.seed)
    if trying is None or not trying.is_under_way:
        advice_work.cancel(key)
    if trying is None:
        _offer(design, summary, key)
    else:
        _progress(trying, key)
        _results(design, trying, key, apply)
    if polling != advice_work.is_under_way(key):
        st.rerun()


def _used(design: Design, key: str, apply: Apply) -> None:
    used = advice_work.last_used(key, design)
    if used is None:
        return
    said, button = st.columns([5, 1], vertical_alignment="center")
    said.markdown(f":green-badge[in use] {plain(used.label)}")
    if button.button("Undo", key=f"{key}:undo"):
        advice_work.undo(key, apply)
        st.rerun()


# ---- what limits -----------------------------------------------------------------------------------------------


def _diagnosis(findings: tuple[Finding, ...]) -> None:
    if not findings:
        st.markdown("**No rule sees anything here.** Nothing waits for long, nothing is full and nothing stands idle.")
        return
    _finding(findings[0])
    others = findings[1 : 1 + ALSO]
    if others:
        with st.expander(f"Also seen: {many(len(others), 'finding')}"):
            for one in others:
                _finding(one)


def _finding(one: Finding) -> None:
    st.markdown(f"**{plain(one.title)}.** {plain(one.sentence)}")
    if one.theory:
        st.table(
            {
                "theory beside the run": [plain(f"{row.quantity} ({row.source})") for row in one.theory],
                "theory": [_number(row, row.expected) for row in one.theory],
                "measured": [_number(row, row.measured) for row in one.theory],
            },
            border="horizontal",
        )
    st.caption(plain(f"Source: {one.source}."))


def _number(row: Beside, value: float | None) -> str:
    if value is None:
        return NO_NUMBER
    if row.unit == "ms":
        return milliseconds(value)
    if row.unit == "" and max(row.expected, row.measured or 0.0) <= 10 and "attempts" not in row.quantity:
        return share(value)
    return f"{value:,.3g} {row.unit}".rstrip() if value < 1000 else f"{value:,.0f} {row.unit}".rstrip()


# ---- what to change --------------------------------------------------------------------------------------------


def _offer(design: Design, summary: Summary, key: str) -> None:
    if summary.is_preview:
        st.caption("Changes can be tried as soon as the run is complete.")
        return
    plan = Plan(design, summary)
    if not plan.changes:
        kept = "The promise is kept, and nothing that has a price can be made smaller."
        st.markdown(kept if plan.kept else "No rule suggests a single change.")
        return
    what = "saving" if plan.kept else "change"
    why = "The promise is kept: what can be saved?" if plan.kept else _why(plan)
    st.caption(plain(f"{why} Each of {many(len(plan.changes), f'single {what}')} is run on the same luck."))
    if st.button(f"Try {many(len(plan.changes), what)}", key=f"{key}:try", type="primary") and may_sweep(
        f"{visit()}/{key}"
    ):
        settings = RunSettings(seed=summary.settings.seed, requests=REQUESTS)
        advice_work.start(key, design, plan, settings)
        st.rerun()


def _why(plan: Plan) -> str:
    broken = "The promise is broken: what mends it?" if plan.is_broken else ""
    if plan.added or broken:
        return f"{broken} {plan.added}".strip()
    return "The run cannot tell whether the whole promise is kept: what brings it nearer?"


def _progress(trying: Trying, key: str) -> None:
    series = trying.series
    assert series is not None
    if not series.is_over:
        bar, button = st.columns([5, 1], vertical_alignment="center")
        bar.progress(series.progress, text=f"Trying: {max(0, series.done - 1)} of {series.total - 1} changes")
        if button.button("Cancel", key=f"{key}:cancel"):
            advice_work.cancel(key)
            st.rerun()


def _results(design: Design, trying: Trying, key: str, apply: Apply) -> None:
    for problem in dict.fromkeys(trying.problems):
        st.error(plain(problem))
    chosen = trying.best()
    for number, (change, result) in enumerate(chosen):
        _change(design, trying, change, result, f"{key}:use:{number}", key, apply)
    total = many(len(trying.found), "change")
    if trying.is_under_way:
        return
    cancelled = " before it was cancelled" if trying.series is not None and trying.series.is_cancelled else ""
    if not chosen:
        st.markdown(plain(f"None of {total} that ran{cancelled} helps. {_closest(trying)}"))
    order = "by what it saves" if trying.plan.kept else "first what keeps the promise, then by effect per extra dollar"
    helping = sum(result.helps for _, result in trying.found)
    st.caption(plain(f"{total} ran{cancelled}, {counted(helping, len(chosen))}; {order}."))


def counted(helping: int, shown: int) -> str:
    """How many changes help, and why fewer are shown if they are."""
    said = f"{helping} of them {'helps' if helping == 1 else 'help'}"
    if shown == helping:
        return said
    rest = "the other does" if helping - shown == 1 else "the others do"
    return f"{said} and {shown} {'is' if shown == 1 else 'are'} shown, as {rest} no more than what is shown"


def _closest(trying: Trying) -> str:
    if trying.plan.kept:
        return "Nothing here can be made smaller without breaking the promise or its quality."
    return "More than one thing has to change: look at the findings above, or draw a map over two knobs."


def _change(
    design: Design, trying: Trying, change: Change, result: Tried, use_key: str, key: str, apply: Apply
) -> None:
    with st.container(border=True):
        said, button = st.columns([5, 1], vertical_alignment="center")
        said.markdown(f"**{plain(result.label)}**  \n{_money(result)}. {_kept(result, trying)}")
        if button.button("Use this", key=use_key):
            after = trying.plan.with_own_promise(change.design)
            advice_work.use(key, result.label, design, after, apply)
            st.rerun()
        rows = [one for one in result.comparison.differences if one.change is not None and _is_shown(one)]
        st.table(
            {
                "": [_NAMES[one.metric] for one in rows],
                "now": [_shown(one.metric, one.before) for one in rows],
                "then": [_shown(one.metric, one.after) for one in rows],
                "change, in 95% of such runs": [_interval(one) for one in rows],
            },
            border="horizontal",
        )


_NAMES = {
    "p99_ms": "p99 latency",
    "in_time_share": "answered in time",
    "full_share": "in time without a fallback",
    "availability": "answered",
    "fallback_share": "by the fallback",
    "usd_per_month": "cost per month",
}


def _is_shown(one: Difference) -> bool:
    always = one.metric in ("p99_ms", "in_time_share", "usd_per_month")
    return always or (one.change is not None and abs(one.change.value) > 0.0005)


def _money(result: Tried) -> str:
    extra = result.extra_usd_per_month
    unpriced = f" (more of {plain(', '.join(result.unpriced))}, which has no price)" if result.unpriced else ""
    if extra is None:
        return f"Cost unknown, as nothing has a price{unpriced}"
    if abs(extra) < 1:
        return f"Costs nothing extra{unpriced}"
    return f"{'Costs' if extra > 0 else 'Saves'} {dollars(abs(extra))} a month{unpriced}"


def _kept(result: Tried, trying: Trying) -> str:
    what, reached = ("aim", "Reaches") if trying.plan.added else ("promise", "Keeps")
    return f"{reached} the {what}." if result.keeps else f"Comes nearer to the {what}, but is not there yet."


def _shown(metric: str, value: float | None) -> str:
    if value is None:
        return NO_NUMBER
    if metric == "p99_ms":
        return milliseconds(value)
    return dollars(value) if metric == "usd_per_month" else share(value)


def _interval(one: Difference) -> str:
    change = one.change
    if change is None or change.low is None or change.high is None:
        return NO_NUMBER if change is None or not change.value else _signed(one.metric, change.value)
    if change.low == change.high == 0:
        return "none"
    return f"{_signed(one.metric, change.low)} to {_signed(one.metric, change.high)}"


def _signed(metric: str, value: float) -> str:
    if metric == "p99_ms":
        return f"{value:+,.1f} ms"
    return f"{value:+,.0f} USD" if metric == "usd_per_month" else f"{value * 100:+.2f} points"
