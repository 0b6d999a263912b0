"""A newcomer's path: from the front page to a first broken design and its cause."""

import re
import time

import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.e2e

CLICKS, SECONDS = 10, 120
READING_S = 3.0  # a person looks before each click; the machine need not


def test_a_newcomer_breaks_a_design_and_reads_the_cause_within_ten_clicks_and_two_minutes(screen):
    """The way that the screen itself shows: the first of the first steps, a run, a fault. What broke, and why."""
    screen.open()
    begun, clicks = time.monotonic(), 0

    def click(what: Locator) -> None:
        nonlocal clicks
        what.click(delay=60)
        clicks += 1
        screen.settle()

    page = screen.page
    if page.locator(".st-key-first-online-serving").count():
        click(page.locator(".st-key-first-online-serving").get_by_role("button"))
    else:  # somebody has tried a question on this server
        click(page.get_by_role("link", name="Or break a design first"))
        click(page.get_by_role("combobox", name="Design"))
        click(page.get_by_role("option", name="Template: Online serving"))
    click(page.get_by_role("button", name="Skip"))
    expect(page.get_by_text(re.compile(r"p99 1\d\.\d ms, wanted at most 60\.0 ms"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Why it breaks")).to_have_count(0)
    click(page.get_by_text("Kill replicas", exact=True))
    cause = page.locator(".st-key-why-it-breaks")
    expect(cause).to_contain_text("1 of 2 replicas of model die", timeout=60_000)
    expect(cause).to_contain_text("waiting for a free slot at model")
    expect(cause).to_contain_text("What a fault leaves cannot carry the load")
    expect(page.get_by_text("missed").first).to_be_visible()
    assert clicks < CLICKS
    assert time.monotonic() - begun + READING_S * clicks < SECONDS
