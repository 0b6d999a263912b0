"""The practice page: the plan, cards and drills, and the next thing on the front page."""

from datetime import date, timedelta

import pytest

from practice.attempt import Edit, OwnLevel, Written
from practice.review import card
from practice.scenario_runs import plan
from storage.attempts import (
    add_run,
    load_attempt,
    save_card,
    save_design,
    save_own_level,
    save_section,
    save_worksheet_row,
)
from storage.practiced import drilled, reviews
from tests.practice.rounds import QUESTION, SENIOR, a_run
from tests.ui.screen import Screen
from ui.people import LOCAL
from ui.practice.situation import plan_settings


@pytest.fixture
def graded(attempt: str) -> str:
    """An attempt that was just graded, with a worksheet row and a run that were missed."""
    save_section(LOCAL, attempt, "requirements", Edit(text="We rank ads.", writer="t", sequence=1, base=0))
    save_worksheet_row(LOCAL, attempt, "gpus", Written(value="1", unit="gpu"))
    save_design(LOCAL, attempt, SENIOR)
    run = a_run(plan(QUESTION, SENIOR)[0], 2.0)
    missed = [one.model_copy(update={"met": False}) for one in run.summary.checks]
    add_run(LOCAL, attempt, "steady", run.design, run.summary.model_copy(update={"checks": tuple(missed)}), None)
    save_own_level(LOCAL, attempt, "architecture", OwnLevel(level=1))
    save_card(LOCAL, attempt, card(QUESTION, load_attempt(LOCAL, attempt), {}))
    return attempt


def test_a_newcomer_sees_a_plan_and_answers_a_card(screen: Screen) -> None:
    screen.open("practice")
    assert screen.says("Next: Answer your first question")
    assert screen.says("the same question not before 14 days.")
    assert screen.says("They are made from what you miss")
    screen.press("begin:cards")
    assert screen.says("5 cards left today")
    assert not screen.says("43 minutes.")
    screen.click("Show the answer")
    assert screen.says("43 minutes.")
    screen.press("recall:good")
    assert screen.says("4 cards left today")
    [said] = reviews(LOCAL)
    assert (said.item, said.answer) == ("fact:availability_99_9", "good")
    assert reviews("somebody else") == []


def test_a_date_changes_the_plan_and_stays(screen: Screen, graded: str) -> None:
    screen.open("questions")
    assert screen.says("Next: 5 cards for today"), "the front page knows it too; all else was practiced just now"
    screen.open("practice")
    screen.at.date_input[0].set_value(date.today() + timedelta(days=1))  # noqa: DTZ011 - the day of this machine
    screen.run()
    assert screen.says("Your interview is tomorrow: only cards today.")
    assert plan_settings()[0] is not None
    screen.set("number_input", "Minutes a day, at most", 30)
    assert plan_settings()[1] == 30


def test_each_drill_opens_and_the_worksheet_and_the_probe_are_written_down(screen: Screen, graded: str) -> None:
    screen.open("practice")
    assert {one.key for one in screen.at.button if (one.key or "").startswith("begin:")} == {
        "begin:cards", "begin:worksheet", "begin:repair", "begin:probe",
    }  # fmt: skip
    screen.press("begin:repair")
    assert screen.says("Change a copy of your design until it holds.")
    assert screen.has("button", "Run it")
    assert load_attempt(LOCAL, graded).design == SENIOR
    screen.open("practice").press("begin:worksheet")
    assert screen.says("1 row was off in your worksheet of \u201cAds for a feed inside 50 ms\u201d.")
    screen.click("Compare")
    assert screen.says("of the rows accepted")
    screen.open("practice").press("begin:probe")
    screen.field("text_area", "Your answer").set_value("We would shed load at 80% and tell the caller.")
    screen.click("Compare with a strong answer")
    assert screen.says("A strong answer has:")
    screen.field("segmented_control", "How much of it did yours have?").set_value(0.5)
    screen.run()
    screen.click("Done")
    assert screen.values("success") == ["Written down."]
    assert [one.share for one in drilled(LOCAL)] == [0.0, 0.5]
