"""The review page: an empty answer, own levels with their sentences, the card."""

import pytest

from practice.attempt import Edit, OwnLevel
from rubrics import load_rubric
from storage.attempts import load_attempt, load_card, save_own_level, save_section
from tests.ui.screen import Screen
from ui.people import LOCAL

DIMENSION = load_rubric().dimensions[0]
SENTENCE = "We promise 50 ms at p99 and show no ad when we are late."
TEXT = f"# Requirements\n{SENTENCE} The rest is out of scope."


def write(attempt: str, text: str) -> None:
    edit = Edit(text=text, writer="test", sequence=1 + len(text), base=0)
    save_section(LOCAL, attempt, "requirements", edit)


@pytest.fixture
def review(screen: Screen, attempt: str) -> Screen:
    """The review of an attempt with one written section."""
    write(attempt, TEXT)
    return screen.open("review", attempt=attempt)


def grade(screen: Screen, attempt: str, level: int | None, quote: str | None) -> None:
    """Fill the form of the first dimension and keep it."""
    screen.at.radio(key=f"level:{attempt}:{DIMENSION.id}").set_value(level)
    sentence = screen.at.selectbox(key=f"quote:{attempt}:{DIMENSION.id}")
    if quote is not None and quote not in sentence.options:
        sentence.options.append(quote)  # typed by hand, which AppTest cannot do
    sentence.set_value(quote)
    screen.at.button(key=f"FormSubmitter:form:{attempt}:{DIMENSION.id}-Keep").click()
    screen.run()


def test_an_empty_answer_is_reviewed_and_its_card_shows_no_level(screen: Screen, attempt: str) -> None:
    screen.open("review", attempt=attempt)
    assert screen.says("This attempt is not finished. You can look, and go back.")
    assert screen.says("0% of the rows accepted")
    screen.click("Show the card and the references")
    [score] = [one.value for one in screen.at.metric if one.label == "Score"]
    assert score == "0 of 100"
    card = load_card(LOCAL, attempt)
    assert card is not None
    assert card.total == 0
    assert screen.says("What it must do")


def test_the_references_stay_hidden_until_the_card_is_shown(review: Screen) -> None:
    assert not review.says("What it must do")
    assert not [one for one in review.at.metric if one.label == "Score"]


@pytest.mark.parametrize(
    ("level", "quote", "said"),
    [
        (None, SENTENCE, "Choose a level."),
        (2, None, "level 2 needs a sentence of your answer that shows it"),
        (4, "We sharded everything in five regions.", "does not stand in your answer"),
        (3, "50 ms", "is too short to show a level"),
        (3, "![](http://x/y.png) never said", "does not stand in your answer"),
    ],
    ids=["no level", "no sentence", "not mine", "too short", "markup"],
)
def test_a_level_without_its_sentence_is_refused_and_not_kept(
    review: Screen, attempt: str, level: int | None, quote: str | None, said: str
) -> None:
    grade(review, attempt, level, quote)
    assert len(review.errors) == 1
    assert said in review.errors[0]
    assert load_attempt(LOCAL, attempt).own_levels == {}


@pytest.mark.parametrize(("level", "quote"), [(3, SENTENCE), (0, None), (1, None)])
def test_a_level_with_what_it_needs_is_kept_and_shown(
    review: Screen, attempt: str, level: int, quote: str | None
) -> None:
    grade(review, attempt, level, quote)
    assert review.errors == []
    assert load_attempt(LOCAL, attempt).own_levels == {DIMENSION.id: OwnLevel(level=level, quote=quote or "")}
    assert review.has("expander", f"{DIMENSION.title}: level {level}")
    assert review.says("7 of 8 dimensions have no level of yours yet.")


def test_the_sentences_of_the_answer_are_offered(review: Screen, attempt: str) -> None:
    offered = review.at.selectbox(key=f"quote:{attempt}:{DIMENSION.id}").options
    assert offered == [SENTENCE, "The rest is out of scope."]


def test_the_card_on_the_screen_is_the_one_that_is_kept(review: Screen, attempt: str) -> None:
    grade(review, attempt, 3, SENTENCE)
    review.click("Show the card and the references")
    card = load_card(LOCAL, attempt)
    assert card is not None
    assert card.total > 0
    [score] = [one.value for one in review.at.metric if one.label == "Score"]
    assert score == f"{card.total:.0f} of 100"
    [row] = [one for one in card.dimensions if one.verdict.dimension == DIMENSION.id]
    assert row.verdict.level == 3
    assert review.has("expander", f"{row.title}: level 3, {row.points:.1f} of {row.weight} points")
    assert review.says(SENTENCE)


def test_a_card_whose_sentence_was_deleted_since_is_refused_with_a_sentence(review: Screen, attempt: str) -> None:
    save_own_level(LOCAL, attempt, DIMENSION.id, OwnLevel(level=3, quote="A sentence that I have deleted since."))
    review.run()
    review.click("Show the card and the references")
    [said] = review.errors
    assert "does not stand in your answer" in said
    assert "Change the sentence of that dimension above." in said
    assert load_card(LOCAL, attempt) is None
