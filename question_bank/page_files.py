"""Pages that are one YAML file each in a folder: concept cards, exercises, labs."""

import json
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from question_bank.loader import QuestionProblem
from question_bank.schema import Slug
from simulator.messages import sentences
from simulator.spec import Spec
from simulator.yaml_text import NotYaml, read_own_yaml


class Page(Spec):
    """What every such file begins with; the file has the name of the slug."""

    schema_version: Literal[1]
    slug: Slug


_Page = TypeVar("_Page", bound=Page)


def load_pages(kind: type[_Page], folder: Path) -> dict[str, _Page]:
    """Every page of the folder by its slug. Raise QuestionProblem with all problems of all of them."""
    found: dict[str, _Page] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        place = f"{folder.name}/{path.name}"
        try:
            data = read_own_yaml(path.read_text(encoding="utf-8"))
            one = kind.model_validate_json(json.dumps(data))
        except NotYaml as error:
            problems.append(f"{place}: {error}")
        except UnicodeDecodeError as error:
            problems.append(f"{place}: byte {error.start} is not UTF-8; save the file as UTF-8")
        except ValidationError as error:
            problems += [f"{place}: {sentence}" for sentence in sentences(error, data)]
        else:
            if one.slug != path.stem:
                problems.append(f"{place}: slug is {one.slug!r}, but the file is {path.stem!r}; give both one name")
            found[one.slug] = one
    if problems:
        raise QuestionProblem(problems)
    return found
