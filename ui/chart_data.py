"""The data behind each picture as tables, and a table as the text of a CSV file."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from simulator.results.cost import HOURS_PER_MONTH
from simulator.results.estimates import Estimate
from simulator.results.summary import Summary

Row = dict[str, Any]


def latency_rows(summary: Summary) -> Iterator[Row]:
    """The histogram: answers between two latencies."""
    latency = summary.latency
    for (low, high), count in zip(pairwise(latency.histogram_edges_ms), latency.histogram_counts, strict=True):
        yield {"from_ms": low, "to_ms": high, "answers": count}


def waterfall_rows(summary: Summary) -> Iterator[Row]:
    """The parts of the paths around the percentiles."""
    for fall in summary.waterfalls:
        for one in fall.segments:
            yield {
                "percentile": fall.percentile,
                "component": one.component,
                "part": one.part,
                "mean_ms": one.mean_ms,
            }


def timeline_rows(summary: Summary) -> Iterator[Row]:
    """Every step with all that is known of it."""
    line = summary.timeline
    for i, start in enumerate(line.starts_s):
        row = {"from_s": start, "to_s": start + line.step_s, "arrivals_per_s": line.arrivals_per_s[i]}
        row |= {"p50_ms": line.p50_ms[i], "p95_ms": line.p95_ms[i], "in_time_share": line.in_time_share[i]}
        row |= {f"{name}_share": shares[i] for name, shares in line.outcome_shares.items() if name != "in_time"}
        for one in line.components:
            row[f"waiting {one.component}"] = one.waiting[i]
            if one.busy_share is not None:
                row[f"busy {one.component}"] = one.busy_share[i]
            if one.replicas is not None:
                row[f"replicas {one.component}"] = one.replicas[i]
        for circuit in line.circuits:
            row[f"open {circuit.caller} to {circuit.to}"] = circuit.open_share[i]
        yield row


def playback_rows(summary: Summary) -> Iterator[Row]:
    """The film, component by component."""
    film = summary.playback
    for one in film.components if film is not None else ():
        for i, waiting in enumerate(one.waiting):
            yield {
                "from_s": i * (film.step_s if film is not None else 0.0),
                "component": one.component,
                "waiting": waiting,
                "inside": one.inside[i],
                "busy_share": one.busy_share[i] if one.busy_share is not None else None,
            }


def component_rows(summary: Summary) -> Iterator[Row]:
    """Every component with its averages."""
    for one in summary.components:
        row = one.model_dump(exclude={"age", "utilization"})
        yield row | {"busy_share": _value(one.utilization)}


def cost_rows(summary: Summary) -> Iterator[Row]:
    """What each part of the fleet costs; nothing where it has no price."""
    for one in summary.cost.components:
        month = None if one.usd_per_hour is None else one.usd_per_hour * HOURS_PER_MONTH
        yield {"component": one.component, "replicas": one.replicas, "usd_per_month": month}


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


Rows = Callable[[Summary], Iterator[Row]]


def csv_text(rows: Rows, summary: Summary, pinned: Summary | None = None) -> str:
    """The rows of this run and, before them, of a pinned one, with the columns of both."""
    runs = [("pinned", pinned)] if pinned is not None else []
    found = [
        {"run": name, **row} for name, run in [*runs, ("this run", summary)] if run is not None for row in rows(run)
    ]
    columns = list(dict.fromkeys(column for row in found for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()
