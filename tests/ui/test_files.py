"""Attempt files and reports on the history and review pages."""

import pytest

from practice.attempt import OwnLevel
from practice.attempt_file import read_attempt_file, write_attempt_file
from practice.review import card
from practice.scenario_runs import plan
from practice.versions import versions
from storage.attempt_files import export_attempt
from storage.attempts import add_run, list_attempts, load_attempt, save_card, save_design, save_own_level
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.ui.screen import Screen
from ui.people import LOCAL

EVIL = "<script>alert(1)</script> ![x](http://evil.example/a.png)"


def upload(screen: Screen, text: str) -> None:
    [field] = screen.at.get("file_uploader")
    field.set_value(("a-file.yaml", text.encode(), "application/yaml"))
    screen.run()


@pytest.fixture
def text(attempt: str) -> str:
    """The file of an attempt with a design, a short run, a level and a card."""
    planned = plan(QUESTION, SENIOR)[0]
    save_design(LOCAL, attempt, SENIOR)
    run = a_run(planned, 2.0)
    add_run(LOCAL, attempt, "steady", run.design, run.summary, None)
    save_own_level(LOCAL, attempt, "architecture", OwnLevel(level=1))
    for _ in range(2):
        save_card(LOCAL, attempt, card(QUESTION, load_attempt(LOCAL, attempt), {"steady": run}))
    return write_attempt_file(export_attempt(LOCAL, attempt, versions(QUESTION)))


def test_a_file_is_shown_read_only_compared_run_again_and_kept(screen: Screen, attempt: str, text: str) -> None:
    theirs = read_attempt_file(text)
    levels = {one: level.model_copy(update={"level": 2, "quote": EVIL}) for one, level in theirs.self_grades.items()}
    screen.open("history")
    assert [one.label for one in screen.at.get("download_button")] == [
        "Report, HTML", "Report, Markdown", "Attempt file, YAML",
    ]  # fmt: skip
    upload(screen, text)
    assert screen.title == "From a file: Ads for a feed inside 50 ms"
    assert not screen.at.get("text_area")
    assert run_again(screen) == []
    assert screen.values("success") == [
        f"All 1 runs gave the same numbers to the last bit, and the same score, {theirs.card.total:g} of 100."  # type: ignore[union-attr]
    ]
    screen.click("Close")
    upload(screen, write_attempt_file(theirs.model_copy(update={"self_grades": levels})))
    assert screen.says("Of 1 dimensions that both have judged, 0 are alike and 1 within one level.")
    assert not any("<script>" in one.value or "](http" in one.value for one in screen.at.markdown)
    [said] = run_again(screen)
    assert "does not stand in your answer" in said
    assert len(list_attempts(LOCAL)) == 1
    screen.click("Keep it among my attempts")
    assert "It is among your attempts now" in screen.values("success")[0]
    assert len(list_attempts(LOCAL)) == 2
    assert screen.title == "History"


def run_again(screen: Screen) -> list[str]:
    """Run what is in the file again, and return the warnings."""
    screen.click("Run it again and compare")
    for job in screen.at.session_state["files:again"].values():
        job.wait(60)
    screen.run()
    return screen.values("warning")


@pytest.mark.parametrize(
    ("text", "says"),
    [("a: [1", "is not YAML"), ("question: 1", "question is 1"), ("x: " + "[" * 99, "nested more than 40 deep")],
)
def test_a_wrong_file_is_answered_with_a_sentence(screen: Screen, text: str, says: str) -> None:
    screen.open("history")
    upload(screen, text)
    assert any(says in one for one in screen.errors)
    assert screen.title == "History"
