"""Figures of the capacity page; pure functions from numbers to Plotly figures, each with its words beside it."""

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from question_bank.capacity import work_out
from question_bank.capacity_file import Values
from question_bank.quantity import shown
from simulator.capacity import P99, Demand
from ui.charts import ALARM, PALETTE, QUIET
from ui.figure_parts import Data, level, upright
from ui.words import dollars, milliseconds, share

_LOADS = (*(step / 50 for step in range(1, 45)), 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998)
_LEAST_POINTS = 24
_STEPS_SHOWN = 60  # machines; more make steps that are too small to see
_SHOWN_UP_TO = 4.0  # times the promise or the present latency; the rest would press everything else flat

_LOOK = {
    "height": 320, "margin": {"l": 8, "r": 8, "t": 28, "b": 8}, "hovermode": "closest", "dragmode": False,
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """Latencies of one pool over its utilization, in milliseconds."""

    loads: tuple[float, ...]
    mean_wait_ms: tuple[float, ...]
    p99_wait_ms: tuple[float, ...]
    p99_latency_ms: tuple[float, ...]


@lru_cache(maxsize=256)
def loaded(demand: Demand, machines: int) -> Loaded:
    """The latencies of so many machines as traffic grows until they are all but busy, by theory."""
    most = machines * demand.slots / (demand.service_ms / 1000)
    rows = []
    for load in _LOADS:
        pool = Demand(
            most * load, demand.service_ms, demand.slots, demand.arrival_scv, demand.service_scv
        ).pool(machines)  # fmt: skip
        rows.append((pool.mean_wait(), pool.wait_percentile(P99), pool.sojourn_percentile(P99)))
    return Loaded(_LOADS, *zip(*rows, strict=True))


def fig_loaded(curve: Loaded, present: tuple[float, float], promise: tuple[str, float]) -> go.Figure:
    """Latency against utilization. `present` is where the peak stands: its utilization and p99 latency."""
    kind, promise_ms = promise
    lines = [
        ("p99 latency", curve.p99_latency_ms, PALETTE[2], "solid"),
        ("p99 wait", curve.p99_wait_ms, PALETTE[1], "dash"),
        ("mean wait", curve.mean_wait_ms, PALETTE[0], "dot"),
    ]
    traces: list[Data] = [
        {
            "type": "scatter", "x": curve.loads, "y": values, "name": name, "mode": "lines",
            "line": {"color": color, "dash": dash, "width": 2.5},
            "hovertemplate": f"{name} at %{{x:.0%}} busy: %{{y:.3g}} ms<extra></extra>",
        }
        for name, values, color, dash in lines
    ]  # fmt: skip
    words = {
        "x": 0.02, "y": promise_ms, "yanchor": "bottom", "xanchor": "left", "showarrow": False, "font": {"size": 12},
        "text": f"promise, {kind}: {milliseconds(promise_ms)}",
    }  # fmt: skip
    highest = max(present[1], promise_ms)
    top = max(1.15 * highest, min(curve.p99_latency_ms[-1], _SHOWN_UP_TO * highest))
    now = _present(*present, "bottom right" if present[1] > 0.15 * top else "top right")
    return go.Figure(
        data=[*traces, now],
        layout=_LOOK
        | {
            "shapes": [level(promise_ms, {"color": ALARM, "width": 1.5}), _now(present[0])],
            "annotations": [words],
            "xaxis": {"title": {"text": "utilization"}, "tickformat": ".0%", "range": [0, 1], "dtick": 0.2},
            "yaxis": {"title": {"text": "ms"}, "range": [0, top]},
        },
    )


def loaded_alt(curve: Loaded, machines: int, present: tuple[float, float]) -> str:
    """The figure in words."""
    at = min(range(len(curve.loads)), key=lambda i: abs(curve.loads[i] - 0.95))
    return (
        f"{machines:,} machines by theory: p99 latency {milliseconds(present[1])} at the peak, {share(present[0])} "
        f"busy, and {milliseconds(curve.p99_latency_ms[at])} if they were {share(curve.loads[at])} busy."
    )


@dataclass(frozen=True)
class Costs:
    """What a month costs at multiples of the present traffic; None where no number of machines will do."""

    rates: tuple[float, ...]
    machines: tuple[float | None, ...]
    usd: tuple[float | None, ...]

    @property
    def has_steps(self) -> bool:
        return len(self.rates) > 2 * _LEAST_POINTS


def costs(values: Values) -> Costs:
    """Cost and machines up to twice the present traffic; finely where single machines can be seen."""
    return _costs(tuple(sorted(values.items())))


@lru_cache(maxsize=256)
def _costs(settings: tuple[tuple[str, float | str], ...]) -> Costs:
    """They are a hundred estimates, and the same for whoever has the same settings."""
    values = dict(settings)
    by, wanted = "users" if values["traffic_by"] == "users" else "rate", ("peak_rate", "machines_paid", "cost")
    machines = work_out(values, wanted)["machines_paid"].value
    points = 120 if machines is not None and machines <= _STEPS_SHOWN else _LEAST_POINTS
    times = [2 * point / points for point in range(1, points + 1)]
    found = [work_out({**values, by: float(values[by]) * one}, wanted) for one in times]
    rates = tuple(one["peak_rate"].value or 0.0 for one in found)
    return Costs(rates, tuple(one["machines_paid"].value for one in found), tuple(one["cost"].value for one in found))


def fig_costs(curve: Costs, present: tuple[float, float], noun: str) -> go.Figure:
    """Money against traffic; machines come whole, so that it climbs in steps. `present` is the peak and its cost."""
    trace = {
        "type": "scatter", "x": curve.rates, "y": curve.usd, "name": "cost of a month", "mode": "lines",
        "customdata": curve.machines, "showlegend": False,
        "line": {"color": PALETTE[0], "shape": "hvh" if curve.has_steps else "linear", "width": 2.5},
        "hovertemplate": "%{x:,.4g}/s: %{y:,.0f} USD, %{customdata:,.0f} machines<extra></extra>",
    }  # fmt: skip
    return go.Figure(
        data=[trace, _present(*present, "top left")],
        layout=_LOOK
        | {
            "shapes": [_now(present[0])],
            "xaxis": {"title": {"text": f"{noun}s per second at the peak"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": "USD per month"}, "rangemode": "tozero"},
        },
    )


def costs_alt(curve: Costs, machine: str, usd_of_one: float) -> str:
    """The figure in words."""
    ends = [(rate, usd) for rate, usd in zip(curve.rates, curve.usd, strict=True) if usd is not None]
    if not ends:
        return "No number of machines keeps the promise."
    (low, least), (high, most) = ends[0], ends[-1]
    return (
        f"From {dollars(least)} at {shown(low)} to {dollars(most)} at {shown(high)} per second; "
        f"it climbs by whole machines, and one {machine} is {dollars(usd_of_one)} a month."
    )


def _present(x: float, y: float, side: str) -> Data:
    """Where the settings stand, with the word on a side where nothing else is."""
    return {
        "type": "scatter", "x": [x], "y": [y], "mode": "markers+text", "text": ["now"], "textposition": side,
        "marker": {"size": 12, "color": ALARM, "line": {"color": "#ffffff", "width": 1.5}}, "hoverinfo": "skip",
        "showlegend": False, "name": "now",
    }  # fmt: skip


def _now(x: float) -> Data:
    return upright(x, {"color": QUIET, "width": 1, "dash": "dot"})
