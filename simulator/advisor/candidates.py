"""Which single changes are worth trying on a design: those of the rules that its run shows."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulator.advisor import call_changes, changes, data_rules
from simulator.advisor.case import Case, Finding
from simulator.advisor.change import Change
from simulator.advisor.rules import rules
from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.results.summary import Summary

MOST = 16
MOST_FINDINGS = 5

GENERATORS: dict[str, Callable[[Case, Finding], Iterator[Change]]] = {
    generator.__name__: generator
    for generator in (
        changes.more_replicas,
        changes.fewer_replicas,
        changes.leaner,
        changes.more_shards,
        changes.fewer_shards,
        changes.bigger_batch,
        changes.smaller_batch,
        changes.shorter_batch_wait,
        changes.queue_deadline,
        changes.queue_limit,
        changes.newest_first,
        changes.priority,
        changes.bigger_cache,
        changes.single_flight,
        changes.autoscaling,
        changes.better_balancing,
        data_rules.fresher,
        data_rules.more_consumers,
        call_changes.fewer_retries,
        call_changes.retry_budget,
        call_changes.cancel,
        call_changes.shorter_timeout,
        call_changes.hedge,
        call_changes.circuit_breaker,
    )
}


def improvements(design: Design, summary: Summary, findings: tuple[Finding, ...]) -> list[Change]:
    """What the weightiest findings suggest, the first of each before the second of any, each design once."""
    case = Case(design, summary)
    queues = [_suggested(case, one) for one in findings[:MOST_FINDINGS] if one.rule != "idle"]
    return _once(_in_turns(queues), design)


def savings(design: Design, summary: Summary) -> list[Change]:
    """Fewer replicas of everything that costs money, by themselves or with larger batches, the most expensive first."""
    case = Case(design, summary)
    priced = [one for one in summary.cost.components if one.usd_per_hour]
    queues = []
    for one in sorted(priced, key=lambda one: -(one.usd_per_hour or 0.0)):
        about = _about(one.component)
        queues.append([replace(change, saves=True) for change in _suggested(case, about)])
    return _once(_in_turns(queues), design)


def _about(component: str) -> Finding:
    rule = rules()["idle"]
    return Finding(
        rule=rule.id, title=rule.title, component=component, call=None, sentence="", source=rule.source, theory=(),
        weight=0.0,
    )  # fmt: skip


def _suggested(case: Case, finding: Finding) -> list[Change]:
    names = rules()[finding.rule].changes
    by_kind = [
        [
            replace(change, rule=finding.rule, kind=f"{name} {finding.component}")
            for change in GENERATORS[name](case, finding)
        ]
        for name in names
    ]
    return list(_in_turns(by_kind))


def _in_turns(queues: list[list[Change]]) -> Iterator[Change]:
    for turn in range(max((len(queue) for queue in queues), default=0)):
        yield from (queue[turn] for queue in queues if turn < len(queue))


def _once(suggested: Iterator[Change], design: Design) -> list[Change]:
    found: dict[str, Change] = {fingerprint(design): Change("", design)}
    for change in suggested:
        found.setdefault(fingerprint(change.design), change)
    return list(found.values())[1 : MOST + 1]
