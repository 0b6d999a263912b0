"""The attempt file that a person owns: the answer file with predictions, runs and their luck, levels, card and clock.

An answer file is an attempt file that says less, so both are read here. Moments are seconds since the epoch.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from practice.answer_file import AnswerProblem, Entry, ProbeAnswer, Text
from practice.attempt import Attempt, Draft, FirstLevel, OwnLevel, StoredRun, Written, is_id, new_id
from practice.clock import ClockEvent
from practice.facts import Asked
from practice.filed import (
    LAST_MOMENT,
    FiledEvent,
    FiledLevel,
    FiledPrediction,
    FiledRun,
    FiledTrial,
    FirstSaid,
    Measured,
    Moment,
    Words,
)
from practice.forensics import MARKS, Mark
from practice.interviewer.state import Said
from practice.prediction import Prediction
from practice.rounds import ProfileId, Round
from practice.versions import Versions
from rubrics import Card
from rubrics.schema import DimensionId, Level, PhaseId
from simulator.design import Design
from simulator.design_file import design_from, fingerprint, plain
from simulator.messages import sentences
from simulator.spec import Spec
from simulator.yaml_text import NotYaml, read_yaml, write_yaml

FORM: Literal[2] = 2  # 1 had no trials
MAX_BYTES = 5_000_000
MOST_AGAIN = 10  # times that a drill was met again; the newest are kept
_TITLE = re.compile(r"[A-Za-z][A-Za-z ,-]{0,59}")


class AttemptFile(Spec):
    """Everything about an attempt. Every key but `question` may be left out."""

    attempt_file: Literal[1, 2] = FORM
    id: Annotated[str, Field(max_length=40)] = ""
    versions: Versions = Versions()
    question: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    created_at: Moment | None = None
    last_seen: Moment | None = None
    finished_at: Moment | None = None
    round: Round | None = None
    sections: dict[PhaseId, Text] = Field(default_factory=dict)
    worksheet: tuple[Entry, ...] = ()
    constants: tuple[Entry, ...] = ()
    facts_asked: tuple[Words, ...] = ()
    asked: tuple[Asked, ...] = ()
    design: Design | None = None
    probes: tuple[ProbeAnswer, ...] = ()
    said: Annotated[tuple[Said, ...], Field(max_length=500)] = ()
    marks: Annotated[tuple[Mark, ...], Field(max_length=len(MARKS))] = ()
    predictions: tuple[FiledPrediction, ...] = ()
    self_grades: dict[DimensionId, FiledLevel] = Field(default_factory=dict)
    levels_at: dict[DimensionId, Moment] = Field(default_factory=dict)
    first_levels: dict[DimensionId, Level] = Field(default_factory=dict)
    first_said: dict[DimensionId, FirstSaid] = Field(default_factory=dict)
    clock: tuple[FiledEvent, ...] = ()
    card: Card | None = None
    runs: Annotated[tuple[FiledRun, ...], Field(max_length=40)] = ()
    trials: Annotated[tuple[FiledTrial, ...], Field(max_length=3 + MOST_AGAIN)] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """What was answered to the interviewer; of an answer file, to its probes."""
        replied = tuple(one.answer for one in self.said if one.answer.strip())
        return replied if self.said else tuple(one.text for one in self.probes if one.text.strip())

    @property
    def is_mock(self) -> bool:
        return self.round is not None and self.round.mode == "mock"

    @property
    def profile(self) -> ProfileId:
        return "balanced" if self.round is None else self.round.profile

    @model_validator(mode="after")
    def _moments_are_in_a_calendar(self) -> Self:
        moments = [*(one.at for one in self.said), *(one.answered_at or 0.0 for one in self.said)]
        moments += [*(one.at for one in self.marks), *(one.at for one in self.asked)]
        if any(not 0 <= moment <= LAST_MOMENT for moment in moments):
            raise ValueError(f"a moment in said, marks or asked is not between 0 and {LAST_MOMENT:.0f}")
        return self

    @model_validator(mode="after")
    def _trials_are_of_one_round(self) -> Self:
        once = [one.kind for one in self.trials if one.kind != "drill_again"]
        if len(once) != len(set(once)) or ("drill" not in once and len(once) < len(self.trials)):
            raise ValueError("trials: there is one of a kind, and a drill is met again only after the first time")
        return self

    @model_validator(mode="after")
    def _titles_are_words(self) -> Self:
        for row in self.card.dimensions if self.card is not None else ():
            if not _TITLE.fullmatch(row.title):
                raise ValueError(f"card: the title {row.title[:60]!r} is not a dimension's; export the attempt again")
        return self

    def measured(self) -> tuple[Measured, ...]:
        """Everything in it that can be run again: the runs, and the trials that were run to their end."""
        trials = (one.measured() for one in self.trials)
        return (*(one.measured() for one in self.runs), *(one for one in trials if one is not None))

    def stored_runs(self) -> dict[str, StoredRun]:
        """The runs by their scenario, as a review takes them."""
        return {
            one.scenario: StoredRun(
                id=f"run-{i:06}", at=one.at, scenario=one.scenario, design=one.design, settings=one.settings,
                summary=one.summary,
            )
            for i, one in enumerate(self.runs)
        }  # fmt: skip


def write_attempt_file(file: AttemptFile) -> str:
    """The file as YAML text; `read_attempt_file` gives the same back."""
    data = file.model_dump(mode="json", exclude_defaults=True, exclude={"attempt_file"})
    if file.design is not None:
        data["design"] = _design(file.design)
    for row, run in zip(data.get("runs", []), file.runs, strict=True):
        row["design"] = _design(run.design)
        row["summary"] = run.summary.model_dump(mode="json")
    for row, trial in zip(data.get("trials", []), file.trials, strict=True):
        row["design"] = _design(trial.design)
        row["summary"] = trial.summary.model_dump(mode="json") if trial.summary is not None else None
    return write_yaml({"attempt_file": FORM, "question": file.question, **data})


def _design(design: Design) -> dict[str, Any]:
    """The design without its defaults, unless that would change its fingerprint, as with 0 in place of 0.0."""
    short = plain(design)
    return short if fingerprint(design_from(short)) == fingerprint(design) else design.model_dump(mode="json")


def read_attempt_file(text: str) -> AttemptFile:
    """The attempt in a YAML or JSON text. Raise AnswerProblem with a sentence for each thing that is wrong."""
    try:
        data = read_yaml(text, most_bytes=MAX_BYTES)
    except NotYaml as error:
        raise AnswerProblem([str(error)]) from error
    if not isinstance(data, dict):
        raise AnswerProblem(["the text is not an attempt: it needs `question`, and `sections` with what was written"])
    data = {key: value for key, value in data.items() if value is not None}
    try:
        return AttemptFile.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        raise AnswerProblem(sentences(error, data)) from error
    except UnicodeEncodeError as error:
        raise AnswerProblem(["the text holds half of a character (a lone surrogate); take it out"]) from error


def from_bytes(data: bytes) -> AttemptFile:
    """The attempt in the bytes of a file. Raise AnswerProblem."""
    if len(data) > MAX_BYTES:
        raise AnswerProblem([f"the file has {len(data):,} bytes, and {MAX_BYTES:,} is the most; an attempt needs less"])
    try:
        return read_attempt_file(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise AnswerProblem([f"byte {error.start} is not UTF-8; save the file as UTF-8"]) from error


def as_attempt(file: AttemptFile) -> Attempt:
    """The attempt that the file holds, to look at or to keep; without a clock its first phase is over."""
    begun = file.created_at if file.created_at is not None else 0.0
    asked = file.asked or tuple(Asked(text=fact, fact=fact, at=begun) for fact in file.facts_asked)
    events: tuple[ClockEvent, ...] = tuple(ClockEvent(**event.model_dump()) for event in file.clock)
    last = file.last_seen if file.last_seen is not None else begun
    return Attempt(
        id=file.id if is_id(file.id) else new_id(),
        question=file.question,
        created_at=begun,
        last_seen=last,
        finished_at=file.finished_at,
        sections={
            phase: Draft(text=text, revision=1, writer="file", sequence=1, saved_at=last)
            for phase, text in file.sections.items()
        },
        worksheet=_written(file.worksheet),
        assumptions=_written(file.constants),
        asked=asked,
        events=events or (ClockEvent(at=begun, kind="enter", phase="capacity_estimation"),),
        design=file.design,
        prediction=Prediction(**file.predictions[-1].model_dump(exclude={"at"})) if file.predictions else None,
        own_levels={one: OwnLevel(**own.model_dump()) for one, own in file.self_grades.items()},
        levels_at={one: file.levels_at.get(one, last) for one in file.self_grades},
        first_levels={one: _first(file, one, level, last) for one, level in file.first_levels.items()},
        is_graded=file.card is not None,
    )


def _first(file: AttemptFile, dimension: DimensionId, level: Level, last: float) -> FirstLevel:
    said = file.first_said.get(dimension, FirstSaid(at=last))
    return FirstLevel(level=level, quote=said.quote, at=said.at)


def _written(entries: tuple[Entry, ...]) -> dict[str, Written]:
    return {entry.id: Written(value=entry.value, unit=entry.unit) for entry in entries}


def agreement(mine: Mapping[DimensionId, Any], theirs: Mapping[DimensionId, Any]) -> tuple[int, int, int]:
    """Of the dimensions that both have given a level: how many, how many alike, how many within one level."""
    both = [(mine[one].level, theirs[one].level) for one in mine if one in theirs]
    alike = sum(a == b for a, b in both)
    return len(both), alike, sum(abs(a - b) <= 1 for a, b in both)
