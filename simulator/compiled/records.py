"""From the kernel's tables to a Run, as if SimPy had written it down."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import design as spec
from simulator.compiled import codes
from simulator.compiled.door import Table
from simulator.compiled.execute import After
from simulator.compiled.sorting import sort_visits
from simulator.results.own_records import MessageRecord, ReplayRecord, RouteRecord, TokenRecord
from simulator.results.run import Ages, Batches, CallCounts, ComponentRecord, Integers, Visits


def component_records(design: spec.Design, after: After) -> dict[str, ComponentRecord]:
    """What every component wrote down."""
    made, arrays, g = after.made, after.arrays, after.arrays["g"][0]
    visits = _visits(arrays["visit"], int(g["visit_rows"]), len(made.names))
    moments = _by_component(arrays["moment"][: g["moment_rows"]], len(made.names))
    batches = _by_component(arrays["batch_row"][: g["batch_rows"]], len(made.names))
    ages = _by_component(arrays["age"][: g["age_rows"]], len(made.names))
    levels = arrays["level"][: g["level_rows"]]
    found = {}
    for c, name in enumerate(made.names):
        part = design.components[name]
        moments_s = _moments(part, moments[c])
        happened = {what: len(times) for what, times in moments_s.items() if len(times)}
        counters = arrays["count"][c * codes.COUNTERS : (c + 1) * codes.COUNTERS].tolist()
        counts = {what: n for what, n in zip(codes.COUNTER_NAMES, counters, strict=True) if n}
        found[name] = ComponentRecord(
            visits=visits[c],
            counts=happened | counts,
            moments_s=moments_s,
            capacity=_steps(levels, c),
            batches=_batches(batches[c]) if isinstance(part, spec.ModelServer) else None,
            ages=_ages(ages[c]) if has_ages(design, name) else None,
            replicas=_steps(levels, -1 - c),
            **_own(part, after, c),
        )
    return found


def _by_component(rows: NDArray[np.void], n: int) -> list[NDArray[np.void]]:
    """The rows of each component, in the order in which they were written."""
    if len(rows) and (rows["component"] == rows["component"][0]).all():  # as most often: nothing is copied
        return [rows if c == rows["component"][0] else rows[:0] for c in range(n)]
    component = rows["component"].astype(np.int16)
    order = np.argsort(component, kind="stable")
    ends = np.searchsorted(component[order], np.arange(n + 1))
    return [rows[order[ends[c] : ends[c + 1]]] for c in range(n)]


def _visits(rows: NDArray[np.void], n: int, components: int) -> list[Visits]:
    """The visits to each component; their columns are parts of one array each."""
    starts = np.zeros(components + 1, dtype=np.int64)
    request, answered = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.uint8)
    times = [np.empty(n) for _ in range(5)]
    tables = [Table(one) for one in (rows, starts, request, answered, *times)]
    sort_visits(n, components, *tables)
    found = []
    for c in range(components):
        own = slice(0 if c == 0 else starts[c - 1], starts[c])
        entered_s, started_s, ended_s, until_s, filled_s = (one[own] for one in times)
        is_answered = answered[own].view(np.bool_)
        found.append(Visits(request[own], entered_s, started_s, ended_s, until_s, filled_s, is_answered))
    return found


def _moments(part: spec.ComponentSpec, rows: NDArray[np.void]) -> dict[str, NDArray[np.float64]]:
    whats = {"cache": (codes.HITS, codes.MISSES, codes.COALESCED), "model_server": (codes.TRIMMED,)}.get(part.kind, ())
    return {codes.MOMENT_NAMES[what]: rows["at_s"][rows["what"] == what] for what in whats}


def _steps(levels: NDArray[np.void], component: int) -> tuple[tuple[float, int], ...]:
    mine = levels[levels["component"] == component]
    return tuple(zip(mine["at_s"].tolist(), mine["level"].tolist(), strict=True))


def _batches(rows: NDArray[np.void]) -> Batches:
    return Batches(
        fired_s=rows["fired"].copy(),
        ended_s=rows["ended"].copy(),
        items=rows["items"].astype(np.int64),
        requests=rows["requests"].astype(np.int64),
    )


def has_ages(design: spec.Design, name: str) -> bool:
    part = design.components[name]
    delayed = any(isinstance(one, spec.DelayFeatures) and one.component == name for one in design.faults)
    return isinstance(part, spec.Store) and (part.freshness is not None or delayed)


def _ages(rows: NDArray[np.void]) -> Ages:
    return Ages(rows["request"].astype(np.int64), rows["read"].copy(), rows["age"].copy())


def _own(part: spec.ComponentSpec, after: After, c: int) -> dict[str, Any]:
    """What only one kind of components writes down."""
    arrays, g = after.arrays, after.arrays["g"][0]
    match part:
        case spec.LlmServer():
            return {
                "tokens": _tokens(
                    _of(arrays["token"][: g["token_rows"]], c), _of(arrays["stretch"][: g["stretch_rows"]], c)
                )
            }
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
            return {"routes": _routes(_of(arrays["route_row"][: g["route_rows"]], c), undone_s)}
    return {}


def _of(rows: NDArray[np.void], c: int) -> NDArray[np.void]:
    return rows[rows["component"] == c]


def _tokens(rows: NDArray[np.void], stretches: NDArray[np.void]) -> TokenRecord:
    return TokenRecord(
        request=numbers(rows, "request"),
        entered_s=rows["entered"].copy(),
        started_s=rows["started"].copy(),
        first_token_s=rows["first"].copy(),
        ended_s=rows["ended"].copy(),
        prompt_tokens=numbers(rows, "prompt"),
        tokens=numbers(rows, "tokens"),
        reserved=numbers(rows, "reserved"),
        complete=rows["complete"].astype(bool),
        stretch_from_s=stretches["began"].copy(),
        stretch_to_s=stretches["ended"].copy(),
        steps=numbers(stretches, "steps"),
        running=numbers(stretches, "running"),
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


def _routes(rows: NDArray[np.void], undone_s: float) -> RouteRecord:
    return RouteRecord(
        request=numbers(rows, "request"),
        route=numbers(rows, "route"),
        sent_s=rows["sent"].copy(),
        ended_s=rows["ended"].copy(),
        answered=rows["answered"].astype(bool),
        undone_s=undone_s,
    )


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
