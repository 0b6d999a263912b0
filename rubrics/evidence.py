"""What the arithmetic and the simulator prove about a level, each with the sentence that says so."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from rubrics.schema import DimensionId, Level, Source
from simulator.spec import Share, Spec

_LEVEL_FROM_SHARE = ((4, 0.80), (3, 0.55), (2, 0.30), (1, 0.10))
_ROUNDING = 1e-9  # eight times 0.1 is a little less than 0.8


class Evidence(Spec):
    """One thing that was seen: by whom, for which dimension, and the words or the setting it rests on."""

    source: Source
    dimension: DimensionId
    sentence: str
    quote: str | None = None


class WorksheetResult(Spec):
    """What the worksheet checker found.

    `share` is the accepted share of all rows, 0-1, a partly accepted row counting half; `filled` is how many rows hold
    a value; `sentences` are its verdicts; `assumptions` are those on the person's own constants, which earn and cost
    nothing; `reused_in` is where a computed number reappears (`reuse.reappears`).
    """

    share: Share = 0.0
    filled: Annotated[int, Field(ge=0)] = 0
    sentences: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    reused_in: str | None = None


class ScenarioOutcome(Spec):
    """One run of the design: `steady` without a fault; `passed` is None if it was not run or could not run."""

    id: str
    title: str
    steady: bool
    passed: bool | None
    sentence: str


class Cap(Spec):
    """The highest level that the runs allow a dimension, and why; `is_measured` unless nothing that concerns it ran."""

    level: Level
    sentence: str
    is_measured: bool = True


def capacity_level(share: float, *, reused: bool) -> int:
    """The level, 0-4, for a worksheet share of 0-1: 0.10, 0.30, 0.55 and 0.80 open levels 1 to 4.

    Level 4 needs in addition that a computed number is used in the design. Raise ValueError for a share outside 0-1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}; it must be between 0 and 1")
    level = next((level for level, least in _LEVEL_FROM_SHARE if share >= least - _ROUNDING), 0)
    return level if reused else min(level, 3)


def capacity_evidence(worksheet: WorksheetResult) -> tuple[Evidence, ...]:
    """The worksheet's verdicts as checked evidence, those on assumptions, and last where a computed number is used."""
    said = (*worksheet.sentences, *(f"Assumption: {one}" for one in worksheet.assumptions))
    checked = [Evidence(source="checked", dimension="capacity", sentence=one) for one in said]
    if worksheet.reused_in is not None:
        sentence = "A number from the worksheet is used in the design."
        checked.append(
            Evidence(source="checked", dimension="capacity", sentence=sentence, quote=worksheet.reused_in),
        )
    return tuple(checked)


def run_evidence(outcomes: Iterable[ScenarioOutcome]) -> tuple[Evidence, ...]:
    """What was run, as measured evidence: steady runs speak for serving, fault runs for operations."""
    return tuple(
        Evidence(
            source="measured",
            dimension="serving_scale" if outcome.steady else "reliability_operations",
            sentence=f"{outcome.title}: {outcome.sentence}",
        )
        for outcome in outcomes
        if outcome.passed is not None
    )


def serving_cap(outcomes: Sequence[ScenarioOutcome], *, explained: bool) -> Cap:
    """The highest level of serving and scale.

    2 if a steady run failed, 3 if the person's text explains that failure; 3 if a steady run was not run or there is
    none; 3 if steady runs passed but fault runs failed, were not run or do not exist; 4 if there are runs of both kinds
    and all passed. So a failed fault run costs serving the 4 but nothing more: its cap of 2 falls on operations.
    """
    steady, faults = _split(outcomes)
    if False in steady:
        return _failed("The steady run failed", explained)
    if not _all_passed(steady):
        sentence = "The steady run was not run, so text alone counts, up to level 3."
        return Cap(level=3, sentence=sentence, is_measured=True in steady)
    if _all_passed(faults):
        return Cap(level=4, sentence="The steady run and all fault runs passed.")
    if False in faults:
        return Cap(level=3, sentence="The steady run passed, but level 4 needs all fault runs to pass.")
    return Cap(level=3, sentence="The steady run passed; level 4 needs the fault runs too, and not all were run.")


def operations_cap(outcomes: Sequence[ScenarioOutcome], *, explained: bool) -> Cap:
    """The highest level of reliability and operations.

    3 if no fault run was run, whatever the steady run did: then text alone counts. 2 if a fault run failed and none
    passed, 3 if the person's text explains that failure. 3 if at least one passed. 4 if all passed and so did the
    steady run: a design that fails without a fault proves nothing by surviving one.
    """
    steady, faults = _split(outcomes)
    if True in faults:
        passed = faults.count(True)
        if passed < len(faults):
            return Cap(level=3, sentence=f"{passed} of {len(faults)} fault runs passed; level 4 needs all of them.")
        if not _all_passed(steady):
            return Cap(level=3, sentence="All fault runs passed; level 4 needs the steady run to pass as well.")
        return Cap(level=4, sentence="The steady run and all fault runs passed.")
    if False in faults:
        return _failed("No fault run passed", explained)
    return Cap(level=3, sentence="No fault run was run, so text alone counts, up to level 3.", is_measured=False)


def _split(outcomes: Sequence[ScenarioOutcome]) -> tuple[list[bool | None], list[bool | None]]:
    steady = [outcome.passed for outcome in outcomes if outcome.steady]
    return steady, [outcome.passed for outcome in outcomes if not outcome.steady]


def _all_passed(results: Sequence[bool | None]) -> bool:
    return bool(results) and all(results)


def _failed(what: str, explained: bool) -> Cap:
    if explained:
        return Cap(level=3, sentence=f"{what}, but your answer explains why, so your own level counts, up to 3.")
    return Cap(level=2, sentence=f"{what}, so this stays at level 2 at most unless your answer explains why.")
