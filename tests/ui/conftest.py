"""A database of its own for each test, and a visit to the app."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.attempts import start_attempt
from tests.ui.screen import SLUG, Screen
from ui.cached import workers
from ui.people import LOCAL


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINDTUNNEL_DATA", str(tmp_path))


@pytest.fixture(scope="package", autouse=True)
def _workers(compiled_engine: None) -> Iterator[None]:
    """What a page runs in the background runs on the faster engine, and no process is left at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINDTUNNEL_ENGINE", "auto")
        yield
    workers().close()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def attempt() -> str:
    """An attempt at the ads question that has just begun."""
    return start_attempt(LOCAL, SLUG)
