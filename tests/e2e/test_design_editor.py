"""The design editor by keyboard alone, on a phone's width, and its canvas by keyboard and by mouse."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.screen import Screen

pytestmark = pytest.mark.e2e

TINY = """
traffic: {entry: api, arrival_rate_per_s: 10}
components:
  api: {kind: service, service_time: {kind: constant, value_ms: 5}, calls: [[{to: db}]]}
  db: {kind: store, read_time: {kind: constant, value_ms: 1}}
  log: {kind: store, read_time: {kind: constant, value_ms: 1}}
"""


@pytest.fixture
def editor(screen) -> Screen:
    """The editor of a small design in the wind tunnel, 390 pixels wide."""
    screen.page.set_viewport_size({"width": 390, "height": 844})
    screen.open("wind_tunnel")
    box = screen.page.get_by_role("combobox", name="Design")
    box.click()
    box.fill("A file or text")
    screen.page.get_by_role("option", name="A file or text").click(delay=60)
    text = screen.page.get_by_label("or its text")
    text.fill(TINY)
    text.press("Control+Enter")
    screen.page.locator(".st-key-tunnel_drawing summary").press("Enter")
    expect(screen.page.get_by_alt_text("Requests enter at api. api asks db.")).to_be_visible(timeout=20_000)
    screen.settle()
    return screen


def press(screen: Screen, name: str, role: str = "button", key: str = "Enter") -> None:
    """Press a key on something, as somebody without a mouse does."""
    screen.page.get_by_role(role, name=name, exact=True).press(key)
    screen.page.wait_for_timeout(400)
    screen.settle()


def box(screen: Screen, name: str) -> Locator:
    return screen.page.get_by_role("button", name=re.compile(f"^{name}, (Service|Store)"))


def sees(screen: Screen, words: str) -> None:
    expect(screen.page.get_by_alt_text(words)).to_be_visible(timeout=10_000)


def test_a_component_is_added_changed_and_taken_back_by_keyboard_alone_on_a_phone(editor):
    page = editor.page
    press(editor, "Add a component")
    page.get_by_role("radio", name=re.compile("^Service")).press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Cache"))).to_be_checked()
    page.get_by_role("radio", name=re.compile("^Cache")).press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Store"))).to_be_checked()
    editor.settle()
    press(editor, "Add")
    sees(editor, "Requests enter at api. api asks db, store_1.")
    name = page.get_by_label("Name of this store")
    name.fill("users")
    name.press("Enter")
    sees(editor, "Requests enter at api. api asks db, users.")
    press(editor, "Undo")
    press(editor, "Undo")
    sees(editor, "Requests enter at api. api asks db.")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_the_canvas_is_walked_and_changed_by_keyboard_and_keeps_the_focus(editor):
    editor.page.get_by_role("tab", name="Form").press("ArrowRight")
    api, db, log = (box(editor, name) for name in ("api", "db", "log"))
    expect(api).to_be_visible()
    editor.settle()
    api.press("ArrowRight")
    expect(db).to_be_focused()
    db.press("Enter")
    expect(editor.page.get_by_label("Name of this store")).to_have_value("db")
    expect(db).to_be_focused()
    db.press("ArrowLeft")
    api.press("w")
    api.press("ArrowDown")
    log.press("Enter")
    expect(editor.page.get_by_text("Now api asks log.")).to_be_attached(timeout=10_000)
    expect(log).to_be_focused()
    log.press("Delete")
    expect(log).to_have_count(0, timeout=10_000)
    expect(api).to_be_focused()
    press(editor, "Undo")
    expect(log).to_be_visible()


def test_a_line_is_drawn_on_the_canvas_with_the_mouse(editor):
    page = editor.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("tab", name="Canvas").click(delay=60)
    dot, log = box(editor, "api").locator(".dot"), box(editor, "log")
    dot.scroll_into_view_if_needed()
    editor.settle()
    dot.hover()
    page.mouse.down()
    middle = log.bounding_box()
    page.mouse.move(middle["x"] + 60, middle["y"] + 20, steps=5)
    page.mouse.up()
    expect(page.get_by_text("Now api asks log.")).to_be_attached(timeout=10_000)
