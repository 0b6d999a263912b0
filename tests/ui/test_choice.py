"""The choice among many questions: each filter keeps what it names, and all of them together."""

import pytest

from practice.review import card as make_card
from question_bank.loader import load_all
from question_bank.schema import BASIS_MEANING
from storage.attempts import load_attempt, save_card, start_attempt
from tests.ui.screen import SLUG, Screen
from ui.people import LOCAL
from ui.question_cards import Wanted, found

QUESTIONS = load_all()


def slugs(states: dict[str, str] | None = None, **wanted: object) -> set[str]:
    return {one.slug for one in found(list(QUESTIONS.values()), Wanted(**wanted), states or {})}  # type: ignore[arg-type]


def test_nothing_wanted_is_everything():
    assert slugs() == set(QUESTIONS)


@pytest.mark.parametrize("level", ["mid", "senior", "staff"])
def test_a_level_keeps_its_questions(level):
    assert slugs(level=level) == {slug for slug, one in QUESTIONS.items() if one.difficulty == level} != set()


def test_every_category_and_every_company_can_be_chosen():
    for question in QUESTIONS.values():
        assert question.slug in slugs(category=question.category)
        for company in question.companies:
            assert question.slug in slugs(company=company.name)
    assert slugs(company="Stripe") < set(QUESTIONS)


def test_shorter_rounds_leave_the_longer_out():
    assert slugs(minutes_at_most=30) < slugs(minutes_at_most=45) < slugs(minutes_at_most=60) == set(QUESTIONS)


def test_a_topic_of_the_source_documents_leads_to_its_questions():
    assert "ads-ranking" in slugs(topic="under-50ms")
    assert "feature-store" in slugs(topic="point-in-time")


def test_the_state_is_that_of_the_persons_own_attempts():
    states = {"ads-ranking": "graded", "feature-store": "begun"}
    assert slugs(states, state="graded") == {"ads-ranking"}
    assert slugs(states, state="begun") == {"feature-store"}
    assert slugs(states, state="new") == set(QUESTIONS) - {"ads-ranking", "feature-store"}


def test_filters_hold_together():
    assert slugs(words="gpu", level="staff", category="generative-ai") == {"llm-inference-service"}
    assert slugs(words="gpu", level="mid", category="generative-ai") == set()


def test_a_chosen_company_is_shown_with_what_the_claim_rests_on(screen: Screen) -> None:
    screen.set("selectbox", "Company", "Stripe")
    stripe = next(one for one in QUESTIONS["fraud-detection"].companies if one.name == "Stripe")
    assert screen.says(f"Asked at Stripe: {BASIS_MEANING[stripe.basis[0]]}")
    assert not screen.says(QUESTIONS["ads-ranking"].prompt)


def test_a_graded_question_is_found_by_its_state(screen: Screen) -> None:
    attempt = start_attempt(LOCAL, SLUG)
    save_card(LOCAL, attempt, make_card(QUESTIONS[SLUG], load_attempt(LOCAL, attempt), {}))
    screen.open("questions")
    screen.set("selectbox", "State", "graded")
    assert screen.says(QUESTIONS[SLUG].prompt)
    assert screen.says(f"1 of {len(QUESTIONS)} questions")
