"""What happened when, as a figure: the faults shaded, a pinned run dotted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from simulator.design import FaultSpec
from simulator.results.stages import Stage
from simulator.results.summary import Summary
from simulator.results.timeline import ComponentLine, Timeline
from ui.charts import ALARM, BELOW, FRAME, LINE, PALETTE, PINNED, colors
from ui.figure_parts import Data, axis, band, grid, in_layout, inked, level
from ui.words import milliseconds, share

Values = Sequence[float | None]
FEWEST_WAITING = 0.05  # on average in some step; less is no line


@dataclass(frozen=True)
class Line:
    """One curve: in which row it stands and where its values are in a run."""

    name: str
    row: str
    color: str
    values: Callable[[Timeline], Values | None]
    in_legend: bool = True


_SHARE = {"tickformat": ".0%", "range": [-0.02, 1.05]}
_HEIGHTS = {"ms": 0.42, "in time": 0.25, "waiting": 0.33, "replicas": 0.25, "circuit open": 0.2}


def fig_timeline(
    summary: Summary,
    promised_ms: float | None,
    faults: Sequence[FaultSpec] = (),
    pinned: Summary | None = None,
    ink: str | None = None,
) -> go.Figure:
    """Latency, share in time, queues and, where they change, replicas and circuits over simulated time."""
    lines = list(_lines(summary.timeline))
    rows = [row for row in _HEIGHTS if any(one.row == row for one in lines)]
    heights = [_HEIGHTS[row] for row in rows]
    layout = grid(len(rows), 1, shared_xaxes=True, vertical_spacing=0.06, row_heights=heights)
    for number, title in enumerate(rows, start=1):
        range_ = _SHARE if title in ("in time", "circuit open") else {}
        layout[in_layout("y", number)] |= {"title": {"text": title}, "rangemode": "tozero", **range_}
    layout[in_layout("x", len(rows))]["title"] = {"text": "simulated seconds"}
    shapes = [] if promised_ms is None else [level(promised_ms, {"color": ALARM, "width": 1})]
    for from_s, to_s in _struck(faults, summary.duration_s):
        shapes += [band(from_s, to_s, n + 1, fillcolor=ALARM, opacity=0.14) for n in range(len(rows))]
    theirs = [] if pinned is None else _run(pinned.timeline, lines, rows, is_pinned=True)
    height = round(430 * sum(heights)) + LINE * (len(lines) + (pinned is not None))
    return go.Figure(
        data=[*theirs, *_run(summary.timeline, lines, rows)],
        layout=inked(layout | FRAME | {"height": height, "shapes": shapes, "legend": FRAME["legend"] | BELOW}, ink),
    )


def _lines(line: Timeline) -> list[Line]:
    shades = colors([one.component for one in line.components])
    found = [
        Line("p50", "ms", PALETTE[0], lambda one: one.p50_ms),
        Line("p95", "ms", PALETTE[2], lambda one: one.p95_ms),
        Line("in time", "in time", PALETTE[5], lambda one: one.in_time_share, in_legend=False),
    ]
    for one in line.components:
        name = one.component
        if max(one.waiting, default=0) >= FEWEST_WAITING:
            found.append(Line(f"waiting at {name}", "waiting", shades[name], _of(name, "waiting")))
        if one.replicas is not None:
            found.append(Line(f"replicas of {name}", "replicas", shades[name], _of(name, "replicas")))
    for number, circuit in enumerate(line.circuits):
        name = f"circuit {circuit.caller} to {circuit.to}"
        found.append(
            Line(name, "circuit open", PALETTE[-1 - number % len(PALETTE)], _circuit(circuit.caller, circuit.to))
        )
    return found


def _of(name: str, what: str) -> Callable[[Timeline], Values | None]:
    return lambda line: next((getattr(one, what) for one in line.components if one.component == name), None)


def _circuit(caller: str, to: str) -> Callable[[Timeline], Values | None]:
    return lambda line: next((one.open_share for one in line.circuits if (one.caller, one.to) == (caller, to)), None)


def _run(line: Timeline, lines: list[Line], rows: list[str], *, is_pinned: bool = False) -> list[Data]:
    middle, found = [start + line.step_s / 2 for start in line.starts_s], []
    for number, one in enumerate(lines):
        values, row = one.values(line), rows.index(one.row) + 1
        if values is None:
            continue
        found.append(
            {
                "type": "scatter",
                "x": middle,
                "y": values,
                "name": f"{PINNED}, dotted" if is_pinned else one.name,
                "legendgroup": PINNED if is_pinned else one.name,
                "showlegend": number == 0 if is_pinned else one.in_legend,
                "mode": "lines",
                "line": {"color": one.color, "dash": "dot", "width": 1.5} if is_pinned else {"color": one.color},
                "hovertemplate": f"{f'{PINNED}: ' if is_pinned else ''}{one.name} %{{y:.4g}} at %{{x:.4g}} s"
                "<extra></extra>",
                "xaxis": axis("x", row),
                "yaxis": axis("y", row),
            }
        )
    return found


def _scaled(line: Timeline) -> list[ComponentLine]:
    """The components whose replicas come, go or die."""
    return [one for one in line.components if one.replicas is not None]


def _struck(faults: Sequence[FaultSpec], duration_s: float) -> list[tuple[float, float]]:
    """When at least one fault is on, in order; those that overlap are one."""
    found: list[tuple[float, float]] = []
    for fault in sorted(faults, key=lambda one: one.at_s):
        end_s = duration_s if fault.for_s is None else min(duration_s, fault.at_s + fault.for_s)
        if fault.at_s >= duration_s:
            continue
        if found and fault.at_s <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end_s))
        else:
            found.append((fault.at_s, end_s))
    return found


def timeline_alt(summary: Summary, stages: Sequence[Stage] = ()) -> str:
    """The timeline in words: before, during and after the faults, the worst step, and what came and went."""
    line = summary.timeline
    known = [(one, start) for one, start in zip(line.in_time_share, line.starts_s, strict=True) if one is not None]
    worst, at_s = min(known, default=(None, 0.0))
    said = [_stages_in_words(stages)] if stages else []
    said.append(
        f"Over {summary.duration_s:,.0f} simulated seconds the worst share in time is {share(worst)}, at {at_s:,.1f} s."
    )
    for one in _scaled(line):
        assert one.replicas is not None
        said.append(f"{one.component} has {min(one.replicas):.3g} to {max(one.replicas):.3g} replicas.")
    for circuit in line.circuits:
        first = next(start for start, now in zip(line.starts_s, circuit.open_share, strict=True) if now)
        said.append(f"The circuit from {circuit.caller} to {circuit.to} opens, first at about {first:,.1f} s.")
    return " ".join(said)


def _stages_in_words(stages: Sequence[Stage]) -> str:
    parts = [
        f"{one.name} the fault {share(one.in_time_share)}"
        + (f" with a p95 of up to {milliseconds(one.worst_p95_ms)}" if one.worst_p95_ms is not None else "")
        for one in stages
    ]
    return f"In time {', '.join(parts)}."
