"""The one change of a round: which of the twists touches the strongest claim."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from practice.interviewer.finding import dollars, milliseconds
from practice.interviewer.quoting import quote
from practice.interviewer.state import ConceptState, State
from practice.rounds import shifted_weights
from question_bank.schema import Line, Pattern, Question, Words
from rubrics.schema import DimensionId
from simulator.spec import Share, Spec
from simulator.yaml_text import read_own_yaml

TwistId = Literal["traffic_x10", "half_budget", "promise_halved", "labels_lost", "zone_lost"]
CLAIM_WORDS = 6
STRENGTH = {"core": 2.0, "plus": 3.0, "staff": 4.0}
NAMED_IN_WORDS = 2.0  # a twist that takes up the claim's own words goes before one of its dimension only


class Twist(Spec):
    """A change of the question; `change` says what it does to a run."""

    id: TwistId
    title: Words
    touches: Annotated[tuple[DimensionId, ...], Field(min_length=1)]
    words: tuple[Pattern, ...]
    ask: Line
    plain: Line
    change: Line


class _File(Spec):
    at_share: Share
    twists: Annotated[tuple[Twist, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _asks_repeat_the_claim(self) -> Self:
        for one in self.twists:
            if "{claim}" not in one.ask or "{claim}" in one.plain:
                raise ValueError(f"twist {one.id}: ask has {{claim}} in it, and plain does not")
        return self


class Claim(NamedTuple):
    """What the answer stands on: a dimension, the words for it, and how strong it is."""

    dimension: DimensionId
    sentence: str
    strength: float


class Chosen(Spec):
    """The twist of a round, in words."""

    id: TwistId
    title: str
    text: str
    why: str
    dimension: DimensionId


@cache
def _data() -> _File:
    text = Path(__file__).with_name("twists.yaml").read_text(encoding="utf-8")
    return _File.model_validate_json(json.dumps(read_own_yaml(text)))


def twists() -> tuple[Twist, ...]:
    return _data().twists


def is_due(state: State) -> bool:
    """Whether the time for the twist has come and it has not been given."""
    return state.round_share >= _data().at_share and not any(one.kind == "twist" for one in state.said)


def strongest_claim(question: Question, state: State) -> Claim | None:
    """The supported concept of the highest tier and weight; without any, one that is adopted. What is required is no
    claim unless there is no other.
    """
    weights = shifted_weights(dict(question.rubric_weights), state.round.profile)
    adopted = [one for one in state.concepts if one.is_adopted and one.sentence]
    designed = [one for one in adopted if one.dimension != "requirements_framing"]
    found = [_claim(one, weights[one.dimension]) for one in designed or adopted]
    return max(found, key=lambda one: one.strength, default=None)


def _claim(concept: ConceptState, weight: int) -> Claim:
    supported = 2.0 if concept.status == "adopted_with_support" else 1.0
    return Claim(concept.dimension, concept.sentence or "", supported * STRENGTH[concept.tier] * weight)


def choose(question: Question, state: State) -> Chosen:
    """The twist that touches the strongest claim; without a claim, the heaviest dimension that a twist touches."""
    claim = strongest_claim(question, state)
    possible = [one for one in twists() if _is_possible(one, state)]
    if claim is None:
        weights = shifted_weights(dict(question.rubric_weights), state.round.profile)
        best = max(possible, key=lambda one: weights[one.touches[0]])
        because = f"nothing was claimed yet, and {best.touches[0].replace('_', ' ')} weighs most"
        return _chosen(best, None, because, state)
    best = max(possible, key=lambda one: _touch(one, claim))
    return _chosen(best, claim, f"it touches your strongest claim, “{quote(claim.sentence)}”", state)


def _is_possible(twist: Twist, state: State) -> bool:
    if twist.id == "half_budget":
        return state.budget_usd_per_month is not None
    return twist.id != "promise_halved" or state.promised_p99_ms is not None


def _touch(twist: Twist, claim: Claim) -> float:
    """How well a twist fits a claim: by its own words first, then by how near its dimension is."""
    text = claim.sentence.casefold()
    named = sum(re.search(one, text) is not None for one in twist.words)
    near = 1 / (1 + twist.touches.index(claim.dimension)) if claim.dimension in twist.touches else 0.0
    return near + NAMED_IN_WORDS * min(named, 2) * (0.5 if near == 0 else 1.0)


def _chosen(twist: Twist, claim: Claim | None, because: str, state: State) -> Chosen:
    words = {"budget": dollars((state.budget_usd_per_month or 0) / 2), "slo": milliseconds(_half_promise_ms(state))}
    quoted = quote(claim.sentence, words=CLAIM_WORDS) if claim is not None else None
    text = twist.ask.format(claim=quoted, **words) if quoted else twist.plain.format(**words)
    dimension = claim.dimension if claim is not None else twist.touches[0]
    why = f"I asked this because {because}."
    return Chosen(id=twist.id, title=twist.title, text=text, why=why, dimension=dimension)


def _half_promise_ms(state: State) -> float:
    return (state.promised_p99_ms or 0.0) / 2
