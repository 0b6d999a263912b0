"""The numbers of a run, each with what it needs to be believed."""

import numpy as np

from simulator import wiring
from simulator.arrivals import recorded_requests
from simulator.design import ClosedLoop, Design, Trace
from simulator.design_file import fingerprint
from simulator.distributions import Floats
from simulator.results.ages import Age, age, request_ages_s, store_ages_s
from simulator.results.bottleneck import Bottleneck, bottleneck, measured_load
from simulator.results.checks import Check, CheckSpec, Verdict, judge
from simulator.results.classes import ClassSummary, class_summaries
from simulator.results.cost import Cost
from simulator.results.counted import Counted, Outcome
from simulator.results.estimates import (
    ENOUGH_FOR_P99,
    ENOUGH_FOR_P999,
    ENOUGH_REPLICATIONS,
    Estimate,
    around,
    estimate,
    mean_latency,
    nearest_rank,
    percentile,
)
from simulator.results.levels import utilization, waiting_s
from simulator.results.own_results import (
    RouterSummary,
    StreamSummary,
    TokenSummary,
    router_summaries,
    stream_summaries,
    token_summaries,
)
from simulator.results.playback import Playback, playback
from simulator.results.replications import Replications
from simulator.results.run import ComponentRecord, Integers, Run
from simulator.results.singles import RunNumbers, run_numbers
from simulator.results.timeline import Timeline, timeline
from simulator.results.waterfall import Waterfall, waterfall
from simulator.settings import RunSettings
from simulator.spec import Spec

HISTOGRAM_BINS = 60


class Latency(Spec):
    """Latency of answered requests in ms; None where too few were counted."""

    mean_ms: Estimate | None
    p50_ms: Estimate | None
    p90_ms: Estimate | None
    p95_ms: Estimate | None
    p99_ms: Estimate | None
    p999_ms: Estimate | None
    histogram_edges_ms: tuple[float, ...]
    histogram_counts: tuple[int, ...]


class Outcomes(Spec):
    """Counted requests by how they ended; the five add up to `arrivals`."""

    arrivals: int
    in_time: int
    late: int
    degraded: int
    refused: int
    failed: int
    in_time_share: Estimate | None  # in time or degraded: an answer before the deadline
    availability: Estimate | None  # any answer at all


class ComponentSummary(Spec):
    """One component, averaged over the counted time of all replications. What does not apply is None."""

    component: str
    kind: str
    visits_per_request: float
    load: float | None  # share of its capacity that is asked for; a batching server's capacity is that of full batches
    utilization: Estimate | None  # share of slots or devices that are busy
    mean_waiting: float  # requests in the queue
    mean_wait_ms: float
    p99_wait_ms: float | None
    mean_work_ms: float | None
    unanswered_share: float
    mean_batch_items: float | None
    batch_fullness: float | None
    hit_ratio: float | None
    coalesced_share: float | None  # of the misses, those that waited for the fill of another
    age: Age | None  # of what a store returned
    trimmed_share: float | None


class CallSummary(Spec):
    """What one call's policies did, per thousand times it was made."""

    place: str
    made: int
    retries: float
    timeouts: float
    backup_requests: float
    fallbacks: float
    failures: float
    deadlines: float = 0.0  # attempts that the deadline of the request ended
    retries_refused: float = 0.0  # for want of budget
    circuit_refusals: float = 0.0  # attempts that failed at once because the circuit breaker was open
    stale: float = 0.0  # answers that rested on data too old to use


class Summary(Spec):
    """Everything that a screen or a file shows of one run with its replications."""

    engine: str
    engine_note: str = ""  # why it was not the faster one
    design_fingerprint: str
    settings: RunSettings
    replications: int
    duration_s: float
    warm_up_s: float
    arrival_rate_per_s: float
    closed_loop_users: int | None = None  # None: an open loop
    cell_fraction: float
    latency: Latency
    outcomes: Outcomes
    freshness: Age | None  # of the oldest that each answer rests on, when the request ended
    components: tuple[ComponentSummary, ...]
    calls: tuple[CallSummary, ...]
    bottleneck: Bottleneck | None
    cost: Cost
    promise: tuple[Verdict, ...]
    checks: tuple[Verdict, ...]
    waterfalls: tuple[Waterfall, ...]
    timeline: Timeline
    remarks: tuple[str, ...]
    tokens: tuple[TokenSummary, ...] = ()
    streams: tuple[StreamSummary, ...] = ()
    routers: tuple[RouterSummary, ...] = ()
    classes: tuple[ClassSummary, ...] = ()
    playback: Playback | None = None  # None: kept by an earlier version
    by_run: tuple[RunNumbers, ...] = ()

    @property
    def is_preview(self) -> bool:
        """Whether there are too few replications for a number that is shown as a fact."""
        return self.replications < ENOUGH_REPLICATIONS


def summarize(replications: Replications, checks: tuple[CheckSpec, ...] = ()) -> Summary:
    """All numbers of the replications so far, held against the design's promise and against further checks."""
    some, design = replications.counted, replications.design
    loop = design.traffic.arrivals
    line = timeline(replications)
    edges_s = np.array([*line.starts_s, replications.duration_s])
    falls = [waterfall(replications.runs, some, share) for share in (0.5, 0.99)]
    return Summary(
        engine=replications.runs[-1].engine,
        engine_note=replications.runs[-1].engine_note,
        design_fingerprint=fingerprint(design),
        settings=replications.settings,
        replications=len(replications.runs),
        duration_s=replications.duration_s,
        warm_up_s=replications.warm_up_s,
        arrival_rate_per_s=replications.arrival_rate_per_s,
        closed_loop_users=loop.users if isinstance(loop, ClosedLoop) else None,
        cell_fraction=design.cell.fraction,
        latency=_latency(some),
        outcomes=_outcomes(some),
        freshness=age(request_ages_s(replications, some)),
        components=tuple(_component(replications, name) for name in design.components),
        calls=_calls(replications.runs),
        bottleneck=bottleneck(replications),
        cost=replications.cost,
        promise=promise_verdicts(replications),
        checks=tuple(judge(check, replications) for check in checks),
        waterfalls=tuple(fall for fall in falls if fall is not None),
        timeline=line,
        remarks=tuple(_remarks(replications)),
        tokens=tuple(token_summaries(replications, edges_s)),
        streams=tuple(stream_summaries(replications, edges_s)),
        routers=tuple(router_summaries(replications)),
        classes=tuple(class_summaries(replications)),
        playback=playback(replications.runs[0]),
        by_run=run_numbers(some, [run.replication for run in replications.runs]),
    )


def _latency(some: Counted) -> Latency:
    answered = len(some.answers_ms)
    enough = {0.5: 20, 0.9: 100, 0.95: 200, 0.99: ENOUGH_FOR_P99, 0.999: ENOUGH_FOR_P999}
    found = {s: estimate(some, percentile(s)) if answered >= need else None for s, need in enough.items()}
    counts, edges = _histogram(some.answers_ms)
    return Latency(
        mean_ms=estimate(some, mean_latency),
        p50_ms=found[0.5],
        p90_ms=found[0.9],
        p95_ms=found[0.95],
        p99_ms=found[0.99],
        p999_ms=found[0.999],
        histogram_edges_ms=tuple(edges.tolist()),
        histogram_counts=tuple(counts.tolist()),
    )


def _histogram(ordered_ms: Floats) -> tuple[Integers, Floats]:
    """Counts in bins of equal ratio, from the fastest to the slowest answer."""
    if not len(ordered_ms):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    low, high = max(float(ordered_ms[0]), 1e-3), max(float(ordered_ms[-1]), 2e-3)
    edges = np.geomspace(low * 0.999, high * 1.001, HISTOGRAM_BINS + 1)
    return np.diff(np.searchsorted(ordered_ms, [0.0, *edges[1:]])), edges


def _outcomes(some: Counted) -> Outcomes:
    counts = {outcome: int(some.ended[outcome]) for outcome in Outcome}
    return Outcomes(
        arrivals=some.n,
        in_time=counts[Outcome.IN_TIME],
        late=counts[Outcome.LATE],
        degraded=counts[Outcome.DEGRADED],
        refused=counts[Outcome.REFUSED],
        failed=counts[Outcome.FAILED],
        in_time_share=estimate(some, lambda s: s.share(Outcome.IN_TIME, Outcome.DEGRADED), at_most=1.0),
        availability=estimate(some, lambda s: s.share(Outcome.IN_TIME, Outcome.DEGRADED, Outcome.LATE), at_most=1.0),
    )


def _component(replications: Replications, name: str) -> ComponentSummary:
    part, load = replications.design.components[name], measured_load(replications).get(name)
    window = np.array([replications.warm_up_s, replications.duration_s])
    seconds = max(float(window[1] - window[0]), 1e-12) * len(replications.runs)
    records = [run.components[name] for run in replications.runs]
    wait_ms, work_ms, unanswered = _times(replications, name)
    hits, misses, trimmed, coalesced = (
        sum(_moments_in(record, what, window) for record in records)
        for what in ("hits", "misses", "trimmed", "coalesced")
    )
    entered = sum(_inside(record.visits.entered_s, window) for record in records)
    visits = sum(len(record.visits.request) for record in records)
    requests = sum(len(run.arrived_s) for run in replications.runs)
    items = [
        record.batches.items[(record.batches.fired_s >= window[0]) & (record.batches.fired_s < window[1])]
        for record in records
        if record.batches is not None
    ]
    mean_items = float(np.concatenate(items).mean()) if items and any(len(i) for i in items) else None
    full = part.max_items if part.kind == "model_server" and part.max_items != "unlimited" else None
    return ComponentSummary(
        component=name,
        kind=part.kind,
        visits_per_request=visits / requests if requests else 0.0,
        load=min(load.load, 1e12) if load else None,
        utilization=_utilization(replications, name),
        mean_waiting=sum(float(waiting_s(record, window)[0]) for record in records) / seconds,
        mean_wait_ms=float(wait_ms.mean()) if len(wait_ms) else 0.0,
        p99_wait_ms=nearest_rank(wait_ms, 0.99) if len(wait_ms) >= ENOUGH_FOR_P99 else None,
        mean_work_ms=float(work_ms.mean()) if len(work_ms) else None,
        unanswered_share=unanswered,
        mean_batch_items=mean_items,
        batch_fullness=mean_items / full if mean_items is not None and full else None,
        hit_ratio=hits / (hits + misses) if hits + misses else None,
        coalesced_share=coalesced / misses if part.kind == "cache" and part.single_flight and misses else None,
        age=age(store_ages_s(replications, name)),
        trimmed_share=trimmed / entered if part.kind == "model_server" and part.trim and entered else None,
    )


def _moments_in(record: ComponentRecord, what: str, window: Floats) -> int:
    """How often it happened to visits that were entered in the window."""
    return _inside(record.moments_s[what], window) if what in record.moments_s else 0


def _inside(moments_s: Floats, window: Floats) -> int:
    return int(((moments_s >= window[0]) & (moments_s < window[1])).sum())


def _times(replications: Replications, name: str) -> tuple[Floats, Floats, float]:
    """Waits and work times in ms of the visits that began in the counted time, and the share that came to nothing."""
    waits, works, entered, answered = [], [], 0, 0
    for run in replications.runs:
        visits = run.components[name].visits
        inside = (visits.entered_s >= replications.warm_up_s) & (visits.entered_s < replications.duration_s)
        entered += int(np.count_nonzero(inside))
        answered += int(np.count_nonzero(inside & visits.answered))
        began = np.flatnonzero(inside & ~np.isnan(visits.started_s))
        started_s = visits.started_s[began]
        waits.append(started_s - visits.entered_s[began])
        works.append(visits.ended_s[began] - started_s)
    wait_ms, work_ms = np.concatenate(waits), np.concatenate(works)
    wait_ms *= 1000  # in place, as there may be millions
    work_ms *= 1000
    return wait_ms, work_ms, 1 - answered / entered if entered else 0.0


def _utilization(replications: Replications, name: str) -> Estimate | None:
    window = (replications.warm_up_s, replications.duration_s)
    values = [utilization(run, name, *window) for run in replications.runs]
    known = [value for value in values if value is not None and not np.isnan(value)]
    return around(float(np.mean(known)), known, at_most=1.0) if known else None


def _calls(runs: list[Run]) -> tuple[CallSummary, ...]:
    found = []
    for place in runs[0].calls:
        counts = [run.calls[place] for run in runs]
        made = sum(one.made for one in counts)
        per = 1000 / made if made else 0.0
        found.append(
            CallSummary(
                place=place,
                made=made,
                retries=sum(one.retries for one in counts) * per,
                timeouts=sum(one.timeouts for one in counts) * per,
                backup_requests=sum(one.backup_requests for one in counts) * per,
                fallbacks=sum(one.fallbacks for one in counts) * per,
                failures=sum(one.failures for one in counts) * per,
                deadlines=sum(one.deadlines for one in counts) * per,
                retries_refused=sum(one.retries_refused for one in counts) * per,
                circuit_refusals=sum(one.circuit_refusals for one in counts) * per,
                stale=sum(one.stale for one in counts) * per,
            )
        )
    return tuple(found)


def promise_checks(design: Design) -> list[Check]:
    """The design's own promise as checks."""
    promise, checks = design.promise, []
    if promise.p99_ms is not None:
        checks.append(Check(metric="p99_ms", at_most=promise.p99_ms))
    if promise.in_time_share is not None:
        checks.append(Check(metric="in_time_share", at_least=promise.in_time_share))
    if promise.availability is not None:
        checks.append(Check(metric="availability", at_least=promise.availability))
    if promise.fallback_share is not None:
        checks.append(Check(metric="fallback_share", at_most=promise.fallback_share))
    if promise.usd_per_month is not None:
        checks.append(Check(metric="usd_per_month", at_most=promise.usd_per_month))
    if promise.freshness_s is not None:
        checks.append(Check(metric="freshness_s", at_most=promise.freshness_s))
    return checks


def promise_verdicts(replications: Replications) -> tuple[Verdict, ...]:
    """The design's promise, part by part."""
    return tuple(judge(check, replications) for check in promise_checks(replications.design))


def _remarks(replications: Replications) -> list[str]:
    """What a reader must know before believing the numbers."""
    design, some, said = replications.design, replications.counted, []
    for name, load in measured_load(replications).items():
        if load.load >= 1:
            asked = (
                f"is asked for {load.load:.0%} of what it can do" if np.isfinite(load.load) else "has no capacity left"
            )
            said.append(
                f"{name} {asked}. The rest waits, is refused or falls back, and waiting times depend on how long "
                "the run was."
            )
    said += _remarks_on_traffic(replications)
    if replications.warm_up_note:
        said.append(replications.warm_up_note)
    lost = some.share(Outcome.REFUSED, Outcome.FAILED)
    if lost > 0:
        said.append(f"Latencies are those of answered requests; {lost:.2%} were refused or failed and are not in them.")
    if (answered := len(some.answers_ms)) < ENOUGH_FOR_P99:
        said.append(f"Only {answered:,} answers were counted; a p99 needs {ENOUGH_FOR_P99:,}.")
    if len(replications.runs) < ENOUGH_REPLICATIONS:
        said.append(f"A preview: {len(replications.runs)} of at least {ENOUGH_REPLICATIONS} replications.")
    if design.cell.fraction < 1:
        part = _part(design.cell.fraction)
        said.append(
            f"The cell is {part} of the fleet; cost is scaled up. A smaller cell has fewer servers to share a queue, "
            "so the fleet does a little better."
        )
    if unreached := wiring.unreached(design):
        said.append(f"No request ever comes to {', '.join(unreached)}.")
    if replications.cost.unpriced:
        said.append(f"Not priced, and so not in the cost: {', '.join(replications.cost.unpriced)}.")
    return said


def _remarks_on_traffic(replications: Replications) -> list[str]:
    arrivals = replications.design.traffic.arrivals
    if isinstance(arrivals, ClosedLoop):
        wait = f"A closed loop: {arrivals.users:,} users wait for their answers before they ask again"
        return [f"{wait}, so a slow system is asked for less. Independent users would not wait for one another."]
    if isinstance(arrivals, Trace) and (ran := recorded_requests(replications.design, replications.duration_s)) < len(
        arrivals.times_s
    ):
        return [f"Of {len(arrivals.times_s):,} recorded arrivals the first {ran:,} came within the run."]
    return []


def _part(fraction: float) -> str:
    """A fraction as `1/100` if it is one, else as percent."""
    pieces = 1 / fraction
    return f"1/{pieces:,.0f}" if abs(pieces - round(pieces)) < 1e-6 else f"{fraction:.3%}"
