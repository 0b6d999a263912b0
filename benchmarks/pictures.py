"""Take the pictures of the documents anew, in real Chromium: `python -m benchmarks.pictures [path pictures pages]`."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from benchmarks.screen import a_browser, app_server

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLORS = 256
WAIT_MS = 180_000
STILL = 4  # looks half a second apart that see the same
VIEWS = ("Latency", "Where the time goes", "Over time", "Playback", "Busy", "Cost", "Numbers")


def main() -> None:
    """Take what is named, or all."""
    wanted = sys.argv[1:] or ["path", "pictures", "pages"]
    with sync_playwright() as playwright, app_server() as (url, _):
        browser = a_browser(playwright)
        if "path" in wanted:
            first_break(browser, url)
        for theme in ("light", "dark"):
            if "pictures" in wanted:
                pictures(browser, url, theme)
                capacity(browser, url, theme)
            if "pages" in wanted:
                pages(browser, url, theme)
                phone(browser, url, theme)
        browser.close()


def first_break(browser: Browser, url: str) -> None:
    """The steps from the front page to a first broken design and its cause, as `first-break-1-light.png` and on."""
    page = _page(browser, "light", height=620)
    page.goto(url)
    page.get_by_text("Break a design", exact=False).last.wait_for(timeout=WAIT_MS)
    _settle(page)
    _keep(page.screenshot(), "first-break-1-light")
    page.locator(".st-key-first-online-serving").get_by_role("button").click()
    page.get_by_role("button", name="Skip").wait_for(timeout=WAIT_MS)
    _settle(page)
    _keep(page.screenshot(), "first-break-2-light")
    page.get_by_role("button", name="Skip").click()
    _run_over(page)
    page.set_viewport_size({"width": 1280, "height": 820})
    _settle(page)
    _keep(page.screenshot(), "first-break-3-light")
    page.get_by_text("Kill replicas", exact=True).click()
    page.get_by_text("Why it breaks").wait_for(timeout=WAIT_MS)
    _run_over(page)
    page.set_viewport_size({"width": 1280, "height": 1080})
    _settle(page)
    _keep(page.screenshot(), "first-break-4-light")
    page.context.close()


def pictures(browser: Browser, url: str, theme: str) -> None:
    """Every picture of the wind tunnel: a template of which one of two replicas dies."""
    page = _page(browser, theme, height=1600)
    _broken(page, url)
    for view in VIEWS:
        page.get_by_role("radio", name=view, exact=True).click()
        _settle(page)
        if view == "Playback":
            page.get_by_role("slider", name="Simulated second").fill("45")
            page.wait_for_timeout(500)
        _shoot(_section(page), f"{view.lower().replace(' ', '-')}-{theme}")
    _tab(page, "How sure")
    _shoot(_section(page), f"how-sure-{theme}", most=1500)
    _tab(page, "Advice")
    page.get_by_role("button", name="Try ").click()
    page.get_by_text("first what keeps the promise").wait_for(timeout=WAIT_MS)
    _settle(page)
    _shoot(_section(page), f"advice-{theme}", most=1250)
    _tab(page, "Map")
    page.get_by_role("button", name="Draw the map").click()
    page.get_by_text("The frontier in numbers: ").wait_for(timeout=WAIT_MS)
    page.get_by_role("button", name="Cancel").wait_for(state="detached", timeout=WAIT_MS)
    _settle(page)
    _shoot(_section(page), f"map-{theme}", until=page.get_by_text("What the money buys"))
    _shoot(_section(page), f"frontier-{theme}", since=page.get_by_text("What the money buys"))
    page.context.close()


def pages(browser: Browser, url: str, theme: str) -> None:
    """The whole page: a broken design against the same without its fault, and under a drill."""
    page = _page(browser, theme, height=1000)
    _broken(page, url)
    page.get_by_role("button", name="Compare with no faults").click()
    page.get_by_text("Both runs met the same requests").wait_for(timeout=WAIT_MS)
    _run_over(page)
    _keep_whole(page, f"pinned-{theme}")
    page.get_by_role("button", name="Unpin").click()
    page.get_by_text("Kill replicas", exact=True).click()
    page.get_by_role("combobox", name="Drill").click()
    page.get_by_role("option", name="Cold start").click()
    page.get_by_text("What to watch").wait_for(timeout=WAIT_MS)
    page.get_by_role("radio", name="Over time", exact=True).click()
    _run_over(page)
    _keep_whole(page, f"drill-{theme}")
    page.context.close()


def phone(browser: Browser, url: str, theme: str) -> None:
    """The top of the page on a phone, with the numbers at its edge."""
    page = _page(browser, theme, height=844, width=390)
    _broken(page, url)
    _keep(page.screenshot(), f"phone-{theme}")
    page.context.close()


def _broken(page: Page, url: str) -> None:
    """The template of online serving, of which one of two replicas dies."""
    page.goto(url)
    page.locator(".st-key-first-online-serving").get_by_role("button").click(timeout=WAIT_MS)
    page.get_by_role("button", name="Skip").click(timeout=WAIT_MS)
    page.get_by_text("Kill replicas", exact=True).click(timeout=WAIT_MS)
    page.get_by_text("Why it breaks").wait_for(timeout=WAIT_MS)
    _run_over(page)
    _scroll_up(page)


def capacity(browser: Browser, url: str, theme: str) -> None:
    """The plots of the capacity page."""
    page = _page(browser, theme, height=1600)
    page.goto(f"{url}/capacity")
    plots = page.get_by_test_id("stPlotlyChart")
    plots.nth(1).wait_for(timeout=WAIT_MS)
    _settle(page)
    for place, name in enumerate(("capacity-latency", "capacity-cost")):
        _shoot(plots.nth(place), f"{name}-{theme}")
    page.context.close()


def _page(browser: Browser, theme: str, height: int, width: int = 1280) -> Page:
    scheme: Callable[..., Page] = browser.new_page
    return scheme(viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce")


def _tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    _settle(page)


def _section(page: Page) -> Locator:
    return page.locator("[role=tabpanel]:visible").first


def _run_over(page: Page) -> None:
    page.get_by_test_id("stMetric").first.wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(500)
    page.get_by_text("Simulating").wait_for(state="detached", timeout=WAIT_MS)
    _settle(page)


def _settle(page: Page) -> None:
    """Wait until nothing on the page has changed for two seconds."""
    page.mouse.move(2, 2)
    page.wait_for_timeout(1000)
    seen: list[str] = []
    while len(seen) < STILL or len(set(seen[-STILL:])) > 1:
        page.locator("[data-test-script-state=notRunning]").first.wait_for(timeout=WAIT_MS)
        seen.append(page.get_by_test_id("stMain").inner_html())
        page.wait_for_timeout(500)


def _shoot(
    what: Locator, name: str, *, since: Locator | None = None, until: Locator | None = None, most: float = 1000
) -> None:
    """An element, from one thing in it or to another, and at most so many pixels of it."""
    what.scroll_into_view_if_needed()
    _scroll_up(what.page)
    box, margin = what.bounding_box(), 12
    assert box is not None
    top = since.bounding_box()["y"] if since is not None else box["y"]  # type: ignore[index]
    end = until.bounding_box()["y"] - margin if until is not None else box["y"] + box["height"]  # type: ignore[index]
    height = min(end - top, most)
    clip = {
        "x": box["x"] - margin,
        "y": top - margin,
        "width": box["width"] + 2 * margin,
        "height": height + 2 * margin,
    }
    viewport = what.page.viewport_size
    assert viewport is not None
    if clip["y"] + clip["height"] > viewport["height"]:
        what.page.set_viewport_size({"width": viewport["width"], "height": int(clip["y"] + clip["height"]) + 40})
        what.page.wait_for_timeout(800)
    _keep(what.page.screenshot(clip=clip), name)  # type: ignore[arg-type]


def _scroll_up(page: Page) -> None:
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.wait_for_timeout(300)


def _keep_whole(page: Page, name: str) -> None:
    """All that there is on the page, without the empty space that Streamlit leaves below."""
    _scroll_up(page)
    end = "[...document.querySelectorAll('[data-testid=stMain] .stElementContainer')].map("
    height = page.evaluate(f"Math.max(...{end}one => one.getBoundingClientRect().bottom))")
    page.set_viewport_size({"width": 1280, "height": int(height) + 40})
    _settle(page)
    _keep(page.screenshot(), name)
    page.set_viewport_size({"width": 1280, "height": 1000})


def _keep(png: bytes, name: str) -> None:
    """With few colors, so that the repository stays small."""
    picture = (
        Image.open(io.BytesIO(png))
        .convert("RGB")
        .quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    path = FOLDER / f"{name}.png"
    picture.save(path, optimize=True)
    print(f"{path.name:<32} {picture.width} x {picture.height}  {path.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
