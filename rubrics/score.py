"""From evidence to a level in each dimension, and from levels to a score of 0-100."""

from collections.abc import Mapping, Sequence

from rubrics.evidence import Cap, Evidence, WorksheetResult, capacity_evidence, capacity_level
from rubrics.schema import TOP_LEVEL, Dimension, DimensionId, Level, Source, Weights
from rubrics.self_grade import SelfGrade
from simulator.spec import Spec

DISPUTED = 2


class LevelVerdict(Spec):
    """The level that counts in one dimension, and what it rests on.

    `level` is None when nothing showed one ("not shown"); `source` says who set it: the person (self), a run that
    capped the person's level (measured), or the arithmetic or an empty section (checked). `self_level` is the person's
    own, shown beside, `first_level` the one given before any suggestion was seen, and `suggested` what the words of
    the answer suggest, None where nothing was suggested. `cap` is the highest level the runs allow. `is_empty` marks a
    dimension nothing was written for.
    """

    dimension: DimensionId
    level: Level | None
    source: Source | None
    self_level: Level | None
    first_level: Level | None = None
    suggested: Level | None = None
    cap: Level = TOP_LEVEL
    is_empty: bool = False
    sentence: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_supported(self) -> bool:
        """Whether the level rests on something: not shown, given to an empty section or disputed it does not."""
        return self.level is not None and not self.is_empty and not self.is_disputed

    @property
    def is_disputed(self) -> bool:
        """Whether the person's own level and the suggested one are two levels or more apart."""
        if self.self_level is None or self.suggested is None:
            return False
        return abs(self.self_level - self.suggested) >= DISPUTED


def score(levels: Mapping[DimensionId, int | None], weights: Weights) -> float:
    """The sum of weight times level / 4: 0-100; a level that is missing or None adds nothing."""
    return sum(weight * (levels.get(dimension) or 0) for dimension, weight in weights.items()) / TOP_LEVEL


def empty_verdict(dimension: Dimension, grade: SelfGrade | None) -> LevelVerdict:
    """Level 0 for a dimension whose sections are all blank, whatever the person's own level."""
    sections = " or ".join(phase.replace("_", " ") for phase in dimension.phases)
    own = f", although your own level is {grade.level}" if grade and grade.level else ""
    return LevelVerdict(
        dimension=dimension.id,
        level=0,
        source="checked",
        self_level=grade.level if grade else None,
        is_empty=True,
        sentence=f"Nothing was written in {sections}, so this is level 0{own}.",
        evidence=_own(grade),
    )


def capacity_verdict(worksheet: WorksheetResult, grade: SelfGrade | None) -> LevelVerdict:
    """The level that the worksheet shows, 0 if no row was filled; the person's own level only stands beside it."""
    level = capacity_level(worksheet.share, reused=worksheet.reused_in is not None) if worksheet.filled else 0
    return LevelVerdict(
        dimension="capacity",
        level=level,
        source="checked",
        self_level=grade.level if grade else None,
        sentence=_capacity_sentence(worksheet, level),
        evidence=(*capacity_evidence(worksheet), *_own(grade)),
    )


def graded_verdict(
    dimension: DimensionId, grade: SelfGrade | None, cap: Cap | None, evidence: Sequence[Evidence] = ()
) -> LevelVerdict:
    """The smaller of the person's level and the cap; "not shown" if the person gave none."""
    limit = cap.level if cap else TOP_LEVEL
    if grade is None:
        return LevelVerdict(
            dimension=dimension,
            level=None,
            source=None,
            self_level=None,
            cap=limit,
            sentence="Not shown: you gave no level.",
            evidence=tuple(evidence),
        )
    capped_by_a_run = cap is not None and cap.is_measured and grade.level > limit
    return LevelVerdict(
        dimension=dimension,
        level=min(grade.level, limit),
        source="measured" if capped_by_a_run else "self",
        self_level=grade.level,
        cap=limit,
        sentence=_graded_sentence(grade.level, cap),
        evidence=(*evidence, *_own(grade)),
    )


def _own(grade: SelfGrade | None) -> tuple[Evidence, ...]:
    if grade is None:
        return ()
    quoted = [(f"You gave level {grade.level}.", grade.quote)]
    if grade.explains_failure:
        quoted.append(("You explain why a run failed.", grade.explained_failure))
    return tuple(
        Evidence(source="self", dimension=grade.dimension, sentence=sentence, quote=quote) for sentence, quote in quoted
    )


def _graded_sentence(own: int, cap: Cap | None) -> str:
    if cap is None or own < cap.level or cap.level == TOP_LEVEL:
        return f"Your own level is {own}."
    return f"Your own level is {own}. {cap.sentence}"


def _capacity_sentence(worksheet: WorksheetResult, level: int) -> str:
    if not worksheet.filled:
        return "No row of the worksheet was filled, so this is level 0."
    percent = int(worksheet.share * 100 + 1e-6)  # rounded down: 79.6 percent must not read as the 80 of level 4
    shown = f"The worksheet is right to {percent} percent, which is level {level}"
    if level == 3 and capacity_level(worksheet.share, reused=True) == TOP_LEVEL:
        return f"{shown}; level 4 needs one of its numbers to be used in the design."
    return f"{shown}."
