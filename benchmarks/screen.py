"""What a person waits for: the first import, the first page, and a chart after a slider has moved; in real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

MOVES = 30
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
CAPTION = "Distribution of the latency of"


def imports() -> list[tuple[str, float, str]]:
    """Seconds until everything that the first page needs is imported, in fresh processes."""
    needed = "import streamlit, ui.shell, ui.cached, ui.question_cards, storage.attempts"
    times = []
    for _ in range(5):
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", needed], check=True)
        times.append(time.perf_counter() - before)
    bare = []
    for _ in range(5):
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import streamlit"], check=True)
        bare.append(time.perf_counter() - before)
    return [("import of the app", median(times), "s"), ("of which Streamlit itself", median(bare), "s")]


def screen() -> list[tuple[str, float, str]]:
    """Seconds to the first page of a fresh server, and milliseconds from slider to redrawn chart."""
    with sync_playwright() as playwright, app_server() as (url, started_s):
        browser = a_browser(playwright)
        first = _first_page_s(browser, url)
        again = _first_page_s(browser, url)
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(f"{url}/wind_tunnel")
        page.get_by_role("button", name="Skip").click(timeout=60_000)
        page.get_by_text(CAPTION).wait_for(timeout=60_000)
        page.wait_for_timeout(5_000)
        preview_ms = _slider_ms(page)
        browser.close()
    twentieths = quantiles(preview_ms, n=20)
    return [
        ("server start to health", started_s, "s"),
        ("first page, fresh server, cold browser", first, "s"),
        ("first page again, new context", again, "s"),
        ("slider to redrawn chart, median", median(preview_ms), "ms"),
        ("slider to redrawn chart, p95", twentieths[18], "ms"),
    ]


def a_browser(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=chromium, args=FLAGS)


@contextmanager
def app_server() -> Iterator[tuple[str, float]]:
    """The app on a free port with a data folder of its own: its address, and the seconds until it answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
        before = time.perf_counter()
        server = subprocess.Popen(
            command, env={**os.environ, "WINDTUNNEL_DATA": data}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not _is_healthy(url):
                time.sleep(0.02)
            yield url, time.perf_counter() - before
        finally:
            server.terminate()
            server.wait(60)


def _is_healthy(url: str) -> bool:
    try:
        return urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).status == 200
    except OSError:
        return False


def _first_page_s(browser: Browser, url: str) -> float:
    page = browser.new_context().new_page()
    before = time.perf_counter()
    page.goto(url)
    page.get_by_role("button", name="Start").first.wait_for(timeout=60_000)
    took = time.perf_counter() - before
    page.context.close()
    return took


def _slider_ms(page: Page) -> list[float]:
    """How long each of `MOVES` steps of the shards takes until the words under the chart are new."""
    slider = page.get_by_role("slider", name="Shards that one request must hear from")
    took = []
    for _ in range(MOVES):
        caption = page.get_by_text(CAPTION).last.inner_text()
        slider.focus()
        before = time.perf_counter()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "([start, old]) => [...document.querySelectorAll('p')].some("
            "p => p.textContent.startsWith(start) && p.textContent !== old)",
            arg=[CAPTION, caption],
            timeout=30_000,
        )
        took.append((time.perf_counter() - before) * 1000)
        page.get_by_text("Simulating").wait_for(state="detached", timeout=60_000)
        page.wait_for_timeout(300)
    return took
