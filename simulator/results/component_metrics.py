"""What checks can ask of single components besides how busy they are: tokens, lag, canaries, hits, waits."""

from collections.abc import Callable, Iterator
from math import inf

import numpy as np

from simulator.design import BadCanary, Router
from simulator.distributions import Floats
from simulator.results.ages import ENOUGH_FOR_P95
from simulator.results.estimates import ENOUGH_FOR_P99, nearest_rank
from simulator.results.own_records import TokenRecord
from simulator.results.own_results import Lag, per_token_s, tokens_made
from simulator.results.replications import Replications
from simulator.results.run import ComponentRecord, Run

Window = tuple[float | None, float | None]  # from and to in seconds, None where a check does not say


def component_metric(metric: str, replications: Replications, name: str, window: Window) -> float | None:
    """The metric's value; infinity for what never happens, None if the component has no such thing or too little of it
    was counted.
    """
    if name not in replications.design.components:
        return None
    return COMPONENT_METRICS[metric](replications, name, window)


def _counted_time(replications: Replications, window: Window) -> tuple[float, float]:
    """The part of the window that counts."""
    from_s, to_s = window
    ends_s = replications.duration_s
    return max(from_s or 0.0, replications.warm_up_s), ends_s if to_s is None else min(to_s, ends_s)


def _records(replications: Replications, name: str) -> Iterator[ComponentRecord]:
    for run in replications.runs:
        yield run.components[name]


# ---- tokens ----------------------------------------------------------------------------------------------------


def _first_token(share: float, enough: int) -> "Metric":
    def found(replications: Replications, name: str, window: Window) -> float | None:
        def times_s(one: TokenRecord, from_s: float, to_s: float) -> Floats:
            rows = (one.entered_s >= from_s) & (one.entered_s < to_s) & one.complete
            return np.asarray((one.first_token_s - one.entered_s)[rows], dtype=np.float64)

        return _token_percentile_ms(replications, name, window, share, enough, times_s)

    return found


def _time_per_token_p99_ms(replications: Replications, name: str, window: Window) -> float | None:
    def times_s(one: TokenRecord, from_s: float, to_s: float) -> Floats:
        return per_token_s(one, (one.entered_s >= from_s) & (one.entered_s < to_s) & one.complete)

    return _token_percentile_ms(replications, name, window, 0.99, ENOUGH_FOR_P99, times_s)


def _token_percentile_ms(  # a percentile is a share of enough durations in a window
    replications: Replications,
    name: str,
    window: Window,
    share: float,
    enough: int,
    times_s: Callable[[TokenRecord, float, float], Floats],
) -> float | None:
    between = _counted_time(replications, window)
    found = [times_s(one.tokens, *between) for one in _records(replications, name) if one.tokens is not None]
    pooled = np.concatenate(found) if found else np.zeros(0)
    return nearest_rank(pooled, share) * 1000 if len(pooled) >= enough else None


def _tokens_per_s(replications: Replications, name: str, window: Window) -> float | None:
    from_s, to_s = _counted_time(replications, window)
    records = [one.tokens for one in _records(replications, name) if one.tokens is not None]
    if not records or to_s <= from_s:
        return None
    return sum(tokens_made(one, np.array([from_s, to_s])) for one in records) / ((to_s - from_s) * len(records))


# ---- streams ---------------------------------------------------------------------------------------------------


def _peak_lag_s(replications: Replications, name: str, window: Window) -> float | None:
    """The greatest age of an unread message at any moment of the window, by default of the whole run; the worst of the
    replications.
    """
    from_s, to_s = window
    lags = [Lag(one.messages, replications.duration_s) for one in _records(replications, name) if one.messages]
    return max(lag.peak_between_s(from_s or 0.0, inf if to_s is None else to_s) for lag in lags) if lags else None


def _drain_s(replications: Replications, name: str, window: Window) -> float | None:  # noqa: ARG001  # of whole runs
    """From the peak of the lag until nobody waits, the worst of the replications; infinity if some wait for ever."""
    found = [one.messages for one in _records(replications, name) if one.messages is not None]
    if not any(len(one.request) for one in found):
        return None
    drains = [Lag(one, replications.duration_s).drain_s for one in found]
    return max(inf if drain is None else drain for drain in drains)


# ---- routers ---------------------------------------------------------------------------------------------------


def _undone_after_s(replications: Replications, name: str, window: Window) -> float | None:  # noqa: ARG001
    """From the first bad canary or, without one, the start of the run; the latest of the replications."""
    found = [one.routes for one in _records(replications, name) if one.routes is not None]
    if not found:
        return None
    faults = replications.design.faults
    begins = [fault.at_s for fault in faults if isinstance(fault, BadCanary) and fault.component == name]
    return max(one.undone_s for one in found) - min(begins, default=0.0)


def _canary_share(replications: Replications, name: str, window: Window) -> float | None:
    """Of the requests sent in the window; shadow copies are nobody's requests."""
    part, (from_s, to_s) = replications.design.components[name], _counted_time(replications, window)
    if not isinstance(part, Router):
        return None
    is_shadow = np.array([route.shadow for route in part.routes])
    sent = by_canary = 0
    for one in (record.routes for record in _records(replications, name)):
        if one is not None:
            mine = (one.sent_s >= from_s) & (one.sent_s < to_s) & ~is_shadow[one.route]
            sent += int(mine.sum())
            by_canary += int((mine & (one.route > 0) & one.answered).sum())
    return by_canary / sent if sent else None


# ---- caches and queues -----------------------------------------------------------------------------------------


def _hit_ratio(replications: Replications, name: str, window: Window) -> float | None:  # noqa: ARG001  # of whole runs
    hits, misses = (sum(one.counts.get(what, 0) for one in _records(replications, name)) for what in ("hits", "misses"))
    return hits / (hits + misses) if hits + misses else None


def _mean_wait_ms(replications: Replications, name: str, window: Window) -> float | None:
    """From entering the queue until work begins, of what entered in the window and was begun; of a stream the wait of
    its messages.
    """
    if not _has_queue(replications, name):
        return None
    between = _counted_time(replications, window)
    waits_s = np.concatenate([_waits_s(run, name, *between) for run in replications.runs])
    return float(waits_s.mean()) * 1000 if len(waits_s) else None


def _has_queue(replications: Replications, name: str) -> bool:
    part = replications.design.components[name]
    if part.kind == "store":
        return part.concurrency != "unlimited"
    return part.kind in ("service", "model_server", "llm_server", "stream")


def _waits_s(run: Run, name: str, from_s: float, to_s: float) -> Floats:
    record = run.components[name]
    if record.messages is not None:
        entered_s, began_s = record.messages.appended_s, record.messages.read_s
    else:
        entered_s, began_s = record.visits.entered_s, record.visits.started_s
    rows = (entered_s >= from_s) & (entered_s < to_s) & np.isfinite(began_s)
    return np.asarray((began_s - entered_s)[rows], dtype=np.float64)


Metric = Callable[[Replications, str, Window], float | None]

COMPONENT_METRICS: dict[str, Metric] = {
    "ttft_p99_ms": _first_token(0.99, ENOUGH_FOR_P99),
    "ttft_p95_ms": _first_token(0.95, ENOUGH_FOR_P95),
    "time_per_token_p99_ms": _time_per_token_p99_ms,
    "tokens_per_s": _tokens_per_s,
    "peak_lag_s": _peak_lag_s,
    "drain_s": _drain_s,
    "undone_after_s": _undone_after_s,
    "canary_share": _canary_share,
    "hit_ratio": _hit_ratio,
    "mean_wait_ms": _mean_wait_ms,
}
