"""The wind tunnel: a knob that is turned changes the pictures, and wrong input gets a sentence."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen

pytestmark = pytest.mark.e2e

CYCLE = """
traffic: {entry: a, arrival_rate_per_s: 10}
components:
  a: {kind: service, service_time: {kind: constant, value_ms: 1}, calls: [[{to: b}]]}
  b: {kind: service, service_time: {kind: constant, value_ms: 1}, calls: [[{to: a}]]}
"""
TINY = """
traffic: {entry: api, arrival_rate_per_s: 10}
components:
  api: {kind: service, service_time: {kind: constant, value_ms: 5}}
"""


@pytest.fixture
def tunnel(screen) -> Screen:
    screen.open("wind_tunnel")
    see_result(screen)
    return screen


def see_result(screen: Screen) -> None:
    screen.page.wait_for_timeout(300)  # until a change has reached the server
    screen.settle()
    expect(screen.page.get_by_text(re.compile("^Simulating"))).to_have_count(0, timeout=120_000)
    screen.settle()
    expect(screen.page.get_by_test_id("stMetric").first).to_be_visible(timeout=60_000)


def p99_ms(screen: Screen) -> float:
    said = screen.page.get_by_test_id("stMetric").filter(has_text="p99 latency").get_by_test_id("stMetricValue")
    return float(said.inner_text().removesuffix("ms").replace(",", ""))


def choose(screen: Screen, box: str, option: str | re.Pattern[str]) -> None:
    """Pick from a list by typing, as a long list shows only its first options."""
    typed = screen.page.get_by_role("combobox", name=box)
    typed.click()
    if isinstance(option, str):
        typed.fill(option)
    screen.page.get_by_role("option", name=option).first.click(delay=60)


def test_fewer_gpus_by_keyboard_alone_raise_the_latency(tunnel):
    before = p99_ms(tunnel)
    knob = tunnel.page.get_by_role("slider", name=re.compile("GPUs in the cell"))
    knob.focus()
    for _ in range(2):
        knob.press("ArrowLeft")
    expect(tunnel.page.get_by_text(re.compile("ranker is asked for 9\\d%"))).to_be_visible(timeout=60_000)
    see_result(tunnel)
    assert p99_ms(tunnel) > 1.2 * before


def test_every_picture_can_be_shown_and_has_words(tunnel):
    for name in ("Where the time goes", "Over time", "Busy", "Cost", "Numbers", "Latency"):
        tunnel.page.get_by_role("radio", name=name, exact=True).click(delay=60)
        tunnel.settle()
        if name not in ("Cost", "Numbers"):
            expect(tunnel.page.get_by_role("figure").first).to_be_visible()
    expect(tunnel.page.get_by_text(re.compile("^Distribution of the latency of"))).to_be_visible()


def test_more_traffic_for_a_while_is_seen_over_time(tunnel):
    before = p99_ms(tunnel)
    choose(tunnel, "What happens", "More traffic")
    expect(tunnel.page.get_by_role("spinbutton", name="Times the traffic")).to_have_value("2.00")
    see_result(tunnel)
    assert p99_ms(tunnel) > before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("traffic: [", "line 1"),
        (CYCLE, "asks in a circle"),
        (TINY.replace("api: {kind", "web: {kind"), "api"),
        (TINY.replace("rate_per_s: 10", "rate_per_s: -10"), "arrival_rate_per_s"),
        (TINY.replace("service", "teapot"), "teapot"),
        ("x" * 200_000, "not a design"),
        ("<script>alert(1)</script>", "not a design"),
    ],
    ids=["bad yaml", "cycle", "unknown component", "negative rate", "unknown kind", "200 kB", "markup"],
)
def test_a_design_that_is_wrong_gets_a_sentence_and_stays_as_it_was_written(tunnel, text, sentence):
    choose(tunnel, "Design", "A file or text")
    box = tunnel.page.get_by_label("or its text")
    box.fill(text)
    box.press("Control+Enter")
    alert = tunnel.page.get_by_test_id("stAlertContentError").first
    expect(alert).to_contain_text(re.compile(sentence))
    expect(box).to_have_value(text)
    box.fill(TINY)
    box.press("Control+Enter")
    see_result(tunnel)
    assert 5 <= p99_ms(tunnel) < 50


def test_a_file_can_be_loaded(tunnel):
    choose(tunnel, "Design", "A file or text")
    tunnel.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files("examples/ads-cell.yaml")
    see_result(tunnel)
    assert 10 < p99_ms(tunnel) < 30


def test_a_file_that_is_no_text_gets_a_sentence(tunnel):
    choose(tunnel, "Design", "A file or text")
    tunnel.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "design.yaml", "mimeType": "application/yaml", "buffer": b"\xff\xfe\x00\x80"}
    )
    expect(tunnel.page.get_by_text("The file is not text in UTF-8")).to_be_visible()


def test_numbers_on_a_phone_need_no_sideways_scrolling(tunnel):
    tunnel.page.set_viewport_size({"width": 390, "height": 844})
    tunnel.page.wait_for_timeout(500)
    wide = tunnel.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
