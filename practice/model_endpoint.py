"""Which model is asked: what the environment says, for the command line and as the screen's first proposal."""

import os
from collections.abc import Mapping

from pydantic import SecretStr, ValidationError

from rubrics.model_task import Endpoint

OPENAI = "https://api.openai.com/v1"
FIXED_URL, OWN_URL, OWN_KEY = "WINDTUNNEL_GRADER_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY"
MODEL = "WINDTUNNEL_GRADER_MODEL"


class NoEndpoint(ValueError):
    """The environment does not name a model that can be asked; the message says what is missing."""


def environment_url(environ: Mapping[str, str] = os.environ) -> str:
    """The address that the environment names, or OpenAI's."""
    return environ.get(FIXED_URL) or environ.get(OWN_URL) or OPENAI


def environment_endpoint(environ: Mapping[str, str] = os.environ) -> Endpoint:
    """The endpoint, the model and the key of the environment. Raise NoEndpoint."""
    model = environ.get(MODEL, "").strip()
    if not model:
        raise NoEndpoint(f"no model is named: set {MODEL} to its name at {environment_url(environ)}")
    try:
        endpoint = Endpoint(base_url=environment_url(environ), model=model, key=SecretStr(environ.get(OWN_KEY, "")))
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise NoEndpoint(f"the model cannot be asked: {problem}") from error
    if not endpoint.key.get_secret_value() and not endpoint.is_on_this_machine:
        raise NoEndpoint(f"{endpoint.host} needs a key: set {OWN_KEY}")
    return endpoint
