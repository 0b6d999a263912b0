"""The map: a heatmap over two knobs of a design, and which of its cells are worth their money."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from simulator.axes import by_sensitivity, turnable
from simulator.design import Design
from simulator.design_file import DesignProblem
from simulator.knobs import with_value
from simulator.results.singles import RunNumbers
from simulator.sliders import Slider, sliders
from simulator.sweep import Axis, Cell, Place
from ui import map_work
from ui.charts import PLAIN
from ui.frontier import frontier
from ui.limits import may_sweep
from ui.look import FINE
from ui.map_figures import (
    METRICS,
    Metric,
    axis_label,
    fig_map,
    fits_a_phone,
    in_table,
    map_alt,
    point_words,
    shown,
    where,
)
from ui.map_luck import luck_in_words
from ui.map_work import SIZES, Drawn
from ui.simulations import requests_of, visit
from ui.words import capitalized, many, plain, share

Apply = Callable[[Design], None]

POLL_S = 0.6
FIRST_CELLS_S = 0.8
MOST_ROWS = 8


@dataclass(frozen=True)
class Mapped:
    """The design of a map, the knobs that come first in the choice of axes, and the run of the design: its seed, and
    what its replications showed one by one.
    """

    design: Design
    knobs: Sequence[Slider]
    seed: int
    singles: Sequence[RunNumbers] = ()


def design_map(mapped: Mapped, *, key: str, apply: Apply) -> None:
    """Draw maps of a design; `apply` is called with a design to use."""
    polling = map_work.is_under_way(key)
    st.fragment(_section, run_every=POLL_S if polling else None)(mapped, key, apply, polling=polling)


def _section(mapped: Mapped, key: str, apply: Apply, *, polling: bool) -> None:
    design, knobs, seed = mapped.design, mapped.knobs, mapped.seed
    choice = _choices(design, knobs)
    if len(choice) < 2:
        st.info("This design has fewer than two numbers to turn. Add a component with replicas first.")
        return
    pair, size, metric = _controls(design, choice, knobs, key)
    drawn = map_work.find(key, design, pair, size, seed)
    if not (drawn is not None and drawn.is_under_way):
        map_work.cancel(key)
    if drawn is None:
        st.caption(
            f"Every cell is one run of {requests_of(design):,} requests on the same luck, with the faults "
            "that are switched on."
        )
        if st.button("Draw the map", key=f"{key}:draw", type="primary") and may_sweep(f"{visit()}/{key}"):
            try:
                begun = map_work.draw(key, design, pair, size, seed)
            except DesignProblem as problem:
                st.error(plain(problem.problems[0]))
                return
            assert begun.series is not None
            begun.series.wait(FIRST_CELLS_S, results=4)
            st.rerun()
        return
    _progress(drawn, key, seed)
    _picture(mapped, drawn, pair, metric, key, apply)
    if polling != map_work.is_under_way(key):
        st.rerun()


def _choices(design: Design, knobs: Sequence[Slider]) -> dict[str, Slider]:
    """What can be an axis, by path: the question's knobs, then the others in their own order."""
    known = {one.path: one for one in turnable(design, knobs)}
    return known | {one.path: one for one in turnable(design, sliders(design)) if one.path not in known}


def _controls(
    design: Design, choice: dict[str, Slider], asked: Sequence[Slider], key: str
) -> tuple[tuple[Slider, Slider], str, Metric]:
    def label(path: str) -> str:
        return axis_label(choice[path])

    paths = list(choice)
    moving = [one.path for one in (asked or by_sensitivity(design, list(choice.values()))) if one.path in choice]
    left, middle = st.columns(2)
    right, last = st.columns(2)
    across_key = _key(key, "x", paths)
    st.session_state.setdefault(across_key, (moving or paths)[0])
    across = left.selectbox("Across", paths, format_func=label, key=across_key)
    others = [path for path in paths if path != across]
    up_key = _key(key, "y", others)
    costly = [path for path in (*moving, *others) if path.endswith(".replicas") and path != across]
    st.session_state.setdefault(up_key, (*costly, *others)[0])
    up = middle.selectbox("Up", others, format_func=label, key=up_key)
    names = [one.name for one in METRICS]
    chosen = right.selectbox("Shows", names, key=f"{key}:metric")
    size = last.selectbox(
        "Cells", list(SIZES), index=1, key=f"{key}:size", format_func=lambda one: f"{one}, {_cells(one)}"
    )
    return (choice[across], choice[up]), size, METRICS[names.index(chosen)]


def _key(key: str, which: str, paths: Sequence[str]) -> str:
    """Another list of choices is another widget, so that a design never keeps the choice of another."""
    return f"{key}:{which}:{hash(tuple(sorted(paths)))}"


def _cells(size: str) -> int:
    wide, high = SIZES[size]
    return wide * high


def _progress(drawn: Drawn, key: str, seed: int) -> None:
    series = drawn.series
    assert series is not None
    if not series.is_over:
        bar, button = st.columns([5, 1], vertical_alignment="center")
        bar.progress(series.progress, text=f"{len(drawn.cells)} of {len(drawn.trials)} cells")
        if button.button("Cancel", key=f"{key}:cancel"):
            map_work.cancel(key)
            st.rerun()
    elif len(drawn.cells) < len(drawn.trials):
        said, button = st.columns([5, 1], vertical_alignment="center")
        said.caption(f"Cancelled after {len(drawn.cells)} of {len(drawn.trials)} cells; pale cells are guesses.")
        if button.button("Go on", key=f"{key}:go_on") and may_sweep(f"{visit()}/{key}"):
            map_work.go_on(key, drawn, seed)
            st.rerun()


def _picture(mapped: Mapped, drawn: Drawn, pair: tuple[Slider, Slider], metric: Metric, key: str, apply: Apply) -> None:
    design, cells = mapped.design, dict(drawn.cells)  # more of them may come at any moment
    labels = (axis_label(pair[0]), axis_label(pair[1]))
    best = drawn.cheapest(design)
    present = drawn.present(design)
    figure = fig_map(
        drawn.axes, labels, cells, metric, design.promise, present, best.place if best is not None else None
    )
    cell_key, chart_key = f"{key}:cell:{id(drawn)}", f"{key}:heatmap"
    with st.container(key=None if fits_a_phone(drawn.axes, cells, metric) else FINE):
        st.plotly_chart(
            figure,
            config=PLAIN,
            alt=map_alt(drawn.axes, labels, cells, metric),
            key=chart_key,
            selection_mode="points",
            on_select=lambda: _clicked(chart_key, cell_key),
        )
    _legend(cells, metric, design)
    st.caption(plain(luck_in_words(metric, mapped.singles, drawn.requests)))
    _one_cell(design, drawn, pair, cell_key, key, apply)
    _table(drawn.axes, cells, labels, metric)
    frontier(design, drawn, pair, best, key, lambda cell: _use(design, drawn, cell, apply))


def _clicked(chart_key: str, cell_key: str) -> None:
    """A click on a cell chooses it in the list below the map."""
    points = st.session_state[chart_key].selection.points
    if points and points[0].get("customdata"):
        st.session_state[cell_key] = tuple(int(one) for one in points[0]["customdata"][:2])


def _legend(cells: Mapping[Place, Cell], metric: Metric, design: Design) -> None:
    bound = metric.bound(design.promise)
    said = [f"{capitalized(metric.name)}." if bound is None else f"{metric.name}; red is beyond {metric.short(bound)}."]
    if overloaded := sum(cell.overload is not None for cell in cells.values()):
        said.append(
            f"Hatched, {many(overloaded, 'cell')}: offered load is at or above capacity, so latencies depend on how "
            "long the run was and are left out."
        )
    if refused := [cell for cell in cells.values() if not cell.ran]:
        said.append(f"Crossed, {many(len(refused), 'cell')}: cannot run, such as: {refused[0].problems[0]}.")
    st.caption(plain(" ".join(said)))


def _one_cell(design: Design, drawn: Drawn, pair: tuple[Slider, Slider], cell_key: str, key: str, apply: Apply) -> None:
    places = sorted(drawn.cells)
    if not places:
        return
    if st.session_state.get(cell_key) not in (None, *places):
        st.session_state[cell_key] = None
    chosen: Place | None = st.selectbox(
        "Look at a cell, or click on one",
        places,
        index=None,
        key=cell_key,
        format_func=lambda place: where(pair, drawn.cells[place].values),
        placeholder="None chosen",
    )
    if chosen is None:
        return
    cell = drawn.cells[chosen]
    said, button = st.columns([5, 1], vertical_alignment="center")
    said.markdown(plain(_words(cell)))
    if cell.ran and button.button("Use this", key=f"{key}:use"):
        _use(design, drawn, cell, apply)


def _table(axes: tuple[Axis, Axis], cells: Mapping[Place, Cell], labels: tuple[str, str], metric: Metric) -> None:
    """The numbers of the map, the highest row first as in the picture."""
    across, up = axes
    with st.expander(f"The map in numbers: {many(len(cells), 'cell')}"):
        st.caption(plain(f"{metric.name}. Across: {labels[0]}. Down: {labels[1]}."))
        rows = list(reversed(range(len(up.values))))
        columns = {"": [f"**{shown(up.values[j])}**" for j in rows]} | {
            shown(value): [plain(in_table(cells.get((i, j)), metric)) for j in rows]
            for i, value in enumerate(across.values)
        }
        st.table(columns, border="horizontal")


def _words(cell: Cell) -> str:
    if not cell.ran:
        return f"Cannot run: {' '.join(cell.problems)}."
    in_time = cell.in_time_share.value if cell.in_time_share else None
    kept = {True: "Keeps the promise.", None: ""}.get(cell.keeps, f"Breaks the promise: {'; '.join(cell.missed)}.")
    overload = f" {capitalized(cell.overload)}" if cell.overload else ""
    return f"{capitalized(point_words(cell))}, {share(in_time)} in time in all. {kept}{overload}"


def _use(design: Design, drawn: Drawn, cell: Cell, apply: Apply) -> None:
    changed: Any = design
    for axis, value in zip(drawn.axes, cell.values, strict=True):
        changed = with_value(changed, axis.path, value)
    apply(changed)
    st.rerun()
