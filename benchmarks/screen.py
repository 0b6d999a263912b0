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

from question_bank.loader import load_all
from simulator.knobs import with_value
from simulator.settings import RunSettings
from simulator.workers import Workers

MOVES, SERVERS, WARM = 30, 5, 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
CAPTION, PREVIEW = "Distribution of the latency of", "A preview from"
DRAWN = 'document.querySelector(".js-plotly-plot .cartesianlayer")?.innerHTML'
IS_NEW = f"""([old, preview]) => {{
  const isPreview = preview && [...document.querySelectorAll("p")].some(one => one.textContent.startsWith(preview));
  const drawn = {DRAWN};
  return drawn && drawn !== old && !isPreview;
}}"""


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
    with sync_playwright() as playwright:
        fresh = _fresh_servers(playwright)
    with sync_playwright() as playwright, app_server() as (url, _):
        browser = a_browser(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(f"{url}/wind_tunnel")
        page.get_by_role("button", name="Skip").click(timeout=60_000)
        page.get_by_text(CAPTION).wait_for(timeout=60_000)
        page.wait_for_timeout(5_000)
        slider_ms = _slider_ms(page)
        browser.close()
    first_ms, whole_ms = ([*column] for column in zip(*slider_ms, strict=True))
    return [
        *fresh,
        ("slider to redrawn chart, median", median(first_ms), "ms"),
        ("slider to redrawn chart, p95", quantiles(first_ms, n=20)[18], "ms, wanted 300"),
        ("slider to the chart of all five runs, median", median(whole_ms), "ms"),
        ("slider to the chart of all five runs, p95", quantiles(whole_ms, n=20)[18], "ms"),
        *_simulating(),
    ]


def _simulating() -> list[tuple[str, float, str]]:
    """The part of it that is the five runs and their summary, in a process of their own and without a browser."""
    design, workers, took = load_all()["ads-ranking"].designs.senior.design, Workers(processes=1), []
    for shards in range(8, 8 + MOVES + WARM):
        moved = with_value(design, "components.features.shards", shards)
        before = time.perf_counter()
        workers.submit(moved, RunSettings(requests=20_000), "benchmark").wait(60)
        took.append((time.perf_counter() - before) * 1000)
        time.sleep(0.3)
    workers.close()
    return [
        ("of that the five runs, median", median(took[WARM:]), "ms"),
        ("of that the five runs, p95", quantiles(took[WARM:], n=20)[18], "ms"),
    ]


def _fresh_servers(playwright: Playwright) -> list[tuple[str, float, str]]:
    """The first page of fresh servers, in turn with the engine that is chosen and with SimPy alone."""
    rows: dict[str, list[tuple[float, float, float]]] = {"auto": [], "simpy": []}
    for _ in range(SERVERS):
        for engine, found in rows.items():
            with app_server(WINDTUNNEL_ENGINE=engine) as (url, started_s):
                browser = a_browser(playwright)
                found.append((started_s, _first_page_s(browser, url), _first_page_s(browser, url)))
                browser.close()
    (started_s, first_s, again_s), (_, without_s, _) = (
        [median(column) for column in zip(*found, strict=True)] for found in rows.values()
    )
    return [
        ("server start to health", started_s, "s"),
        ("first page, fresh server, cold browser", first_s, "s"),
        ("first page without the compiled engine", without_s, "s"),
        ("first page again, new context", again_s, "s"),
    ]


def a_browser(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=chromium, args=FLAGS)


@contextmanager
def app_server(**environment: str) -> Iterator[tuple[str, float]]:
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
            command,
            env={**os.environ, **environment, "WINDTUNNEL_DATA": data},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
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


def _slider_ms(page: Page) -> list[tuple[float, float]]:
    """How long each of `MOVES` steps of the shards takes until another chart is drawn, and until it is that of all five
    runs.
    """
    slider = page.get_by_role("slider", name="Shards that one request must hear from")
    took = []
    for _ in range(MOVES):
        drawn = page.evaluate(DRAWN)
        slider.focus()
        before = time.perf_counter()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(IS_NEW, arg=[drawn, ""], timeout=30_000)
        first_ms = (time.perf_counter() - before) * 1000
        page.wait_for_function(IS_NEW, arg=[drawn, PREVIEW], timeout=30_000)
        took.append((first_ms, (time.perf_counter() - before) * 1000))
        page.get_by_text("Simulating").wait_for(state="detached", timeout=60_000)
        page.wait_for_timeout(800)
    return took
