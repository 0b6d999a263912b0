"""What a condition finds in a state, as words for a question. Times are shown in ms, shares in percent."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from practice.interviewer.quoting import quote, without_loose_end
from practice.interviewer.state import PartState, RowState, RunState, State
from practice.phases import phase

LATE_AFTER = 0.9  # of the requests in time once the capacity is back
LABEL_WORDS = 6


class Match(NamedTuple):
    """A way in which a condition holds: `subject` tells it from others, `words` fill the slots of the question."""

    subject: str = ""
    words: dict[str, str] = {}  # noqa: RUF012  # never changed


def always(state: State, near: Sequence[str]) -> dict[str, str]:
    """Words that any question may use, where there are any."""
    words = {"phase": phase(state.phase).title.lower()}
    words |= {"asked": str(state.must_facts_asked), "must": str(state.must_facts)}
    if state.budget_usd_per_month is not None:
        words["budget"] = dollars(state.budget_usd_per_month)
    if state.promised_p99_ms is not None:
        words["slo"] = milliseconds(state.promised_p99_ms)
    loaded = [one for one in state.graph.parts if one.load is not None]
    if loaded:
        words["hot_part"] = f"“{short(max(loaded, key=lambda one: one.load or 0.0).title)}”"
    if state.graph.entry is not None:
        words["entry"] = f"“{short(state.graph.entry)}”"
    quotes = [quoted for one in near if (quoted := state.topic(one).quote) is not None and state.topic(one).is_named]
    if quotes:
        words["near"] = f"“{quotes[0]}”"
    return words


def spoken_of(state: State, topics: Sequence[str]) -> Iterator[Match]:
    for one in map(state.topic, topics):
        if one.is_named and one.quote is not None:
            yield Match(one.id, {"quote": one.quote})


def quoted(sentence: str) -> Iterator[Match]:
    if (found := quote(sentence)) is not None:
        yield Match(found, {"quote": found})


def rows(fitting: Iterable[RowState]) -> Iterator[Match]:
    """The farthest off first."""
    for row in sorted(fitting, key=_closeness):
        yield Match(row.id, _row_words(row))


def _closeness(row: RowState) -> float:
    return -abs(math.log(row.ratio)) if row.ratio else 0.0


def _row_words(row: RowState) -> dict[str, str]:
    words = {"row": short(row.label), "said": row.said, "reference": row.reference, "unit": row.unit}
    if row.ratio is not None:
        words["ratio"] = number(row.ratio)
    return words


def parts(fitting: Iterable[PartState]) -> Iterator[Match]:
    """The most loaded first."""
    for part in sorted(fitting, key=_idleness):
        yield Match(part.name, {"part": short(part.title), "attempts": str(part.retries + 1)})


def _idleness(part: PartState) -> float:
    return -(part.load or 0.0)


def is_late(run: RunState) -> bool:
    """Whether the p99 of a run is above the promise."""
    return run.p99_ms is not None and run.promised_ms is not None and run.p99_ms > run.promised_ms


def is_late_after_repair(run: RunState) -> bool:
    """Whether too few requests were in time after the lost capacity had come back."""
    return run.repaired_at_s is not None and run.after_share is not None and run.after_share < LATE_AFTER


def run_match(run: RunState) -> Match:
    words = {"scenario": run.title}
    if run.bottleneck is not None:
        words["bottleneck"] = short(run.bottleneck)
    if run.utilization is not None:
        words |= {"busy": percent(run.utilization), "idle": percent(max(0.0, 1 - run.utilization))}
    if run.p99_ms is not None:
        words["p99"] = milliseconds(run.p99_ms)
    if run.fallback_share is not None:
        words["share"] = percent(run.fallback_share)
    if run.repaired_at_s is not None:
        words["repaired"] = number(run.repaired_at_s)
    return Match(run.scenario, words)


def misplaced(state: State) -> Iterator[Match]:
    for one in state.graph.misplaced:
        yield Match(one.part, {"part": short(one.part)})


def mismatches(state: State) -> Iterator[Match]:
    for one in state.graph.mismatches:
        yield Match(one.setting, {"setting": one.setting, "written": one.written, "used": one.used})


def sums(state: State) -> Iterator[Match]:
    found, promise = state.latency_sum, state.promised_p99_ms
    if found is not None and promise is not None and found.sum_ms > promise:
        excess = milliseconds(found.sum_ms - promise)
        yield Match("sum", {"sum": milliseconds(found.sum_ms), "excess": excess, "slo": milliseconds(promise)})


def crammed(state: State, least: int) -> Iterator[Match]:
    for one in state.crammed:
        if one.terms >= least and (found := quote(one.sentence)) is not None:
            yield Match(found, {"quote": found, "n": str(one.terms)})


def last_answer(state: State) -> Iterator[Match]:
    last = state.said[-1] if state.said else None
    if last is not None and last.is_supported and (found := quote(last.answer)) is not None:
        yield Match(found, {"quote": found})


def short(title: str) -> str:
    """A label in a few words, without what stands in parentheses or after a comma."""
    cut = title.split(" (", maxsplit=1)[0].split(",", maxsplit=1)[0].strip() or title
    words = cut.split()
    if len(words) <= LABEL_WORDS:
        return " ".join(words)
    return f"{' '.join(without_loose_end(words[:LABEL_WORDS]))} ..."


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def milliseconds(value: float) -> str:
    return f"{value / 1000:,.3g} s" if value >= 10_000 else f"{value:,.4g} ms"


def percent(share: float) -> str:
    return f"{share:.0%}"


def dollars(value: float) -> str:
    return f"{value:,.0f} USD a month"
