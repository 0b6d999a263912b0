"""The level that a person gives the own answer in one dimension, with the sentence that shows it."""

from collections.abc import Collection
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from rubrics.quotes import MIN_QUOTE_WORDS, is_long_enough, stands_in
from rubrics.schema import DimensionId, Level
from simulator.messages import sentences
from simulator.spec import Spec

NEEDS_A_QUOTE = 2
MEASURED: tuple[DimensionId, ...] = ("serving_scale", "reliability_operations")
Quote = Annotated[str, Field(max_length=2_000)]


class GradeProblem(ValueError):
    """A self-grade cannot be used; the message says what to do."""


class SelfGrade(Spec):
    """One dimension's level; `quote` shows it, `explained_failure` is the sentence that explains why a run failed."""

    dimension: DimensionId
    level: Level
    quote: Quote | None = None
    explained_failure: Quote | None = None

    @model_validator(mode="after")
    def _high_levels_have_a_quote(self) -> Self:
        if self.level >= NEEDS_A_QUOTE and not (self.quote or "").strip():
            raise ValueError(
                f"level {self.level} needs a sentence of your answer that shows it; "
                "choose one, or choose level 1 or 0, which need none"
            )
        return self

    @model_validator(mode="after")
    def _only_what_is_run_can_fail(self) -> Self:
        if self.explains_failure and self.dimension not in MEASURED:
            raise ValueError(f"explained_failure belongs to {' or '.join(MEASURED)}, not to {self.dimension}")
        return self

    @property
    def explains_failure(self) -> bool:
        """Whether a sentence of the answer is given that explains a failed run."""
        return bool((self.explained_failure or "").strip())


def grade_for(
    dimension: DimensionId,
    level: int,
    *,
    texts: Collection[str],
    quote: str | None = None,
    explained_failure: str | None = None,
) -> SelfGrade:
    """A self-grade whose quotes stand in the answer's `texts`. Raise GradeProblem with the sentence to show."""
    quotes = {"quote": (quote or "").strip() or None, "explained_failure": (explained_failure or "").strip() or None}
    data = {"dimension": dimension, "level": level, **quotes}
    try:
        grade = SelfGrade.model_validate(data)
    except ValidationError as error:
        raise GradeProblem("\n".join(sentences(error, data))) from error
    require_quotes(grade, texts)
    return grade


def require_quotes(grade: SelfGrade, texts: Collection[str]) -> None:
    """Raise GradeProblem unless each quote of the grade stands in the texts and says something."""
    for quote in (grade.quote, grade.explained_failure):
        if quote is None or not quote.strip():
            continue
        if not stands_in(quote, texts):
            raise GradeProblem(
                f"{_shown(quote)} does not stand in your answer; copy a sentence exactly as you wrote it"
            )
        if not is_long_enough(quote, texts):
            raise GradeProblem(
                f"{_shown(quote)} is too short to show a level; "
                f"quote at least {MIN_QUOTE_WORDS} words or a whole sentence"
            )


def _shown(quote: str) -> str:
    return f"\u201c{quote if len(quote) <= 80 else quote[:77] + '...'}\u201d"
