"""Cards, the exercise in grading and the first steps, page by page without a browser."""

from question_bank.cards import load_cards, load_exercises
from question_bank.start_here import first_steps
from storage.attempts import start_attempt
from storage.notes import load_note
from tests.ui.screen import SLUG, Screen
from ui.people import LOCAL

CARDS, EXERCISES = load_cards(), load_exercises()
WEAK = "grade-a-weak-answer"


def test_every_card_opens_by_its_address_and_keeps_its_model_answers(screen: Screen) -> None:
    for slug, card in CARDS.items():
        screen.open("fundamentals", card=slug)
        assert screen.title == card.title
        assert all(screen.says(probe.ask) for probe in card.probes), slug
        assert not any(screen.says(probe.model_answer[:40]) for probe in card.probes), slug


def test_a_card_that_is_not_there_is_said_in_one_sentence(screen: Screen) -> None:
    screen.open("fundamentals", card="no-such-card")
    assert screen.values("warning") == [
        "The address names a card that is not here. All cards are listed on this page's front."
    ]


def test_the_search_keeps_the_cards_that_hold_every_word(screen: Screen) -> None:
    screen.open("fundamentals")
    assert screen.says(CARDS["framework"].summary)
    screen.set("text_input", "Search the cards", "FIVE phases")
    assert screen.says(CARDS["framework"].summary)
    screen.set("text_input", "Search the cards", "zeppelin")
    assert screen.values("info") == ["No card has these words. Take one away."]


def test_the_model_answer_comes_after_ones_own_words(screen: Screen) -> None:
    probe = CARDS["framework"].probes[0]
    screen.open("fundamentals", card="framework")
    screen.click("Compare with a model answer")
    assert screen.values("info") == [
        "Write a sentence first; what you have tried to recall stays longer than what you only read."
    ]
    screen.field("text_area", "Your answer, in a few sentences").set_value("I ask which decision changes.")
    screen.click("Compare with a model answer")
    assert screen.says(probe.model_answer[:60])
    screen.open("questions")
    screen.open("fundamentals", card="framework")
    assert screen.field("text_area", "Your answer, in a few sentences").value == "I ask which decision changes."
    assert screen.says(probe.model_answer[:60])


def test_who_does_not_know_can_look(screen: Screen) -> None:
    screen.open("fundamentals", card="framework")
    screen.click("I do not know: show it")
    assert screen.says(CARDS["framework"].probes[0].model_answer[:60])


def grade(screen: Screen, level: int) -> None:
    for name in EXERCISES[WEAK].levels:
        screen.at.segmented_control(key=f"level:{WEAK}:{name}").set_value(level)
    screen.run()


def test_the_comparison_waits_for_every_level_and_is_kept(screen: Screen) -> None:
    exercise = EXERCISES[WEAK]
    screen.open("fundamentals", exercise=WEAK)
    assert screen.field("button", "Compare").disabled
    assert screen.says("8 dimensions without a level yet.")
    grade(screen, 1)
    assert not screen.field("button", "Compare").disabled
    screen.set("multiselect", "Statements that are wrong", [exercise.planted[0].quote])
    screen.click("Compare")
    assert screen.says("You gave **25** of 100, we **16**.")
    labels = [one.label for one in screen.at.expander]
    assert sum(label.startswith("Found") for label in labels) == 1
    assert sum(label.startswith("Missed") for label in labels) == len(exercise.planted) - 1
    assert load_note(LOCAL, "exercise", WEAK)["levels"] == dict.fromkeys(exercise.levels, 1)
    screen.click("Grade it again")
    assert screen.says("8 dimensions without a level yet.")


def test_half_a_grading_is_there_when_one_comes_back(screen: Screen) -> None:
    screen.open("fundamentals", exercise=WEAK)
    screen.at.segmented_control(key=f"level:{WEAK}:capacity").set_value(0)
    screen.run()
    screen.open("questions")
    screen.open("fundamentals", exercise=WEAK)
    assert screen.says("7 dimensions without a level yet.")


def test_a_newcomer_is_led_and_nobody_else(screen: Screen) -> None:
    assert screen.says("Start here")
    for number, step in enumerate(first_steps(), start=1):
        assert screen.says(f"{number}. {step.title}")
    screen.press(f"first:{first_steps()[0].slug}")
    assert screen.title == "Wind tunnel"
    assert screen.field("selectbox", "Design").value == "Template: Online serving"
    screen.open("questions")
    screen.press(f"first:{WEAK}")
    assert screen.title == EXERCISES[WEAK].title
    start_attempt(LOCAL, SLUG)
    screen.open("questions")
    assert not screen.says("Start here")


def test_a_first_question_is_begun_from_the_first_steps(screen: Screen) -> None:
    step = next(one for one in first_steps() if one.kind == "question")
    screen.press(f"first:{step.slug}")
    assert "attempt" in screen.at.query_params
