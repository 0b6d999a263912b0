"""Every page on a desk and on a phone: it fits, everything has a name, and the keyboard reaches it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen, new_attempt

pytestmark = pytest.mark.e2e

CARD = "fundamentals?card=framework"
EXERCISE = "fundamentals?exercise=grade-a-weak-answer"
LAB = "fundamentals?lab=batching-latency"
APP = ["interview", "wind_tunnel", "capacity", "review", "history", "progress", "practice", "settings"]
PAGES = ["", "fundamentals", CARD, EXERCISE, LAB, *APP]
NAMELESS = """
() => [...document.querySelectorAll('button, input, textarea, select, [role=slider], [role=combobox]')]
  .filter((one) => one.offsetParent && !one.closest('[data-testid=stToolbar], [aria-hidden=true]'))
  .filter((one) => !one.textContent.trim() && !one.getAttribute('aria-label') && !one.getAttribute('title')
    && !one.getAttribute('aria-labelledby') && !(one.labels && one.labels.length))
  .map((one) => one.outerHTML.slice(0, 200))
"""


@pytest.fixture(scope="module")
def attempt(shared_server) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINDTUNNEL_DATA", str(shared_server.data))
        return new_attempt("high_level_design")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_its_width_and_names_its_controls(screen, attempt, address):
    screen.page.set_viewport_size({"width": 390, "height": 900})
    screen.open(f"{address}{'&' if '?' in address else '?'}attempt={attempt}")
    screen.settle()
    expect(screen.page.get_by_role("heading", level=1)).to_have_count(1)
    for width in (390, 1280):
        screen.page.set_viewport_size({"width": width, "height": 900})
        screen.page.wait_for_timeout(500)  # until everything has its new width
        assert screen.page.get_by_test_id("stMain").evaluate("(one) => one.scrollWidth") <= width
        assert screen.page.evaluate(NAMELESS) == []


def test_an_interview_can_begin_with_the_keyboard_alone(screen):
    screen.open()
    start = screen.start()
    tab_to(screen, start)
    screen.page.keyboard.press("Enter")
    expect(screen.editor).to_be_visible()
    tab_to(screen, screen.editor)
    screen.page.keyboard.type("By keyboard.")
    screen.see_saved()
    tab_to(screen, screen.page.get_by_label("Your question"))
    screen.page.keyboard.type("How many people use it?")
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_text("300 million")).to_be_visible()


def tab_to(screen: Screen, wanted) -> None:
    for _ in range(60):
        screen.page.keyboard.press("Tab")
        if wanted.evaluate("(one) => (one.getRootNode().activeElement ?? document.activeElement) === one"):
            return
    pytest.fail("the Tab key does not reach it")
