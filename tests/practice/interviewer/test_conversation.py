"""What waits for a reply, and what the hands do, from what was kept and what a browser says."""

import pytest

from practice.attempt import Draft
from practice.clock import ClockEvent
from practice.interviewer.conversation import asks, before, open_question, remark
from practice.interviewer.hands import Pulse, hands_of
from practice.interviewer.interviewer import next_move
from practice.interviewer.manner import is_typing, may_speak
from practice.interviewer.observe import glance
from practice.interviewer.state import Said
from question_bank.loader import load_question
from tests.practice.interviewer.states import ADS, a_saying, a_state, an_attempt

NOW = 1000.0
SAVED = Draft(text="x", revision=1, writer="w", sequence=1, saved_at=NOW - 3)


def said(**more):
    return Said.model_validate(a_saying(**more))


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("probe", "Take one request by the hand.", True),
        ("twist", "Traffic is ten times.", True),
        ("clock", "Sum up your design in one sentence, please.", True),
        ("clock", "What would you do next, with another month?", True),
        ("clock", "Let's fix these as given and turn to the numbers.", False),
        ("help", "Shall we think aloud?", False),
    ],
)
def test_a_reply_is_awaited_to_questions_and_not_to_what_the_clock_says(kind, text, expected):
    assert asks(said(kind=kind, text=text)) is expected


def test_one_question_is_open_and_what_asks_nothing_stands_beside_it():
    old, new, aside = said(text="Old?"), said(text="New?"), said(kind="clock", text="Move on.")
    assert open_question([old, new, aside]) == 1
    assert remark([old, new, aside]) == aside
    assert before([old, new, aside]) == [old]
    answered = new.model_copy(update={"answer": "Yes", "answered_at": 1.0})
    assert open_question([old, answered, aside]) is None, "the old one was passed over"
    assert before([old, answered]) == [answered, old]
    assert (open_question([]), remark([])) == (None, None)


def test_somebody_who_types_in_another_tab_is_seen_by_what_was_saved():
    attempt = an_attempt("ads-ranking").model_copy(update={"sections": {"requirements": SAVED}, "events": ()})
    found = hands_of(attempt, (), NOW, Pulse(key_s=60.0, idle_s=60.0))
    assert (found.key_s, found.idle_s, found.saved) == (3.0, 3.0, False)
    assert hands_of(attempt, (), NOW, Pulse(key_s=1.0, idle_s=0.5)).key_s == pytest.approx(1.0)
    assert is_typing(a_state(hands=found.model_dump()))


def test_a_section_that_was_left_or_a_reply_that_was_sent_ends_the_typing():
    attempt = an_attempt("ads-ranking").model_copy(update={"sections": {"requirements": SAVED}, "events": ()})
    sent = said(answer="Yes", answered_at=NOW - 1)
    assert hands_of(attempt, (sent,), NOW).saved
    left = attempt.model_copy(update={"events": (ClockEvent(at=NOW - 2, kind="enter", phase="detailed_design"),)})
    assert hands_of(left, (), NOW).saved
    assert not hands_of(attempt, (said(answer="Yes", answered_at=NOW - 9),), NOW).saved


def test_without_a_key_nobody_types_and_the_silence_is_counted_from_the_last_deed():
    attempt = an_attempt("ads-ranking").model_copy(update={"created_at": NOW - 50, "events": ()})
    found = hands_of(attempt, (), NOW)
    assert (found.key_s, found.idle_s) == (None, 50.0)


@pytest.mark.parametrize(
    ("case", "may"),
    [
        ({"hands": {"key_s": 2.0}}, False),
        ({"hands": {"key_s": 20.0}}, True),
        ({"hands": {"idle_s": 95.0}, "said": [{"at": 1200.0}]}, True),
        ({"hands": {"idle_s": 85.0}, "said": [{"at": 1300.0}]}, False),
        ({"minute": 60.0}, False),
        ({"said": [{"at": 1100.0}], "minute": 14.0}, True),
    ],
    ids=["typing", "paused", "long silence", "just asked", "over", "answer awaited"],
)
def test_whoever_may_not_speak_has_nothing_to_say_whatever_the_work_is_like(case, may):
    state = a_state(case)
    assert may_speak(state) is may
    assert may or next_move(load_question(ADS), state) is None


def test_a_glance_sees_the_clock_and_the_hands_as_a_long_look_does():
    long = a_state(phase="detailed_design", minute=3.0, hands={"key_s": 4.0})
    attempt = an_attempt(ADS, minute=3.0, round_=long.round)
    short = glance(long.round, attempt, long.at, said=(), hands=long.hands)
    fields = ("at", "phase", "phase_s", "phase_left_s", "round_left_s", "is_running", "hands")
    assert [getattr(short, one) for one in fields] == [getattr(long, one) for one in fields]
