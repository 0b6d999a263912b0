"""The JSON schema of the question files, for editors that complete and check YAML."""

from typing import Any

from pydantic.json_schema import models_json_schema

from question_bank.loader import FILES


def question_schema() -> dict[str, Any]:
    """One schema with a definition for each file; `files` says which definition belongs to which."""
    references, schema = models_json_schema(
        [(kind, "validation") for kind in FILES.values()],
        title="Windtunnel question files",
        description="A question is a folder; `files` names the definition of each file. Designs have their own schema.",
    )
    return {**schema, "files": {name: references[kind, "validation"] for name, kind in FILES.items()}}
