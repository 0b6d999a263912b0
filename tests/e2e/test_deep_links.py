"""The very first request of a fresh server may be for any page."""

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen, new_attempt
from ui.shell import PAGES

pytestmark = pytest.mark.e2e

ADDRESSES = ["", "interview", "wind_tunnel"]  # one list registers all pages; the first page has no address


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_deep_link_to_a_fresh_server_shows_the_frame_and_the_page(page, own_server, opened, address):
    opened(page.context)
    screen = Screen(page, own_server.url)
    screen.open(f"{address}?attempt={new_attempt()}")
    for title in PAGES.values():
        expect(screen.menu(title)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert "attempt=" in page.url
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_an_address_that_is_none_says_so_and_shows_the_first_page(screen):
    screen.open("nonsense")
    expect(screen.page.get_by_text("Page not found")).to_be_visible()
