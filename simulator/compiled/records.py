"""From the kernel's tables to a Run, as if SimPy had written it down."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.execute import After
from simulator.compiled.sorting import Sorted
from simulator.distributions import Floats
from simulator.results.own_records import MessageRecord, ReplayRecord, RouteRecord, TokenRecord
from simulator.results.run import Ages, Batches, CallCounts, ComponentRecord, Integers, Visits


def component_records(design: spec.Design, after: After) -> dict[str, ComponentRecord]:
    """What every component wrote down."""
    made, arrays, g = after.made, after.arrays, after.arrays["g"][0]

    @cache
    def rows_of(table: str, rows: str) -> Sorted:
        return Sorted(arrays[table][: g[rows]], len(made.names))

    levels = arrays["level"][: g["level_rows"]]
    found = {}
    for c, name in enumerate(made.names):
        part = design.components[name]
        moments_s = _moments(part, rows_of("moment", "moment_rows").of(c))
        happened = {what: len(times) for what, times in moments_s.items() if len(times)}
        counters = arrays["count"][c * codes.COUNTERS : (c + 1) * codes.COUNTERS].tolist()
        counts = {what: n for what, n in zip(codes.COUNTER_NAMES, counters, strict=True) if n}
        found[name] = ComponentRecord(
            visits=_visits(**rows_of("visit", "visit_rows").of(c)),
            counts=happened | counts,
            moments_s=moments_s,
            capacity=_steps(levels, c),
            batches=_batches(**rows_of("batch_row", "batch_rows").of(c)) if part.kind == "model_server" else None,
            ages=_ages(**rows_of("age", "age_rows").of(c)) if has_ages(design, name) else None,
            replicas=_steps(levels, -1 - c),
            **_own(part, after, c, rows_of),
        )
    return found


def _visits(
    request: Integers,
    answered: Integers,
    entered: Floats,
    started: Floats,
    ended: Floats,
    filled: Floats,
    until: Floats,
) -> Visits:
    return Visits(request, entered, started, ended, until, filled, answered != 0)


def _moments(part: spec.ComponentSpec, rows: dict[str, NDArray[Any]]) -> dict[str, Floats]:
    whats = {"cache": (codes.HITS, codes.MISSES, codes.COALESCED), "model_server": (codes.TRIMMED,)}.get(part.kind, ())
    return {codes.MOMENT_NAMES[what]: rows["at_s"][rows["what"] == what] for what in whats}


def _steps(levels: NDArray[np.void], component: int) -> tuple[tuple[float, int], ...]:
    mine = levels[levels["component"] == component]
    return tuple(zip(mine["at_s"].tolist(), mine["level"].tolist(), strict=True))


def _batches(items: Integers, requests: Integers, fired: Floats, ended: Floats) -> Batches:
    return Batches(fired_s=fired, ended_s=ended, items=items, requests=requests)


def has_ages(design: spec.Design, name: str) -> bool:
    part = design.components[name]
    delayed = any(isinstance(one, spec.DelayFeatures) and one.component == name for one in design.faults)
    return isinstance(part, spec.Store) and (part.freshness is not None or delayed)


def _ages(request: Integers, read: Floats, age: Floats) -> Ages:
    return Ages(request, read, age)


def _own(part: spec.ComponentSpec, after: After, c: int, rows_of: Callable[[str, str], Sorted]) -> dict[str, Any]:
    """What only one kind of components writes down."""
    arrays, g = after.arrays, after.arrays["g"][0]
    match part:
        case spec.LlmServer():
            stretches = rows_of("stretch", "stretch_rows").of(c)
            return {"tokens": _tokens(rows_of("token", "token_rows").of(c), stretches)}
        case spec.Stream():
            redelivered = next(
                int(row["redelivered"]) for row in arrays["pt"] if row["kind"] == codes.STREAM and row["component"] == c
            )
            rows = arrays["message"][: g["messages"] + 1]
            own = np.flatnonzero(rows["component"] == c)
            own = own[own > 0]
            again = _of(arrays["replay_row"][1 : g["replay_rows"] + 1], c)
            return {"messages": _messages(rows[own], redelivered, again, own)}
        case spec.Router():
            undone_s = next(
                float(row["undone_s"]) for row in arrays["pt"] if row["kind"] == codes.ROUTER and row["component"] == c
            )
            return {"routes": _routes(**rows_of("route_row", "route_rows").of(c), undone_s=undone_s)}
    return {}


def _of(rows: NDArray[np.void], c: int) -> NDArray[np.void]:
    return rows[rows["component"] == c]


def _tokens(rows: dict[str, NDArray[Any]], stretches: dict[str, NDArray[Any]]) -> TokenRecord:
    return TokenRecord(
        request=rows["request"],
        entered_s=rows["entered"],
        started_s=rows["started"],
        first_token_s=rows["first"],
        ended_s=rows["ended"],
        prompt_tokens=rows["prompt"],
        tokens=rows["tokens"],
        reserved=rows["reserved"],
        complete=rows["complete"] != 0,
        stretch_from_s=stretches["began"],
        stretch_to_s=stretches["ended"],
        steps=stretches["steps"],
        running=stretches["running"],
    )


def _messages(
    rows: NDArray[np.void], redelivered: int, again: NDArray[np.void], numbers_of: NDArray[np.int64]
) -> MessageRecord:
    replays = ReplayRecord(
        message=np.searchsorted(numbers_of, again["message"]).astype(np.int64),
        since_s=again["since"].copy(),
        read_s=again["read"].copy(),
        done_s=again["done"].copy(),
        lost_s=again["lost"].copy(),
    )
    return MessageRecord(
        request=numbers(rows, "index"),
        appended_s=rows["appended"].copy(),
        read_s=rows["read"].copy(),
        done_s=rows["done"].copy(),
        lost_s=rows["lost"].copy(),
        failed=rows["failed"].astype(bool),
        redelivered=redelivered,
        replays=replays if len(again) else None,
    )


def _routes(
    request: Integers, route: Integers, answered: Integers, sent: Floats, ended: Floats, undone_s: float
) -> RouteRecord:
    return RouteRecord(request, route, sent_s=sent, ended_s=ended, answered=answered != 0, undone_s=undone_s)


def call_counts(after: After) -> dict[str, CallCounts]:
    """What became of every call that has a policy."""
    g, sites = after.arrays["g"][0], after.arrays["site"]
    circuits = after.arrays["circuit"][: g["circuit_rows"]]
    found = {}
    for i, place in enumerate(after.made.sites):
        site, mine = sites[i], circuits[circuits["site"] == i]
        names = [codes.CIRCUIT_NAMES[state] for state in mine["state"].tolist()]
        found[place] = CallCounts(
            made=int(site["made"]),
            retries=int(site["retries"]),
            timeouts=int(site["timeouts"]),
            backup_requests=int(site["backups"]),
            fallbacks=int(site["fallen"]),
            failures=int(site["failures"]),
            deadlines=int(site["deadlines"]),
            retries_refused=int(site["retries_refused"]),
            circuit_refusals=int(site["circuit_refusals"]),
            stale=int(site["stales"]),
            circuit_changes=list(zip(mine["at_s"].tolist(), names, strict=True)),
        )
    return found


def ends(after: After, n: int) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.float64]]:
    """When and how every request ended, and when the oldest of what it has read was written."""
    base = after.arrays["base"][:n]
    return base["ended"].copy(), base["ending"].astype(np.uint8), base["oldest"].copy()


def numbers(rows: NDArray[np.void], name: str) -> Integers:
    """A column of whole numbers."""
    return rows[name].astype(np.int64)
