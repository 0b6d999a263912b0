"""When a rule fires: conditions as data, in the manner of a follow-up's `when`.

Everything that is given must hold; of several ids in one list, one is enough. A condition that looks for something of
the answer gives back what it found, as words to be put into the question: a row, a part, a run, a sentence.
"""

from typing import Annotated

from pydantic import Field

from practice.interviewer.state import PathId, RowJudged
from question_bank.schema import When
from rubrics.hire_signal import TargetLevel
from rubrics.schema import PhaseId
from simulator.spec import Name, NonNegative, Share, Spec


class RowTest(Spec):
    """A worksheet row. `cause_says` are words of the cause of a wrong number, and `cause_lacks` words that are not in
    it.
    """

    judged: tuple[RowJudged, ...]
    has_cause: bool | None = None
    cause_says: tuple[str, ...] = ()
    cause_lacks: tuple[str, ...] = ()
    is_used: bool | None = None


class PartTest(Spec):
    """A component of the drawing."""

    is_explained: bool | None = None
    least_retries: int | None = None
    retries_are_bounded: bool | None = None


class RunTest(Spec):
    """A finished run. `late` says that its p99 is above the promise, `late_after_repair` that it does not recover."""

    passed: bool | None = None
    late: bool | None = None
    utilization_from: Share | None = None
    utilization_below: Share | None = None
    fallback_above: Share | None = None
    late_after_repair: bool | None = None


class ChoiceTest(Spec):
    """A choice in the text."""

    has_alternative: bool | None = None
    has_condition: bool | None = None


class Condition(Spec):
    """What must hold. Minutes are of the open phase; `near` looks for words to quote and demands nothing."""

    phases: tuple[PhaseId, ...] = ()
    from_phase: PhaseId | None = None
    phase_share_from: Share | None = None
    left_below_min: float | None = None
    round_share_from: Share | None = None
    levels: tuple[TargetLevel, ...] = ()
    phase_is_empty: bool | None = None
    must_facts_below: Share | None = None
    about: tuple[Name, ...] = ()
    speaks_of: tuple[Name, ...] = ()
    lacks: tuple[Name, ...] = ()
    near: tuple[Name, ...] = ()
    found: tuple[Name, ...] = ()
    not_found: tuple[Name, ...] = ()
    core_found_from: Share | None = None
    row_not_accepted: tuple[Name, ...] = ()
    row: RowTest | None = None
    money_rows_are_empty: bool | None = None
    has_budget: bool | None = None
    has_promise: bool | None = None
    is_drawn: bool | None = None
    path_missing: PathId | None = None
    part: PartTest | None = None
    is_misplaced: bool | None = None
    differs: bool | None = None
    sum_above_promise: bool | None = None
    after_run: bool | None = None
    scenario_failed: tuple[Name, ...] = ()
    run: RunTest | None = None
    choice: ChoiceTest | None = None
    crammed_from: Annotated[int, Field(ge=2)] | None = None
    last_answer_is_supported: bool | None = None
    twist_given: bool | None = None
    left_above_min: NonNegative | None = None


SLOTS: dict[str, tuple[str, ...]] = {
    "speaks_of": ("quote",),
    "row": ("row", "said", "ratio", "reference", "unit"),
    "part": ("part", "attempts"),
    "is_misplaced": ("part",),
    "differs": ("setting", "written", "used"),
    "sum_above_promise": ("sum", "excess", "slo"),
    "run": ("scenario", "bottleneck", "busy", "idle", "p99", "share", "repaired"),
    "choice": ("quote",),
    "crammed_from": ("quote", "n"),
    "last_answer_is_supported": ("quote",),
}
"""The words that a test finds. A rule with such a test says at least one of them."""
ALWAYS = ("phase", "asked", "must")
IF_GIVEN = {"budget": "has_budget", "slo": "has_promise"}
"""Words that are there when the test says so."""
MAYBE = ("hot_part", "entry", "near")
"""Words that may be missing, so that a rule says what stands in their place."""


def from_when(when: When) -> Condition:
    """A follow-up's `when` as a condition."""
    return Condition(
        from_phase=when.from_phase,
        not_found=when.not_found,
        found=when.found,
        row_not_accepted=when.row_not_accepted,
        scenario_failed=when.scenario_failed,
        after_run=True if when.after_run else None,
    )
