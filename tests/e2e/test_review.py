"""A suggestion comes after the own level, the level is revised, and the card shows both."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from practice.attempt import Edit
from question_bank.loader import load_question
from storage.attempts import load_attempt, save_design, save_section
from tests.e2e.screen import PERSON, QUESTION, Screen, new_attempt

pytestmark = pytest.mark.e2e

SENTENCE = "A targeting index in memory returns 2,000 ads, and a light ranker keeps 300 of them."
BATCH = "GPU batches hold 64 rows and wait 2 ms."


def a_written_attempt() -> str:
    attempt = new_attempt()
    for phase, text in (("high_level_design", SENTENCE), ("detailed_design", BATCH)):
        save_section(PERSON, attempt, phase, Edit(text=text, writer="test", sequence=1, base=0))
    save_design(PERSON, attempt, load_question(QUESTION).designs.senior.design)
    return attempt


def press(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_role("button", name=name, exact=True).click(delay=60)


def opened(page: Page, name: str) -> Locator:
    """The dimension's form, unfolded."""
    title = page.get_by_text(re.compile(f"^{name}: "))
    dimension = page.get_by_test_id("stExpander").filter(has=title)
    if dimension.locator("details[open]").count() == 0:
        dimension.get_by_text(re.compile(f"^{name}: ")).click(delay=60)
    expect(dimension.get_by_role("button", name="Keep", exact=True)).to_be_visible()
    page.wait_for_timeout(500)  # it unfolds
    return dimension


def keep(dimension: Locator, level: str) -> None:
    radio = dimension.page.get_by_role("radio", name=level, exact=True)
    dimension.locator("label").filter(has=radio).first.click(delay=60)
    expect(dimension.get_by_role("radio", name=level, exact=True)).to_be_checked()
    dimension.get_by_role("button", name="Keep", exact=True).click(delay=60)


def test_the_suggestion_comes_after_the_own_level_and_both_are_on_the_card(screen: Screen):
    attempt, page = a_written_attempt(), screen.page
    screen.open_attempt(attempt, "review")
    expect(page.get_by_text("You wrote \u201cbatches hold 64\u201d, but max_items of ranker is 1,200.")).to_be_visible()
    press(page, "Go on to your levels")
    form = opened(page, "Architecture")
    keep(form, "2")
    expect(form.get_by_text("level 2 needs a sentence of your answer")).to_be_visible()
    form.get_by_role("combobox", name="The sentence that shows it").click()
    page.get_by_role("option", name=SENTENCE).first.click()
    keep(form, "2")
    expect(page.get_by_text("Architecture: level 2")).to_be_visible()
    expect(page.get_by_text(re.compile(", suggested"))).to_have_count(0)
    expect(page.get_by_text("What I found")).to_have_count(0)

    press(page, "Show the card and the references")
    expect(page.get_by_text(re.compile("^Architecture: level 2, suggested [123]"))).to_be_visible()
    form = opened(page, "Architecture")
    expect(form.get_by_text("What I found")).to_be_visible()
    keep(form, "3")
    expect(page.get_by_text(re.compile("^Architecture: level 3, first 2, suggested [123]"))).to_be_visible()

    press(page, "Go to the card")
    row = page.get_by_role("row").filter(has_text="Architecture")
    expect(row.get_by_role("cell")).to_have_text(["Architecture", "3", "2", "3", re.compile("^[123](, disputed)?$")])
    page.reload()
    expect(row).to_be_visible()
    kept = load_attempt(PERSON, attempt)
    assert (kept.first_levels["architecture"].level, kept.own_levels["architecture"].level) == (2, 3)
