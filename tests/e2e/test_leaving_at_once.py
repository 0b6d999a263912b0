"""A click right after the last key is never lost, and neither is the text."""

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import new_attempt, saved_text, see_saved_text

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("press_ms", [0, 80])
def test_the_next_phase_right_after_typing(screen, press_ms):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    screen.write("All requirements.")
    screen.phase("Capacity").click(delay=press_ms)
    expect(screen.page.get_by_label("Your answer: capacity")).to_have_value("")
    screen.settle()
    screen.write("All capacity.")
    screen.phase("Overview").click(delay=press_ms)
    expect(screen.page.get_by_label("Your answer: overview")).to_have_value("")
    screen.settle()
    screen.phase("Requirements").click(delay=press_ms)
    expect(screen.page.get_by_label("Your answer: requirements")).to_have_value("All requirements.")
    see_saved_text(attempt, "All requirements.", "requirements")
    see_saved_text(attempt, "All capacity.", "capacity_estimation")
    assert saved_text(attempt, "high_level_design") == ""


@pytest.mark.parametrize("elsewhere", ["Wind tunnel", "Review"])
def test_another_page_right_after_typing(screen, elsewhere):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    screen.write(f"Before I look at {elsewhere}.")
    screen.menu(elsewhere).click(delay=20)
    expect(screen.editor).to_have_count(0)
    see_saved_text(attempt, f"Before I look at {elsewhere}.")
    screen.menu("Interview").click()
    expect(screen.editor).to_have_value(f"Before I look at {elsewhere}.")


def test_pause_right_after_typing(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    screen.write("Then the telephone rang.")
    screen.page.get_by_role("button", name="Pause").click()
    expect(screen.page.get_by_role("button", name="Go on")).to_be_visible()
    screen.see_saved()
    see_saved_text(attempt, "Then the telephone rang.")


def test_finish_right_after_typing(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    screen.write("The last words.")
    screen.page.get_by_role("button", name="Finish and review").click()
    expect(screen.page.get_by_role("heading", name="Review")).to_be_visible()
    see_saved_text(attempt, "The last words.")


def test_another_attempt_in_the_same_tab_gets_none_of_the_text(screen):
    first, second = new_attempt(), new_attempt()
    screen.open_attempt(first)
    screen.write("Of the first attempt.")
    screen.open_attempt(second)
    expect(screen.editor).to_have_value("")
    screen.write("Of the second.")
    screen.see_saved()
    see_saved_text(first, "Of the first attempt.")
    see_saved_text(second, "Of the second.")
