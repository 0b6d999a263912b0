"""The single change that lifts the signal most."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rubrics.hire_signal import OUTCOMES, Signal, TargetLevel, signal
from rubrics.schema import DIMENSIONS, TOP_LEVEL, DimensionId, Level, Rubric, Weights
from rubrics.score import LevelVerdict, score
from simulator.spec import Spec

Kind = Literal["level", "runs", "evidence"]
Standing = tuple[float, ...]


class _Seen(NamedTuple):
    """Verdicts with the signal and the score that they give."""

    verdicts: tuple[LevelVerdict, ...]
    signal: Signal
    total: float
    standing: Standing


class Change(Spec):
    """Something that a person can do beside writing a better answer in one dimension, and the verdicts after it."""

    kind: Kind
    dimension: DimensionId
    advice: str
    verdicts: tuple[LevelVerdict, ...]


class NextStep(Spec):
    """One change: a level more in a dimension, runs that pass, or evidence where there is none.

    `to_level` is the level of the dimension after it, `points` what it brings, `opens` the gate that turns to yes if
    any does, `lifts` the highest gate that moves and how, in words, and `advice` what to do.
    """

    kind: Kind = "level"
    dimension: DimensionId
    to_level: Level
    points: float
    opens: TargetLevel | None
    lifts: str = ""
    advice: str


def next_step(
    verdicts: Iterable[LevelVerdict], weights: Weights, rubric: Rubric, changes: Sequence[Change] = ()
) -> NextStep | None:
    """The change after which the signal stands highest: with enough evidence rather than without, then by the highest
    gate that is open, then by how near the next one is, then by points; among equals the one from the lowest level.

    A level more is possible in every dimension that is neither at level 4 nor held at the cap of the runs; `changes`
    are what else is possible. None if nothing is. Ties go to the dimension that stands first in the rubric, and a
    level that is not shown counts as 0.
    """
    order = [one.id for one in rubric.dimensions]
    now = _seen(sorted(verdicts, key=lambda one: order.index(one.dimension)), weights)
    raised = [_raised(now.verdicts, one, rubric) for one in now.verdicts if (one.level or 0) < min(one.cap, TOP_LEVEL)]
    tried = [(change, _seen(change.verdicts, weights)) for change in (*changes, *raised, *_settled(now.verdicts))]
    useful = [(change, then) for change, then in tried if then.standing > now.standing]
    if not useful:
        return None
    change, then = max(useful, key=lambda one: (*one[1].standing, -_level(*one), -order.index(one[0].dimension)))
    return _step(change, now, then)


def standing(found: Signal, verdicts: Iterable[LevelVerdict], weights: Weights) -> Standing:
    """How high a signal stands: what compares larger is the better one."""
    total = score({one.dimension: one.level for one in verdicts}, weights)
    missing = sum(weights[one] for one in found.unsupported)
    if found.outcome == "not_enough_evidence":
        return (0, -missing, 0, 0, total, 0)
    passed = [place for place, gate in enumerate(found.gates, start=1) if gate.outcome == "yes"]
    opened = max(passed, default=0)
    following = found.gates[opened] if opened < len(found.gates) else found.gates[-1]
    met = sum(condition.is_met for condition in following.conditions)
    return (1, opened, OUTCOMES.index(following.outcome), met, total, -missing)


def _seen(verdicts: Iterable[LevelVerdict], weights: Weights) -> _Seen:
    verdicts = tuple(verdicts)
    found = signal(verdicts, weights, {one: one for one in DIMENSIONS})
    total = score({one.dimension: one.level for one in verdicts}, weights)
    return _Seen(verdicts, found, total, standing(found, verdicts, weights))


def _level(change: Change, then: _Seen) -> int:
    return next(one.level or 0 for one in then.verdicts if one.dimension == change.dimension)


def _raised(now: Sequence[LevelVerdict], one: LevelVerdict, rubric: Rubric) -> Change:
    level = (one.level or 0) + 1
    advice = rubric.dimension(one.dimension).levels[level]
    if one.level is None:
        advice = f"You gave no level: give one, with the sentence that shows it. Level {level}: {advice}"
    elif one.is_empty:
        advice = f"Nothing is written for it. Level {level}: {advice}"
    after = one.model_copy(update={"level": level, "is_empty": False})
    return Change(
        kind="evidence" if one.level is None or one.is_empty else "level",
        dimension=one.dimension,
        advice=advice,
        verdicts=tuple(after if each is one else each for each in now),
    )


def _settled(now: Sequence[LevelVerdict]) -> list[Change]:
    """What it would change if the words of a disputed dimension were plain."""
    return [
        Change(
            kind="evidence",
            dimension=one.dimension,
            advice=f"Your level is {one.self_level} and the words suggest {one.suggested}: say it so plainly that "
            "it is found, or revise your level.",
            verdicts=tuple(each.model_copy(update={"suggested": None}) if each is one else each for each in now),
        )
        for one in now
        if one.is_disputed and not one.is_empty
    ]


def _step(change: Change, now: _Seen, then: _Seen) -> NextStep:
    pairs = list(zip(now.signal.gates, then.signal.gates, strict=True))
    opened = [new.target for old, new in pairs if new.outcome == "yes" and old.outcome != "yes"]
    return NextStep(
        kind=change.kind,
        dimension=change.dimension,
        to_level=_level(change, then),
        points=then.total - now.total,
        opens=opened[-1] if opened else None,
        lifts=_lifts(now.signal, then.signal),
        advice=change.advice,
    )


def _lifts(now: Signal, then: Signal) -> str:
    """The highest gate whose outcome gets better, in words; empty if none does."""
    if now.outcome == "not_enough_evidence":
        return "" if then.outcome == now.outcome else f"Enough evidence: {then.target}, {_plainly(then.outcome)}"
    moved = [
        f"{old.target.capitalize()}: {_plainly(old.outcome)} to {_plainly(new.outcome)}"
        for old, new in zip(now.gates, then.gates, strict=True)
        if OUTCOMES.index(new.outcome) > OUTCOMES.index(old.outcome)
    ]
    return moved[-1] if moved else ""


def _plainly(outcome: str) -> str:
    return outcome.replace("_", " ")
