"""The app in a real browser: a server for the session, a browser context and an attempt for each test."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from storage.notes import forget_note, noted
from tests.e2e.app_server import AppServer
from tests.e2e.screen import PERSON, Screen

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
HARMLESS = re.compile(
    r"/_stcore/(health|host-config) "  # on a deep link Streamlit looks below the page first
    r"|The page that you have requested does not seem to exist"
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    found = {"executable_path": CHROMIUM} if CHROMIUM else {}
    return {**browser_type_launch_args, **found, "args": flags}


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: addresses are whole here. The plugin's own fixture of this name makes pytest warn."""


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory, compiled_engine: None) -> Iterator[AppServer]:
    server = AppServer(tmp_path_factory.mktemp("app"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(shared_server: AppServer, monkeypatch: pytest.MonkeyPatch) -> AppServer:
    """The running app; the test reads and writes the same database through `storage`."""
    monkeypatch.setenv("WINDTUNNEL_DATA", str(shared_server.data))
    return shared_server


@pytest.fixture
def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled_engine: None) -> Iterator[AppServer]:
    """An app that nobody has opened yet, for a test that kills it or needs it fresh."""
    server = AppServer(tmp_path)
    monkeypatch.setenv("WINDTUNNEL_DATA", str(server.data))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def opened() -> Iterator[Callable[[BrowserContext], BrowserContext]]:
    """Watch a browser context; at the end of the test nothing may have gone wrong in it."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not HARMLESS.search(f"{message.location.get('url', '')} {message.text}"):
            errors.append(message.text)

    def watch(context: BrowserContext) -> BrowserContext:
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", console)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        contexts.append(context)
        return context

    yield watch
    broken = [page.url for one in contexts for page in one.pages if page.get_by_test_id("stException").count()]
    assert (broken, errors) == ([], [])


@pytest.fixture
def screen(page: Page, server: AppServer, opened: Callable[[BrowserContext], BrowserContext]) -> Screen:
    """A tab in a browser context of its own, of somebody who has left no design in the wind tunnel."""
    for name in noted(PERSON, "design"):
        forget_note(PERSON, "design", name)
    opened(page.context)
    return Screen(page, server.url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine may lose a click; what fails three times in a row is broken."""
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.flaky(reruns=2))
