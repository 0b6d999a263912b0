"""The part of the text report that only some kinds of components have."""

from collections.abc import Iterator

from simulator.results.own_results import RouterSummary, Spread, StreamSummary, TokenSummary
from simulator.results.summary import Summary


def own_lines(summary: Summary) -> Iterator[str]:
    """Tokens, lag and routes, with a heading each; nothing where there are none."""
    for title, blocks in (
        ("tokens", [_tokens(one) for one in summary.tokens]),
        ("streams", [_stream(one) for one in summary.streams]),
        ("routes", [_router(one) for one in summary.routers]),
    ):
        if blocks:
            yield from ("", title)
            for block in blocks:
                yield from block


def _tokens(one: TokenSummary) -> Iterator[str]:
    memory = "" if one.memory_share is None else f", {one.memory_share:.0%} of the memory reserved"
    running = f"{one.mean_running:,.1f} running on average, {one.peak_running:,} at most"
    yield f"  {one.component}: {one.tokens_per_s:,.0f} tokens/s, {running}{memory}"
    yield f"    first token {_spread(one.first_token)}; each further one {_spread(one.per_token)}"


def _stream(one: StreamSummary) -> Iterator[str]:
    ends = {
        "failed": one.failed,
        "lost": one.lost,
        "left unread": one.left,
        "read again": one.redelivered,
        "replayed": one.replayed,
    }
    others = "".join(f", {count:,} {name}" for name, count in ends.items() if count)
    yield f"  {one.component}: {one.appended:,} messages appended, {one.consumed:,} consumed{others}"
    drained = "never drained" if one.drain_s is None else f"drained {one.drain_s:,.1f} s after its peak"
    yield f"    lag of {one.peak_lag_messages:,} messages and {one.peak_lag_s:,.1f} s at most, {drained}"
    yield f"    from append to done {_spread(one.delay)}"


def _router(one: RouterSummary) -> Iterator[str]:
    total = sum(route.requests for route in one.routes if not route.shadow)
    for route in one.routes:
        share = "copies" if route.shadow else f"{route.requests / total:.1%}" if total else "0%"
        failed = "-" if route.failed_share is None else f"{route.failed_share:.2%}"
        counts = f"{route.requests:,} requests ({share}), {failed} failed"
        yield f"  {one.component} to {route.to}: {counts}, {_spread(route.latency)}"
    times = [undone for undone in one.undone_s if undone is not None]
    if times:
        when = ", ".join(f"{undone:,.1f}" for undone in times)
        yield f"    the canary was taken back in {len(times)} of {len(one.undone_s)} runs, at second {when}"


def _spread(one: Spread) -> str:
    values = [("mean", one.mean_ms), ("p50", one.p50_ms), ("p99", one.p99_ms)]
    return " ".join(f"{name} {value:,.1f} ms" for name, value in values if value is not None) or "too few"
