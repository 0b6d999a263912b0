"""From the first page to the card and back, as a candidate goes, with a reload and a second browser on the way."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from question_bank.loader import load_question
from simulator.design_file import write_design
from tests.e2e.screen import QUESTION, TITLE, Screen, new_attempt, saved_text

pytestmark = pytest.mark.e2e

RUN_MS = 120_000
SENTENCE = "The peak of 139k requests per second decides the size of the fleet."


def press(page: Page, name: str) -> None:
    """As a person does, who sees first that the page has come to rest."""
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_role("button", name=name, exact=True).click(delay=60)


def choose(where: Page | Locator, box: str, option: str) -> None:
    found = where.get_by_role("combobox", name=box)
    found.scroll_into_view_if_needed()
    found.click()
    page = where if isinstance(where, Page) else where.page
    page.get_by_role("option", name=option).first.click()


def test_a_candidate_goes_the_whole_way_and_finds_everything_again(screen, browser: Browser, opened):
    page = screen.page
    screen.open()
    screen.start().click(delay=60)
    expect(screen.editor).to_be_visible()
    attempt = re.search(r"attempt=([\w-]+)", page.url)[1]

    asking(screen)
    estimating(screen)
    drawing(screen)
    predicting_and_running(screen)
    page.reload()
    everything_is_there(screen, attempt)
    elsewhere = Screen(opened(browser.new_context()).new_page(), screen.url)
    elsewhere.open_attempt(attempt)
    everything_is_there(elsewhere, attempt)
    reviewing(screen)
    screen.menu("History").click(delay=60)
    expect(page.get_by_text(re.compile("finished, .* [123] runs?"))).to_be_visible()
    page.get_by_role("button", name="Open", exact=True).first.click(delay=60)
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()


def asking(screen: Screen) -> None:
    screen.page.get_by_label("Your question").fill("How many people use it every day?")
    press(screen.page, "Ask")
    expect(screen.page.get_by_text("300 million")).to_be_visible()
    screen.write("It must answer inside 50 ms.")
    screen.see_saved()


def estimating(screen: Screen) -> None:
    page = screen.page
    screen.phase("Capacity").click(delay=60)
    expect(page.get_by_label("Your answer: capacity")).to_be_visible()
    screen.write(SENTENCE)
    value, unit = page.get_by_label("Peak request rate", exact=True), page.get_by_label("Unit of: Peak request rate")
    value.fill("139k")
    unit.fill("request/s")
    expect(page.get_by_text("Saved: 139,000 request/s.")).to_be_visible()
    screen.see_saved()


def drawing(screen: Screen) -> None:
    """A component by the form, and then a whole design as text."""
    page = screen.page
    screen.phase("Overview").click(delay=60)
    press(page, "Add a component")
    page.get_by_label("Name", exact=True).fill("features")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    screen.settle()
    press(page, "Add")
    expect(page.get_by_role("radio", name="features")).to_be_visible()
    expect(page.get_by_alt_text("api asks features.")).to_be_visible()
    page.get_by_role("tab", name="File").click(delay=60)
    box = page.get_by_label("The design as YAML")
    box.fill(write_design(load_question(QUESTION).designs.senior.design))
    box.press("Control+Enter")
    screen.settle()
    page.get_by_role("tab", name="Form").click(delay=60)
    expect(page.get_by_role("radio", name="ranker", exact=True)).to_be_visible()


def predicting_and_running(screen: Screen) -> None:
    page = screen.page
    press(page, "Commit and run")
    expect(page.get_by_text("Say all three before you run")).to_be_visible()
    choose(page, "What limits it", "ranker")
    page.get_by_role("spinbutton", name="p99 latency, ms").fill("30")
    page.get_by_role("spinbutton", name="Cost of the fleet, USD per month").fill("200000")
    page.keyboard.press("Tab")
    press(page, "Commit and run")
    expect(page.get_by_text("Your prediction beside the measurement")).to_be_visible(timeout=RUN_MS)
    if page.get_by_role("button", name="Cancel the runs").count():
        press(page, "Cancel the runs")  # the spike takes its time
    expect(page.get_by_role("button", name="Cancel the runs")).to_have_count(0)


def everything_is_there(screen: Screen, attempt: str) -> None:
    page = screen.page
    expect(page.get_by_text("Your prediction beside the measurement")).to_be_visible()
    expect(page.get_by_role("radio", name="ranker", exact=True)).to_be_visible()
    expect(page.get_by_role("spinbutton", name="p99 latency, ms")).to_have_value("30")
    screen.phase("Capacity").click(delay=60)
    expect(screen.editor).to_have_value(SENTENCE)
    expect(page.get_by_text("Saved: 139,000 request/s.")).to_be_visible()
    screen.phase("Requirements").click(delay=60)
    expect(screen.editor).to_have_value("It must answer inside 50 ms.")
    expect(page.get_by_text("300 million")).to_be_visible()
    screen.phase("Overview").click(delay=60)
    expect(page.get_by_role("radio", name="ranker", exact=True)).to_be_visible()
    assert saved_text(attempt, "capacity_estimation") == SENTENCE


def reviewing(screen: Screen) -> None:
    page = screen.page
    press(page, "Finish and review")
    expect(page.get_by_role("heading", name="Review")).to_be_visible()
    press(page, "Go on to your levels")
    expect(page.get_by_role("button", name="Show the card and the references")).to_be_visible()
    screen.settle()
    grade = page.get_by_test_id("stExpander").filter(has=page.get_by_text("Capacity: not set"))
    grade.get_by_text("Capacity: not set").click(delay=60)
    radio = page.get_by_role("radio", name="2", exact=True)
    page.wait_for_timeout(500)  # it unfolds
    grade.locator("label").filter(has=radio).first.click(delay=60)
    expect(grade.get_by_role("radio", name="2", exact=True)).to_be_checked()
    choose(grade, "The sentence that shows it", SENTENCE)
    grade.get_by_role("button", name="Keep", exact=True).click(delay=60)
    expect(page.get_by_text("Capacity: level 2")).to_be_visible()
    press(page, "Show the card and the references")
    press(page, "Go to the card")
    expect(page.get_by_text(re.compile(r"^[\d.]+ of 100$"))).to_be_visible()
    page.get_by_role("radio", name="4. References").click(delay=60)
    for name in ("Junior", "Senior", "Staff"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()


def test_a_run_needs_a_prediction_first(screen):
    screen.open_attempt(new_attempt("high_level_design"))
    expect(screen.page.get_by_text("Draw your design first")).to_be_visible()
    expect(screen.page.get_by_role("button", name="Commit and run")).to_have_count(0)
