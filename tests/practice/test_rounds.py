"""What a round can be, and where its clock stands at any moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.clock import ClockEvent
from practice.phases import planned_minutes
from practice.round_clock import notices, phase_overtime_s, round_clock
from practice.rounds import Round, mode, new_round, presets, profiles, shared_minutes, shifted_weights
from question_bank.loader import load_all
from rubrics import load_rubric, weights_for
from rubrics.schema import PHASES

PROFILES = [one.id for one in profiles()]
FIRST, SECOND, LAST = PHASES[0], PHASES[1], PHASES[-1]
MOCK = new_round(45, mode_id="mock")
STUDY = new_round(45, mode_id="self_study")


def event(at, kind="enter", phase=None):
    return ClockEvent(at=float(at), kind=kind, phase=phase)


def entered(*moments):
    """Each phase entered at its moment, in seconds."""
    return [event(at, phase=phase) for at, phase in zip(moments, PHASES, strict=False)]


def test_rounds_of_35_45_and_60_minutes_are_offered():
    assert presets() == (35, 45, 60)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("minutes", presets())
def test_a_profile_moves_minutes_and_loses_none(minutes, profile):
    shared = shared_minutes(minutes, profile)
    assert sum(shared.values()) == sum(planned_minutes(minutes).values())
    assert min(shared.values()) >= 2
    assert new_round(minutes, profile_id=profile).close_minutes == minutes - sum(shared.values()) > 0


def test_each_profile_shares_45_minutes_its_own_way():
    assert list(shared_minutes(45, "balanced").values()) == [7, 5, 9, 13, 7]
    assert list(shared_minutes(45, "applied_ml").values()) == [7, 3, 9, 15, 7]
    assert list(shared_minutes(45, "infrastructure").values()) == [6, 7, 9, 11, 8]


@pytest.mark.parametrize("profile", PROFILES)
def test_weights_stay_whole_points_of_a_hundred_for_every_question(profile):
    rubric = load_rubric()
    for question in load_all().values():
        moved = shifted_weights(dict(question.rubric_weights), profile)
        assert weights_for(rubric, moved) == moved


def test_a_weight_that_would_fall_below_one_is_taken_from_the_heaviest():
    light = dict.fromkeys(load_all()["ads-ranking"].rubric_weights, 2) | {"architecture": 86}
    moved = shifted_weights(light, "applied_ml")
    assert sum(moved.values()) == 100
    assert min(moved.values()) == 1
    assert moved["data_features"] == 7


def test_a_mock_round_shows_no_hints_references_or_suggestions_and_cannot_be_paused():
    assert not any(MOCK.shows(one) for one in ("hints", "references", "suggestions", "phase_points"))
    assert all(STUDY.shows(one) for one in mode("self_study").shows)
    assert (MOCK.may_pause, STUDY.may_pause) == (False, True)


def test_phase_times_can_be_edited_as_long_as_they_fit():
    minutes = dict(zip(PHASES, [10, 5, 10, 10, 10], strict=True))
    assert Round(minutes=45, phase_minutes=minutes).close_minutes == 0
    for wrong in ({FIRST: 11}, {FIRST: 0}, {FIRST: 2.5}):
        with pytest.raises(ValidationError):
            Round(minutes=45, phase_minutes=minutes | wrong)
    with pytest.raises(ValidationError, match="lacks bottlenecks_tradeoffs"):
        Round(minutes=45, phase_minutes=dict.fromkeys(PHASES[:-1], 5))


def test_the_clock_of_a_round_adds_up():
    clock = round_clock(MOCK, entered(0, 400, 700), 1000)
    assert (clock.phase, clock.round_s, clock.round_left_s) == ("high_level_design", 1000, 1700)
    assert clock.phase_left_s == 9 * 60 - 300
    assert clock.spent_s[FIRST] == 400
    assert clock.round_share == pytest.approx(1000 / 2700)


ABSENT = [event(0, phase=FIRST), event(100, "pause"), event(400, "resume")]


def test_nothing_stops_the_clock_of_a_mock_round():
    assert round_clock(MOCK, ABSENT, 500).round_s == 500
    assert round_clock(MOCK, ABSENT[:2], 500).is_running


def test_in_self_study_a_pause_is_no_time():
    assert round_clock(STUDY, ABSENT, 500).round_s == 200
    assert not round_clock(STUDY, ABSENT[:2], 500).is_running


@pytest.mark.parametrize("later", [[], [event(3000, "resume")], [event(3000, phase=SECOND)]])
def test_a_finished_mock_round_stands_still_whatever_is_looked_at_later(later):
    events = [event(0, phase=FIRST), event(2000, "finish"), *later]
    clock = round_clock(MOCK, events, 9000)
    assert (clock.round_s, clock.is_running, clock.is_finished) == (2000, False, True)


def test_overtime_is_recorded_for_the_round_and_for_each_phase():
    clock = round_clock(MOCK, entered(0, 500, 700, 1300, 2100), 2800)
    assert clock.overtime_s() == 100
    assert clock.round_share > 1
    assert list(phase_overtime_s(MOCK, clock).values()) == [80, 0, 60, 20, 280]


@pytest.mark.parametrize(
    ("moments", "now", "kinds"),
    [
        ([0], 0, []),
        ([0], 359, []),
        ([0], 360, ["soft"]),
        ([0], 419, ["soft"]),
        ([0], 420, ["hard"]),
        ([0, 420, 720], 1139, []),
        ([0, 420, 720], 1140, ["soft"]),
        ([0, 420, 720], 1260, ["hard"]),
        ([0, 420, 720, 1260, 2040], 2339, []),
        ([0, 420, 720, 1260, 2040], 2340, ["soft"]),
        ([0, 420, 720, 1260, 2040], 2460, ["close", "hard"]),
        ([0, 420, 720, 1260, 2040], 2700, ["over"]),
    ],
)
def test_the_clock_warns_and_acts_at_the_minutes_of_the_plan(moments, now, kinds):
    """Minutes 6 and 7 of phase one, 19 and 21 of phase three, 39 and 41 of phase five, as the brief has them."""
    assert [one.kind for one in notices(MOCK, round_clock(MOCK, entered(*moments), now))] == kinds


def test_every_phase_ends_with_an_action_of_its_own():
    actions = []
    for number in range(5):
        clock = round_clock(MOCK, entered(*range(number + 1)), 1000)
        actions += [one.action for one in notices(MOCK, clock) if one.kind == "hard"]
    assert len(set(actions)) == 5


def test_a_short_phase_is_warned_in_its_last_third_at_the_earliest():
    short = Round(minutes=45, phase_minutes=dict(zip(PHASES, [2, 2, 2, 3, 2], strict=True)))
    clock = round_clock(short, entered(0, 1, 2, 3), 3 + 119)
    assert notices(short, clock) == ()
    assert [one.kind for one in notices(short, round_clock(short, entered(0, 1, 2, 3), 3 + 120))] == ["soft"]


moments = st.lists(
    st.tuples(st.floats(0, 5000), st.sampled_from(["enter", "pause", "resume"]), st.sampled_from(PHASES)), max_size=12
)


@given(moments, st.floats(0, 2000))
def test_a_mock_round_takes_exactly_the_time_on_the_wall(listed, later):
    events = [event(0, phase=FIRST), *(event(at, kind, phase) for at, kind, phase in sorted(listed))]
    now = events[-1].at + later
    clock = round_clock(MOCK, events, now)
    assert clock.round_s == pytest.approx(now)
    assert clock.round_s + clock.round_left_s == pytest.approx(2700)
    assert round_clock(STUDY, events, now).round_s <= clock.round_s + 1e-6
