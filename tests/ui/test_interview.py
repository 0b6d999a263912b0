"""The interview page: facts, worksheet, phases, and no run without a prediction."""

import pytest

from practice.facts import NOT_SPECIFIED
from storage.attempts import list_attempts, load_attempt, save_design, start_attempt
from tests.ui.screen import SLUG, Screen
from ui.cached import questions
from ui.own_runs import jobs_of
from ui.people import LOCAL

PEAK = "Peak request rate"


@pytest.fixture
def at_work(screen: Screen, attempt: str) -> Screen:
    return screen.open("interview", attempt=attempt)


def enter(screen: Screen, phase: str) -> None:
    [phases] = [one for one in screen.at.button_group if one.key.startswith("phase:")]
    phases.set_value(phase)
    screen.run()


def ask(screen: Screen, text: str) -> None:
    screen.field("text_input", "Your question").set_value(text)
    screen.click("Ask")


def test_asking_for_a_fact_tells_that_fact_and_no_other(at_work: Screen, attempt: str) -> None:
    facts = {fact.id: fact.answer for fact in questions()[SLUG].facts}
    ask(at_work, "Which deadline, as a p99 latency, do users notice?")
    assert at_work.says(facts["latency"])
    assert not any(at_work.says(facts[other]) for other in facts if other != "latency")
    assert load_attempt(LOCAL, attempt).known_facts() == ("latency",)


def test_a_question_that_the_scenario_does_not_answer_is_kept_and_said_to_be_open(
    at_work: Screen, attempt: str
) -> None:
    hostile = "<b>zeppelins</b> ![](http://x/y.png) $a$"
    ask(at_work, hostile)
    assert at_work.says(NOT_SPECIFIED)
    assert at_work.says(hostile)
    assert [one.text for one in load_attempt(LOCAL, attempt).asked] == [hostile]


def test_an_empty_question_is_not_asked(at_work: Screen, attempt: str) -> None:
    ask(at_work, "   ")
    assert load_attempt(LOCAL, attempt).asked == ()


def test_facts_nobody_asked_for_are_told_after_the_first_phase(at_work: Screen, attempt: str) -> None:
    ask(at_work, "How many people use it?")
    enter(at_work, "capacity_estimation")
    musts = [fact for fact in questions()[SLUG].facts if fact.must]
    assert at_work.field("expander", f"What you know: 1 asked, {len(musts) - 1} told")
    assert all(at_work.says(fact.answer) for fact in musts)
    assert load_attempt(LOCAL, attempt).known_facts() == ("users",)


@pytest.mark.parametrize(
    ("typed", "unit", "said"),
    [
        ("139k", "request/s", "Saved: 139,000 request/s."),
        ("139k", "", "A number without a unit earns half at most"),
        ("lots", "request/s", "Saved, but the value is 'lots', which does not begin with a number"),
        ("139k", "furlongs", "furlongs"),
        ("1e999", "request/s", "Saved, but the value is"),
        ("1-2", "request/s", "neither a range nor a sum"),
        ("<img src=x>", "request/s", "Saved, but the value is '<img src=x>'"),
    ],
)
def test_a_worksheet_entry_is_kept_as_typed_and_gets_a_sentence(
    at_work: Screen, attempt: str, typed: str, unit: str, said: str
) -> None:
    enter(at_work, "capacity_estimation")
    at_work.field("text_input", PEAK).set_value(typed)
    at_work.set("text_input", f"Unit of: {PEAK}", unit)
    assert at_work.says(said), at_work.values("caption")
    kept = load_attempt(LOCAL, attempt).worksheet["peak_qps"]
    assert (kept.value, kept.unit) == (typed, unit)
    again = Screen().open("interview", attempt=attempt)
    assert (again.field("text_input", PEAK).value, again.field("text_input", f"Unit of: {PEAK}").value) == (typed, unit)


def test_the_worksheet_does_not_say_while_one_works_whether_a_number_is_right(at_work: Screen) -> None:
    enter(at_work, "capacity_estimation")
    at_work.field("text_input", PEAK).set_value("1")
    at_work.set("text_input", f"Unit of: {PEAK}", "request/s")
    assert at_work.says("Saved: 1 request/s.")


def test_a_phase_that_is_entered_is_the_one_a_reload_opens(at_work: Screen, attempt: str) -> None:
    enter(at_work, "high_level_design")
    events = load_attempt(LOCAL, attempt).events
    assert [(one.kind, one.phase) for one in events][-1] == ("enter", "high_level_design")
    assert Screen().open("interview", attempt=attempt).says("Your design")


def test_a_pause_stops_the_clock_until_one_goes_on(at_work: Screen, attempt: str) -> None:
    at_work.click("Pause")
    at_work.click("Go on")
    assert [one.kind for one in load_attempt(LOCAL, attempt).events] == ["enter", "pause", "resume"]
    assert at_work.has("button", "Pause")


def test_finishing_opens_the_review_and_marks_the_attempt(at_work: Screen, attempt: str) -> None:
    at_work.click("Finish and review")
    assert at_work.title == "Review: Ads for a feed inside 50 ms"
    assert list_attempts(LOCAL)[0].finished_at is not None


@pytest.fixture
def drawn(screen: Screen, attempt: str) -> Screen:
    """The third phase, with a design that is drawn."""
    save_design(LOCAL, attempt, questions()[SLUG].designs.senior.design)
    screen.open("interview", attempt=attempt)
    enter(screen, "high_level_design")
    return screen


def test_without_a_design_there_is_nothing_to_predict(at_work: Screen) -> None:
    enter(at_work, "high_level_design")
    assert at_work.says("Draw your design first; then say how it will behave, and run it.")
    assert not at_work.has("button", "Commit and run")


@pytest.mark.parametrize("left_out", ["What limits it", "p99 latency, ms", "Cost of the fleet, USD per month"])
def test_nothing_runs_until_all_three_predictions_are_said(drawn: Screen, attempt: str, left_out: str) -> None:
    said = {"What limits it": "ranker", "p99 latency, ms": 30.0, "Cost of the fleet, USD per month": 200_000.0}
    for label, value in said.items():
        if label != left_out:
            drawn.field("selectbox" if label.startswith("What") else "number_input", label).set_value(value)
    drawn.click("Commit and run")
    assert drawn.values("warning") == ["Say all three before you run: a wrong prediction teaches more than none."]
    assert load_attempt(LOCAL, attempt).prediction is None
    assert jobs_of(attempt) == {}
    assert drawn.values("markdown").count("Not run yet.") == 3
    kept = [drawn.field("number_input", label).value for label in said if not label.startswith("What")]
    assert kept == [None if label == left_out else said[label] for label in said if not label.startswith("What")]


def test_a_committed_prediction_is_kept_and_starts_every_scenario_until_they_are_cancelled(
    drawn: Screen, attempt: str
) -> None:
    drawn.field("selectbox", "What limits it").set_value("ranker")
    drawn.field("number_input", "p99 latency, ms").set_value(30.0)
    drawn.field("number_input", "Cost of the fleet, USD per month").set_value(200_000.0)
    drawn.click("Commit and run")
    prediction = load_attempt(LOCAL, attempt).prediction
    assert prediction is not None
    assert (prediction.bottleneck, prediction.p99_ms, prediction.usd_per_month) == ("ranker", 30.0, 200_000.0)
    assert set(jobs_of(attempt)) == {one.id for one in questions()[SLUG].simulation.scenarios}
    drawn.click("Cancel the runs")
    assert all(job.is_over for job in jobs_of(attempt).values())
    assert not drawn.has("button", "Cancel the runs")


def test_a_second_attempt_does_not_see_the_runs_of_the_first(drawn: Screen) -> None:
    assert jobs_of(start_attempt(LOCAL, SLUG)) == {}
