"""A reload, or a closed tab, in the middle of a sentence loses nothing."""

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen, new_attempt, see_saved_text

pytestmark = pytest.mark.e2e

TEXT = "The system decides which ad fills a place, and a late answer"


def test_a_reload_in_mid_sentence_keeps_the_text(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    screen.write(TEXT, delay_ms=15)
    screen.page.reload()
    expect(screen.editor).to_have_value(TEXT)
    screen.see_saved()
    see_saved_text(attempt, TEXT)


def test_a_reload_while_one_goes_on_typing_keeps_both_parts(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    so_far = ""
    for part in ("One. ", "Two. ", "Three."):
        screen.write(part, delay_ms=15)
        screen.page.reload()
        so_far += part
        expect(screen.editor).to_have_value(so_far)
    screen.see_saved()
    see_saved_text(attempt, so_far)


def test_a_tab_that_is_closed_at_once_and_opened_again_has_the_text(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    screen.write(TEXT)
    context = screen.page.context
    screen.page.close()
    again = Screen(context.new_page(), screen.url)
    again.open_attempt(attempt)
    expect(again.editor).to_have_value(TEXT)
    again.see_saved()
    see_saved_text(attempt, TEXT)
