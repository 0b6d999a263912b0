"""Own numbers for the worksheet: entered in the interview, kept over a reload, judged in the review."""

import pytest

from practice.attempt import Written
from storage.attempts import add_asked, load_attempt, save_assumption, save_worksheet_row
from tests.ui.screen import SLUG, Screen
from tests.ui.test_interview import enter
from ui.cached import questions
from ui.people import LOCAL

UTILIZATION = "target utilization of a GPU"
PEAK_FACTOR = "busiest hour against the average"
CHANGE = "Calculate with another number than the one told"
SHEET = questions()[SLUG].worksheet


@pytest.fixture
def at_work(screen: Screen, attempt: str) -> Screen:
    screen.open("interview", attempt=attempt)
    enter(screen, "capacity_estimation")
    return screen


def reload(attempt: str) -> Screen:
    return Screen().open("interview", attempt=attempt)


def test_an_assumption_is_kept_as_typed_and_stands_there_after_a_reload(at_work: Screen, attempt: str) -> None:
    at_work.field("text_input", UTILIZATION).set_value("50")
    at_work.set("text_input", f"Unit of: {UTILIZATION}", "percent")
    assert at_work.says("Saved: the rows are judged with 0.5.")
    assert load_attempt(LOCAL, attempt).assumptions == {"util": Written(value="50", unit="percent")}
    again = reload(attempt)
    assert again.field("text_input", UTILIZATION).value == "50"
    assert again.field("text_input", f"Unit of: {UTILIZATION}").value == "percent"
    assert again.has("expander", "Numbers to calculate with: 7 told, 7 to assume, 1 of your own")


def test_a_told_number_is_shown_and_an_untold_one_is_not(at_work: Screen) -> None:
    assert at_work.says("Busiest hour against the average: **2 times**")
    assert not at_work.has("text_input", PEAK_FACTOR)
    assert not any("0.6" in said for said in at_work.values("markdown", "caption"))
    assert at_work.field("text_input", UTILIZATION).value == ""


def test_a_fact_that_was_asked_for_makes_its_numbers_known(screen: Screen, attempt: str) -> None:
    add_asked(LOCAL, attempt, "How large is the log?", "logging")
    screen.open("interview", attempt=attempt)
    enter(screen, "capacity_estimation")
    assert screen.says("One impression in the log: **2,000 B**")
    assert screen.has("expander", "Numbers to calculate with: 9 told, 5 to assume, 0 of your own")


def test_a_told_number_can_be_changed_and_the_change_stays(at_work: Screen, attempt: str) -> None:
    at_work.set("selectbox", CHANGE, "peak_factor")
    at_work.set("text_input", PEAK_FACTOR, "3x")
    assert at_work.says("Saved: the rows are judged with 3 times.")
    assert reload(attempt).field("text_input", PEAK_FACTOR).value == "3x"


@pytest.mark.parametrize("typed", ["", "many", "<b>3</b>", "![](http://x/y.png)", "3 GB", "0"])
def test_what_cannot_be_used_is_kept_and_the_review_still_opens(at_work: Screen, attempt: str, typed: str) -> None:
    at_work.set("text_input", UTILIZATION, typed)
    assert reload(attempt).field("text_input", UTILIZATION).value == typed
    assert Screen().open("review", attempt=attempt).says("0% of the rows accepted")


def test_the_review_tells_arithmetic_and_assumption_apart(at_work: Screen, attempt: str) -> None:
    save_assumption(LOCAL, attempt, "peak_factor", Written(value="3x"))
    save_assumption(LOCAL, attempt, "util", Written(value="50", unit="percent"))
    save_worksheet_row(LOCAL, attempt, "peak_qps", Written(value="208k", unit="request/s"))
    review = Screen().open("review", attempt=attempt)
    assert review.says("is right for your own 3 times (busiest hour against the average); the question takes 2 times")
    assert review.says(
        "3 times contradicts what you were told; that is 2 times, and yours is higher by a factor of 1.5."
    )
    assert review.says("0.5 is plausible; the question takes 0.6.")
    assert review.has("expander", f"{len(SHEET.rows) - 1} rows not answered")
    assert review.says("12% of the rows accepted")


def test_the_review_names_what_follows_from_an_earlier_error(at_work: Screen, attempt: str) -> None:
    save_worksheet_row(LOCAL, attempt, "avg_qps", Written(value="2894", unit="request/s"))
    save_worksheet_row(LOCAL, attempt, "peak_qps", Written(value="5788", unit="request/s"))
    review = Screen().open("review", attempt=attempt)
    assert review.says("is consistent with your 2,894 request/s (Average request rate), which earns half")
    assert review.says("Likely cause: a day was taken as 24 times 86,400 seconds.")


def test_what_was_told_only_later_is_judged_as_told(screen: Screen, attempt: str) -> None:
    save_assumption(LOCAL, attempt, "log_bytes", Written(value="4", unit="kB"))
    assert Screen().open("review", attempt=attempt).says("4,000 B is plausible; the question takes 2,000 B.")
    add_asked(LOCAL, attempt, "How large is the log?", "logging")
    assert Screen().open("review", attempt=attempt).says("4,000 B contradicts what you were told")
