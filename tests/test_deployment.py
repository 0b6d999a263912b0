"""The files for a server fit the repository: whatever they copy is there, and whatever the app needs is copied."""

import re
import tomllib
from pathlib import Path

import yaml

from tests.test_architecture import FLOORS

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))


def test_the_image_holds_every_floor_and_nothing_that_is_not_there():
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)
    assert {one.removesuffix(".py") for one in copied} >= set(FLOORS)
    assert [one for one in copied if not (ROOT / one).exists()] == []


def test_the_app_runs_as_nobody_special_on_a_file_system_that_it_cannot_write():
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    app = COMPOSE["services"]["app"]
    assert (app["read_only"], app["cap_drop"]) == (True, ["ALL"])
    assert "data:/data" in app["volumes"]
    assert "WINDTUNNEL_DATA=/data" in DOCKERFILE


def test_the_app_starts_without_the_keys_that_only_the_copies_need():
    needed = {name: one["env_file"] for name, one in COMPOSE["services"].items() if "env_file" in one}
    assert needed == {"copies": [{"path": "litestream.env", "required": False}]}


def test_no_secret_is_in_the_repository_and_the_example_has_all_that_sign_in_needs():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert COMPOSE["secrets"]["sign_in"]["file"] == "./secrets.toml"
    assert {"deploy/secrets.toml", "deploy/litestream.env", ".streamlit/secrets.toml"} <= set(ignored)
    example = tomllib.loads((ROOT / "deploy/secrets.example.toml").read_text(encoding="utf-8"))["auth"]
    assert set(example) == {"redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"}


def test_the_guide_names_every_limit_of_the_environment():
    guide = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    named = set(COMPOSE["services"]["app"]["environment"])
    assert [one for one in named if one not in guide] == []
