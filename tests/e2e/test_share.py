"""From the capacity page into the wind tunnel, and from there by a link to somebody else."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def p99(page) -> str:
    page.get_by_role("button", name="Skip").press("Enter")
    metric = page.get_by_test_id("stMetric").filter(has_text="p99 latency").get_by_test_id("stMetricValue")
    expect(metric).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("^Simulating"))).to_have_count(0, timeout=60_000)
    return metric.inner_text()


def test_an_estimate_is_run_and_its_link_shows_the_same_numbers_to_somebody_else(screen, context):
    screen.open("capacity")
    screen.page.get_by_role("button", name="Open in the wind tunnel").click(delay=60)
    expect(screen.page.get_by_role("heading", name="Wind tunnel", level=1)).to_be_visible()
    screen.settle()
    mine = p99(screen.page)
    screen.page.get_by_text("Share", exact=True).click(delay=60)
    link = screen.page.get_by_test_id("stCode").get_by_text(re.compile(r"\?d=1\."))
    expect(link).to_contain_text("/wind_tunnel?d=1.")
    other = context.browser.new_context().new_page()
    other.goto(link.inner_text().replace("\n", ""))
    assert p99(other) == mine
    other.close()
