"""The history page: what one has done, and how it goes away."""

import pytest

from storage.attempts import list_attempts, start_attempt
from tests.ui.screen import SLUG, Screen
from ui.people import LOCAL


@pytest.fixture
def history(screen: Screen, attempt: str) -> Screen:
    return screen.open("history")


def press(screen: Screen, key: str) -> None:
    screen.at.button(key=key).click()
    screen.run()


def test_an_attempt_is_listed_and_somebody_elses_is_not(screen: Screen, attempt: str) -> None:
    theirs = start_attempt("somebody else", SLUG)
    screen.open("history")
    keys = {one.key for one in screen.at.button if one.label == "Open"}
    assert keys == {f"open:{attempt}"}
    assert f"open:{theirs}" not in keys
    assert screen.says("0 words, 0 runs")
    assert screen.says("not graded")


def test_the_newest_attempt_is_listed_first(screen: Screen, attempt: str) -> None:
    newer = start_attempt(LOCAL, SLUG)
    screen.open("history")
    assert [one.key for one in screen.at.button if one.label == "Open"] == [f"open:{newer}", f"open:{attempt}"]


@pytest.mark.parametrize(
    ("button", "title"),
    [("open", "Ads for a feed inside 50 ms"), ("review", "Review: Ads for a feed inside 50 ms")],
)
def test_an_attempt_opens_and_is_reviewed_from_its_line(history: Screen, attempt: str, button: str, title: str) -> None:
    press(history, f"{button}:{attempt}")
    assert history.title == title
    assert history.at.query_params["attempt"] == attempt


def test_deleting_asks_first_and_nothing_is_gone_until_it_is_confirmed(history: Screen, attempt: str) -> None:
    press(history, f"delete:{attempt}")
    assert history.says("0 words and 0 runs will be gone for good.")
    assert [one.id for one in list_attempts(LOCAL)] == [attempt]


def in_the_dialog(screen: Screen, attempt: str, answer: str) -> None:
    """Press a button of the dialog. AppTest runs the whole page, so the press that opens it is repeated with it."""
    press(screen, f"delete:{attempt}")
    screen.at.button(key=f"delete:{attempt}").click()
    screen.click(answer)


def test_an_attempt_that_is_kept_after_all_stays(history: Screen, attempt: str) -> None:
    in_the_dialog(history, attempt, "Keep it")
    assert [one.id for one in list_attempts(LOCAL)] == [attempt]


def test_a_confirmed_deletion_takes_that_attempt_and_no_other(history: Screen, attempt: str) -> None:
    other = start_attempt(LOCAL, SLUG)
    history.run()
    in_the_dialog(history, attempt, "Delete it")
    assert [one.id for one in list_attempts(LOCAL)] == [other]
    assert [one.key for one in history.at.button if one.label == "Open"] == [f"open:{other}"]


def test_an_attempt_at_a_question_that_has_left_the_bank_can_only_be_deleted(screen: Screen) -> None:
    gone = start_attempt(LOCAL, "gone-question")
    screen.open("history")
    assert screen.says("gone-question, no longer in the bank")
    assert [one.key for one in screen.at.button] == [f"delete:{gone}"]
