"""Phase times follow from the events alone: what is counted, what is not, and to which phase."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.clock import AWAY_S, ClockEvent, absence, times
from practice.phases import planned_minutes
from rubrics.schema import PHASES

FIRST, SECOND, THIRD = PHASES[:3]


def enter(at, phase=FIRST):
    return ClockEvent(at=at, kind="enter", phase=phase)


def pause(at):
    return ClockEvent(at=at, kind="pause")


def resume(at):
    return ClockEvent(at=at, kind="resume")


def finish(at):
    return ClockEvent(at=at, kind="finish")


def spent(events, now):
    """The phases that had any time, with their seconds."""
    return {phase: seconds for phase, seconds in times(events, now).spent_s.items() if seconds}


def _events(moments, kinds):
    start = [enter(moments[0])] if moments else []
    return start + [
        ClockEvent(at=at, kind=kind, phase=phase if kind == "enter" else None)
        for at, (kind, phase) in zip(moments[1:], kinds, strict=True)
    ]


@st.composite
def rounds(draw, kinds=("enter", "pause", "resume", "finish")):
    """Events at whole seconds, in order, and a later moment."""
    moments = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=12)))
    steps = st.tuples(st.sampled_from(kinds), st.sampled_from(PHASES))
    chosen = draw(st.lists(steps, min_size=len(moments) - 1, max_size=len(moments) - 1))
    return _events([float(at) for at in moments], chosen), float(moments[-1] + draw(st.integers(0, 20)))


def test_before_anything_happened_no_time_runs():
    found = times([], 100.0)
    assert (found.phase, found.is_running, set(found.spent_s.values())) == (FIRST, False, {0.0})


def test_a_phase_has_its_time_until_the_next_is_entered():
    assert spent([enter(10), enter(70, SECOND)], 100) == {FIRST: 60, SECOND: 30}


def test_going_back_to_a_phase_goes_on_with_its_time():
    events = [enter(0), enter(10, SECOND), enter(30, FIRST)]
    assert spent(events, 35) == {FIRST: 15, SECOND: 20}
    assert times(events, 35).phase == FIRST


def test_entering_the_open_phase_again_changes_nothing():
    assert times([enter(0), enter(7)], 20) == times([enter(0)], 20)


def test_a_pause_is_not_counted():
    assert spent([enter(0), pause(10), resume(500)], 505) == {FIRST: 15}
    assert spent([enter(0), pause(10)], 500) == {FIRST: 10}


def test_a_second_pause_or_resume_changes_nothing():
    assert spent([enter(0), pause(10), pause(20), resume(30), resume(40)], 50) == {FIRST: 30}


def test_entering_a_phase_ends_a_pause():
    events = [enter(0), pause(10), enter(100, SECOND)]
    assert spent(events, 105) == {FIRST: 10, SECOND: 5}
    assert times(events, 105).is_running


def test_a_finished_attempt_is_looked_through_without_time():
    events = [enter(0), finish(10), enter(20, THIRD)]
    found = times(events, 100)
    assert (spent(events, 100), found.phase, found.is_running) == ({FIRST: 10}, THIRD, False)


def test_a_finished_attempt_goes_on_in_the_phase_that_is_looked_at():
    assert spent([enter(0), finish(10), enter(20, THIRD), resume(50)], 60) == {FIRST: 10, THIRD: 10}


def test_after_a_resume_phases_can_be_entered_again():
    assert spent([enter(0), finish(10), resume(50), enter(60, SECOND)], 61) == {FIRST: 20, SECOND: 1}


@pytest.mark.parametrize("events", [[enter(100), pause(90)], [enter(100), enter(90, SECOND), pause(90)]])
def test_a_wall_clock_that_was_set_back_takes_no_time_away(events):
    assert spent(events, 80) == {}


def test_a_now_before_the_last_event_counts_nothing():
    assert spent([enter(100)], 50) == {}


def test_what_is_left_is_negative_over_the_plan():
    planned_s = planned_minutes(45)[FIRST] * 60
    assert times([enter(0)], planned_s).left_s(FIRST, 45) == 0
    assert times([enter(0)], planned_s + 5).left_s(FIRST, 45) == -5
    assert times([enter(0)], planned_s).left_s(SECOND, 45) == planned_minutes(45)[SECOND] * 60


@given(rounds())
def test_every_second_belongs_to_the_phase_that_was_open_and_running_then(drawn):
    """Second by second: the events up to its beginning say whether it counts, and for which phase."""
    events, now = drawn
    expected = dict.fromkeys(PHASES, 0.0)
    for second in range(int(now)):
        before = [event for event in events if event.at <= second]
        if not before:
            continue
        kinds = [event.kind for event in before]
        since_finish = kinds[len(kinds) - kinds[::-1].index("finish") :] if "finish" in kinds else ["resume"]
        phase = next(event.phase for event in reversed(before) if event.phase)
        if kinds[-1] in ("enter", "resume") and "resume" in since_finish:
            expected[phase] += 1
    assert times(events, now).spent_s == expected


@given(rounds(kinds=("enter", "pause", "resume")))
def test_times_add_up_to_what_has_passed_without_the_pauses(drawn):
    events, now = drawn
    ends = [event.at for event in events[1:]] + [now]
    paused = sum(end - event.at for event, end in zip(events, ends, strict=True) if event.kind == "pause")
    assert sum(times(events, now).spent_s.values()) == now - events[0].at - paused


@given(rounds())
def test_no_phase_ever_loses_time(drawn):
    events, now = drawn
    moments = [times(events[:n], events[n - 1].at).spent_s for n in range(1, len(events) + 1)]
    for before, after in pairwise([*moments, times(events, now).spent_s]):
        assert all(before[phase] <= after[phase] for phase in PHASES)


@pytest.mark.parametrize(("silence_s", "events"), [(0, 0), (AWAY_S - 1, 0), (AWAY_S, 0), (AWAY_S + 1, 2)])
def test_only_a_silence_longer_than_the_limit_is_a_pause(silence_s, events):
    assert len(absence([enter(0)], 1000.0, 1000.0 + silence_s)) == events


def test_an_absence_lasts_from_the_last_sign_of_life_until_now():
    assert absence([enter(0)], 60.0, 960.0) == [pause(60.0), resume(960.0)]


@pytest.mark.parametrize("events", [[], [enter(0), pause(5)], [enter(0), finish(5)], [enter(0), finish(5), enter(6)]])
def test_who_is_away_while_no_time_runs_adds_no_events(events):
    assert absence(events, 10.0, 10_000.0) == []


@given(drawn=rounds(), silence_s=st.integers(int(AWAY_S) + 1, 100_000))
def test_an_absence_takes_away_the_silence_and_nothing_else(drawn, silence_s):
    events, last_seen = drawn
    now = last_seen + silence_s
    found = times([*events, *absence(events, last_seen, now)], now)
    before = times(events, last_seen)
    assert found.spent_s == before.spent_s
    assert (found.phase, found.is_running) == (before.phase, before.is_running)


@pytest.mark.parametrize(
    "data",
    [
        {"at": -1.0, "kind": "pause"},
        {"at": float("nan"), "kind": "pause"},
        {"at": 1.0, "kind": "stop"},
        {"at": 1.0, "kind": "enter", "phase": "lunch"},
    ],
)
def test_an_event_that_means_nothing_is_refused(data):
    with pytest.raises(ValidationError):
        ClockEvent.model_validate(data)
