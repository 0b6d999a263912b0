"""Questions from their folders: `questions/<slug>/` holds five YAML files and the designs; no question needs code."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from question_bank import checked
from question_bank.agreement import agreement_problems
from question_bank.schema import (
    CHECKED,
    DESIGN_NAMES,
    ConceptsFile,
    Described,
    DesignComments,
    Designs,
    LinksFile,
    Question,
    QuestionFile,
    ReferenceDesign,
    Simulation,
    Worksheet,
)
from simulator.design import Design
from simulator.design_file import DesignProblem, design_from, design_in
from simulator.messages import sentences
from simulator.spec import Spec
from simulator.yaml_text import NotYaml, read_own_yaml

QUESTIONS = Path(__file__).parent / "questions"


class QuestionProblem(ValueError):
    """A question that cannot be used; `problems` holds a sentence for each thing that is wrong, beginning with the file
    and the place.
    """

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def slugs(questions: Path = QUESTIONS) -> list[str]:
    """The names of all question folders, in order; one that begins with `_` or `.` is no question."""
    return sorted(one.name for one in questions.iterdir() if one.is_dir() and one.name[0] not in "_.")


def load_all(questions: Path = QUESTIONS) -> dict[str, Question]:
    """Every question by its slug. Raise QuestionProblem with the problems of all of them."""
    found, problems = {}, []
    for slug in slugs(questions):
        try:
            found[slug] = load_question(slug, questions)
        except QuestionProblem as problem:
            problems += [f"{slug}/{sentence}" for sentence in problem.problems]
    if problems:
        raise QuestionProblem(problems)
    return found


def load_question(slug: str, questions: Path = QUESTIONS) -> Question:
    """The question in the folder of that name. Raise QuestionProblem with everything that keeps it from being used."""
    if slug not in (there := slugs(questions)):
        raise QuestionProblem([f"{slug!r} is not a question; choose one of {', '.join(there)}"])
    folder = questions / slug
    texts = _readable(folder)
    if (known := checked.find(slug, texts)) is not None:
        return _assembled({name: _READ_AGAIN[name](text) for name, text in known.items()})
    question = _assembled(_read(folder))
    problems = agreement_problems(question)
    if question.slug != slug:
        problems.insert(0, f"question.yaml: slug is {question.slug!r}, but the folder is {slug!r}; give both one name")
    if problems:
        raise QuestionProblem(problems)
    checked.keep(slug, texts, {name: _as_json(text) for name, text in texts.items()})
    return question


def _readable(folder: Path) -> dict[str, str]:
    """The texts of the files that are there."""
    found = {}
    for name in _READERS:
        with suppress(QuestionProblem):
            found[name] = _text(folder / name)
    return found


def _read(folder: Path) -> dict[str, Any]:
    parts, problems = {}, []
    for name, read in _READERS.items():
        try:
            parts[name] = read(_text(folder / name))
        except (QuestionProblem, DesignProblem) as problem:
            problems += [f"{name}: {sentence}" for sentence in problem.problems]
    if problems:
        raise QuestionProblem(problems)
    return parts


def _assembled(parts: dict[str, Any]) -> Question:
    described, comments = parts["question.yaml"], parts["question.yaml"].design_comments
    levels = {
        level: ReferenceDesign(design=parts[f"designs/{level}.yaml"], comment=getattr(comments, level))
        for level in DesignComments.model_fields
    }
    return Question(
        **{name: getattr(described, name) for name in Described.model_fields},
        worksheet=parts["worksheet.yaml"],
        simulation=parts["simulation.yaml"],
        concepts=parts["concepts.yaml"].concepts,
        links=parts["links.yaml"].links,
        designs=Designs(cell=parts["designs/cell.yaml"], **levels),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise QuestionProblem(["the file is missing; add it to the folder"]) from None
    except UnicodeDecodeError as error:
        raise QuestionProblem([f"byte {error.start} is not UTF-8; save the file as UTF-8"]) from error


@lru_cache(maxsize=256)
def _as_json(text: str) -> str:
    """What a file says. Raise NotYaml."""
    return json.dumps(read_own_yaml(text))


def _file(kind: type[Spec]) -> Callable[[str], Any]:
    """A reader of files of one kind; it raises QuestionProblem."""

    def read(text: str) -> Spec:
        try:
            said = _as_json(text)
        except NotYaml as error:
            raise QuestionProblem([str(error)]) from error
        if not said.startswith("{"):
            raise QuestionProblem([f"the text is not `key: value` lines; it needs {', '.join(kind.model_fields)}"])
        try:
            return kind.model_validate_json(said)
        except ValidationError as error:
            raise QuestionProblem(sentences(error, json.loads(said))) from error

    return read


def _design(text: str) -> Design:
    try:
        return design_from(json.loads(_as_json(text)))
    except NotYaml as error:
        raise DesignProblem([str(error)]) from error


FILES: dict[str, type[Spec]] = {
    "question.yaml": QuestionFile,
    "worksheet.yaml": Worksheet,
    "simulation.yaml": Simulation,
    "concepts.yaml": ConceptsFile,
    "links.yaml": LinksFile,
}
# Reading YAML is most of the work, and few files change between two loads; what is read is immutable.
_READERS: dict[str, Callable[[str], Any]] = {
    **{name: lru_cache(maxsize=64)(_file(kind)) for name, kind in FILES.items()},
    **{f"designs/{name}.yaml": lru_cache(maxsize=64)(_design) for name in DESIGN_NAMES},
}
_READ_AGAIN: dict[str, Callable[[str], Any]] = {
    **{name: partial(kind.model_validate_json, context=CHECKED) for name, kind in FILES.items()},
    **{f"designs/{name}.yaml": design_in for name in DESIGN_NAMES},
}
