"""Every question can be worked on, run, graded and taken into the wind tunnel."""

import time

import pytest

from practice.clock import ClockEvent
from practice.review import card as make_card
from practice.scenario_runs import plan, starting_design
from question_bank.loader import slugs
from rubrics.schema import PHASES
from storage.attempts import add_event, load_attempt, save_card, start_attempt
from tests.ui.screen import Screen
from ui.cached import questions
from ui.people import LOCAL

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("slug", slugs())
def test_every_phase_of_every_question_opens(screen: Screen, slug: str) -> None:
    attempt = start_attempt(LOCAL, slug)
    screen.open("interview", attempt=attempt)
    assert screen.title == questions()[slug].title
    assert screen.says(questions()[slug].prompt)
    for phase in PHASES[1:]:
        add_event(LOCAL, attempt, ClockEvent(at=time.time(), kind="enter", phase=phase))
        screen.open("interview", attempt=attempt)
        assert screen.title == questions()[slug].title


@pytest.mark.parametrize("slug", slugs())
def test_the_review_of_every_question_shows_its_references(screen: Screen, slug: str) -> None:
    attempt = start_attempt(LOCAL, slug)
    save_card(LOCAL, attempt, make_card(questions()[slug], load_attempt(LOCAL, attempt), {}))
    screen.open("review", attempt=attempt)
    assert screen.title == f"Review: {questions()[slug].title}"
    assert screen.says(questions()[slug].mistakes[0].say)
    assert screen.says(questions()[slug].designs.staff.comment[:60])


@pytest.mark.parametrize("slug", slugs())
def test_every_scenario_can_be_planned_on_every_reference_design(slug: str) -> None:
    question = questions()[slug]
    for level in ("junior", "senior", "staff"):
        assert [planned.problem for planned in plan(question, question.designs.by_name(level))] == [
            None for _ in question.simulation.scenarios
        ]


@pytest.mark.parametrize("slug", slugs())
def test_a_first_drawing_is_met_by_sentences_and_not_by_a_crash(slug: str) -> None:
    """What a candidate begins with lacks most components that a scenario strikes."""
    planned = plan(questions()[slug], starting_design(questions()[slug]))
    assert all(one.problem is None or one.problem[0].islower() for one in planned)
