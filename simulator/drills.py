"""Drills: failures of machine learning systems, scripted as data, for any design that has what they strike."""

import json
from functools import cache
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from simulator import strikes, wiring
from simulator.design import Design, Store
from simulator.design_file import design_from
from simulator.messages import sentences
from simulator.spec import Count, Name, NonNegative, Positive, Share, Spec
from simulator.yaml_text import read_own_yaml

FILE = Path(__file__).parent / "data" / "drills.yaml"

Data = dict[str, Any]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Word = Annotated[str, Field(pattern=r"^[a-z_]+$")]


class Needs(Spec):
    """What a drill strikes: a component for which everything that is given holds, the earlier kind first.

    Of several, those whose name has the first of the words in `named` come first, then those with the second, and so
    on; with `must_be_named` no others will do.
    A `quality_loss` is declared by a question, and not by a design.
    """

    kinds: tuple[Word, ...] = ()
    named: tuple[Word, ...] = ()
    must_be_named: bool = False
    fewest_replicas: Count = 1
    fewest_shards: Count = 1
    can_be_full: bool = False
    has_canary: bool = False
    asked_with_retries: bool = False
    quality_loss: bool = False


class Injection(Spec):
    """One fault; `begins` and `lasts` are in units of the time that faults last; without `lasts` it never ends."""

    kind: strikes.FaultKind
    begins: NonNegative = 0.0
    lasts: Positive | None = None
    replicas_share: Share | None = None
    factor: Positive | None = None
    failure_share: Share | None = None


class Drill(Spec):
    """What happens, to what kind of part, and what to watch. `set` holds for the whole run."""

    id: Name
    title: Line
    story: Line
    needs: Needs
    lacking: Line
    set: dict[Name, float] = Field(default_factory=dict)
    inject: Annotated[tuple[Injection, ...], Field(max_length=5)]
    watch: Annotated[tuple[Line, ...], Field(min_length=1, max_length=4)]


class DrillsFile(Spec):
    """All drills, each once."""

    version: Literal[1]
    drills: Annotated[tuple[Drill, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _stands_once(self) -> Self:
        ids = [one.id for one in self.drills]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice; give each drill an id of its own")
        return self


class DoesNotFit(ValueError):
    """The design has no part that the drill could strike; the message says what is lacking."""


@cache
def load_drills() -> dict[str, Drill]:
    """All drills by id, in the order of the file. Raise ValueError with a sentence for each thing that is wrong."""
    return {drill.id: drill for drill in read_drills(FILE.read_text(encoding="utf-8")).drills}


def read_drills(text: str) -> DrillsFile:
    """The drills of a text. Raise ValueError with a sentence for each thing that is wrong."""
    data = read_own_yaml(text)
    try:
        return DrillsFile.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise ValueError("\n".join(sentences(error, data))) from error


def target(drill: Drill, design: Design) -> str:
    """The component that the drill strikes. Raise DoesNotFit."""
    found = [name for name in design.components if _fits(drill.needs, design, name)]
    by_word = [[name for name in found if word in name] for word in drill.needs.named]
    named = next(filter(None, by_word), [])
    found = named if named or drill.needs.must_be_named else found
    if not found or drill.needs.quality_loss:
        raise DoesNotFit(drill.lacking)
    order = drill.needs.kinds
    first = min(order.index(design.components[name].kind) for name in found) if order else 0
    return strikes.likeliest(
        design, [name for name in found if not order or design.components[name].kind == order[first]]
    )


def _fits(needs: Needs, design: Design, name: str) -> bool:
    part = design.components[name]
    return (
        (not needs.kinds or part.kind in needs.kinds)
        and getattr(part, "replicas", 1) >= needs.fewest_replicas
        and getattr(part, "shards", 1) >= needs.fewest_shards
        and not (needs.can_be_full and isinstance(part, Store) and part.concurrency == "unlimited")
        and (not needs.has_canary or name in strikes.victims(design, "bad_canary"))
        and (not needs.asked_with_retries or name in _asked_with_retries(design))
    )


def _asked_with_retries(design: Design) -> set[str]:
    calls = [call for part in design.components.values() for _, call in wiring.calls_of(part)]
    return {call.to for call in calls if call.retries is not None}


def drilled(drill: Drill, design: Design, at_s: float, for_s: float) -> Design:
    """The design with what the drill does to it, striking at `at_s` for `for_s` seconds. Raise DoesNotFit.

    A drill that only a question can measure leaves the design as it is.
    """
    if drill.needs.quality_loss:
        return design
    name = target(drill, design)
    data = design.model_dump(mode="json")
    data["components"][name] |= drill.set
    data["faults"] += [_fault(one, design, name, at_s, for_s) for one in drill.inject]
    return design_from(data)


def _fault(one: Injection, design: Design, name: str, at_s: float, for_s: float) -> Data:
    lasts_s = None if one.lasts is None else one.lasts * for_s
    fault = strikes.first_guess(design, one.kind, at_s + one.begins * for_s, for_s)
    fault |= {"component": name, "for_s": lasts_s}
    if one.replicas_share is not None:
        fault["replicas"] = ceil(one.replicas_share * getattr(design.components[name], "replicas", 1))
    return fault | one.model_dump(include={"factor", "failure_share"}, exclude_none=True)
