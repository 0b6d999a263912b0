"""Design files: YAML or JSON in, the same design out."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from simulator.design import Design
from simulator.messages import sentences
from simulator.yaml_text import NotYaml, read_yaml, write_yaml


class DesignProblem(ValueError):
    """A text that is no design; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def read_design(text: str) -> Design:
    """The design that a YAML or JSON text describes. Raise DesignProblem with every problem at once."""
    try:
        data = read_yaml(text)
    except NotYaml as error:
        raise DesignProblem([str(error)]) from error
    return design_from(data)


def design_from(data: Any) -> Design:
    """The design that plain data describes. Raise DesignProblem."""
    if not isinstance(data, dict):
        raise DesignProblem(["the text is not a design: it needs `traffic` and `components`; see examples/"])
    try:
        return Design.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        raise DesignProblem(sentences(error, data)) from error


@lru_cache(maxsize=256)
def design_in(data: str) -> Design:
    """The design in the JSON text of a design. It is frozen, so that the same text is read once."""
    return Design.model_validate_json(data)


def plain(design: Design) -> dict[str, Any]:
    """The design as dicts and lists, without what is at its default; `kind` is always written."""
    full, short = design.model_dump(mode="json"), design.model_dump(mode="json", exclude_defaults=True)
    kept = _with_kinds(full, short)
    assert isinstance(kept, dict)
    return {"version": design.version, **kept}


def _with_kinds(full: Any, short: Any) -> Any:
    if isinstance(short, dict):
        kind = {"kind": full["kind"]} if "kind" in full else {}
        return {**kind, **{key: _with_kinds(full[key], value) for key, value in short.items()}}
    if isinstance(short, list):
        return [_with_kinds(*pair) for pair in zip(full, short, strict=True)]
    return short


def write_design(design: Design) -> str:
    """The design as YAML text; `read_design` gives the same design back."""
    return write_yaml(plain(design))


def fingerprint(design: Design) -> str:
    """A short text that is equal for equal designs and, but for accident, only for them."""
    return hashlib.sha256(design.model_dump_json().encode()).hexdigest()[:16]
