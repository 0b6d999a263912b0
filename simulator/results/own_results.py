"""The numbers that only some kinds of components have: tokens and memory, lag and drain, routes and undoing."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.design import LlmServer, Route, Router
from simulator.distributions import Floats
from simulator.results.estimates import ENOUGH_FOR_P99, nearest_rank
from simulator.results.levels import capacity_s, integral
from simulator.results.own_records import Integers, MessageRecord, RouteRecord, TokenRecord
from simulator.results.replications import Replications
from simulator.spec import Spec

ENOUGH_FOR_P50 = 20


class Spread(Spec):
    """Mean and percentiles in ms; None where there is too little to count."""

    mean_ms: float | None
    p50_ms: float | None
    p99_ms: float | None


class TokenSummary(Spec):
    """One llm_server: requests that entered in the counted time and were answered in full.

    The first token counts from entering the server, queue included; the time per token is that of the tokens after the
    first, (E2E - TTFT) / (tokens - 1), of answers with more than one. `running` and `reserved_tokens` are means over
    the steps of the time line, of all replicas together.
    """

    component: str
    answers: int
    tokens_per_s: float
    first_token: Spread
    per_token: Spread
    mean_running: float
    peak_running: int
    running_per_step: float | None  # on one device, of the steps that it made
    mean_reserved_tokens: float
    memory_share: float | None  # reserved, of that of the replicas that were there; None: unlimited
    running: tuple[float, ...]
    reserved_tokens: tuple[float, ...]


class StreamSummary(Spec):
    """One stream. Messages are counted over whole runs, appended = consumed + lost + left, drained log included.

    Lag is what is appended, or to be read again, and not yet taken up. The drain lasts from the peak of the lag until
    no message waits any more, None if that never happens; both are the worst of the replications. The delay of a
    message is the time from its append until its consumer is done for the first time. `lag_messages` are means over the
    steps of the time line, `lag_s` the age of the oldest unread message at the end of each.
    """

    component: str
    appended: int
    consumed: int
    failed: int  # of those consumed
    lost: int
    left: int
    redelivered: int
    replayed: int  # readings of what had been done with before
    peak_lag_messages: int
    peak_lag_s: float
    drain_s: float | None
    delay: Spread
    lag_messages: tuple[float, ...]
    lag_s: tuple[float, ...]


class RouteSummary(Spec):
    """One route of a router, over the requests that were sent in the counted time and came back."""

    to: str
    shadow: bool
    requests: int
    failed_share: float | None
    latency: Spread  # of what was answered


class RouterSummary(Spec):
    """One router; `undone_s` says for each replication when the canary was taken back, None if never."""

    component: str
    routes: tuple[RouteSummary, ...]
    undone_s: tuple[float | None, ...]


def spread(seconds: Floats) -> Spread:
    """What of so many durations can be told."""
    n = len(seconds)
    return Spread(
        mean_ms=float(seconds.mean()) * 1000 if n else None,
        p50_ms=nearest_rank(seconds, 0.5) * 1000 if n >= ENOUGH_FOR_P50 else None,
        p99_ms=nearest_rank(seconds, 0.99) * 1000 if n >= ENOUGH_FOR_P99 else None,
    )


def token_summaries(replications: Replications, edges_s: Floats) -> Iterator[TokenSummary]:
    """One for each llm_server; `edges_s` are those of the time line."""
    for name, part in replications.design.components.items():
        if isinstance(part, LlmServer):
            records = [tokens for run in replications.runs if (tokens := run.components[name].tokens) is not None]
            yield _tokens(replications, name, part, records, edges_s)


def _tokens(
    replications: Replications, name: str, part: LlmServer, records: list[TokenRecord], edges_s: Floats
) -> TokenSummary:
    window = np.array([replications.warm_up_s, replications.duration_s])
    seconds = max(float(window[1] - window[0]), 1e-12) * len(records)
    rows = [(one.entered_s >= window[0]) & (one.entered_s < window[1]) & one.complete for one in records]
    firsts = [(one.first_token_s - one.entered_s)[row] for one, row in zip(records, rows, strict=True)]
    reserved = sum(float(reserved_token_s(one, window)[0]) for one in records) / seconds
    memory = 0.0
    if part.kv_memory_tokens != "unlimited":
        there_s = sum(float(capacity_s(run.components[name], window)[0]) for run in replications.runs)
        memory = part.kv_memory_tokens * there_s / seconds
    steps = sum(int(one.steps.sum()) for one in records)
    widths = np.diff(edges_s) * len(records)
    return TokenSummary(
        component=name,
        answers=sum(int(row.sum()) for row in rows),
        tokens_per_s=sum(tokens_made(one, window) for one in records) / seconds,
        first_token=spread(np.concatenate(firsts)),
        per_token=spread(np.concatenate([per_token_s(one, row) for one, row in zip(records, rows, strict=True)])),
        mean_running=sum(float(integral(one.started_s, one.ended_s, window)[0]) for one in records) / seconds,
        peak_running=max(_peak(one.started_s, one.ended_s)[0] for one in records),
        running_per_step=sum(int((one.steps * one.running).sum()) for one in records) / steps if steps else None,
        mean_reserved_tokens=reserved,
        memory_share=reserved / memory if memory else None,
        running=tuple((sum(integral(one.started_s, one.ended_s, edges_s) for one in records) / widths).tolist()),
        reserved_tokens=tuple((sum(reserved_token_s(one, edges_s) for one in records) / widths).tolist()),
    )


def per_token_s(one: TokenRecord, rows: NDArray[np.bool_]) -> Floats:
    """Of each answer with more than one token, in seconds."""
    several = rows & (one.tokens > 1)
    per_token_s: Floats = ((one.ended_s - one.first_token_s)[several]) / (one.tokens[several] - 1)
    return per_token_s


def tokens_made(one: TokenRecord, window: Floats) -> float:
    """Tokens of the steps in a window; of a stretch that reaches over its edge, the share inside."""
    lasted_s = np.maximum(one.stretch_to_s - one.stretch_from_s, 1e-12)
    inside_s = np.minimum(one.stretch_to_s, window[1]) - np.maximum(one.stretch_from_s, window[0])
    return float((one.steps * one.running * np.clip(inside_s / lasted_s, 0, 1)).sum())


def reserved_token_s(one: TokenRecord, edges_s: Floats) -> Floats:
    """Reserved places of KV memory times seconds inside each step of `edges_s`."""
    begun, over = (_weighted_until(moments_s, one.reserved, edges_s) for moments_s in (one.started_s, one.ended_s))
    return np.maximum(begun - over, 0.0)  # sums of large numbers may cancel to a little less than nothing


def _weighted_until(moments_s: Floats, weights: Integers, edges_s: Floats) -> Floats:
    order = np.argsort(moments_s, kind="stable")
    ordered, heavy = moments_s[order], weights[order].astype(np.float64)
    sums, sizes = (np.concatenate([[0.0], np.cumsum(column)]) for column in (ordered * heavy, heavy))
    before = np.searchsorted(ordered, edges_s, side="left")
    return np.diff(edges_s * sizes[before] - sums[before])


def _peak(starts_s: Floats, ends_s: Floats) -> tuple[int, float]:
    """The most intervals at once, and the last time at which there were so many; an end comes before a start."""
    if not len(starts_s):
        return 0, 0.0
    times = np.concatenate([ends_s, starts_s])
    changes = np.repeat([-1, 1], len(starts_s))
    order = np.lexsort((changes, times))
    level = np.cumsum(changes[order])
    at = len(level) - 1 - int(np.argmax(level[::-1]))
    return int(level[at]), float(times[order][at])


def stream_summaries(replications: Replications, edges_s: Floats) -> Iterator[StreamSummary]:
    """One for each stream; `edges_s` are those of the time line."""
    for name in replications.design.components:
        found = [messages for run in replications.runs if (messages := run.components[name].messages) is not None]
        if found:
            yield _stream(replications, name, found, edges_s)


def _stream(replications: Replications, name: str, found: list[MessageRecord], edges_s: Floats) -> StreamSummary:
    from_s, to_s = replications.warm_up_s, replications.duration_s
    lags = [Lag(one, to_s) for one in found]
    drains = [lag.drain_s for lag in lags]
    delays = [
        (one.done_s - one.appended_s)[(one.appended_s >= from_s) & (one.appended_s < to_s) & np.isfinite(one.done_s)]
        for one in found
    ]
    consumed = sum(int(np.isfinite(one.done_s).sum()) for one in found)
    lost = sum(int(np.isfinite(one.lost_s).sum()) for one in found)
    appended, widths = sum(len(one.request) for one in found), np.diff(edges_s) * len(found)
    return StreamSummary(
        component=name,
        appended=appended,
        consumed=consumed,
        failed=sum(int(one.failed.sum()) for one in found),
        lost=lost,
        left=appended - consumed - lost,
        redelivered=sum(one.redelivered for one in found),
        replayed=sum(len(one.replays.message) for one in found if one.replays is not None),
        peak_lag_messages=max(lag.peak_messages for lag in lags),
        peak_lag_s=max(lag.peak_s for lag in lags),
        drain_s=None if None in drains else max(drain for drain in drains if drain is not None),
        delay=spread(np.concatenate(delays)),
        lag_messages=tuple((sum(lag.message_s(edges_s) for lag in lags) / widths).tolist()),
        lag_s=tuple(np.mean([lag.oldest_s(edges_s[1:]) for lag in lags], axis=0).tolist()),
    )


class Lag:
    """What is appended to one stream, or to be read again, and not yet taken up, over time. What is never taken up
    counts to the end. A message is as old as its append.
    """

    def __init__(self, record: MessageRecord, duration_s: float):
        self._unread = list(_unread(record))
        since, appended, left = (np.concatenate(column) for column in zip(*self._unread, strict=True))
        done = [record.done_s] if record.replays is None else [record.done_s, record.replays.done_s]
        known = [times[np.isfinite(times)] for times in (since, left, *done)]
        end_s = max([duration_s, *(float(times.max()) for times in known if len(times))])
        self._stays = bool(np.isinf(left).any())
        self._since_s, self._appended_s, self._left_s = since, appended, np.minimum(left, end_s)
        self._waits = self._left_s > self._since_s
        self.peak_messages, self._peak_at_s = _peak(self._since_s[self._waits], self._left_s[self._waits])

    @property
    def peak_s(self) -> float:
        """The greatest age of an unread message."""
        return float((self._left_s - self._appended_s)[self._waits].max(initial=0.0))

    def peak_between_s(self, from_s: float, to_s: float) -> float:
        """The greatest age of an unread message at any moment in [from_s, to_s]."""
        there = (self._left_s > from_s) & (self._appended_s < to_s)
        ages_s = np.minimum(self._left_s, to_s)[there] - self._appended_s[there]
        return float(ages_s.max()) if len(ages_s) else 0.0

    @property
    def drain_s(self) -> float | None:
        """From the peak until nobody waits; None if some wait for ever."""
        starts, ends = np.sort(self._since_s[self._waits]), np.sort(self._left_s[self._waits])
        later = np.flatnonzero(ends > self._peak_at_s)
        if not len(later):
            return 0.0
        open_after = np.searchsorted(starts, ends[later], side="right") - later - 1
        empty = np.flatnonzero(open_after == 0)
        if not len(empty) or (self._stays and later[empty[0]] == len(ends) - 1):
            return None
        return float(ends[later[empty[0]]]) - self._peak_at_s

    def message_s(self, edges_s: Floats) -> Floats:
        """Messages times seconds of waiting inside each step."""
        return integral(self._since_s, self._left_s, edges_s)

    def oldest_s(self, moments_s: Floats) -> Floats:
        """The age of the oldest unread message at each moment, 0 if there is none."""
        oldest_s = np.zeros(len(moments_s))
        for since_s, appended_s, left_s in self._unread:
            first = np.searchsorted(np.maximum.accumulate(left_s), moments_s, side="right")
            ages_s = moments_s - np.append(appended_s, np.inf)[first]
            oldest_s = np.where(moments_s >= since_s.min(initial=np.inf), np.maximum(oldest_s, ages_s), oldest_s)
        return oldest_s


def _unread(record: MessageRecord) -> Iterator[tuple[Floats, Floats, Floats]]:
    """For each time that messages became unread: when each did, when it was appended, in this order, and taken up."""
    yield record.appended_s, record.appended_s, np.minimum(record.read_s, record.lost_s)
    if (again := record.replays) is not None:
        order = np.lexsort((again.message, again.since_s))
        starts = np.flatnonzero(np.diff(again.since_s[order])) + 1
        for rows in np.split(order, starts):
            left_s = np.minimum(again.read_s[rows], again.lost_s[rows])
            yield again.since_s[rows], record.appended_s[again.message[rows]], left_s


def router_summaries(replications: Replications) -> Iterator[RouterSummary]:
    """One for each router."""
    for name, part in replications.design.components.items():
        if isinstance(part, Router):
            found = [routes for run in replications.runs if (routes := run.components[name].routes) is not None]
            yield RouterSummary(
                component=name,
                routes=tuple(_route(replications, found, number, one) for number, one in enumerate(part.routes)),
                undone_s=tuple(one.undone_s if np.isfinite(one.undone_s) else None for one in found),
            )


def _route(replications: Replications, found: list[RouteRecord], number: int, route: Route) -> RouteSummary:
    from_s, to_s = replications.warm_up_s, replications.duration_s
    mine = [(one.route == number) & (one.sent_s >= from_s) & (one.sent_s < to_s) for one in found]
    answered = np.concatenate([one.answered[rows] for one, rows in zip(found, mine, strict=True)])
    took_s = np.concatenate([(one.ended_s - one.sent_s)[rows] for one, rows in zip(found, mine, strict=True)])
    return RouteSummary(
        to=route.to,
        shadow=route.shadow,
        requests=len(answered),
        failed_share=float(1 - answered.mean()) if len(answered) else None,
        latency=spread(took_s[answered]),
    )
