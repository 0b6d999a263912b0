"""What is different between two runs, and where it comes from: numbers side by side, causes, sentences."""

from collections.abc import Iterator

from simulator.results.estimates import Estimate
from simulator.results.summary import Summary
from simulator.results.waterfall import ELSEWHERE, Waterfall
from simulator.spec import Spec

WORTH_SAYING = 0.1  # of the whole difference
MOST_CAUSES = 3
HARDLY = 0.02  # of what it was; a smaller change of a latency is not explained


class Row(Spec):
    """One number of both runs; None where a run does not have it. `unit` is ms, share, USD or nothing."""

    what: str
    unit: str
    before: float | None
    after: float | None


class Cause(Spec):
    """How much longer the path of the requests around a percentile is at one place, in ms; negative if shorter."""

    component: str
    part: str
    added_ms: float


class Explained(Spec):
    """The difference of two waterfalls at one percentile; the causes, the greatest first, add up to it."""

    percentile: float
    before_ms: float
    after_ms: float
    causes: tuple[Cause, ...]

    @property
    def added_ms(self) -> float:
        return self.after_ms - self.before_ms


def explained(before: Summary, after: Summary) -> tuple[Explained, ...]:
    """Where the difference comes from, for every percentile of which both runs have a waterfall."""
    theirs = {fall.percentile: fall for fall in before.waterfalls}
    pairs = [(theirs[fall.percentile], fall) for fall in after.waterfalls if fall.percentile in theirs]
    return tuple(_explained(one, other) for one, other in pairs)


def _explained(before: Waterfall, after: Waterfall) -> Explained:
    added: dict[tuple[str, str], float] = {}
    for sign, fall in ((-1, before), (1, after)):
        for one in fall.segments:
            key = (one.component, one.part)
            added[key] = added.get(key, 0.0) + sign * one.mean_ms
    ranked = sorted(added, key=lambda key: -abs(added[key]))
    causes = [Cause(component=name, part=part, added_ms=added[name, part]) for name, part in ranked]
    return Explained(
        percentile=after.percentile, before_ms=before.latency_ms, after_ms=after.latency_ms, causes=tuple(causes)
    )


# ---- in words --------------------------------------------------------------------------------------------------


def in_words(before: Summary, after: Summary) -> list[str]:
    """The difference in sentences: latency and its causes, how requests ended, what limits, money."""
    return [
        *_latency(before, after),
        *_ends(before, after),
        *_bottleneck(before, after),
        *_money(before, after),
    ]


def _latency(before: Summary, after: Summary) -> Iterator[str]:
    falls = {round(one.percentile * 100): one for one in explained(before, after)}
    measured = {50: (before.latency.p50_ms, after.latency.p50_ms), 99: (before.latency.p99_ms, after.latency.p99_ms)}
    for percentile in (99, 50):
        old, new = measured[percentile]
        if old is None or new is None:
            continue
        if abs(new.value - old.value) <= HARDLY * old.value:
            yield f"p{percentile} stays at about {_ms(old.value)} ms."
        else:
            said = f"p{percentile} {_ms(old.value)} -> {_ms(new.value)} ms"
            yield f"{said}{_why(falls.get(percentile), new.value - old.value)}."


def _why(fall: Explained | None, added_ms: float) -> str:
    """The causes as the end of a sentence; nothing where the path says something else than the percentile."""
    if fall is None or fall.added_ms * added_ms <= 0:
        return ""
    total = fall.added_ms
    main = [one for one in fall.causes if one.added_ms / total >= WORTH_SAYING][:MOST_CAUSES]
    against = [one for one in fall.causes if one.added_ms / total <= -WORTH_SAYING][:MOST_CAUSES]
    if not main:
        return ""
    about = "" if abs(total - added_ms) <= WORTH_SAYING * abs(added_ms) else "of the requests around it, "
    verb, word = ("is", "added") if total > 0 else ("was", "saved")
    if against:
        more, less = ("more", "less") if total > 0 else ("less", "more")
        said = [f"{_ms(abs(one.added_ms))} ms {more} {_place(one)}" for one in main]
        said += [f"{_ms(abs(one.added_ms))} ms {less} {_place(one)}" for one in against]
        return f": {about}{_listed(said)}"
    first, *rest = main
    said = [f"{_ms(abs(first.added_ms))} of the {_ms(abs(total))} {word} ms {verb} {_place(first)}"]
    said += [f"{_ms(abs(one.added_ms))} {verb} {_place(one)}" for one in rest]
    return f": {about}{_listed(said)}"


def _place(cause: Cause) -> str:
    if cause.component == ELSEWHERE:
        return "pauses and lost time"
    part = "waiting for the batch to fill" if cause.part == "waiting for the batch" else cause.part
    return f"{part} at {cause.component}"


def _listed(said: list[str]) -> str:
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _ms(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _ends(before: Summary, after: Summary) -> Iterator[str]:
    names = {
        "Answered in time": ("in_time", "degraded"),
        "Answered by the fallback in time": ("degraded",),
        "Refused": ("refused",),
        "Failed": ("failed",),
    }
    for name, ends in names.items():
        old, new = _share(before, *ends), _share(after, *ends)
        if old is not None and new is not None and abs(new - old) >= 0.001:
            yield f"{name}: {_percent(old)} -> {_percent(new)}."


def _share(summary: Summary, *ends: str) -> float | None:
    count = sum(getattr(summary.outcomes, end) for end in ends)
    return count / summary.outcomes.arrivals if summary.outcomes.arrivals else None


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _bottleneck(before: Summary, after: Summary) -> Iterator[str]:
    old, new = before.bottleneck, after.bottleneck
    if old is None or new is None:
        return
    if old.component != new.component:
        asked = f"{new.component}, which is asked for {new.load:.0%} of what it can do"
        yield f"The bottleneck moves from {old.component} to {asked}."
    elif abs(new.load - old.load) >= 0.01:
        yield f"{new.component} is asked for {new.load:.0%} of what it can do instead of {old.load:.0%}."


def _money(before: Summary, after: Summary) -> Iterator[str]:
    old, new = before.cost, after.cost
    if old.is_priced and new.is_priced and round(new.usd_per_month) != round(old.usd_per_month):
        more = new.usd_per_month - old.usd_per_month
        yield f"It costs {abs(more):,.0f} USD a month {'more' if more > 0 else 'less'}."


# ---- in numbers ------------------------------------------------------------------------------------------------


def rows(before: Summary, after: Summary) -> list[Row]:
    """The numbers of both runs, those of the whole first."""
    return [*_of_requests(before, after), *_of_components(before, after)]


def _of_requests(before: Summary, after: Summary) -> Iterator[Row]:
    for name in ("mean", "p50", "p95", "p99"):
        old, new = (getattr(one.latency, f"{name}_ms") for one in (before, after))
        yield Row(what=f"{name} latency", unit="ms", before=_value(old), after=_value(new))
    shares = {
        "answered in time": ("in_time", "degraded"),
        "by the fallback": ("degraded",),
        "late": ("late",),
        "refused": ("refused",),
        "failed": ("failed",),
    }
    for what, ends in shares.items():
        yield Row(what=what, unit="share", before=_share(before, *ends), after=_share(after, *ends))
    money = [one.cost.usd_per_month if one.cost.is_priced else None for one in (before, after)]
    yield Row(what="cost per month", unit="USD", before=money[0], after=money[1])


def _of_components(before: Summary, after: Summary) -> Iterator[Row]:
    old, new = ({one.component: one for one in some.components} for some in (before, after))
    for name in dict.fromkeys([*new, *old]):
        pair = [some.get(name) for some in (old, new)]
        for what, field, unit in (
            ("asked for", "load", "share"),
            ("mean wait", "mean_wait_ms", "ms"),
            ("batch fullness", "batch_fullness", "share"),
            ("hit ratio", "hit_ratio", "share"),
        ):
            values = [getattr(one, field) if one is not None else None for one in pair]
            if any(values):
                yield Row(what=f"{name}: {what}", unit=unit, before=values[0], after=values[1])


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value
