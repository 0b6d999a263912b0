"""The clock of a phase: it survives reloads and page changes, and never disturbs typing."""

import re
import time

import pytest
from playwright.sync_api import expect

from practice.clock import ClockEvent
from storage.attempts import add_event
from tests.e2e.screen import PERSON, Screen, new_attempt, see_saved_text

pytestmark = pytest.mark.e2e


def shown_s(screen: Screen) -> int:
    """What the clock shows, in seconds; negative when the time is over."""
    timer = screen.page.get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"\d:\d\d"))
    sign, minutes, seconds = re.search(r"(\+?)(\d+):(\d\d)", timer.inner_text()).groups()
    return (int(minutes) * 60 + int(seconds)) * (-1 if sign else 1)


def test_the_clock_goes_on_through_a_reload_and_another_page(screen):
    screen.open_attempt(new_attempt())
    first, at = shown_s(screen), time.monotonic()
    screen.page.reload()
    expect(screen.editor).to_be_visible()
    screen.menu("History").click(delay=60)
    screen.page.wait_for_timeout(2000)
    screen.menu("Interview").click(delay=60)
    expect(screen.editor).to_be_visible()
    assert shown_s(screen) == pytest.approx(first - (time.monotonic() - at), abs=2)


def test_a_paused_clock_stands_still_even_after_a_reload(screen):
    screen.open_attempt(new_attempt())
    screen.page.get_by_role("button", name="Pause").click(delay=60)
    expect(screen.page.get_by_role("button", name="Go on")).to_be_visible()
    stopped = shown_s(screen)
    screen.page.wait_for_timeout(2500)
    screen.page.reload()
    expect(screen.page.get_by_role("button", name="Go on")).to_be_visible()
    assert shown_s(screen) == stopped


def test_each_phase_has_a_clock_of_its_own(screen):
    screen.open_attempt(new_attempt())
    screen.phase("Depth").click(delay=60)
    expect(screen.page.get_by_role("timer")).to_contain_text("Depth")
    assert shown_s(screen) == pytest.approx(13 * 60, abs=5)
    screen.phase("Requirements").click(delay=60)
    expect(screen.page.get_by_role("timer")).to_contain_text("Requirements")
    assert shown_s(screen) == pytest.approx(7 * 60, abs=20)


def test_the_clock_says_when_the_time_is_over_and_one_can_write_on(screen):
    attempt = new_attempt()
    now = time.time()
    for ago_s in range(480, 0, -60):  # signs of life, without which a silence would count as a pause
        add_event(PERSON, attempt, ClockEvent(at=now - ago_s, kind="enter", phase="requirements"))
    screen.open_attempt(attempt)
    expect(screen.page.get_by_text("The planned time of this phase is over")).to_be_attached()
    assert shown_s(screen) <= 0
    screen.write("Still writing.")
    see_saved_text(attempt, "Still writing.")


def test_the_clock_does_not_disturb_typing(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    text = "While the clock ticks, every letter arrives where it belongs. " * 2
    screen.write(text, delay_ms=30)
    expect(screen.editor).to_have_value(text)
    expect(screen.editor).to_be_focused()
    see_saved_text(attempt, text)
