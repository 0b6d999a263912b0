"""The server dies (`kill -9`) while somebody types, and comes back: nothing that was typed is lost."""

import threading

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.screen import Screen, new_attempt, saved_text, see_saved_text

pytestmark = pytest.mark.e2e

RECONNECT_S = 40


@pytest.fixture
def screen(page: Page, own_server: AppServer) -> Screen:
    """A tab whose console is not watched: the browser complains about the lost connection."""
    page.set_default_timeout(PATIENCE_MS)
    return Screen(page, own_server.url)


def open_whole(screen: Screen) -> str:
    """A new attempt, with all that the page needs of the server there."""
    attempt = new_attempt()
    screen.open_attempt(attempt)
    expect(screen.page.get_by_label("Your question")).to_be_visible()
    expect(screen.page.get_by_role("button", name="Finish and review")).to_be_visible()
    screen.settle()
    return attempt


def test_what_is_typed_while_the_server_is_gone_is_saved_when_it_is_back(screen, own_server):
    attempt = open_whole(screen)
    screen.write("Before. ")
    screen.see_saved()
    own_server.kill()
    assert saved_text(attempt) == "Before. "
    screen.write("Meanwhile. ", delay_ms=20)
    expect(screen.note).to_have_text("Not saved yet. This browser keeps a copy and tries again.")
    own_server.start()
    see_saved_text(attempt, "Before. Meanwhile. ", within_s=RECONNECT_S)
    screen.see_saved()
    screen.write("Afterwards.", delay_ms=20)
    see_saved_text(attempt, "Before. Meanwhile. Afterwards.")


def test_one_goes_on_typing_through_a_restart(screen, own_server):
    attempt = open_whole(screen)
    text = "One sentence that is typed slowly while the server is killed and started again under it. " * 2
    restart = threading.Timer(1.5, lambda: (own_server.kill(), own_server.start()))
    restart.start()
    screen.write(text, delay_ms=15)
    restart.join()
    shown = screen.editor.input_value()
    assert text.startswith(shown)
    see_saved_text(attempt, shown, within_s=RECONNECT_S)
    screen.see_saved()


def test_what_stands_in_the_editor_when_streamlit_says_that_it_cannot_connect_is_saved_later(screen, own_server):
    attempt = open_whole(screen)
    own_server.kill()
    screen.write("Typed while nobody answers. " * 3, delay_ms=50)
    expect(screen.note).to_have_text("Not saved yet. This browser keeps a copy and tries again.")
    expect(screen.editor).to_be_focused()  # its dialog takes a few keys; then they go to the text again
    screen.write("And on.")
    shown = screen.editor.input_value()
    assert shown.startswith("Typed while nobody")
    assert shown.endswith("And on.")
    own_server.start()
    see_saved_text(attempt, shown, within_s=RECONNECT_S)


def test_the_rest_of_the_page_works_after_a_restart_too(screen, own_server):
    open_whole(screen)
    own_server.kill()
    expect(screen.page.get_by_test_id("stApp")).not_to_have_attribute("data-test-connection-state", "CONNECTED")
    own_server.start()
    expect(screen.page.get_by_label("Your question")).to_be_enabled(timeout=RECONNECT_S * 1000)
    screen.page.wait_for_timeout(1000)
    screen.settle()
    screen.page.get_by_label("Your question").fill("How many people use it?")
    screen.page.get_by_role("button", name="Ask").click(delay=60)
    expect(screen.page.get_by_text("How many people use it?")).to_be_visible()


def test_a_reload_against_a_restarted_server_finds_what_was_typed_meanwhile(screen, own_server):
    attempt = open_whole(screen)
    own_server.kill()
    screen.write("Typed for nobody.", delay_ms=10)
    own_server.start()
    screen.page.reload()
    expect(screen.editor).to_have_value("Typed for nobody.")
    see_saved_text(attempt, "Typed for nobody.")


def test_what_was_shown_as_saved_is_in_the_database_when_the_server_dies_at_that_moment(screen, own_server):
    attempt = open_whole(screen)
    for number in range(3):
        screen.write(f"Sentence {number}. ")
        screen.note.filter(has_text="Saving").wait_for()
        screen.see_saved()
        shown = screen.editor.input_value()
        own_server.kill()
        assert saved_text(attempt) == shown
        own_server.start()
        screen.page.reload()
        expect(screen.editor).to_have_value(shown)
