"""The plan of a round: five phases in order, with times that fit into every question."""

import pytest

from practice.phases import phase, phases, planned_minutes
from question_bank.loader import load_all
from rubrics.schema import PHASES


def test_the_phases_are_those_of_the_rubric_in_its_order():
    assert tuple(one.id for one in phases()) == PHASES


@pytest.mark.parametrize("phase_id", PHASES)
def test_a_phase_is_found_by_its_id(phase_id):
    assert phase(phase_id).id == phase_id


@pytest.mark.parametrize("question", load_all().values(), ids=load_all())
def test_the_plan_fits_into_the_minutes_of_a_question(question):
    planned = planned_minutes(question.minutes)
    assert tuple(planned) == PHASES
    assert 0.85 * question.minutes <= sum(planned.values()) < question.minutes  # the rest is for the close


@pytest.mark.parametrize(
    ("round_minutes", "planned"),
    [
        (30, [5, 3, 6, 9, 5]),
        (35, [6, 4, 7, 10, 5]),
        (44, [6, 4, 7, 10, 5]),
        (45, [7, 5, 9, 13, 7]),
        (50, [7, 5, 9, 13, 7]),
        (60, [8, 6, 13, 18, 10]),
        (20, [5, 3, 6, 9, 5]),
        (90, [8, 6, 13, 18, 10]),
    ],
)
def test_a_round_takes_the_longest_plan_that_fits(round_minutes, planned):
    assert list(planned_minutes(round_minutes).values()) == planned


@pytest.mark.parametrize("one", phases(), ids=PHASES)
def test_every_phase_says_what_belongs_in_it_and_when_it_is_done(one):
    assert 3 <= len(one.points) <= 5
    assert len(set(one.points)) == len(one.points)
    assert all([one.title, one.goal.endswith("."), one.done_when.endswith("."), one.placeholder])


def test_no_two_phases_are_called_or_judged_alike():
    for field in ("title", "goal", "done_when", "placeholder"):
        assert len({getattr(one, field) for one in phases()}) == len(phases())
