"""What one person's work costs another: a map of 200 cells, and how fast a text is saved while others simulate."""

import re
import time
from collections.abc import Callable
from itertools import count
from statistics import median, quantiles

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.screen import a_browser, app_server

KEYS = 30
PAUSE_MS = 600  # the editor waits so long after the last key before it sends; that is no delay of the server
WAIT_MS = 300_000
WATCH = """note => {
    window.paints = [], window.saves = []
    const editor = note.getRootNode().querySelector("textarea")
    editor.addEventListener("keydown", () => {
        const pressed = window.pressed = performance.now()
        requestAnimationFrame(() => setTimeout(() => window.paints.push(performance.now() - pressed)))
    }, true)
    new MutationObserver(() => {
        if (note.textContent.startsWith("Saved")) window.saves.push(performance.now() - window.pressed)
    }).observe(note, { childList: true, characterData: true, subtree: true })
}"""


Rows = list[tuple[str, float, str]]


def sessions() -> list[tuple[str, float, str]]:
    """Seconds for a map of 200 cells; milliseconds from a key to the paint and to the save, alone and beside others."""
    with sync_playwright() as playwright, app_server() as (url, _):
        browser = a_browser(playwright)
        mine, theirs = tunnel(browser, url), editor(browser, url)
        found = typed(theirs, "nobody simulates", lambda: None)
        found += typed(theirs, "another simulates", lambda: _turn_if_idle(mine))
        found += map_of_200(mine, lambda beside: typed(theirs, "another draws maps", beside))
        browser.close()
    return found


def tunnel(browser: Browser, url: str) -> Page:
    """The wind tunnel with a template and its finished run."""
    page = browser.new_context(viewport={"width": 1280, "height": 1400}).new_page()
    page.goto(url)
    page.locator(".st-key-first-online-serving").get_by_role("button").click(timeout=WAIT_MS)
    page.get_by_role("button", name="Skip").click(timeout=WAIT_MS)
    page.get_by_test_id("stMetric").first.wait_for(timeout=WAIT_MS)
    _finished(page)
    return page


def editor(browser: Browser, url: str) -> Page:
    """An interview that has just begun, in a browser context of its own."""
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(url)
    page.get_by_role("button", name="Start", exact=True).last.click(timeout=WAIT_MS)
    page.get_by_label("Your answer").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(3_000)
    page.locator("#note").evaluate(WATCH)
    return page


def typed(page: Page, when: str, beside: Callable[[], None]) -> list[tuple[str, float, str]]:
    """A key at a time, each until it is saved, while `beside` keeps another session busy."""
    page.evaluate("window.paints = [], window.saves = []")
    page.get_by_label("Your answer").focus()
    for done in range(KEYS):
        beside()
        page.keyboard.press("x")
        page.wait_for_function("done => window.saves.length > done", arg=done, timeout=WAIT_MS)
    saves = [one - PAUSE_MS for one in page.evaluate("window.saves")]
    paints = page.evaluate("window.paints")
    rows = []
    for what, took in (("key to paint", paints), ("pause in typing to saved", saves)):
        rows += [(f"{what}, {when}, median", median(took), "ms"), (f"{what}, {when}, p95", _p95(took), "ms")]
    return rows


def map_of_200(page: Page, typing: Callable[[Callable[[], None]], Rows]) -> Rows:
    """Draw one undisturbed, others while somebody is typing, and cancel the last."""
    page.get_by_role("tab", name="Map", exact=True).click()
    page.get_by_role("combobox", name="Cells").click(timeout=WAIT_MS)
    page.get_by_role("option", name=re.compile("200")).click()
    for box, axis in (("Across", "Requests, per s"), ("Up", "model: longest wait for a batch, ms")):
        page.get_by_role("combobox", name=box).click()
        page.get_by_role("option", name=axis).click()
        page.wait_for_timeout(1_000)
    draw = page.get_by_role("button", name="Draw the map")
    begun = time.perf_counter()
    draw.click()
    bar = page.get_by_text(re.compile(r"^\d+ of \d+ cells$"))
    page.get_by_text(re.compile(r"[1-9]\d* of \d+ cells")).first.wait_for(timeout=WAIT_MS)
    first = time.perf_counter() - begun
    bar.wait_for(state="detached", timeout=WAIT_MS)
    whole = time.perf_counter() - begun
    luck = map(str, count(2))

    def draw_if_idle() -> None:
        if bar.count() == 0:
            page.get_by_role("spinbutton", name="Luck").fill(next(luck))
            page.keyboard.press("Enter")
            _finished(page)
            draw.click()
            bar.wait_for(timeout=WAIT_MS)

    rows = typing(draw_if_idle)
    bar.wait_for(state="detached", timeout=WAIT_MS)
    draw_if_idle()
    cancelled = time.perf_counter()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled after").wait_for(timeout=WAIT_MS)
    gone = time.perf_counter() - cancelled
    cells = re.search(r"of (\d+) cells", page.get_by_text("Cancelled after").inner_text())
    assert cells is not None
    size = f"map of {cells[1]} cells"
    return [
        (f"{size}, first cells on the screen", first, "s"),
        (f"{size}, whole", whole, "s"),
        (f"{size}, cancel to cancelled", gone, "s"),
        *rows,
    ]


def _turn_if_idle(page: Page) -> None:
    if page.get_by_text("Simulating").count() == 0:
        page.get_by_role("slider", name="Requests, per s").press("ArrowRight")
        page.wait_for_timeout(300)


def _finished(page: Page) -> None:
    page.wait_for_timeout(700)
    page.get_by_text("Simulating").wait_for(state="detached", timeout=WAIT_MS)
    page.wait_for_timeout(500)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[18]
