"""The rules of the interviewer as data: when each fires, what it then says, and what that is worth."""

import json
import string
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from practice.interviewer.conditions import ALWAYS, IF_GIVEN, MAYBE, SLOTS, Condition
from practice.interviewer.topics import topics
from practice.rounds import Action
from question_bank.schema import Line
from rubrics.hire_signal import TargetLevel
from rubrics.schema import DimensionId
from simulator.spec import Name, NonNegative, Share, Spec
from simulator.yaml_text import read_own_yaml

NeedId = Literal[
    "clock",
    "contradiction",
    "failed_run",
    "deciding_number",
    "core_missing",
    "unsupported",
    "plus_missing",
    "strength",
]
MOST_WORDS = 24
"""Under 25 words, quoted ones included."""
RUNGS = 6
_LOOKING = tuple(SLOTS)


def slots_in(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class Wording(Spec):
    """A question in two wordings, the reason for it, and the fact that "I don't know" is answered with."""

    ask: Line
    again: Line
    because: Line
    fact: Line
    otherwise: dict[Name, Line] = Field(default_factory=dict)


class Rule(Wording):
    """One of the forty. `fit` says how well it suits a target level; `minutes` is the time that an answer needs."""

    number: Annotated[int, Field(ge=1, le=40)]
    id: Name
    purpose: Line
    kind: Literal["probe", "clock", "twist"] = "probe"
    when: Condition
    need: NeedId
    dimension: DimensionId | None = None
    topic: Name | None = None
    rung: Annotated[int, Field(ge=1, le=RUNGS)] | None = None
    fit: dict[TargetLevel, Share] = Field(default_factory=dict)
    minutes: NonNegative = 1.5

    @model_validator(mode="after")
    def _words_can_be_found(self) -> Self:
        given = {name for name, value in self.when if value not in (None, ())}
        known = {slot for name in given & set(_LOOKING) for slot in SLOTS[name]} | set(ALWAYS) | set(self.otherwise)
        known |= {slot for slot, test in IF_GIVEN.items() if test in given}
        for field in ("ask", "again", "because", "fact"):
            for slot in sorted(slots_in(getattr(self, field)) - known):
                more = "; say in `otherwise` what stands there without it" if slot in MAYBE else ""
                raise ValueError(f"{field} of rule {self.id} has {{{slot}}}, which its `when` does not find{more}")
        return self

    @model_validator(mode="after")
    def _repeats_what_it_found(self) -> Self:
        for name in _LOOKING:
            if getattr(self.when, name) not in (None, ()) and not slots_in(self.ask) & set(SLOTS[name]):
                raise ValueError(f"rule {self.id} looks for {name} and says none of {', '.join(SLOTS[name])} in `ask`")
        return self

    @model_validator(mode="after")
    def _is_of_a_dimension_unless_it_is_the_clock(self) -> Self:
        if (self.kind == "probe") != (self.dimension is not None):
            raise ValueError(f"rule {self.id} is a {self.kind}; a probe has a dimension, and nothing else has one")
        return self


class Rung(Wording):
    """One step down into a topic; the quote is of the sentence that speaks of it."""

    rung: Annotated[int, Field(ge=1, le=RUNGS)]
    asks: Line


class Spoken(Spec):
    """What is said at a moment of the clock; `otherwise` stands in where there is nothing to name."""

    say: Line
    otherwise: Line | None = None


class Help(Spec):
    """What is said into a silence, by mode; a hint is announced, and recorded as one."""

    self_study: Line
    mock: Line
    because: Line
    hint: Line
    told: Line
    noted: Line


class Manner(Spec):
    """When the interviewer may speak, in seconds."""

    pause_s: NonNegative
    gap_early_s: NonNegative
    gap_late_s: NonNegative
    silence_s: NonNegative
    after_help_s: NonNegative
    most_on_a_topic: Annotated[int, Field(ge=1)]


class RuleBook(Spec):
    """`rules.yaml`."""

    needs: dict[NeedId, Share]
    top_rung: dict[TargetLevel, Annotated[int, Field(ge=1, le=RUNGS)]]
    manner: Manner
    rules: tuple[Rule, ...]
    ladder: tuple[Rung, ...]
    actions: dict[Action, Spoken]
    close: Spoken
    help: Help

    @model_validator(mode="after")
    def _the_forty_stand_once_each(self) -> Self:
        numbers, ids = [one.number for one in self.rules], [one.id for one in self.rules]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"the rules are numbered {numbers}; number them in order, each once")
        if repeated := [one for one in ids if ids.count(one) > 1]:
            raise ValueError(f"the id {repeated[0]!r} stands twice; give each rule one of its own")
        return self

    @model_validator(mode="after")
    def _topics_are_known(self) -> Self:
        known = {one.id for one in topics()}
        for rule in self.rules:
            for field in ("about", "speaks_of", "lacks", "near"):
                if unknown := sorted(set(getattr(rule.when, field)) - known):
                    raise ValueError(f"rule {rule.id}: {field} has {unknown[0]!r}, which is not in topics.yaml")
        return self

    @model_validator(mode="after")
    def _the_ladder_is_whole(self) -> Self:
        if [one.rung for one in self.ladder] != list(range(1, RUNGS + 1)):
            raise ValueError(f"the ladder needs the rungs 1 to {RUNGS} in order")
        return self


@cache
def rule_book() -> RuleBook:
    """The rules that come with the app; read once."""
    return read_rule_book(Path(__file__).with_name("rules.yaml").read_text(encoding="utf-8"))


def read_rule_book(text: str) -> RuleBook:
    """The rules in a YAML text. Raise ValidationError with every problem."""
    return RuleBook.model_validate_json(json.dumps(read_own_yaml(text)))
