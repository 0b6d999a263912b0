"""A mock interview in a real browser, with seconds for minutes: nothing typed is lost, and the right time is kept."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from practice import wall_clock
from practice.clock import ClockEvent
from practice.round_clock import round_clock
from practice.rounds import new_round
from question_bank.loader import load_question
from rubrics.schema import PHASES
from storage.attempts import add_event, load_attempt, save_design
from storage.rounds import load_round, load_said, load_trials, start_round
from tests.e2e.app_server import AppServer
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.screen import PERSON, QUESTION, Screen, see_saved_text

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TEXT = "We show an ad in a feed of 5 million users. Billing is out of scope because it can wait."
MORE = " And one more sentence, which is typed on while a question stands beside it."
REPLY = "The bid, because it decides what is shown."
LATE_S = 3.0  # of real time, which a page may take to be drawn on a busy machine
DESIGNS = load_question(QUESTION).designs


@pytest.fixture
def fast_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[AppServer]:
    """An app in which time runs so many times as fast, for the test too; its own data, for it may be killed."""
    server = AppServer(tmp_path)
    monkeypatch.setenv("WINDTUNNEL_DATA", str(server.data))
    monkeypatch.setenv(wall_clock.VARIABLE, f"{request.param}@{time.time():.0f}")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def screen(page: Page, fast_server: AppServer) -> Screen:
    page.set_default_timeout(PATIENCE_MS)
    return Screen(page, fast_server.url)


def attempt_of(screen: Screen) -> str:
    return re.search(r"attempt=([^&]+)", screen.page.url)[1]


def until(condition: Any, what: str, within_s: float = 20) -> Any:
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, what
        time.sleep(0.1)
    return found


def left_s(screen: Screen) -> float:
    """What the page says is left of the round."""
    timer = screen.page.get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"round \+?\d+:\d\d"))
    sign, minutes, seconds = re.search(r"round (\+?)(\d+):(\d\d)", timer.inner_text()).groups()
    return (int(minutes) * 60 + int(seconds)) * (-1 if sign else 1)


def really_left_s(attempt: str) -> float:
    return round_clock(load_round(PERSON, attempt), load_attempt(PERSON, attempt).events, wall_clock.now()).round_left_s


@pytest.mark.parametrize("fast_server", [60], indirect=True)
def test_a_round_is_typed_asked_and_looked_back_at(screen):
    screen.open()
    screen.page.locator(f".st-key-round-{QUESTION}").get_by_role("button").click(delay=60)
    screen.page.get_by_role("radio", name="60").click(delay=60)
    screen.page.get_by_role("button", name="Begin").click(delay=60)
    expect(screen.editor).to_be_visible()
    attempt = attempt_of(screen)
    screen.write(TEXT, delay_ms=15)
    reply = screen.page.get_by_label("Reply to the interviewer")
    expect(reply).to_be_visible()
    expect(screen.editor).to_be_focused()
    screen.page.keyboard.type(MORE, delay=15)  # on where the cursor was, without touching anything
    expect(screen.editor).to_have_value(TEXT + MORE)
    see_saved_text(attempt, TEXT + MORE)
    reply.click()
    screen.page.keyboard.type(REPLY, delay=5)
    screen.page.get_by_role("button", name="Send").click(delay=60)
    until(lambda: load_said(PERSON, attempt)[0].answer == REPLY, "all that was typed is sent")
    assert load_said(PERSON, attempt)[0].is_supported
    save_design(PERSON, attempt, DESIGNS.senior.design)
    for phase in ("Capacity", "Overview", "Depth", "Trade-offs"):
        screen.settle()
        screen.phase(phase).click(delay=60)
        expect(screen.page.get_by_role("timer")).to_contain_text(phase)
    until(lambda: load_trials(PERSON, attempt), "the drill strikes by itself", within_s=30)
    expect(screen.page.get_by_role("heading", name="Something has just hit your design")).to_be_visible()
    screen.page.get_by_role("button", name="Finish and review").click(delay=60)
    expect(screen.page.get_by_role("heading", name="The failure drill")).to_be_visible()
    expect(screen.page.get_by_text("First number: in minute")).to_be_visible()


@pytest.mark.parametrize("fast_server", [15], indirect=True)
def test_on_a_phone_a_question_moves_no_text_and_a_line_above_leads_to_it(screen):
    attempt = start_round(PERSON, QUESTION, new_round(60, mode_id="mock"))
    screen.page.set_viewport_size({"width": 390, "height": 844})
    screen.open_attempt(attempt)
    fields = (screen.editor, screen.page.get_by_label("Your question"))
    reply = screen.page.get_by_label("Reply to the interviewer")
    screen.write(TEXT, delay_ms=15)
    before = [one.bounding_box() for one in fields]
    assert reply.count() == 0
    expect(reply).to_be_visible()
    screen.settle()
    assert [one.bounding_box() for one in fields] == before
    asked = screen.page.get_by_role("status").filter(has_text=load_said(PERSON, attempt)[0].text)
    expect(asked).to_be_in_viewport()
    screen.page.get_by_role("link", name="Reply", exact=True).press("Enter")
    expect(reply).to_be_in_viewport(ratio=1)


def under_way(minute: float) -> str:
    """A mock interview of an hour with a design, as it is in a minute of its depth phase; its last phase is short."""
    begun = wall_clock.now() - minute * 60
    hour = new_round(60, mode_id="mock")
    round_ = hour.model_copy(update={"phase_minutes": hour.phase_minutes | {"bottlenecks_tradeoffs": 5}})
    with wall_clock.read_from(lambda: begun):
        attempt = start_round(PERSON, QUESTION, round_)
    at = begun
    for phase in PHASES[:3]:
        at += round_.phase_minutes[phase] * 60
        add_event(PERSON, attempt, ClockEvent(at=at, kind="enter", phase=PHASES[PHASES.index(phase) + 1]))
    save_design(PERSON, attempt, DESIGNS.senior.design)
    return attempt


@pytest.mark.parametrize("fast_server", [15], indirect=True)
def test_two_tabs_a_reload_in_the_twist_and_a_kill_in_the_drill_leave_the_right_time(screen, fast_server):
    attempt = under_way(minute=38.5)
    other = Screen(screen.page.context.new_page(), screen.url)
    screen.open_attempt(attempt)
    other.open_attempt(attempt)
    until(lambda: any(one.kind == "twist" for one in load_said(PERSON, attempt)), "the twist comes")
    for tab in (screen, other):
        expect(tab.page.get_by_role("heading", name="The twist:")).to_be_visible()
    assert sum(one.kind == "twist" for one in load_said(PERSON, attempt)) == 1
    screen.page.reload()
    expect(screen.page.get_by_role("heading", name="The twist:")).to_be_visible()
    assert left_s(screen) == pytest.approx(really_left_s(attempt), abs=LATE_S * wall_clock.speed())
    other.page.close()

    screen.phase("Trade-offs").click(delay=60)
    until(lambda: load_trials(PERSON, attempt), "the drill strikes", within_s=40)
    fast_server.kill()
    fast_server.start()
    screen.page.reload()
    expect(screen.page.get_by_role("heading", name="Something has just hit your design")).to_be_visible()
    until(lambda: load_trials(PERSON, attempt)[0].recovery, "the drill is run to its end", within_s=30)
    expect(screen.page.get_by_text("in time before the fault").first).to_be_visible()
    assert left_s(screen) == pytest.approx(really_left_s(attempt), abs=LATE_S * wall_clock.speed())
    assert len(load_trials(PERSON, attempt)) == 1
