"""How far a run is from its promise, as one number, and what a change must not make worse."""

from simulator.design import Design, Promise
from simulator.results.checks import Check, Verdict
from simulator.results.comparison import Change as Difference
from simulator.results.comparison import around, number
from simulator.results.singles import RunNumbers
from simulator.results.summary import Summary, promise_checks

SMALLEST_MISS = 0.0005  # of a share that was promised to be 1
UNPROMISED_SHARE = 0.005  # by which a share that is not promised may get worse
UNPROMISED_P99 = 1.1  # times
IMPLIED_P99 = 0.7  # of the present one, where nothing is promised
FEW = 0.01  # of the requests
OF_RUNS = ("p99_ms", "in_time_share", "availability", "fallback_share")


def with_goal(design: Design, summary: Summary) -> tuple[Design, str]:
    """The design with a promise to aim at, and in words what was added to its own; nothing if it says enough.

    A design that promises nothing aims at 30% less p99 and no fewer answers. One without faults that keeps its promise
    only because many requests go to a fallback or get no answer, which nobody has promised to avoid, aims at few.
    """
    promise, answered = design.promise, number(summary, "availability")
    if not promise_checks(design):
        p99_ms = number(summary, "p99_ms")
        goal = Promise(p99_ms=IMPLIED_P99 * p99_ms if p99_ms else None, deadline_ms=1e12, availability=answered)
        words = "This design promises nothing, so the aim is a p99 that is 30% lower, with no fewer answers."
        return design.model_copy(update={"promise": goal}), words
    added: dict[str, float] = {}
    words = ""
    is_steady, fallbacks = not design.faults, number(summary, "fallback_share") or 0.0
    if is_steady and promise.fallback_share is None and fallbacks > FEW:
        added["fallback_share"] = FEW
        words = f"{fallbacks:.0%} of the requests get the fallback, and no fault is on: the aim is at most {FEW:.0%}."
    promises_answers = bool({"availability", "in_time_share"} & _promised(design))
    if is_steady and not promises_answers and answered is not None and answered < 1 - FEW:
        added["availability"] = 1 - FEW
        words = f"{words} Only {answered:.1%} get an answer: the aim is at least {1 - FEW:.0%}.".strip()
    return design.model_copy(update={"promise": promise.model_copy(update=added)}), words


def _promised(design: Design) -> set[str]:
    return {check.metric for check in promise_checks(design)}


def shortfall(design: Design, summary: Summary) -> float:
    """How far a run is from the promise, the mean over its parts: 0 if a part is kept, towards 1 the worse it is.

    A p99 or cost of v for a bound b counts 1 - b / v; a share counts by what is missing to 1, so that 99% for a
    promised 99.9% is ten times too much missing and counts 0.9. What the run cannot tell counts 1.
    """
    checks = promise_checks(design)
    return sum(map(_short, checks, summary.promise)) / len(checks) if checks else 0.0


def shortfalls(design: Design, summary: Summary) -> list[float]:
    """The same for each replication; parts that are not known of single ones count as in all together."""
    checks = promise_checks(design)
    pooled = list(map(_short, checks, summary.promise))
    return [
        sum(_of_run(check, one, together) for check, together in zip(checks, pooled, strict=True)) / max(1, len(checks))
        for one in summary.by_run
    ]


def _of_run(check: Check, one: RunNumbers, together: float) -> float:
    if check.metric not in OF_RUNS:
        return together
    value = getattr(one, check.metric)
    return 1.0 if value is None else missed(check, value)


def _short(check: Check, verdict: Verdict) -> float:
    if verdict.met:
        return 0.0
    return 1.0 if verdict.value is None else missed(check, verdict.value)


def missed(check: Check, value: float) -> float:
    """How far a value is from the bound of a check, from 0, kept, towards 1."""
    word, bound = check.bound()
    if word == "at_most":
        if value <= bound:
            return 0.0
        return 1 - bound / value
    if value >= bound:
        return 0.0
    return 1 - max(1 - bound, SMALLEST_MISS) / max(1 - value, SMALLEST_MISS)


def effect(design: Design, before: Summary, after: Summary) -> Difference:
    """By how much a change brings a run nearer to the promise, with the interval of the paired replications."""
    singles = [old - new for old, new in zip(shortfalls(design, before), shortfalls(design, after), strict=True)]
    return around(shortfall(design, before) - shortfall(design, after), singles)


def keeps(summary: Summary) -> bool:
    """Whether every part of the promise is met."""
    return bool(summary.promise) and all(verdict.met for verdict in summary.promise)


def keeps_surely(design: Design, summary: Summary) -> bool:
    """Whether every part is met in every single replication too."""
    return keeps(summary) and all(one == 0 for one in shortfalls(design, summary))


def harm(design: Design, before: Summary, after: Summary) -> str | None:
    """What a change makes worse though nobody promised it, in words; None if nothing. A change that is no advice."""
    promised = _promised(design)
    for metric, sign in (("availability", -1), ("in_time_share", -1), ("fallback_share", 1), ("full_share", -1)):
        old, new = number(before, metric), number(after, metric)
        may = metric in promised or (metric == "full_share" and promised & {"fallback_share", "in_time_share"})
        if not may and old is not None and new is not None and sign * (new - old) > UNPROMISED_SHARE:
            return f"{_NAMES[metric]} would go from {old:.1%} to {new:.1%}"
    old, new = number(before, "p99_ms"), number(after, "p99_ms")
    if "p99_ms" not in promised and old and new and new > UNPROMISED_P99 * old:
        return f"p99 would go from {old:,.1f} to {new:,.1f} ms"
    if _load(after) >= 1 > _load(before):
        return f"{after.bottleneck.component if after.bottleneck else 'a part'} could no longer keep up"
    return None


_NAMES = {
    "availability": "the share answered",
    "in_time_share": "the share answered in time",
    "fallback_share": "the share answered by the fallback",
    "full_share": "the share answered in time without a fallback",
}


def _load(summary: Summary) -> float:
    return summary.bottleneck.load if summary.bottleneck is not None else 0.0
