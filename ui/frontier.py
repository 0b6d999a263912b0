"""What the money buys: cost against p99 and quality of the cells of a map."""

from collections.abc import Callable, Sequence

import streamlit as st

from simulator.design import Design
from simulator.sliders import Slider
from simulator.sweep import Cell
from ui.charts import PLAIN
from ui.map_figures import axis_label, fig_frontier, point_words, shown, where
from ui.map_work import TRAFFIC, Drawn
from ui.words import capitalized, dollars, many, plain, share

Use = Callable[[Cell], None]


def frontier(design: Design, drawn: Drawn, pair: tuple[Slider, Slider], best: Cell | None, key: str, use: Use) -> None:
    """Cost against p99 of the cells that have run, the frontier, and the cheapest cell that keeps the promise; `use` is
    called with a cell whose design to use.
    """
    st.markdown("**What the money buys**")
    some = drawn.comparable(design)
    if not some:
        st.caption(_why_none(drawn))
        return
    front = drawn.frontier(design)
    present = _present_cell(design, drawn)
    st.plotly_chart(
        fig_frontier(some, front, design.promise, present, best),
        config=PLAIN,
        key=f"{key}:frontier",
        alt=f"Cost against p99 of {len(some)} cells; {len(front)} are on the frontier.",
    )
    st.caption(
        "On the frontier no other cell of the map is better in cost, p99 and the share answered in time without a "
        f"fallback, all at once. Cells that cannot keep up are left out{_less_traffic(drawn)}."
    )
    if best is None:
        st.markdown("No cell of this map keeps the promise. Turn other knobs.")
    else:
        faults = "" if not design.faults else f" under {many(len(design.faults), 'fault')}"
        said, button = st.columns([5, 1], vertical_alignment="center")
        at = where(pair, best.values)
        said.markdown(
            plain(f"Cheapest that keeps the promise{faults}: {at}. {capitalized(point_words(best))}."
                  f"{_saving(best, present)}")
        )  # fmt: skip
        if button.button("Use this", key=f"{key}:use_cheapest"):
            use(best)
    _table((axis_label(pair[0]), axis_label(pair[1])), front)


def _less_traffic(drawn: Drawn) -> str:
    return ", and those with less traffic than the design" if any(one.path in TRAFFIC for one in drawn.axes) else ""


def _why_none(drawn: Drawn) -> str:
    ran = [cell for cell in drawn.cells.values() if cell.ran]
    if ran and all(cell.usd_per_month is None for cell in ran):
        return "No part of this design has a price, so cost cannot be compared. Give a component a price per hour."
    if ran and all(cell.overload is not None for cell in ran):
        return "No cell can keep up with its load, so there is nothing to compare. Turn other knobs."
    return "Too few cells to compare yet."


def _present_cell(design: Design, drawn: Drawn) -> Cell | None:
    at = drawn.present(design)
    whole = None if at is None or not all(one.is_integer() for one in at) else tuple(int(one) for one in at)
    return drawn.cells.get(whole) if whole is not None else None


def _saving(best: Cell, present: Cell | None) -> str:
    if present is None or present.usd_per_month is None or best.usd_per_month is None or best is present:
        return " That is the present design." if best is present else ""
    gap = present.usd_per_month - best.usd_per_month
    if abs(gap) < 1:
        return " It costs as much as the present design."
    return f" That is {dollars(abs(gap))} a month {'less' if gap > 0 else 'more'} than the present design."


def _table(labels: tuple[str, str], front: Sequence[Cell]) -> None:
    rows = sorted(front, key=lambda one: one.usd_per_month or 0.0)
    with st.expander(f"The frontier in numbers: {many(len(rows), 'cell')}"):
        st.table(
            {
                plain(labels[0]): [shown(one.values[0]) for one in rows],
                plain(labels[1]): [shown(one.values[1]) for one in rows],
                "USD a month": [f"{one.usd_per_month or 0:,.0f}" for one in rows],
                "p99, ms": [f"{one.p99_ms.value:,.1f}" if one.p99_ms else "" for one in rows],
                "in time in full": [share(one.full_share) for one in rows],
                "promise": [{True: "kept", False: "broken", None: "unknown"}[one.keeps] for one in rows],
            },
            border="horizontal",
        )
