"""The parts of an attempt file that come from a run, a prediction, a level or the clock, each checked on its own."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from practice.clock import ClockEvent
from practice.prediction import Prediction
from practice.trials import Trial, TrialKind
from rubrics.schema import Level
from simulator.design import Design
from simulator.design_file import fingerprint
from simulator.results.summary import Summary
from simulator.settings import RunSettings
from simulator.spec import Spec

_MARKUP = re.compile(r"[<>\[\]`$\\]|://")  # in nothing that a run says by itself
LAST_MOMENT = 4_102_444_800.0  # the year 2100

Moment = Annotated[float, Field(ge=0, le=LAST_MOMENT)]
Words = Annotated[str, Field(max_length=2000)]
_TRIALS: dict[TrialKind, str] = {
    "twist_before": "the twist, before",
    "twist_after": "the twist, after",
    "drill": "the drill",
    "drill_again": "the drill, met again",
}


class Measured(NamedTuple):
    """What can be run again and compared: a run of a scenario, or of the twist or the drill."""

    scenario: str
    design: Design
    settings: RunSettings
    summary: Summary


class FiledPrediction(Prediction):
    """A prediction and when it was committed."""

    at: Moment


class FiledRun(Spec):
    """The newest run of a scenario. `prediction` is the place, from 0, of the one that it was held against."""

    scenario: Annotated[str, Field(max_length=80)]
    at: Moment
    prediction: Annotated[int, Field(ge=0)] | None = None
    design: Design
    settings: RunSettings
    summary: Summary

    @model_validator(mode="after")
    def _numbers_belong_together(self) -> Self:
        _check(self.summary, self.design)
        return self

    def measured(self) -> Measured:
        return Measured(self.scenario, self.design, self.settings, self.summary)


class FiledTrial(Trial):
    """A run that the round asked for, with what it showed if it was run to its end."""

    at: Moment

    @model_validator(mode="after")
    def _parts_belong_together(self) -> Self:
        is_drill = self.kind.startswith("drill")
        if is_drill and not self.design.faults:
            raise ValueError("a drill without a fault in its design; export the attempt again")
        if self.recovery is not None and not is_drill:
            raise ValueError("only a drill has a recovery; export the attempt again")
        if self.recovery is not None and _MARKUP.search(self.recovery.sentence):
            raise ValueError("the recovery holds markup, which no run writes; export the attempt again")
        if self.summary is not None:
            _check(self.summary, self.design)
        return self

    def measured(self) -> Measured | None:
        """None for a trial that has not been run to its end."""
        return Measured(_TRIALS[self.kind], self.design, self.settings, self.summary) if self.summary else None


def _check(summary: Summary, design: Design) -> None:
    """Raise a ValueError for a summary that no run of this design has given."""
    latency, line = summary.latency, summary.timeline
    edges, steps = latency.histogram_edges_ms, len(line.starts_s)
    if summary.design_fingerprint != fingerprint(design):
        raise ValueError("the summary is of another design than the one beside it; export the attempt again")
    if edges and (len(edges) != len(latency.histogram_counts) + 1 or edges[0] <= 0 or list(edges) != sorted(edges)):
        raise ValueError("the histogram's edges do not rise or do not fit its counts; export the attempt again")
    series = (line.arrivals_per_s, line.p50_ms, line.p95_ms, line.in_time_share, *line.outcome_shares.values())
    if any(len(one) != steps for one in series) or any(len(one.waiting) != steps for one in line.components):
        raise ValueError("the timeline's series differ in length; export the attempt again")
    if any(_MARKUP.search(text) for text in _texts(summary.model_dump(mode="json"))):
        raise ValueError("the summary holds markup, which no run writes; export the attempt again")


def _texts(data: Any) -> Iterator[str]:
    """Every text in plain data, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from data
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


class FiledLevel(Spec):
    """An own level with its sentence."""

    level: Level
    quote: Words = ""
    explains_failure: Words = ""


class FirstSaid(Spec):
    """The sentence of a first level, and when it was kept."""

    quote: Words = ""
    at: Moment


class FiledEvent(ClockEvent):
    """An event of the clock, at a moment that a calendar has."""

    at: Moment
