"""Two people sign in at a real provider, each in a browser of their own, and neither gets at what is the other's."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from storage.attempts import list_attempts, load_attempt, start_attempt
from tests.e2e.app_server import AppServer
from tests.e2e.oidc_provider import OidcProvider
from tests.e2e.screen import QUESTION, TITLE, Screen
from ui.people import LOCAL

pytestmark = pytest.mark.e2e


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    made = OidcProvider()
    yield made
    made.close()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: OidcProvider) -> Iterator[AppServer]:
    """An app whose people sign in."""
    server = AppServer(tmp_path)
    monkeypatch.setenv("WINDTUNNEL_DATA", str(server.data))
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets_toml(server.url), encoding="utf-8")
    server.start("--secrets.files", str(secrets))
    yield server
    server.kill()


def owner(provider: OidcProvider, name: str) -> str:
    return f"oidc:{provider.issuer.replace(':', '%3A').replace('/', '%2F')}:subject%20of%20{name}"


def sign_in(context: BrowserContext, app: AppServer, name: str, address: str = "") -> Screen:
    """Through the provider's form, as somebody would."""
    screen = Screen(context.new_page(), app.url)
    screen.page.goto(f"{app.url}/{address}")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Windtunnel")
    expect(screen.page.get_by_role("navigation", name="App pages")).to_be_hidden()
    screen.page.get_by_role("button", name="Sign in").click(delay=60)
    screen.page.get_by_label("Name").fill(name)
    screen.page.get_by_role("button", name="Go on").click()
    expect(screen.menu("History")).to_be_visible()
    return screen


def test_neither_of_two_people_can_open_what_is_the_other_s(
    app: AppServer, provider: OidcProvider, browser: Browser, opened: Callable[[BrowserContext], BrowserContext]
):
    ann = sign_in(opened(browser.new_context()), app, "Ann")
    mine = start_attempt(owner(provider, "Ann"), QUESTION)
    ann.open_attempt(mine)
    ann.write("Ann's secret plan.")
    ann.see_saved()
    bob = sign_in(opened(browser.new_context()), app, "Bob", f"interview?attempt={mine}")
    for page in ("interview", "review"):
        bob.open(f"{page}?attempt={mine}")
        expect(bob.page.get_by_text("names an attempt that is not here")).to_be_visible()
        expect(bob.page.get_by_text("secret plan")).to_have_count(0)
    bob.open("history")
    expect(bob.page.get_by_text(TITLE)).to_have_count(0)
    _send_from_outbox(bob, mine)
    assert load_attempt(owner(provider, "Ann"), mine).section("requirements").text == "Ann's secret plan."
    assert (list_attempts(owner(provider, "Bob")), list_attempts(LOCAL)) == ([], [])
    ann.open("settings")
    expect(ann.page.get_by_text("Signed in as Ann.")).to_be_visible()
    ann.page.get_by_role("button", name="Sign out").click(delay=60)
    expect(ann.page.get_by_role("button", name="Sign in")).to_be_visible()
    ann.page.goto(f"{app.url}/interview?attempt={mine}")
    expect(ann.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(ann.page.get_by_text("secret plan")).to_have_count(0)


def _send_from_outbox(screen: Screen, attempt: str) -> None:
    """The browser of another claims to hold a late edit."""
    document = f"{attempt}/requirements"
    screen.page.evaluate(
        """document => localStorage.setItem(`windtunnel:draft:${document}:forged`, JSON.stringify(
            {doc: document, writer: "forged", sequence: 9, base: 1, at: 1, text: "overwritten"}))""",
        document,
    )
    screen.open("questions")
    screen.page.wait_for_timeout(1500)
    screen.settle()
