"""Text that is long, or not meant as text, is kept as it was written and shown as text."""

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen, new_attempt, see_saved_text

pytestmark = pytest.mark.e2e

HOSTILE = (
    '<img src=x onerror="document.title=\'hacked\'"> </textarea><script>document.title = "hacked"</script>'
    "\n'; drop table sections; --\n$\\frac{1}{2}$ :material/home: ![x](http://x) # heading\n"
    "\u202eright to left, \U0001f469\u200d\U0001f4bb, \u0000 and \u2028 too"
)


def paste(screen: Screen, text: str) -> None:
    """From the clipboard, all at once."""
    screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    screen.editor.focus()
    screen.page.keyboard.press("Control+v")


def test_a_huge_paste_is_saved_whole(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    text = "A line of a very long answer, pasted at once.\n" * 4_500
    assert len(text) > 200_000
    paste(screen, text)
    see_saved_text(attempt, text, within_s=30)
    screen.see_saved()
    screen.page.reload()
    expect(screen.editor).to_have_value(text)


def test_what_is_too_long_is_refused_with_a_sentence_and_stays_in_the_browser(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    text = "x" * 1_000_001
    paste(screen, text)
    expect(screen.page.get_by_text("This section is longer than 1,000,000 characters")).to_be_visible()
    expect(screen.editor).to_have_value(text)
    screen.page.reload()
    expect(screen.editor).to_have_value(text)


def test_markup_and_odd_letters_are_text(screen):
    attempt = new_attempt()
    screen.open_attempt(attempt)
    paste(screen, HOSTILE)
    shown = screen.editor.input_value()
    see_saved_text(attempt, shown)
    screen.page.get_by_label("Your question").fill(HOSTILE.replace("\n", " "))
    screen.page.get_by_role("button", name="Ask").click(delay=60)
    expect(screen.page.get_by_text("drop table sections").first).to_be_visible()
    for page in ("interview", "review", "history"):
        screen.open_attempt(attempt, page)
        screen.settle()
        assert "hacked" not in screen.page.title()
    screen.open_attempt(attempt)
    expect(screen.editor).to_have_value(shown)
