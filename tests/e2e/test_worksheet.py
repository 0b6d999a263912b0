"""The worksheet in a real browser: a number typed just before a reload is there after it, on a phone too."""

import pytest
from playwright.sync_api import expect

from storage.attempts import load_attempt
from tests.e2e.screen import PERSON, new_attempt

pytestmark = pytest.mark.e2e

UTILIZATION = "target utilization of a GPU"


@pytest.mark.parametrize("width", [1280, 390])
def test_numbers_typed_before_a_reload_are_there_after_it(screen, width):
    attempt = new_attempt("capacity_estimation")
    screen.page.set_viewport_size({"width": width, "height": 900})
    screen.open_attempt(attempt)
    screen.page.get_by_text("Numbers to calculate with").click()
    screen.page.get_by_label(UTILIZATION, exact=True).press_sequentially("50")
    screen.page.get_by_label(f"Unit of: {UTILIZATION}").press_sequentially("percent")
    expect(screen.page.get_by_text("Saved: the rows are judged with 0.5.")).to_be_visible()
    screen.page.get_by_label("Peak request rate", exact=True).press_sequentially("139k req/s")
    expect(screen.page.get_by_text("Saved: 139,000 request/s.")).to_be_visible()
    screen.page.reload()
    expect(screen.page.get_by_label("Peak request rate", exact=True)).to_have_value("139k req/s")
    screen.page.get_by_text("Numbers to calculate with").click()
    expect(screen.page.get_by_label(UTILIZATION, exact=True)).to_have_value("50")
    expect(screen.page.get_by_label(f"Unit of: {UTILIZATION}")).to_have_value("percent")
    assert load_attempt(PERSON, attempt).assumptions["util"].unit == "percent"


def test_number_and_unit_stand_on_one_line_of_a_phone_and_nothing_sticks_out(screen):
    screen.page.set_viewport_size({"width": 390, "height": 900})
    screen.open_attempt(new_attempt("capacity_estimation"))
    value = screen.page.get_by_label("Peak request rate", exact=True).bounding_box()
    unit = screen.page.get_by_label("Unit of: Peak request rate").bounding_box()
    assert value["y"] == pytest.approx(unit["y"], abs=2)
    assert value["width"] > 100
    assert unit["x"] + unit["width"] <= 390
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390
