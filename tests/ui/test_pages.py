"""Every page opens, whatever the address says; the questions page finds and starts."""

import pytest

from practice.attempt import is_id
from storage.attempts import list_attempts, load_attempt, start_attempt
from tests.ui.screen import SLUG, Screen
from ui.people import LOCAL
from ui.shell import PAGES

FOREIGN = "The address names an attempt that is not here. Your attempts are listed under History."
EMPTY = {
    "questions": ("Practice an ML system design interview", "Asked at:"),
    "fundamentals": ("Fundamentals", "Five minutes each"),
    "practice": ("Practice", "Next: Answer your first question"),
    "interview": ("Interview", "No question is open. Choose one to begin"),
    "wind_tunnel": ("Wind tunnel", "Wind tunnel"),
    "capacity": ("Capacity", "Every number and its formula"),
    "review": ("Review", "No attempt is open. Work on a question first"),
    "history": ("History", "Nothing here yet. Every attempt appears here as soon as you start it."),
    "progress": ("Progress", "Nothing has been graded yet, so there is nothing to see here."),
    "settings": ("Settings", "Nothing, unless you ask for it."),
}


def test_the_table_of_this_file_names_every_page() -> None:
    assert [f"pages/{page}.py" for page in EMPTY] == list(PAGES)


@pytest.mark.parametrize("name", EMPTY)
def test_a_page_opens_with_an_empty_database_and_says_what_to_do(screen: Screen, name: str) -> None:
    title, said = EMPTY[name]
    screen.open(name)
    assert screen.title == title
    assert screen.says(said)
    assert list_attempts(LOCAL) == []


@pytest.mark.parametrize("name", ["interview", "review"])
@pytest.mark.parametrize(
    "wanted",
    [
        "abcdefghijkl",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "' or 1=1 --",
        "\u202e\U0001f4a9",
        "x" * 5000,
        "\0",
    ],
    ids=["unknown", "path", "markup", "SQL", "other scripts", "long", "NUL"],
)
def test_an_address_that_names_no_attempt_gets_one_sentence_and_is_forgotten(
    screen: Screen, name: str, wanted: str
) -> None:
    screen.open(name, attempt=wanted)
    assert screen.values("warning") == [FOREIGN]
    assert screen.title == EMPTY[name][0]
    assert "attempt" not in screen.at.query_params
    screen.run()
    assert screen.values("warning") == []


@pytest.mark.parametrize("name", ["interview", "review"])
def test_the_attempt_of_somebody_else_is_as_unknown_as_one_that_never_was(screen: Screen, name: str) -> None:
    theirs = start_attempt("somebody else", SLUG)
    screen.open(name, attempt=theirs)
    assert screen.values("warning") == [FOREIGN]
    assert screen.title == EMPTY[name][0]


@pytest.mark.parametrize("name", ["interview", "review"])
def test_an_attempt_at_a_question_that_has_left_the_bank_opens_as_none(screen: Screen, name: str) -> None:
    screen.open(name, attempt=start_attempt(LOCAL, "no-such-question"))
    assert screen.title == EMPTY[name][0]
    assert screen.has("page_link", "Choose a question")


def test_the_attempt_of_the_address_stays_open_on_other_pages(screen: Screen, attempt: str) -> None:
    screen.open("interview", attempt=attempt)
    screen.open("review")
    assert screen.title == "Review: Ads for a feed inside 50 ms"
    assert screen.at.query_params["attempt"] == attempt


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", True), ("  FEED ads ", True), ("calibration", True), ("gpu-batching", True), ("ads zeppelin", False)],
    ids=["nothing", "words in any order and case", "a tag", "a tag with a hyphen", "no match"],
)
def test_the_search_keeps_the_questions_that_hold_every_word(screen: Screen, wanted: str, found: bool) -> None:
    screen.set("text_input", "Search", wanted)
    assert screen.says("Ads for a feed inside 50 ms") is found
    assert screen.says("No question fits. Take a word or a filter away.") is not found


@pytest.mark.parametrize(("level", "found"), [("senior", True), ("staff", False)])
def test_the_level_keeps_the_questions_of_that_level(screen: Screen, level: str, found: bool) -> None:
    screen.set("selectbox", "Level", level)
    assert screen.says("Ads for a feed inside 50 ms") is found


def test_a_hostile_search_finds_nothing_and_harms_nothing(screen: Screen) -> None:
    screen.set("text_input", "Search", "<img src=x onerror=alert(1)> ![](http://x) \0 ' or 1=1")
    assert screen.values("info") == ["No question fits. Take a word or a filter away."]


def test_starting_makes_one_attempt_opens_it_and_its_clock_runs(screen: Screen) -> None:
    screen.press(f"start:{SLUG}")
    [listed] = list_attempts(LOCAL)
    assert screen.title == "Ads for a feed inside 50 ms"
    assert screen.at.query_params["attempt"] == listed.id
    assert is_id(listed.id)
    attempt = load_attempt(LOCAL, listed.id)
    assert [(event.kind, event.phase) for event in attempt.events] == [("enter", "requirements")]
    screen.run()
    assert len(list_attempts(LOCAL)) == 1


def test_an_unfinished_attempt_can_be_continued_from_the_questions(screen: Screen, attempt: str) -> None:
    screen.open("questions")
    assert screen.says("Tried 1 time, not graded yet.")
    screen.click("Continue")
    assert screen.at.query_params["attempt"] == attempt
    assert screen.title == "Ads for a feed inside 50 ms"
