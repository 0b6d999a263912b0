"""The rubric as a file: YAML in `criteria/dimensions.yaml`, described by a JSON schema, told apart by a fingerprint."""

import hashlib
import json
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from rubrics.schema import Rubric, RubricProblem
from simulator.messages import sentences
from simulator.yaml_text import NotYaml, read_yaml

_FILE = Path(__file__).with_name("criteria") / "dimensions.yaml"


@cache
def load_rubric() -> Rubric:
    """The rubric that comes with the app; read once."""
    return read_rubric(_FILE.read_text(encoding="utf-8"))


def read_rubric(text: str) -> Rubric:
    """The rubric that a YAML text describes. Raise RubricProblem with a sentence for each thing that is wrong."""
    try:
        data = read_yaml(text)
    except NotYaml as error:
        raise RubricProblem(str(error)) from error
    try:
        return Rubric.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        raise RubricProblem("\n".join(sentences(error, data))) from error


def fingerprint(rubric: Rubric) -> str:
    """Sixteen letters that change whenever any sentence, weight or phase of the rubric does."""
    return hashlib.sha256(rubric.model_dump_json().encode()).hexdigest()[:16]


def schema_text() -> str:
    """The JSON schema of a rubric file, as it is committed in `rubrics/rubric.schema.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Rubric.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"
