"""Whether a condition holds in a state, and what it finds there."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from practice.interviewer import finding
from practice.interviewer.conditions import ChoiceTest, Condition, PartTest, RowTest, RunTest
from practice.interviewer.finding import Match
from practice.interviewer.state import PartState, RowState, RunState, State
from rubrics.schema import PHASES

MOST_MATCHES = 50


def matches(condition: Condition, state: State) -> list[Match]:
    """All ways in which a condition holds, the most telling first; none if it does not."""
    if not all(holds(condition, state) for holds in _TESTS):
        return []
    wanted = [(look, getattr(condition, field)) for field, look in _LOOKING.items()]
    found = [list(look(test, state)) for look, test in wanted if test not in (None, (), False)]
    joined = [_joined(combination) for combination in product(*found)][:MOST_MATCHES] if all(found) else []
    return [one._replace(words={**finding.always(state, condition.near), **one.words}) for one in joined]


def _joined(combination: tuple[Match, ...]) -> Match:
    words = {slot: word for one in combination for slot, word in one.words.items()}
    return Match("|".join(one.subject for one in combination if one.subject), words)


# ---- what looks for something ----------------------------------------------------------------------------------


def _choices(test: ChoiceTest, state: State) -> Iterator[Match]:
    for one in state.choices:
        alternative = _agrees(test.has_alternative, one.has_alternative)
        if alternative and _agrees(test.has_condition, one.has_condition):
            yield from finding.quoted(one.sentence)


def _empty_phase(_wanted: bool, state: State) -> Iterator[Match]:
    yield Match(state.phase)


def _spoken_of(topics: Sequence[str], state: State) -> Iterator[Match]:
    return finding.spoken_of(state, topics)


def _rows(test: RowTest, state: State) -> Iterator[Match]:
    return finding.rows(one for one in state.rows if _fits_row(test, one))


def _parts(test: PartTest, state: State) -> Iterator[Match]:
    return finding.parts(one for one in state.graph.parts if state.graph.is_drawn and _fits_part(test, one))


def _runs(test: RunTest, state: State) -> Iterator[Match]:
    return (finding.run_match(one) for one in state.runs if _fits_run(test, one))


_LOOKING: dict[str, Callable[[Any, State], Iterator[Match]]] = {
    "phase_is_empty": _empty_phase,
    "speaks_of": _spoken_of,
    "row": _rows,
    "part": _parts,
    "run": _runs,
    "choice": _choices,
    "is_misplaced": lambda _, state: finding.misplaced(state),
    "differs": lambda _, state: finding.mismatches(state),
    "sum_above_promise": lambda _, state: finding.sums(state),
    "crammed_from": lambda least, state: finding.crammed(state, least),
    "last_answer_is_supported": lambda _, state: finding.last_answer(state),
}


def _fits_row(test: RowTest, row: RowState) -> bool:
    cause = row.cause or ""
    return (
        row.judged in test.judged
        and _agrees(test.has_cause, row.cause is not None)
        and (not test.cause_says or any(word in cause for word in test.cause_says))
        and not any(word in cause for word in test.cause_lacks)
        and _agrees(test.is_used, row.is_used)
    )


def _fits_part(test: PartTest, part: PartState) -> bool:
    return (
        _agrees(test.is_explained, part.is_explained)
        and (test.least_retries is None or part.retries >= test.least_retries)
        and _agrees(test.retries_are_bounded, part.retries_are_bounded)
    )


def _fits_run(test: RunTest, run: RunState) -> bool:
    return (
        _agrees(test.passed, run.passed)
        and _agrees(test.late, finding.is_late(run))
        and (test.utilization_from is None or (run.utilization or 0.0) >= test.utilization_from)
        and (test.utilization_below is None or (run.utilization or 1.0) < test.utilization_below)
        and (test.fallback_above is None or (run.fallback_share or 0.0) > test.fallback_above)
        and _agrees(test.late_after_repair, finding.is_late_after_repair(run))
    )


# ---- what only holds or does not -------------------------------------------------------------------------------


def _agrees(wanted: bool | None, given: bool) -> bool:
    return wanted is None or wanted == given


def _core_found(state: State) -> float:
    core = [one for one in state.concepts if one.tier == "core"]
    return sum(one.is_adopted for one in core) / len(core) if core else 0.0


def _lacks_concept(state: State, concept_id: str) -> bool:
    concept = state.concept(concept_id)
    return concept is None or not concept.is_adopted


def _facts_share(state: State) -> float:
    return state.must_facts_asked / state.must_facts if state.must_facts else 1.0


def _row_is_not_accepted(state: State, row_id: str) -> bool:
    """Whether a number was given and is not right; an empty row says nothing yet, until its phase is over."""
    row = next((one for one in state.rows if one.id == row_id), None)
    if row is None or row.judged == "ok":
        return False
    return row.judged != "empty" or PHASES.index(state.phase) > PHASES.index("capacity_estimation")


_TESTS: tuple[Callable[[Condition, State], bool], ...] = (
    lambda c, s: not c.phases or s.phase in c.phases,
    lambda c, s: c.from_phase is None or PHASES.index(s.phase) >= PHASES.index(c.from_phase),
    lambda c, s: c.phase_share_from is None or s.phase_share >= c.phase_share_from,
    lambda c, s: c.left_below_min is None or s.phase_left_s <= c.left_below_min * 60,
    lambda c, s: c.left_above_min is None or s.round_left_s >= c.left_above_min * 60,
    lambda c, s: c.round_share_from is None or s.round_share >= c.round_share_from,
    lambda c, s: not c.levels or s.level in c.levels,
    lambda c, s: _agrees(c.phase_is_empty, s.phase_is_empty()),
    lambda c, s: c.must_facts_below is None or _facts_share(s) < c.must_facts_below,
    lambda c, s: not c.about or any(one in s.about or s.topic(one).is_named for one in c.about),
    lambda c, s: not c.lacks or any(not s.topic(one).is_adopted for one in c.lacks),
    lambda c, s: not c.found or any(not _lacks_concept(s, one) for one in c.found),
    lambda c, s: not c.not_found or any(_lacks_concept(s, one) for one in c.not_found),
    lambda c, s: c.core_found_from is None or _core_found(s) >= c.core_found_from,
    lambda c, s: not c.row_not_accepted or any(_row_is_not_accepted(s, one) for one in c.row_not_accepted),
    lambda c, s: _agrees(c.money_rows_are_empty, all(r.judged == "empty" for r in s.rows if r.is_money)),
    lambda c, s: _agrees(c.has_budget, s.budget_usd_per_month is not None),
    lambda c, s: _agrees(c.has_promise, s.promised_p99_ms is not None),
    lambda c, s: _agrees(c.is_drawn, s.graph.is_drawn),
    lambda c, s: c.path_missing is None or c.path_missing in s.graph.missing,
    lambda c, s: _agrees(c.after_run, bool(s.runs)),
    lambda c, s: not c.scenario_failed or any(one.scenario in c.scenario_failed and not one.passed for one in s.runs),
    lambda c, s: _agrees(c.twist_given, any(one.kind == "twist" for one in s.said)),
)
