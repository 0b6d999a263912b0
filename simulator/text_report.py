"""A summary as plain text, for the command line."""

from collections.abc import Iterator

from simulator.own_report import own_lines
from simulator.results.classes import ClassSummary
from simulator.results.estimates import Estimate
from simulator.results.summary import CallSummary, ComponentSummary, Summary


def text_report(summary: Summary, title: str) -> str:
    """What a person reads after `python -m simulator run`."""
    return "\n".join([*_head(summary, title), "", *_components(summary), *_details(summary)])


def _head(summary: Summary, title: str) -> Iterator[str]:
    latency, ends, cost = summary.latency, summary.outcomes, summary.cost
    runs = f"{summary.replications} runs of {summary.duration_s:,.1f} s, {summary.warm_up_s:,.1f} s not counted"
    yield f"{title}: {_traffic(summary)}, {runs}, seed {summary.settings.seed}"
    if summary.engine != "simpy" or summary.engine_note:
        yield f"engine      {summary.engine}" + (f". {summary.engine_note}" if summary.engine_note else "")
    yield ""
    percentiles = [("p50", latency.p50_ms), ("p95", latency.p95_ms), ("p99", latency.p99_ms)]
    yield "latency     " + "   ".join(f"{name} {_ms(value)}" for name, value in percentiles)
    if latency.p99_ms is not None and latency.p99_ms.low is not None and latency.p99_ms.high is not None:
        between = f"{latency.p99_ms.low:,.1f} and {latency.p99_ms.high:,.1f} ms"
        yield f"            p99 lies between {between} in 95% of such runs"
    share = f"{ends.in_time_share.value:.2%}" if ends.in_time_share else "nothing"
    yield (
        f"outcomes    {share} answered in time, of {ends.arrivals:,} counted: {ends.in_time:,} in time, "
        f"{ends.degraded:,} degraded, {ends.late:,} late, {ends.refused:,} refused, {ends.failed:,} failed"
    )
    if summary.bottleneck is not None:
        yield f"bottleneck  {summary.bottleneck.sentence}"
    if not cost.is_priced:
        yield "cost        not priced"
        return
    each = f", {cost.usd_per_1000_answers:.3g} USD per 1,000 answers" if cost.usd_per_1000_answers is not None else ""
    yield f"cost        {cost.usd_per_hour:,.2f} USD per hour, {cost.usd_per_month:,.0f} USD per month{each}"


def _traffic(summary: Summary) -> str:
    if summary.closed_loop_users is not None:
        return f"closed loop of {summary.closed_loop_users:,} users, {summary.arrival_rate_per_s:,.4g} requests/s"
    return f"{summary.arrival_rate_per_s:,.6g} requests/s"


def _ms(value: Estimate | None) -> str:
    return "too few" if value is None else f"{value.value:,.1f} ms"


def _components(summary: Summary) -> Iterator[str]:
    width = max(len(one.component) for one in summary.components)
    yield f"{'component':<{max(width, 9)}}  kind           load   busy  waiting  wait ms  work ms  batch"
    for one in summary.components:
        yield f"{one.component:<{max(width, 9)}}  {_row(one)}"


def _row(one: ComponentSummary) -> str:
    busy = one.utilization.value if one.utilization is not None else None
    batch = "" if one.mean_batch_items is None else f"{one.mean_batch_items:,.0f} items"
    if one.batch_fullness is not None:
        batch += f", {one.batch_fullness:.0%} full"
    if one.hit_ratio is not None:
        batch = f"{one.hit_ratio:.0%} hits"
    if one.age is not None:
        batch = f"{one.age.mean_s:,.3g} s old"
    work = "-" if one.mean_work_ms is None else f"{one.mean_work_ms:,.1f}"
    shares = f"{_percent(one.load):>6} {_percent(busy):>6}"
    return f"{one.kind:<13}{shares} {one.mean_waiting:>8,.1f} {one.mean_wait_ms:>8,.1f} {work:>8}  {batch}".rstrip()


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}" if share < 100 else ">9999%"


def _details(summary: Summary) -> Iterator[str]:
    calls = [one for one in summary.calls if _did_something(one)]
    if calls:
        yield from ("", "per 1,000 calls")
        for call in calls:
            counts = {"retries": call.retries, "timeouts": call.timeouts, "backup requests": call.backup_requests}
            counts |= {"past the deadline": call.deadlines, "retries refused": call.retries_refused}
            counts |= {"stopped by the breaker": call.circuit_refusals, "too old to use": call.stale}
            counts |= {"fallbacks": call.fallbacks, "failures": call.failures}
            yield f"  {call.place}: " + ", ".join(f"{value:,.1f} {name}" for name, value in counts.items() if value)
    if len(summary.classes) > 1:
        yield from ("", "classes")
        yield from (f"  {_class_line(one)}" for one in summary.classes)
    yield from own_lines(summary)
    if summary.waterfalls:
        columns = "".join(f"{f'p{fall.percentile * 100:g}':>8}" for fall in summary.waterfalls)
        yield from ("", f"{'where the time goes, in ms':<40}{columns}")
        yield from _waterfall_rows(summary)
    if summary.promise:
        yield from ("", "promise")
        for verdict in summary.promise:
            met = {True: "met", False: "missed", None: "unknown"}[verdict.met]
            yield f"  {met:<8} {verdict.sentence}"
    if summary.remarks:
        yield ""
        yield from (f"note: {remark}" for remark in summary.remarks)


def _class_line(one: ClassSummary) -> str:
    latency = f"p50 {_ms(one.p50_ms)}, p99 {_ms(one.p99_ms)}"
    ends = {
        "answered in time": one.in_time_share,
        "by a fallback": one.fallback_share,
        "refused": one.refused_share,
        "failed": one.failed_share,
    }
    said = [f"{share.value:.2%} {name}" for name, share in ends.items() if share and (share.value or "time" in name)]
    return ", ".join([f"{one.name}: {one.requests:,} requests", latency, *said])


def _did_something(call: CallSummary) -> bool:
    """Whether any policy of a call ever acted; that a call failed is not a policy."""
    acted = call.retries + call.timeouts + call.backup_requests + call.fallbacks
    return acted + call.deadlines + call.retries_refused + call.circuit_refusals + call.stale > 0


def _waterfall_rows(summary: Summary) -> Iterator[str]:
    rows = {(s.component, s.part): None for fall in summary.waterfalls for s in fall.segments}
    for component, part in rows:
        times = [
            next((s.mean_ms for s in fall.segments if (s.component, s.part) == (component, part)), 0.0)
            for fall in summary.waterfalls
        ]
        if max(times) >= 0.05:
            said = f"{component}, {part}" if part != "lost" else component
            yield f"  {said:<38}" + "".join(f"{time:>8.1f}" for time in times)
