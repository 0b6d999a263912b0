"""Drills of 8 to 12 minutes, made from misses: one worksheet, one failing run to repair, one probe to answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from practice.progress.past import Past, graded
from practice.progress.weaknesses import Miss, Weakness
from practice.today import Today
from question_bank.schema import Followup, Question
from rubrics.schema import DIMENSIONS, DimensionId
from simulator.spec import NonNegative, Spec

DrillKind = Literal["worksheet", "repair", "probe"]
MINUTES: dict[DrillKind, int] = {"worksheet": 10, "repair": 12, "probe": 8}
SAME_AGAIN_DAYS = 14


class Drill(Spec):
    """One drill. `item` is the scenario or the probe, `attempt` the one whose design is repaired."""

    kind: DrillKind
    dimension: DimensionId
    question: str
    item: str = ""
    attempt: str = ""
    why: str

    @property
    def id(self) -> str:
        return ":".join(part for part in (self.kind, self.question, self.item, self.attempt) if part)

    @property
    def minutes(self) -> int:
        return MINUTES[self.kind]


class Drilled(Spec):
    """A drill that was done, and how it went, 0-1."""

    drill: str
    dimension: DimensionId
    at: NonNegative
    share: float


def drills(
    found: Sequence[Weakness],
    pasts: tuple[Past, ...],
    questions: Mapping[str, Question],
    done: Sequence[Drilled],
    today: Today,
) -> list[Drill]:
    """At most one drill of each kind; what was drilled in the last two weeks is left out."""
    fresh = {one.drill for one in done if today.days_since(one.at) < SAME_AGAIN_DAYS}
    options = (_worksheets(found, pasts, questions), _repairs(found, questions), _probes(found, pasts, questions))
    chosen = (next((one for one in option if one.id not in fresh), None) for option in options)
    return [one for one in chosen if one is not None]


def _worksheets(
    found: Sequence[Weakness], pasts: tuple[Past, ...], questions: Mapping[str, Question]
) -> Iterator[Drill]:
    """Worksheets of other questions than the one with the newest wrong rows, those seen longest ago first."""
    rows = [miss for one in found if one.dimension == "capacity" for miss in one.misses if miss.kind == "row"]
    if not rows:
        return
    missed_in = rows[0].question
    wrong = sum(miss.question == missed_in for miss in rows)
    title = questions[missed_in].title if missed_in in questions else missed_in
    why = f"{wrong} {'row was' if wrong == 1 else 'rows were'} off in your worksheet of \u201c{title}\u201d."
    seen = {past.question: past.at for past, _ in graded(pasts)}
    others = [slug for slug in questions if slug != missed_in]
    for slug in sorted(others, key=lambda one: (one not in seen, seen.get(one, 0.0), one)):
        yield Drill(kind="worksheet", dimension="capacity", question=slug, why=why)


def _repairs(found: Sequence[Weakness], questions: Mapping[str, Question]) -> Iterator[Drill]:
    """Runs that one's own design failed, of the weakest dimension first."""
    for weakness in found:
        for miss in weakness.misses:
            if miss.kind == "run" and miss.question in questions:
                yield _repair(miss)


def _repair(miss: Miss) -> Drill:
    return Drill(
        kind="repair", dimension=miss.dimension, question=miss.question, item=miss.item, attempt=miss.attempt,
        why=miss.sentence,
    )  # fmt: skip


def _probes(found: Sequence[Weakness], pasts: tuple[Past, ...], questions: Mapping[str, Question]) -> Iterator[Drill]:
    """Probes of the weakest dimensions, from questions whose references have been seen, the newest last."""
    seen = list(dict.fromkeys(past.question for past, _ in graded(pasts) if past.question in questions))
    for weakness in found:
        for slug in seen:
            for probe in questions[slug].followups:
                if dimension_of(questions[slug], probe) == weakness.dimension:
                    why = f"{weakness.title} is at level {weakness.level}, and this is what an interviewer would ask."
                    yield Drill(
                        kind="probe", dimension=weakness.dimension, question=slug, item=probe.id, why=why
                    )  # fmt: skip


def dimension_of(question: Question, probe: Followup) -> DimensionId:
    """What a probe is about: the dimension of the concepts, rows or runs that call for it, else trade-offs."""
    concepts = {one.id: one.dim for one in question.concepts}
    for concept in (*probe.when.not_found, *probe.when.found):
        if concept in concepts:
            return concepts[concept]
    if probe.when.row_not_accepted:
        return "capacity"
    steady = {one.id for one in question.simulation.scenarios if one.steady}
    for scenario in probe.when.scenario_failed:
        return "serving_scale" if scenario in steady else "reliability_operations"
    return DIMENSIONS[-1]
