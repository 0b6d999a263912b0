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


def test_every_phase_of_every_question_opens(screen: Screen) -> None:
    for slug, question in questions().items():
        attempt = start_attempt(LOCAL, slug)
        for phase in PHASES:
            add_event(LOCAL, attempt, ClockEvent(at=time.time(), kind="enter", phase=phase))
            screen.open("interview", attempt=attempt)
            assert screen.title == question.title
        assert screen.says(question.prompt)


def test_the_review_of_every_question_shows_its_references(screen: Screen) -> None:
    for slug, question in questions().items():
        attempt = start_attempt(LOCAL, slug)
        save_card(LOCAL, attempt, make_card(question, load_attempt(LOCAL, attempt), {}))
        screen.open("review", attempt=attempt)
        assert screen.title == f"Review: {question.title}"
        screen.step("References")
        assert screen.says(question.mistakes[0].say), slug
        assert screen.says(question.designs.staff.comment[:60]), slug


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
