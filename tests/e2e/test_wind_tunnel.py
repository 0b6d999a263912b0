"""The wind tunnel: a knob that is turned changes the pictures, and wrong input gets a sentence."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen
from tests.ui.test_contrast import TEXT, contrast
from ui.look import INK

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
    screen.page.get_by_role("button", name="Skip").press("Enter")
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
    screen.page.wait_for_timeout(300)  # until the choice has reached the server
    screen.settle()


def test_fewer_gpus_by_keyboard_alone_raise_the_latency(tunnel):
    before = p99_ms(tunnel)
    knob = tunnel.page.get_by_role("slider", name=re.compile("GPUs in the cell"))
    knob.focus()
    for _ in range(2):
        knob.press("ArrowLeft")
    expect(tunnel.page.get_by_text(re.compile("ranker is asked for 9\\d%"))).to_be_visible(timeout=60_000)
    tunnel.page.get_by_role("button", name="Pin this run").press("Enter")  # at once: the words come before the page
    see_result(tunnel)
    expect(tunnel.page.get_by_text("This is the pinned run.")).to_be_visible()
    assert p99_ms(tunnel) > 1.2 * before


def test_every_picture_can_be_shown_and_has_words(tunnel):
    for name in ("Where the time goes", "Over time", "Playback", "Busy", "Cost", "Numbers", "Latency"):
        show(tunnel, name)
        if name not in ("Playback", "Numbers"):
            expect(tunnel.page.get_by_role("figure").first).to_be_visible()
    expect(tunnel.page.get_by_text(re.compile("^Distribution of the latency of"))).to_be_visible()


def show(screen: Screen, picture: str) -> None:
    screen.page.get_by_role("radio", name=picture, exact=True).click(delay=60)
    screen.settle()


def test_a_picture_is_saved_by_keyboard_and_its_data_as_a_file(tunnel):
    show(tunnel, "Where the time goes")
    for kind in ("PNG", "SVG"):
        show(tunnel, kind)
        camera = tunnel.page.get_by_role("button", name=re.compile("Download plot"))
        with tunnel.page.expect_download() as saved:
            camera.focus()
            camera.press("Enter")
        assert saved.value.suggested_filename == f"windtunnel.{kind.lower()}"
    assert min(contrast(f"#{one}", "#ffffff") for one in colors_of_words(Path(saved.value.path()))) >= TEXT
    with tunnel.page.expect_download() as saved:
        tunnel.page.get_by_role("button", name="Data as CSV").click(delay=60)
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert text.startswith("run,percentile,component,part,mean_ms\n")


def colors_of_words(svg: Path) -> set[str]:
    styled = re.findall(r"<text[^>]*fill: rgb\(([\d, ]+)\)", svg.read_text(encoding="utf-8"))
    assert len(styled) > 8
    return {bytes(map(int, one.split(","))).hex() for one in styled}


def test_the_film_is_played_paused_and_scrubbed_by_keyboard(tunnel):
    tunnel.page.get_by_text("Traffic spike", exact=True).click(delay=60)
    see_result(tunnel)
    show(tunnel, "Playback")
    now, play = tunnel.page.locator("output.now"), tunnel.page.locator("button.play")
    scrub = tunnel.page.get_by_role("slider", name="Simulated second")
    expect(now).to_have_text(re.compile(r"^0\.0 of 19"))
    scrub.focus()
    for _ in range(40):
        scrub.press("ArrowRight")
    expect(now).to_have_text(re.compile(r"^6\.3 of 19"))  # 40 of 120 steps
    expect(tunnel.page.get_by_text(re.compile(r"come 2 times as fast, from second \d for \d s"))).to_be_visible()
    play.focus()
    play.press("Enter")
    expect(play).to_have_text("Pause")
    expect(now).not_to_have_text(re.compile(r"^6\.3 of 19"))
    play.press("Enter")
    expect(play).to_have_text("Play")
    stopped = now.inner_text()
    tunnel.page.wait_for_timeout(500)
    assert now.inner_text() == stopped


def test_a_pinned_run_says_what_is_different_and_why(tunnel):
    tunnel.page.get_by_role("button", name="Pin this run").click(delay=60)
    knob = tunnel.page.get_by_role("slider", name=re.compile("Longest wait for a batch"))
    knob.focus()
    for _ in range(10):
        knob.press("ArrowRight")
    expect(tunnel.page.get_by_text(re.compile("waiting for the batch to fill at ranker")).first).to_be_visible(
        timeout=60_000
    )
    see_result(tunnel)
    expect(tunnel.page.get_by_text(re.compile(r"ranker\.max_wait_ms 2 ."))).to_be_visible()


def test_more_traffic_for_a_while_is_seen_over_time(tunnel):
    before = p99_ms(tunnel)
    tunnel.page.get_by_text("Traffic spike", exact=True).click(delay=60)
    expect(tunnel.page.get_by_role("spinbutton", name="Times the traffic")).to_have_value("2")
    see_result(tunnel)
    assert p99_ms(tunnel) > before


WRONG = (
    ("traffic: [", "line 1"),
    (CYCLE, "asks in a circle"),
    (TINY.replace("api: {kind", "web: {kind"), "api"),
    (TINY.replace("rate_per_s: 10", "rate_per_s: -10"), "arrival_rate_per_s"),
    (TINY.replace("service", "teapot"), "teapot"),
    ("x" * 200_000, "not a design"),
    ("<script>alert(1)</script>", "not a design"),
)


def test_a_design_that_is_wrong_gets_a_sentence_and_stays_as_it_was_written(tunnel):
    choose(tunnel, "Design", "A file or text")
    box = tunnel.page.get_by_label("or its text")
    for text, sentence in WRONG:
        box.fill(text)
        box.press("Control+Enter")
        expect(tunnel.page.get_by_test_id("stAlertContentError").first).to_contain_text(re.compile(sentence))
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


def test_on_a_phone_nothing_scrolls_sideways_numbers_stay_in_view_and_words_can_be_read(tunnel):
    tunnel.page.set_viewport_size({"width": 390, "height": 844})
    tunnel.page.wait_for_timeout(500)
    main, figures = tunnel.page.get_by_test_id("stMain"), tunnel.page.get_by_test_id("stMetricValue")
    assert main.evaluate("(one) => one.scrollWidth") <= 390
    for place in ("0", "one.scrollHeight"):
        main.evaluate(f"(one) => one.scrollTo(0, {place})")
        for figure in figures.all():
            expect(figure).to_be_in_viewport(ratio=1)
    for words in (".xtick text", ".ytick text", "text.xtitle", "text.ytitle", "text.annotation-text"):
        fill = tunnel.page.locator(f".js-plotly-plot {words}").first.evaluate("(one) => getComputedStyle(one).fill")
        assert fill == f"rgb{tuple(bytes.fromhex(INK[1:]))}", words


def test_on_a_phone_cells_without_room_for_their_numbers_leave_them_to_the_table(tunnel):
    tunnel.page.set_viewport_size({"width": 390, "height": 844})
    tunnel.page.get_by_role("tab", name="Map").click(delay=60)
    choose(tunnel, "Shows", "Cost per month, USD")
    tunnel.page.get_by_role("button", name="Draw the map").press("Enter")
    numbers = tunnel.page.locator(".heatmap-label")
    expect(numbers).not_to_have_count(0)
    tunnel.page.get_by_role("button", name="Cancel").press("Enter")
    expect(tunnel.page.get_by_text(re.compile("^Cancelled after"))).to_be_visible()
    expect(numbers.first).to_be_hidden()
    tunnel.page.get_by_text("The map in numbers").click(delay=60)
    expect(tunnel.page.get_by_role("cell", name=re.compile(r"^\d+k$")).first).to_be_visible()
    tunnel.page.set_viewport_size({"width": 1280, "height": 844})
    expect(numbers.first).to_be_visible()
