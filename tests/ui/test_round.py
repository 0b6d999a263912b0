"""A mock interview from its set-up to its review, on a clock that the test sets."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from practice import wall_clock
from practice.attempt import Edit
from practice.interviewer.conversation import asks
from storage.attempts import save_design, save_section
from storage.rounds import load_round, load_said, load_trials, save_reply
from tests.rubrics.openai_server import Answer, Server, completion
from tests.ui.screen import SLUG, Screen
from ui.cached import questions
from ui.own_runs import _under_way
from ui.people import LOCAL

BEGUN = 1_800_000_000.0
QUESTION = questions()[SLUG]
REPLY = "The bid, because <b>it</b> ![decides](http://x/y.png) what is shown, at $5 or $6."
EXPECTED = ("What limits it", "p99 latency, ms", "Cost of the fleet, USD per month")
WRITTEN = {
    "requirements": "We show an ad in a feed. 5 million people a day. Billing is out of scope because it can wait.",
    "capacity_estimation": "The peak is 139,000 requests per second, so 480 GPUs.",
    "high_level_design": "A request arrives at the ad service, then the funnel keeps 300 ads. Clicks are our labels.",
    "detailed_design": "We batch on the GPU instead of single calls, because the fixed 3 ms are shared.",
    "bottlenecks_tradeoffs": "If the feature store fails, we answer from the cache.",
}


class Clock:
    """Minutes of the round, as the test says."""

    def __init__(self) -> None:
        self.minute = 0.0

    def __call__(self) -> float:
        return BEGUN + self.minute * 60


@pytest.fixture
def clock() -> Iterator[Clock]:
    found = Clock()
    with wall_clock.read_from(found):
        yield found


def begin(screen: Screen) -> str:
    """Set up a mock interview of 45 minutes as it is offered, and begin it."""
    screen.open("interview", question=SLUG)
    return begin_as_it_is(screen)


def begin_as_it_is(screen: Screen) -> str:
    screen.click("Begin")
    return str(screen.at.session_state["attempt"])


def at(screen: Screen, clock: Clock, minute: float) -> None:
    clock.minute = minute
    screen.run()


def enter(screen: Screen, clock: Clock, minute: float, phase: str) -> None:
    clock.minute = minute
    [phases] = [one for one in screen.at.button_group if one.key.startswith("phase:")]
    phases.set_value(phase)
    screen.run()


def write(attempt: str, phase: Any) -> None:
    save_section(LOCAL, attempt, phase, Edit(text=WRITTEN[phase], writer="tab", sequence=1, base=0))


def reply(attempt: str, number: int, text: str) -> None:
    save_reply(LOCAL, attempt, number, Edit(text=text, writer="tab", sequence=1, base=0))


def wait_for_trials(screen: Screen, attempt: str) -> None:
    for (one, _), job in list(_under_way().trials.items()):
        if one == attempt:
            job.wait(60)
            assert job.state == "done", job.problems
    screen.run()


def test_a_round_cannot_begin_with_phases_that_do_not_fit_into_it(screen: Screen) -> None:
    screen.open("interview", question=SLUG)
    screen.set("number_input", "Depth", 60)
    assert any("shorten some" in one for one in screen.errors)
    assert screen.field("button", "Begin").disabled


def test_self_study_in_own_times_keeps_its_help_and_its_pause(screen: Screen) -> None:
    screen.open("interview", question=SLUG)
    [mode] = [one for one in screen.at.button_group if one.key == "round_mode"]
    mode.set_value("self_study")
    screen.run()
    screen.set("number_input", "Requirements", 6)
    attempt = begin_as_it_is(screen)
    round_ = load_round(LOCAL, attempt)
    assert round_ is not None
    assert (round_.mode, round_.phase_minutes["requirements"]) == ("self_study", 6)
    assert screen.has("button", "Pause")
    assert screen.says("Done when:")
    assert not screen.says("Interviewer")


@pytest.mark.slow
def test_a_whole_round_from_its_set_up_to_its_review(screen: Screen, clock: Clock) -> None:
    attempt = begin(screen)
    assert not screen.has("button", "Pause")
    assert not screen.says("Done when:")

    at(screen, clock, 3.5)
    [first] = load_said(LOCAL, attempt)
    assert screen.says(first.text)
    screen.click("Send")
    assert screen.says("Write a few words first")
    save_reply(LOCAL, attempt, 0, Edit(text=REPLY, writer="t", sequence=1, base=0))
    screen.click("Send")
    assert load_said(LOCAL, attempt)[0].is_supported
    assert screen.says(REPLY)
    write(attempt, "requirements")
    screen.open("review", attempt=attempt)
    assert screen.says("The mock interview is still going on")
    assert not screen.has("button", "Go on to your levels")
    screen.open("interview", attempt=attempt)

    at(screen, clock, 7.5)
    assert screen.says("Let's fix these as given")
    screen.run()
    musts = [fact for fact in QUESTION.facts if fact.must]
    assert all(screen.says(fact.answer) for fact in musts)
    enter(screen, clock, 8, "capacity_estimation")
    write(attempt, "capacity_estimation")

    enter(screen, clock, 12, "high_level_design")
    save_design(LOCAL, attempt, QUESTION.designs.senior.design)
    write(attempt, "high_level_design")
    enter(screen, clock, 21, "detailed_design")
    write(attempt, "detailed_design")
    screen.click("I don't know")
    assert load_said(LOCAL, attempt)[-1].answer == "I don't know."

    at(screen, clock, 30)
    twist = load_said(LOCAL, attempt)[-1]
    assert (twist.kind, screen.says(twist.text)) == ("twist", True)
    screen.run()
    assert screen.says("The twist:")
    for kind, value in (("selectbox", "ranker"), ("number_input", 40.0), ("number_input", 250_000.0)):
        [field, *_] = [one for one in screen.at.get(kind) if one.label in EXPECTED and one.value is None]
        field.set_value(value)
    screen.click("Commit and watch")
    wait_for_trials(screen, attempt)
    assert [one.kind for one in load_trials(LOCAL, attempt)] == ["twist_before", "twist_after"]
    assert screen.says("Now say what you change")

    enter(screen, clock, 34, "bottlenecks_tradeoffs")
    at(screen, clock, 36)
    screen.run()
    assert screen.says("Something has just hit your design")
    wait_for_trials(screen, attempt)
    assert screen.field("button", "Run the changed design").disabled
    save_design(LOCAL, attempt, QUESTION.designs.staff.design)
    screen.run()
    if not screen.field("button", "Run the changed design").disabled:
        screen.click("Run the changed design")
        wait_for_trials(screen, attempt)
        assert screen.says("Your changed design under the same fault:")
    write(attempt, "bottlenecks_tradeoffs")

    at(screen, clock, 42)
    at(screen, clock, 46)
    assert screen.says("The round is over")
    screen.click("Finish and review")
    screen.open("review", attempt=attempt)

    assert screen.title.startswith("Review:")
    assert screen.says("The round went on for 1 minute after its end.")
    assert screen.says("In time") or screen.says("The failure drill")
    drills = [one for one in load_trials(LOCAL, attempt) if one.recovery is not None]
    assert len(drills) >= 1
    assert screen.says(drills[0].recovery.sentence)
    assert screen.says("Your predictions are off by a factor of")
    screen.step("Your levels")
    screen.click("Show the card and the references")
    screen.step("The round")
    for one in load_said(LOCAL, attempt):
        if asks(one):
            assert screen.says(one.why), one.text
    clock.minute = 500
    screen.run()
    assert screen.says("minutes, senior")


def test_skipping_everything_ends_in_a_review_that_says_what_was_not_shown(screen: Screen, clock: Clock) -> None:
    attempt = begin(screen)
    clock.minute = 1
    screen.click("Finish and review")
    screen.open("review", attempt=attempt)
    for said in ("The round ended before its twist.", "nothing was drawn that could fail", "none was written"):
        assert screen.says(said), said
    assert screen.says("No prediction could be compared with a run yet.")
    screen.step("Your levels")
    screen.click("Show the card and the references")
    screen.step("Card")
    assert sum("nothing was written" in one.label for one in screen.at.expander) == 8
    screen.step("The round")
    assert screen.says("The round ended before anything was asked.")


def test_a_reply_that_was_not_sent_counts_when_the_round_is_finished(screen: Screen, clock: Clock) -> None:
    attempt = begin(screen)
    assert screen.open("questions").says("a mock interview whose clock runs on")
    screen.open("interview", attempt=attempt)
    at(screen, clock, 3.5)
    reply(attempt, 0, "Half a rep")
    screen.click("Finish and review")
    [said] = load_said(LOCAL, attempt)
    assert (said.answer, said.answered_at) == ("Half a rep", clock())


def test_a_question_may_come_in_a_models_words_once_that_is_switched_on(
    screen: Screen, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "WINDTUNNEL_GRADER_URL"):
        monkeypatch.delenv(name, raising=False)
    attempt, server = begin(screen), Server()
    wanted = "Which decision is another one when the prediction is?"
    server.behave(lambda received: Answer(body=completion(wanted)))
    screen.set("text_input", "Address of the endpoint", server.url)
    screen.set("text_input", "Model", "m-1")
    screen.set("toggle", "Ask the model", True)
    assert server.received == []
    at(screen, clock, 3.5)
    assert load_said(LOCAL, attempt) == ()
    until = time.monotonic() + 20
    while not load_said(LOCAL, attempt) and time.monotonic() < until:
        time.sleep(0.1)
        screen.run()
    [said] = load_said(LOCAL, attempt)
    assert (said.text, said.id, screen.says(wanted)) == (wanted, "no_objective", True)
    server.close()
