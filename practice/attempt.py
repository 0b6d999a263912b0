"""One attempt at a question: everything a candidate has written, asked, drawn, predicted and graded."""

import re
import secrets
from typing import Annotated

from pydantic import Field

from practice.clock import ClockEvent, Times, times
from practice.facts import Asked
from practice.prediction import Prediction
from rubrics.schema import DimensionId, PhaseId
from simulator.design import Design
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.spec import NonNegative, Spec

LONGEST_TEXT = 1_000_000  # characters of one section
_ID = re.compile(r"^[A-Za-z0-9_-]{8,40}$")


def new_id() -> str:
    """An id that nobody can guess, and that no command line takes for an option."""
    return next(found for found in iter(lambda: secrets.token_urlsafe(9), None) if not found.startswith("-"))


def is_id(text: str) -> bool:
    """Whether a text, from an address say, can be the id of an attempt at all."""
    return bool(_ID.fullmatch(text))


class Draft(Spec):
    """A section as it was last saved, by which writer (a browser tab) and with which of that writer's edits."""

    text: str = ""
    revision: int = 0
    writer: str = ""
    sequence: int = 0
    saved_at: NonNegative | None = None


class Edit(Spec):
    """A section as a writer has it now; `base` is the revision that the writer started from."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    writer: Annotated[str, Field(min_length=1, max_length=64)]
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    base: Annotated[int, Field(ge=0)]

    def follows(self, kept: Draft) -> bool:
        """Whether this edit may replace what is kept: it continues it, or is a later edit by the same writer."""
        if self.writer == kept.writer:
            return self.sequence > kept.sequence
        return self.base == kept.revision

    def after(self, kept: Draft, saved_at: float) -> Draft:
        """The draft that this edit makes of what is kept."""
        return Draft(
            text=self.text,
            revision=kept.revision + 1,
            writer=self.writer,
            sequence=self.sequence,
            saved_at=saved_at,
        )


class Written(Spec):
    """A worksheet entry, or an own constant, as it was typed."""

    value: str = ""
    unit: str = ""


class OwnLevel(Spec):
    """The candidate's own level of one dimension, and the sentence of the answer that shows it."""

    level: int
    quote: str = ""
    explains_failure: str = ""


class FirstLevel(Spec):
    """An own level as it was before any suggestion was seen, and when it was kept."""

    level: int
    quote: str = ""
    at: NonNegative


class StoredRun(Spec):
    """A run of the candidate's design, with everything that repeats it."""

    id: str
    at: NonNegative
    scenario: str
    design: Design
    settings: RunSettings
    summary: Summary


class Attempt(Spec):
    """A snapshot. Moments are seconds since the epoch. `levels_at` is when each own level was last kept."""

    id: str
    question: str
    created_at: NonNegative
    finished_at: NonNegative | None = None
    last_seen: NonNegative
    sections: dict[PhaseId, Draft]
    worksheet: dict[str, Written]
    assumptions: dict[str, Written] = Field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    events: tuple[ClockEvent, ...] = ()
    design: Design | None = None
    prediction: Prediction | None = None
    own_levels: dict[DimensionId, OwnLevel]
    levels_at: dict[DimensionId, NonNegative] = Field(default_factory=dict)
    first_levels: dict[DimensionId, FirstLevel] = Field(default_factory=dict)
    is_graded: bool = False

    def times(self, now: float) -> Times:
        """The time of every phase until `now`."""
        return times(self.events, now)

    def section(self, phase: PhaseId) -> Draft:
        return self.sections.get(phase, Draft())

    def is_revised(self, dimension: DimensionId) -> bool:
        """Whether the own level is another than the one given before any suggestion was seen."""
        first, own = self.first_levels.get(dimension), self.own_levels.get(dimension)
        return first is not None and own is not None and first.level != own.level

    def known_facts(self) -> tuple[str, ...]:
        """The facts that were told so far, in the order in which they were asked for."""
        return tuple(dict.fromkeys(asked.fact for asked in self.asked if asked.fact is not None))

    def has_left_first_phase(self) -> bool:
        """Whether the candidate has moved on, so that the remaining must-facts are told."""
        return any(event.kind == "enter" and event.phase != "requirements" for event in self.events)
