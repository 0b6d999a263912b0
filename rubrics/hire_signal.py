"""The hiring signal for mid, senior and staff: gates with their conditions, and how far a missed one is missed.

What was decided where the rule leaves room:

* A dimension that is not shown counts as level 0, in the score and in every condition.
* A higher gate includes the lower ones, so nobody is "senior: yes" and "mid: no". Senior therefore also needs data and
  features at 2 and nothing at 0, staff also needs architecture at 3.
* "No dimension at 0" holds for all eight; capacity and trade-offs are enough at 1 for mid.
* A gate's conditions are its score and its level conditions. The level conditions are *one level short* if one level
  more in one dimension would meet them all. The score is *near* if it is at most 5 points short.
* yes: all conditions are met. lean yes: only the score is missed, and near; or only level conditions, and one level
  short. lean no: both are missed, the score near and the levels one short. no: anything else.
* not enough evidence, at all three targets: the dimensions without support hold 30 points of weight or more. Without
  support is what is not shown, what nothing was written for, and what is disputed: the person's own level and the
  suggested one are two levels or more apart. Where nothing is suggested, nothing is disputed.
* The signal as a whole is the highest target with a yes; without any, what mid gives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from rubrics.schema import DIMENSIONS, TOP_LEVEL, DimensionId, Weights
from rubrics.score import LevelVerdict, score
from simulator.spec import Spec

TargetLevel = Literal["mid", "senior", "staff"]
Outcome = Literal["not_enough_evidence", "no", "lean_no", "lean_yes", "yes"]

TARGETS: tuple[TargetLevel, ...] = get_args(TargetLevel)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)  # from worst to best
NEAR_POINTS = 5
UNSUPPORTED_WEIGHT = 30

Levels = Mapping[DimensionId, int]


class Condition(Spec):
    """One thing a gate asks for, as a sentence that says how it stands."""

    sentence: str
    is_met: bool


class GateResult(Spec):
    """How one target level's gate stands; the score comes first among the conditions."""

    target: TargetLevel
    outcome: Outcome
    conditions: tuple[Condition, ...]


class Signal(Spec):
    """The signal as a whole; `target` is the level it speaks of, None without enough evidence."""

    outcome: Outcome
    target: TargetLevel | None
    sentence: str
    gates: tuple[GateResult, ...]
    unsupported: tuple[DimensionId, ...]


@dataclass(frozen=True)
class Gate:
    """What a target level asks for: a score, levels by dimension, a floor under all, and `count` at `count_level`."""

    target: TargetLevel
    score: int
    floor: int
    count: int = 0
    count_level: int = TOP_LEVEL
    least: Levels = field(default_factory=dict)

    def levels_met(self, levels: Levels) -> bool:
        """Whether all level conditions are met; the score is not looked at."""
        enough = sum(levels[one] >= self.count_level for one in DIMENSIONS) >= self.count
        at_least = all(levels[one] >= least for one, least in self.least.items())
        return enough and at_least and all(levels[one] >= self.floor for one in DIMENSIONS)

    def is_open(self, levels: Levels, weights: Weights) -> bool:
        """Whether the score and all level conditions are met."""
        return score(levels, weights) >= self.score and self.levels_met(levels)

    def level_conditions(self, levels: Levels, titles: Mapping[DimensionId, str]) -> tuple[Condition, ...]:
        """The conditions on levels, in words; `titles` name the dimensions on screen."""
        asked = [_at_least(titles.get(one, one), least, levels[one]) for one, least in self.least.items()]
        low = [titles.get(one, one) for one in DIMENSIONS if levels[one] < self.floor]
        floor = f"Every dimension at level {self.floor} or more" + (f": {', '.join(low)} below." if low else ".")
        asked.append(Condition(sentence=floor, is_met=not low))
        if self.count:
            found = sum(levels[one] >= self.count_level for one in DIMENSIONS)
            counted = f"{self.count} dimensions at level {self.count_level} or more: there are {found}."
            asked.append(Condition(sentence=counted, is_met=found >= self.count))
        return tuple(asked)


GATES = (
    Gate("mid", score=45, floor=1, least={"requirements_framing": 2, "architecture": 2, "data_features": 2}),
    Gate(
        "senior",
        score=62,
        floor=1,
        count=3,
        count_level=3,
        least={
            "requirements_framing": 3,
            "architecture": 3,
            "data_features": 2,
            "serving_scale": 2,
            "reliability_operations": 2,
            "tradeoffs_judgment": 2,
        },
    ),
    Gate(
        "staff",
        score=78,
        floor=2,
        count=2,
        count_level=4,
        least={
            "requirements_framing": 3,
            "architecture": 3,
            "reliability_operations": 3,
            "tradeoffs_judgment": 3,
        },
    ),
)


def signal(verdicts: Iterable[LevelVerdict], weights: Weights, titles: Mapping[DimensionId, str]) -> Signal:
    """The signal that all eight verdicts give; the module's docstring holds the rules."""
    verdicts = tuple(verdicts)
    levels = counted_levels(verdicts)
    unsupported = tuple(one.dimension for one in verdicts if not one.is_supported)
    enough = sum(weights[one] for one in unsupported) < UNSUPPORTED_WEIGHT
    gates = tuple(_gate_result(gate, levels, weights, titles, enough=enough) for gate in GATES)
    passed = [gate for gate in gates if gate.outcome == "yes"]
    shown = passed[-1] if passed else gates[0]
    return Signal(
        outcome=shown.outcome,
        target=shown.target if enough else None,
        sentence=_sentence(shown, verdicts, titles),
        gates=gates,
        unsupported=unsupported,
    )


def gate_outcome(gate: Gate, levels: Levels, total: float) -> Outcome:
    """How near levels and a total score of 0-100 come to a gate, from no to yes."""
    score_met, levels_met = total >= gate.score, gate.levels_met(levels)
    if score_met and levels_met:
        return "yes"
    near = score_met or total >= gate.score - NEAR_POINTS
    one_short = levels_met or any(gate.levels_met(raised(levels, dimension)) for dimension in DIMENSIONS)
    if not (near and one_short):
        return "no"
    return "lean_yes" if score_met or levels_met else "lean_no"


def counted_levels(verdicts: Iterable[LevelVerdict]) -> dict[DimensionId, int]:
    """The level of every dimension as the gates count it: 0 where none is shown."""
    shown = {one.dimension: one.level or 0 for one in verdicts}
    return {dimension: shown.get(dimension, 0) for dimension in DIMENSIONS}


def raised(levels: Levels, dimension: DimensionId) -> dict[DimensionId, int]:
    """The same levels with one more in one dimension, at most 4."""
    return {**levels, dimension: min(levels[dimension] + 1, TOP_LEVEL)}


def _gate_result(
    gate: Gate, levels: Levels, weights: Weights, titles: Mapping[DimensionId, str], *, enough: bool
) -> GateResult:
    total = score(levels, weights)
    sentence = f"A score of {gate.score} or more: it is {total:g}."
    scored = Condition(sentence=sentence, is_met=total >= gate.score)
    conditions = (scored, *gate.level_conditions(levels, titles))
    outcome = gate_outcome(gate, levels, total) if enough else "not_enough_evidence"
    return GateResult(target=gate.target, outcome=outcome, conditions=conditions)


def _at_least(title: str, least: int, level: int) -> Condition:
    return Condition(sentence=f"{title} at level {least} or more: it is at {level}.", is_met=level >= least)


def _sentence(shown: GateResult, verdicts: Sequence[LevelVerdict], titles: Mapping[DimensionId, str]) -> str:
    if shown.outcome == "not_enough_evidence":
        bare = [titles.get(one.dimension, one.dimension) for one in verdicts if one.level is None or one.is_empty]
        disputed = [
            titles.get(one.dimension, one.dimension) for one in verdicts if not one.is_empty and one.is_disputed
        ]
        said = [f"nothing supports {', '.join(bare)}"] if bare else []
        said += [f"your level and the suggested one are far apart in {', '.join(disputed)}"] if disputed else []
        return f"Not enough evidence: {'; '.join(said)}."
    missed = [condition.sentence for condition in shown.conditions if not condition.is_met]
    return " ".join([f"{shown.target.capitalize()}: {shown.outcome.replace('_', ' ')}.", *missed])
