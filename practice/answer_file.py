"""The answer file that a person owns: YAML with the question's name and whatever was written, computed and drawn.

Every key but `question` may be left out. Keys of an attempt file that grading does not need are passed over.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from practice.attempt import LONGEST_TEXT as LONGEST
from practice.attempt import Attempt, Draft, FirstLevel, OwnLevel, Written
from practice.clock import ClockEvent
from practice.facts import Asked
from rubrics.schema import PHASES, DimensionId, Level, PhaseId
from simulator.design_file import DesignProblem, design_from
from simulator.messages import sentences
from simulator.yaml_text import NotYaml, read_yaml

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value), Field(max_length=LONGEST)]
Typed = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]


class AnswerProblem(ValueError):
    """An answer file cannot be used; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Entry(_Read):
    """A row of the worksheet, or an own constant, as it was typed."""

    id: str
    value: Typed = ""
    unit: Typed = ""


class ProbeAnswer(_Read):
    """What was answered to a probe."""

    id: str
    text: Text = ""


class AnswerFile(_Read):
    """An answer. `constants` are own numbers in place of the worksheet's, `self_grades` own levels with quotes, and
    `first_levels` those from before any suggestion was seen.
    """

    question: str
    sections: dict[PhaseId, Text] = Field(default_factory=dict)
    worksheet: tuple[Entry, ...] = ()
    constants: tuple[Entry, ...] = ()
    facts_asked: tuple[str, ...] = ()
    design: dict[str, Any] | None = None
    probes: tuple[ProbeAnswer, ...] = ()
    self_grades: dict[DimensionId, OwnLevel] = Field(default_factory=dict)
    first_levels: dict[DimensionId, Level] = Field(default_factory=dict)


def read_answer(text: str) -> AnswerFile:
    """The answer in a YAML or JSON text. Raise AnswerProblem."""
    try:
        data = read_yaml(text)
    except NotYaml as error:
        raise AnswerProblem([str(error)]) from error
    if not isinstance(data, dict):
        raise AnswerProblem(["the text is not an answer: it needs `question`, and `sections` with what was written"])
    data = {key: value for key, value in data.items() if value is not None}
    try:
        return AnswerFile.model_validate(data)
    except ValidationError as error:
        raise AnswerProblem(sentences(error, data)) from error


def as_attempt(answer: AnswerFile) -> Attempt:
    """The attempt that the answer stands for, without a clock; its first phase is over.

    Raise AnswerProblem for a design that cannot be read.
    """
    try:
        design = design_from(answer.design) if answer.design else None
    except DesignProblem as problem:
        raise AnswerProblem([f"design: {one}" for one in problem.problems]) from problem
    return Attempt(
        id="from-a-file",
        question=answer.question,
        created_at=0.0,
        last_seen=0.0,
        sections={phase: Draft(text=answer.sections.get(phase, "")) for phase in PHASES},
        worksheet=_written(answer.worksheet),
        assumptions=_written(answer.constants),
        asked=tuple(Asked(text=fact, fact=fact, at=0.0) for fact in answer.facts_asked),
        events=(ClockEvent(at=0.0, kind="enter", phase="capacity_estimation"),),
        design=design,
        own_levels=dict(answer.self_grades),
        first_levels={dimension: FirstLevel(level=level, at=0.0) for dimension, level in answer.first_levels.items()},
    )


def _written(entries: tuple[Entry, ...]) -> dict[str, Written]:
    return {entry.id: Written(value=entry.value, unit=entry.unit) for entry in entries}
