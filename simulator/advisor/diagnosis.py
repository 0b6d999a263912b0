"""The diagnosis: every rule that a run shows, the one that explains most first."""

from collections.abc import Callable, Iterator

from simulator.advisor import call_detectors, data_rules, detectors
from simulator.advisor.case import Case, Finding, Seen
from simulator.advisor.rules import Rule, rules
from simulator.design import Design
from simulator.results.summary import Summary, promise_checks

DETECTORS: dict[str, Callable[[Case], Iterator[Seen]]] = {
    detector.__name__: detector
    for detector in (
        detectors.overload,
        detectors.lost_capacity,
        detectors.peak_load,
        call_detectors.retries_multiply,
        detectors.waiting,
        detectors.device_waiting,
        detectors.small_batches,
        detectors.batch_fill,
        call_detectors.fan_out_tail,
        call_detectors.slow_tail,
        call_detectors.cache_misses,
        detectors.queue_without_limit,
        call_detectors.timeout_above_promise,
        call_detectors.work_for_nobody,
        detectors.kv_memory,
        detectors.hot_shard,
        call_detectors.separate_queues,
        detectors.only_work,
        data_rules.stale_data,
        detectors.fullest,
        detectors.idle,
    )
}

OF_MONEY = ("small_batches", "idle")
BACKGROUND = 0.01


def diagnose(design: Design, summary: Summary) -> tuple[Finding, ...]:
    """What the run of a design shows, the weightiest first and each rule once for a component; nothing if no rule
    fits. Where nothing but money is wanting, the rules of money come first.
    """
    case, is_about_money = Case(design, summary), only_money_is_wanting(design, summary)
    found = [
        _finding(rules()[name], seen, BACKGROUND if is_about_money and name not in OF_MONEY else 1.0)
        for name, detect in DETECTORS.items()
        for seen in detect(case)
    ]
    once: dict[tuple[str, str], Finding] = {}
    for one in sorted(found, key=lambda one: -one.weight):
        once.setdefault((one.rule, one.component), one)
    return tuple(once.values())


def only_money_is_wanting(design: Design, summary: Summary) -> bool:
    """Whether every promised part but the cost is kept."""
    verdicts = list(zip(promise_checks(design), summary.promise, strict=True))
    return bool(verdicts) and all(verdict.met or check.metric == "usd_per_month" for check, verdict in verdicts)


def _finding(rule: Rule, seen: Seen, factor: float) -> Finding:
    sentence = rule.says.format(**seen.words)
    return Finding(
        rule=rule.id,
        title=rule.title,
        component=seen.component,
        call=seen.call,
        sentence=sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence,
        source=rule.source,
        theory=tuple(seen.theory),
        weight=seen.weight * factor if seen.weight < 1 else seen.weight,
    )
