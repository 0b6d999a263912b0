"""Where the time of a round went: minutes against the plan, when the first number, choice and failure were written, and
how much of the half about data and model was left untouched.

When something was first written is not in a text, so it is noted while the round runs: whoever saves a section asks
`new_marks` and keeps what it gives back, at most one mark of each kind.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from practice.attempt import Attempt
from practice.interviewer.reading import has_number, is_choice_with_alternative, speaks_of_failure
from practice.interviewer.state import ConceptState
from practice.phases import phase
from practice.round_clock import RoundClock, round_clock
from practice.rounds import Round
from rubrics.quotes import sentences_of
from rubrics.schema import PHASES, DimensionId, PhaseId
from simulator.spec import NonNegative, Spec

MarkKind = Literal["number", "tradeoff", "failure"]
MARKS: tuple[MarkKind, ...] = get_args(MarkKind)
ML_HALF: tuple[DimensionId, ...] = ("data_features", "model_evaluation")
_NAMES: dict[MarkKind, str] = {"number": "first number", "tradeoff": "first trade-off", "failure": "first failure"}
_IS = {"number": has_number, "tradeoff": is_choice_with_alternative, "failure": speaks_of_failure}


class Mark(Spec):
    """The first sentence of its kind, and the moment at which it was saved, in seconds since the epoch."""

    kind: MarkKind
    at: NonNegative
    phase: PhaseId
    sentence: str


class PhaseTime(Spec):
    """Minutes of a phase: planned, spent, and spent beyond the plan."""

    phase: PhaseId
    planned_min: float
    spent_min: float
    over_min: float


class First(Spec):
    """When something was first written, in minutes of the round; `is_latest` if it is only known not to be later.

    None if it is not there at all.
    """

    kind: MarkKind
    minute: float | None
    is_latest: bool = False
    sentence: str | None = None


class Forensics(Spec):
    """The clock of a round, looked at afterwards. `ml_untouched` is a share, 0-1, of the concepts of data and model."""

    phases: tuple[PhaseTime, ...]
    overtime_min: float
    firsts: tuple[First, ...]
    ml_untouched: float | None
    sentences: tuple[str, ...]


def new_marks(known: Iterable[Mark], sections: Mapping[PhaseId, str], now: float) -> tuple[Mark, ...]:
    """The marks that a text adds to those that are known."""
    there = {one.kind for one in known}
    found = (_first_in(kind, sections) for kind in MARKS if kind not in there)
    return tuple(Mark(kind=one[0], at=now, phase=one[1], sentence=one[2]) for one in found if one is not None)


def _first_in(kind: MarkKind, sections: Mapping[PhaseId, str]) -> tuple[MarkKind, PhaseId, str] | None:
    for phase_id in PHASES:
        for sentence in sentences_of(sections.get(phase_id, "")):
            if _IS[kind](sentence):
                return kind, phase_id, sentence
    return None


def forensics(
    round_: Round, attempt: Attempt, marks: Iterable[Mark], concepts: Sequence[ConceptState], now: float
) -> Forensics:
    """Look at the clock of a round; without a mark, when a section was last saved is the latest it can have been."""
    clock = round_clock(round_, attempt.events, now)
    phases = tuple(_phase_time(one, round_, clock) for one in PHASES)
    firsts = tuple(_firsts(attempt, {one.kind: one for one in marks}))
    untouched = ml_untouched(concepts)
    return Forensics(
        phases=phases,
        overtime_min=clock.overtime_s() / 60,
        firsts=firsts,
        ml_untouched=untouched,
        sentences=tuple(_sentences(phases, clock.overtime_s() / 60, firsts, untouched)),
    )


def _phase_time(one: PhaseId, round_: Round, clock: RoundClock) -> PhaseTime:
    spent = clock.spent_s[one] / 60
    planned = round_.phase_minutes[one]
    return PhaseTime(phase=one, planned_min=planned, spent_min=spent, over_min=max(0.0, spent - planned))


def _firsts(attempt: Attempt, marks: Mapping[MarkKind, Mark]) -> Iterator[First]:
    begun = attempt.events[0].at if attempt.events else attempt.created_at
    sections = {phase_id: draft.text for phase_id, draft in attempt.sections.items()}
    for kind in MARKS:
        if (mark := marks.get(kind)) is not None:
            yield First(kind=kind, minute=max(0.0, mark.at - begun) / 60, sentence=mark.sentence)
        elif (found := _first_in(kind, sections)) is not None:
            saved_at = attempt.section(found[1]).saved_at
            minute = max(0.0, saved_at - begun) / 60 if saved_at is not None else None
            yield First(kind=kind, minute=minute, is_latest=True, sentence=found[2])
        else:
            yield First(kind=kind, minute=None)


def ml_untouched(concepts: Sequence[ConceptState]) -> float | None:
    """The share of the concepts of data and model that the answer does not speak of; None if there are none."""
    half = [one for one in concepts if one.dimension in ML_HALF]
    return sum(one.status == "not_found" for one in half) / len(half) if half else None


def _sentences(
    phases: Sequence[PhaseTime], overtime_min: float, firsts: Sequence[First], untouched: float | None
) -> Iterator[str]:
    worst = max(phases, key=lambda one: one.over_min)
    if worst.over_min >= 1:
        title = phase(worst.phase).title
        yield f"{title} took {worst.spent_min:.0f} minutes of {worst.planned_min:.0f} planned."
    if overtime_min >= 1:
        yield f"The round went on for {overtime_min:.0f} minute{'' if round(overtime_min) == 1 else 's'} after its end."
    for one in firsts:
        yield _of_first(one)
    if untouched is not None and untouched > 0:
        yield f"I found nothing on {untouched:.0%} of what this question holds on data and model."


def _of_first(one: First) -> str:
    name = _NAMES[one.kind].capitalize()
    if one.sentence is None:
        return f"{name}: none was written."
    if one.minute is None:
        return f"{name}: there is one, but not when it was written."
    return f"{name}: {'by' if one.is_latest else 'in'} minute {one.minute:.0f}."
