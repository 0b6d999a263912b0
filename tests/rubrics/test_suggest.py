"""What the words of an answer suggest: level 3 needs numbers of its own, and suspicious text gets no level."""

import pytest

from rubrics.schema import DIMENSIONS
from rubrics.suggest import HOLLOW, LITTLE_FOUND, suggest

GENERIC = (
    "We put a cache in front, because the store is slow. We batch rows because it saves time. "
    "Reads are hedged when they are late. "
)
OWN = (
    "The cache holds 40 GB. Batches wait for 3 ms. Hedges go out after 9 ms. Entries live for 75 s. Rows number 1,200. "
)
FILLER = "The people at the counter like the color of the new walls. "


def serving(found):
    return suggest(found)["serving_scale"]


def test_level_3_needs_numbers_that_the_question_did_not_give(look):
    assert serving(look(GENERIC)).level == 2
    assert serving(look(GENERIC + "There are 300 requests within 50 ms. " * 6)).level == 2
    assert serving(look(GENERIC + OWN)).level == 3
    assert "numbers of your own" in serving(look(GENERIC)).sentence


def test_text_never_suggests_level_4_and_capacity_is_not_its_business(look):
    found = suggest(look((GENERIC + OWN) * 4))
    assert set(found) == set(DIMENSIONS) - {"capacity"}
    assert max(one.level for one in found.values()) == 3


def test_the_sentences_that_a_level_rests_on_stand_beside_it(look):
    assert "The cache holds 40 GB." in serving(look(OWN)).evidence


def test_nothing_is_0_and_a_general_word_is_1(look):
    assert serving(look("Nothing to see here at all.")).level == 0
    assert serving(look("The servers scale horizontally somehow.")).level == 1


def test_a_long_answer_in_which_little_is_found_gets_no_levels(look):
    long = "We fill the shelf before the shop opens, because nobody wants to wait for it. " * 20
    assert {one.level for one in suggest(look(long)).values()} == {0}  # it repeats one sentence, which is no argument
    argued = " ".join(f"We fill shelf {name} early, because nobody there wants to wait." for name in NAMES)
    assert {one.level for one in suggest(look(argued)).values()} == {None}
    assert serving(look(argued)).sentence == LITTLE_FOUND


NAMES = [first + second for first in "abcdef" for second in "uvwxyz"]


@pytest.mark.parametrize("numbers", ["", OWN])
def test_reasons_without_numbers_get_no_levels(look, numbers):
    hollow = " ".join(f"The cache {verb} the batch, because the canary is {verb} by it." for verb in "abcdefghij")
    found = serving(look(hollow + " " + numbers))
    assert (found.level is None) == (numbers == "")
    assert (found.sentence == HOLLOW) == (numbers == "")


def test_choices_with_reasons_suggest_trade_offs(look):
    one = "We take GPUs rather than CPUs because the model is wide. "
    two = "I prefer one batch over many calls because calls cost 2 ms, and I would switch if the load fell. "
    assert suggest(look(one))["tradeoffs_judgment"].level == 2
    assert suggest(look(one + two))["tradeoffs_judgment"].level == 2
    assert suggest(look(one + two + OWN))["tradeoffs_judgment"].level == 3
    assert suggest(look("The color is blue."))["tradeoffs_judgment"].level == 0
