"""The next thing to do, by the rule that stands on the screen."""

from datetime import UTC, date, timedelta

import pytest

from practice.attempt import Draft, Written
from practice.drills import Drilled, dimension_of, drills
from practice.progress.past import DAY_S, PastRun
from practice.progress.weaknesses import weaknesses
from practice.spacing import Done, Situation, choose_question, due, next_step, rule
from practice.today import today
from question_bank.loader import load_all
from rubrics.schema import DIMENSIONS
from tests.practice.pasts import a_card, a_past
from tests.practice.rounds import SENIOR

BANK = load_all()
FIRST = "image-classification-platform"
ADS = "ads-ranking"


def situation(
    pasts=(), day: float = 100.0, interview: int | None = None, done: Done | None = None, **more
) -> Situation:
    begun = date(1970, 1, 1) + timedelta(days=int(day))
    now = today(day * DAY_S, UTC, None if interview is None else begun + timedelta(days=interview))
    done = done or Done()
    found = tuple(weaknesses(tuple(pasts), BANK))
    made = tuple(drills(found, tuple(pasts), BANK, done.drills, now))
    return Situation(today=now, pasts=tuple(pasts), weaknesses=found, drills=made, done=done, **more)


def step(*pasts, **more):
    return next_step(situation(pasts, **more), BANK, FIRST)


def test_whoever_has_done_nothing_begins_with_the_first_question():
    assert (step().kind, step().question) == ("first", FIRST)


def test_an_attempt_that_is_not_graded_or_not_finished_comes_first():
    open_ = a_past(99, sections={"requirements": "We rank."})
    assert step(open_).kind == "finish"
    assert step(a_past(99, sections={"requirements": "We rank."}, finished_at=99 * DAY_S + 60)).kind == "grade"
    assert step(a_past(99)).kind == "first", "an attempt without a word is none"
    assert step(a_past(80, sections={"requirements": "We rank."})).kind == "first", "after two weeks it is left alone"


@pytest.mark.parametrize(("level", "gap"), [(0, 3), (1, 3), (2, 7), (3, 21), (4, 21)])
def test_a_dimension_returns_after_the_days_of_its_level(level, gap):
    past = a_past(0, a_card(level))
    others = [one for one in DIMENSIONS if one != "capacity"]  # nobody computed anything: level 0
    for day, expected in ((gap - 0.01 - 1, set()), (gap, set(others))):
        now = situation((past,), day=day)
        assert {one.dimension for one in due(now)} & set(others) == expected


def test_an_interview_in_ten_days_leaves_no_gap_of_more_than_two():
    past = a_past(90, a_card(3))
    assert {one.dimension for one in due(situation((past,), day=91))} == set()
    assert {one.dimension for one in due(situation((past,), day=92, interview=10))} == set(DIMENSIONS)


def test_a_drill_on_a_dimension_counts_as_practicing_it():
    past = a_past(90, a_card(1))
    drilled = Drilled(drill="probe:x", dimension="architecture", at=99 * DAY_S, share=1.0)
    late = {one.dimension for one in due(situation((past,), done=Done(drills=(drilled,))))}
    assert late == set(DIMENSIONS) - {"architecture"}


def test_a_round_is_on_the_question_that_weighs_the_two_weakest_most_and_not_on_the_same_one():
    past = a_past(90, a_card(1))
    found = step(past)
    assert found.kind == "round"
    weakest = situation((past,)).weaknesses[:2]

    def gain(slug: str) -> float:
        return sum(BANK[slug].rubric_weights[one.dimension] * (4 - one.level) for one in weakest)

    assert gain(found.question) == max(gain(slug) for slug in BANK if slug != ADS)
    assert weakest[0].title in found.reason
    assert "you have not seen it yet" in found.reason


def test_the_same_question_comes_back_after_fourteen_days_and_only_if_all_were_seen():
    everything = [a_past(80 + i / 100, a_card(1), slug) for i, slug in enumerate(BANK)]
    assert choose_question(situation(everything, day=93), BANK) is None
    assert choose_question(situation(everything, day=94), BANK) == next(iter(BANK))
    assert choose_question(situation(everything[1:], day=93), BANK) == next(iter(BANK)), "the only one that is free"


def failed() -> PastRun:
    return PastRun(scenario="steady", at=1.0, passed=False)


def test_after_a_round_come_drills_then_cards_then_rest():
    misses = {"worksheet": {"gpus": Written(value="1", unit="gpu")}, "runs": (failed(),), "design": SENIOR}
    old, last = a_past(90, a_card(1), **misses), a_past(97.5, a_card(1), "feature-store")
    now = {"day": 98.0}
    assert step(last, **now).kind == "rest", "all was practiced yesterday"
    assert step(last, cards=3, **now).kind == "cards"
    assert step(last, cards=3, **now).minutes == 6
    later = step(old, a_past(99.0, None, "feature-store"), day=100.0, cards=3)
    assert later.kind == "drill", "the last round is a day ago, and the levels are of ten days ago"
    assert later.drill is not None
    assert later.drill.why == later.reason
    two = tuple(Drilled(drill=f"probe:{i}", dimension="capacity", at=99.9 * DAY_S, share=0.5) for i in range(2))
    assert step(old, a_past(99.0, None, "feature-store"), day=99.95, cards=3, done=Done(drills=two)).kind == "cards"


def test_drills_are_made_of_misses_one_of_each_kind_and_not_repeated():
    past = a_past(90, a_card(1), runs=(failed(),), worksheet={"gpus": Written(value="1", unit="gpu")}, design=SENIOR)
    found = {one.kind: one for one in situation((past,)).drills}
    assert set(found) == {"worksheet", "repair", "probe"}
    assert found["worksheet"].question != ADS, "on a different question"
    assert (found["repair"].attempt, found["repair"].item) == (past.attempt.id, "steady")
    [probe] = [one for one in BANK[ADS].followups if one.id == found["probe"].item]
    assert dimension_of(BANK[ADS], probe) == found["probe"].dimension
    assert all(8 <= one.minutes <= 12 for one in found.values())
    done = tuple(Drilled(drill=one.id, dimension=one.dimension, at=95 * DAY_S, share=1.0) for one in found.values())
    again = {one.kind: one for one in situation((past,), done=Done(drills=done)).drills}
    assert not {one.id for one in again.values()} & {one.id for one in found.values()}
    assert "repair" not in again
    clean = a_past(90, a_card(4))
    assert "repair" not in {one.kind for one in situation((clean,)).drills}


def test_a_full_day_ends_the_plan_and_a_started_one_takes_no_round_beyond_it():
    past = a_past(90, a_card(1))
    assert step(past, done=Done(minutes_today=60.0)).kind == "rest"
    assert step(past, done=Done(minutes_today=20.0), cards=1).kind != "round"
    assert step(past, done=Done(minutes_today=0.0), most_minutes=30).kind == "round", "else there would never be one"


@pytest.mark.parametrize(("left", "kind"), [(3, "round"), (2, "round"), (1, "cards"), (0, "rest")])
def test_the_last_round_is_two_days_before_and_the_day_before_has_only_cards(left, kind):
    past = a_past(90, a_card(1))
    assert step(past, interview=left, cards=2).kind == kind
    assert step(interview=left, cards=2).kind == ("first" if left >= 2 else kind)


def test_the_rule_on_the_screen_is_one_sentence_and_the_date_adds_its_own():
    assert rule(situation().today).count(".") == 1
    assert "no gap is longer than 2.0 days" in rule(situation(interview=10).today)
    assert rule(situation(interview=1).today) == "Your interview is tomorrow: only cards today."


def test_a_question_that_left_the_bank_stops_nothing():
    gone = a_past(99, None, "gone-question", sections={"requirements": Draft(text="x").text})
    assert step(a_past(90, a_card(1)), gone).kind in ("drill", "round", "rest")
