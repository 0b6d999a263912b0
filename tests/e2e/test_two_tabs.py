"""One attempt in two tabs: each is offered a choice, and nothing that was shown as saved is lost."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.screen import Screen, new_attempt, saved_text, see_saved_text

pytestmark = pytest.mark.e2e

MINE, THEIRS = "Keep the text shown here", "Take the saved version"


@pytest.fixture
def attempt(server) -> str:
    return new_attempt()


@pytest.fixture
def tabs(screen, attempt) -> tuple[Screen, Screen]:
    """Two tabs of one browser with the same empty section."""
    other = Screen(screen.page.context.new_page(), screen.url)
    screen.open_attempt(attempt)
    other.open_attempt(attempt)
    return screen, other


def in_conflict(tabs: tuple[Screen, Screen]) -> None:
    """The first tab has saved, the second has written something else meanwhile and is offered the choice."""
    first, second = tabs
    first.write("From the first tab.")
    first.see_saved()
    second.write("From the second tab.")
    expect(second.choice(MINE)).to_be_visible()


def test_the_text_shown_here_can_replace_the_saved_one(tabs, attempt):
    in_conflict(tabs)
    assert saved_text(attempt) == "From the first tab."
    tabs[1].choice(MINE).click()
    tabs[1].see_saved()
    assert saved_text(attempt) == "From the second tab."
    expect(tabs[1].choice(MINE)).to_be_hidden()


def test_the_saved_text_can_be_taken_and_written_on(tabs, attempt):
    in_conflict(tabs)
    tabs[1].choice(THEIRS).click()
    expect(tabs[1].editor).to_have_value("From the first tab.")
    tabs[1].write(" And on.")
    see_saved_text(attempt, "From the first tab. And on.")


def test_both_tabs_can_be_written_in_in_turn(tabs, attempt):
    first, second = tabs
    in_conflict(tabs)
    second.choice(MINE).click()
    second.see_saved()
    first.write(" More.")
    expect(first.choice(THEIRS)).to_be_visible()
    assert saved_text(attempt) == "From the second tab."
    expect(first.editor).to_have_value("From the first tab. More.")
    first.choice(THEIRS).click()
    expect(first.editor).to_have_value("From the second tab.")


def test_a_choice_that_waits_while_the_other_tab_saves_on_takes_the_newest_text(tabs, attempt):
    first, second = tabs
    in_conflict(tabs)
    first.write(" And more.")
    see_saved_text(attempt, "From the first tab. And more.")
    second.rerun()
    second.choice(THEIRS).click()
    second.write(" On.")
    second.see_saved()
    assert "And more." in saved_text(attempt)


def test_a_conflict_survives_a_reload(tabs, attempt):
    in_conflict(tabs)
    tabs[1].page.reload()
    expect(tabs[1].editor).to_have_value("From the second tab.")
    assert saved_text(attempt) == "From the first tab."
    tabs[1].choice(THEIRS).click()
    expect(tabs[1].editor).to_have_value("From the first tab.")


def test_the_other_phase_of_the_other_tab_is_no_conflict(tabs, attempt):
    first, second = tabs
    first.phase("Capacity").click()
    expect(first.page.get_by_label("Your answer: capacity")).to_be_visible()
    first.write("Numbers.")
    second.write("Promises.")
    see_saved_text(attempt, "Numbers.", "capacity_estimation")
    see_saved_text(attempt, "Promises.")


def test_another_browser_is_asked_as_well(screen, attempt, browser: Browser, opened: Callable[..., BrowserContext]):
    screen.open_attempt(attempt)
    elsewhere = Screen(opened(browser.new_context()).new_page(), screen.url)
    elsewhere.open_attempt(attempt)
    in_conflict((screen, elsewhere))
    elsewhere.choice(MINE).click()
    see_saved_text(attempt, "From the second tab.")


@pytest.fixture
def copies(screen, attempt) -> Screen:
    """The browser holds what two tabs could not save before they were closed."""
    screen.open()
    for at, writer in enumerate(("one", "two")):
        copy = {"doc": f"{attempt}/requirements", "writer": writer, "sequence": 3, "base": 0, "at": at + 1}
        screen.page.evaluate(
            "([key, value]) => localStorage.setItem(key, value)",
            [f"windtunnel:draft:{attempt}/requirements:{writer}", json.dumps({**copy, "text": f"Of tab {writer}."})],
        )
    screen.open_attempt(attempt)
    expect(screen.editor).to_have_value("Of tab two.")
    return screen


def test_the_newer_of_two_copies_is_shown_and_can_be_kept(copies, attempt):
    copies.choice(MINE).click()
    see_saved_text(attempt, "Of tab two.")


def test_the_older_of_two_copies_can_be_taken_even_after_a_reload(copies, attempt):
    copies.page.reload()
    copies.choice("Take the copy of").click()
    expect(copies.editor).to_have_value("Of tab one.")
    see_saved_text(attempt, "Of tab one.")
    copies.see_saved()
    copies.page.reload()
    expect(copies.editor).to_have_value("Of tab one.")
    expect(copies.choice(MINE)).to_be_hidden()
