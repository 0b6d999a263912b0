"""Where the time of a round went, from its events and from what was first seen when."""

import pytest

from practice.attempt import Draft
from practice.clock import ClockEvent
from practice.forensics import Mark, forensics, ml_untouched, new_marks
from practice.interviewer.state import ConceptState
from practice.rounds import new_round
from rubrics.schema import PHASES
from tests.practice.rounds import an_attempt

ROUND = new_round(45, mode_id="mock")
TEXT = {
    "requirements": "It must be fast.",
    "capacity_estimation": "We see p99 in version 2. The peak is 139k requests a second.",
    "high_level_design": "We chose one pool over two pools. The ranker fails sometimes.",
}


def events(*minutes):
    pairs = zip(minutes, PHASES, strict=False)
    return tuple(ClockEvent(at=1000.0 + minute * 60, kind="enter", phase=phase) for minute, phase in pairs)


def concept(dimension, status):
    return ConceptState(id="x", dimension=dimension, tier="core", label="X", status=status)


def test_the_first_of_each_kind_is_marked_with_its_sentence():
    marks = {one.kind: one for one in new_marks([], TEXT, 1300.0)}
    assert marks["number"].sentence == "The peak is 139k requests a second."
    assert marks["tradeoff"].sentence == "We chose one pool over two pools."
    assert marks["failure"].sentence == "The ranker fails sometimes."
    assert {one.at for one in marks.values()} == {1300.0}


def test_a_mark_is_set_once():
    known = new_marks([], {"requirements": "The peak is 5 requests a second."}, 1100.0)
    later = new_marks(known, TEXT, 1300.0)
    assert [one.kind for one in known] == ["number"]
    assert [one.kind for one in later] == ["tradeoff", "failure"]
    assert new_marks([*known, *later], TEXT, 1400.0) == ()


@pytest.mark.parametrize("text", ["We look at p99.", "1. First", "In version 2.0 of it", "H100", ""])
def test_a_name_with_a_digit_is_no_number(text):
    assert new_marks([], {"requirements": text}, 1.0) == ()


def test_minutes_of_each_phase_stand_beside_the_plan():
    attempt = an_attempt(TEXT, events=events(0, 10, 13, 20, 40))
    found = forensics(ROUND, attempt, [], [], 1000.0 + 50 * 60)
    assert [one.spent_min for one in found.phases] == [10, 3, 7, 20, 10]
    assert [one.over_min for one in found.phases] == [3, 0, 0, 7, 3]
    assert found.overtime_min == 5
    assert "Depth took 20 minutes of 13 planned." in found.sentences
    assert "The round went on for 5 minutes after its end." in found.sentences


def test_a_mark_gives_the_minute_of_the_round():
    mark = Mark(kind="number", at=1000.0 + 9 * 60, phase="capacity_estimation", sentence="139k")
    found = {one.kind: one for one in forensics(ROUND, an_attempt(TEXT, events=events(0)), [mark], [], 4000.0).firsts}
    assert (found["number"].minute, found["number"].is_latest) == (9, False)
    assert found["tradeoff"].minute is None
    assert found["tradeoff"].sentence is not None


def test_without_a_mark_the_last_save_is_the_latest_it_can_have_been():
    sections = {"capacity_estimation": Draft(text="The peak is 139k requests a second.", saved_at=1000.0 + 11 * 60)}
    attempt = an_attempt(events=events(0)).model_copy(update={"sections": sections})
    found = forensics(ROUND, attempt, [], [], 4000.0)
    assert (found.firsts[0].minute, found.firsts[0].is_latest) == (11, True)
    assert "First number: by minute 11." in found.sentences


def test_what_was_never_written_is_said():
    found = forensics(ROUND, an_attempt(events=events(0)), [], [], 1000.0)
    assert [one.sentence for one in found.firsts] == [None, None, None]
    assert "First failure: none was written." in found.sentences


def test_the_half_on_data_and_model_counts_what_was_not_spoken_of():
    concepts = [concept("data_features", "not_found"), concept("model_evaluation", "named_only")]
    concepts += [concept("data_features", "rejected"), concept("capacity", "not_found")]
    assert ml_untouched(concepts) == pytest.approx(1 / 3)
    assert ml_untouched([concept("capacity", "not_found")]) is None
    said = forensics(ROUND, an_attempt(events=events(0)), [], concepts, 1000.0).sentences
    assert "I found nothing on 33% of what this question holds on data and model." in said
