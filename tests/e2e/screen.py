"""The app as a person sees it: pages, the editor, the clock, the knobs."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from practice.clock import ClockEvent
from rubrics.schema import PhaseId
from storage.attempts import add_event, load_attempt, start_attempt

PERSON = "local"
QUESTION = "ads-ranking"
TITLE = "Ads for a feed inside 50 ms"
STEADY = """() => {
    const height = document.querySelector("[data-testid=stMainBlockContainer]").offsetHeight
    if (height !== window.lastHeight) [window.lastHeight, window.steadySince] = [height, performance.now()]
    return performance.now() - window.steadySince > 250
}"""
"""Whether nothing has moved for a while: a click on what moves under the pointer is lost."""
SAVED = re.compile(r"^Saved \d")


class Screen:
    """One tab of the browser."""

    def __init__(self, page: Page, url: str):
        self.page, self.url = page, url

    def open(self, address: str = "") -> None:
        """Go to an address as a link from outside would."""
        self.page.goto(f"{self.url}/{address}")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        self.settle()
        self.page.wait_for_function(STEADY)

    def open_attempt(self, attempt: str, page: str = "interview") -> None:
        self.open(f"{page}?attempt={attempt}")
        if page == "interview":
            expect(self.editor).to_be_visible()
            self.settle()

    def start(self, question: str = QUESTION) -> Locator:
        """The button of the questions page that begins a question."""
        return self.page.locator(f".st-key-start-{question}").get_by_role("button")

    @property
    def editor(self) -> Locator:
        return self.page.get_by_label("Your answer")

    @property
    def note(self) -> Locator:
        """What stands below the editor: whether the text is saved."""
        return self.page.locator("#note")

    def write(self, text: str, delay_ms: float = 0) -> None:
        """Type at the end of the section."""
        self.editor.focus()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text, delay=delay_ms)

    def see_saved(self) -> None:
        expect(self.note).to_have_text(SAVED)

    def choice(self, label: str) -> Locator:
        """A way out of a conflict between two texts."""
        return self.page.get_by_role("button", name=label)

    def rerun(self) -> None:
        """Have the whole page drawn again, as many clicks do."""
        self.page.get_by_test_id("stMain").press("r")
        self.page.wait_for_timeout(500)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def phase(self, name: str) -> Locator:
        return self.page.get_by_role("radio", name=re.compile(f"^{name}"))

    def menu(self, name: str) -> Locator:
        return self.page.get_by_role("navigation", name="App pages").get_by_role("link", name=name)


def new_attempt(phase: PhaseId = "requirements") -> str:
    """An attempt in the database, with a phase open."""
    attempt = start_attempt(PERSON, QUESTION)
    if phase != "requirements":
        add_event(PERSON, attempt, ClockEvent(at=time.time(), kind="enter", phase=phase))
    return attempt


def saved_text(attempt: str, phase: PhaseId = "requirements") -> str:
    """What the database holds of a section."""
    return load_attempt(PERSON, attempt).section(phase).text


def see_saved_text(attempt: str, text: str, phase: PhaseId = "requirements", within_s: float = 20) -> None:
    """Wait until the database holds exactly this text."""
    until = time.monotonic() + within_s
    while (found := saved_text(attempt, phase)) != text and time.monotonic() < until:
        time.sleep(0.1)
    assert found == text, f"the database holds {found!r}"
