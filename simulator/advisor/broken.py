"""Why a promise is broken, in a few sentences: what strikes, where slow answers wait, how others end, and the rule."""

from collections.abc import Iterator

from simulator.advisor.case import Case, Finding, ms, percent
from simulator.advisor.diagnosis import OF_MONEY, diagnose
from simulator.design import Design
from simulator.fault_words import fault_in_words
from simulator.results.checks import Metric
from simulator.results.summary import Summary, promise_checks
from simulator.results.waterfall import ELSEWHERE

MOST_FAULTS = 3
CANNOT_KEEP_UP = 1.0  # the weight from which a rule says that something is asked for more than it can do
WORTH_SAYING = 0.001


def why_broken(design: Design, summary: Summary) -> list[str]:
    """The cause in sentences; nothing while all that is promised is kept, the budget aside, or not known."""
    verdicts = zip(promise_checks(design), summary.promise, strict=True)
    missed: set[Metric] = {check.metric for check, verdict in verdicts if verdict.met is False}
    missed.discard("usd_per_month")
    if not missed:
        return []
    case = Case(design, summary)
    return [*_struck(design), *_slow(case, missed), *_ends(summary, missed), *_rule(case, missed)]


def _struck(design: Design) -> Iterator[str]:
    said = [fault_in_words(one, design) for one in design.faults[:MOST_FAULTS]]
    if more := len(design.faults) - len(said):
        said.append(f"and {more} more")
    if said:
        yield f"What strikes: {'; '.join(said)}."


def _slow(case: Case, missed: set[Metric]) -> Iterator[str]:
    """The longest part of the way of a slow answer, if slow answers are the trouble."""
    fall = case.fall()
    if not _is_slow(case.summary, missed) or fall is None or not fall.segments:
        return
    longest = max(fall.segments, key=lambda one: one.mean_ms)
    where = "lost in pauses" if longest.component == ELSEWHERE else f"{longest.part} at {longest.component}"
    yield f"Of the {ms(fall.latency_ms)} that a request around p99 takes, {ms(longest.mean_ms)} is {where}."


def _is_slow(summary: Summary, missed: set[Metric]) -> bool:
    ends = summary.outcomes
    return "p99_ms" in missed or ("in_time_share" in missed and ends.late > ends.refused + ends.failed)


def _ends(summary: Summary, missed: set[Metric]) -> Iterator[str]:
    """How the requests end that are not answered, or only by a fallback."""
    ends = summary.outcomes
    if not ends.arrivals:
        return
    shares = {"fail": ends.failed, "are refused": ends.refused} if missed & {"availability", "in_time_share"} else {}
    if "fallback_share" in missed:
        shares["are answered by the fallback"] = ends.degraded
    said = [
        f"{percent(count / ends.arrivals)} {what}"
        for what, count in shares.items()
        if count >= WORTH_SAYING * ends.arrivals
    ]
    if said:
        yield f"Of the requests, {' and '.join(said)}."


def _rule(case: Case, missed: set[Metric]) -> Iterator[str]:
    """The weightiest rule that is about what is missed."""
    for one in diagnose(case.design, case.summary):
        if one.rule not in OF_MONEY and _is_about(one, case, missed):
            yield f"{one.title}. {one.sentence}"
            return


def _is_about(one: Finding, case: Case, missed: set[Metric]) -> bool:
    if one.rule == "stale_data":
        return "freshness_s" in missed
    fall = case.fall()
    if _is_slow(case.summary, missed) and fall is not None and fall.segments:
        return one.component == max(fall.segments, key=lambda part: part.mean_ms).component
    refused = case.summary.outcomes.refused >= WORTH_SAYING * case.summary.outcomes.arrivals
    return refused and one.weight >= CANNOT_KEEP_UP
