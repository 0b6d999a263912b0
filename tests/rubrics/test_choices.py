"""A choice needs two sides; its reason, its loss and the condition under which it turns are told apart."""

import pytest


def choices(look, text):
    return look(text).choices


def test_choice_with_everything(look):
    (one,) = choices(
        look,
        "I take a wide model on GPUs over a small one on CPUs because batches fill at this rate, which costs 245k USD. "
        "Below 2,000 requests/s I would switch.",
    )
    assert one.pair == "gpu"
    assert one.is_weighed
    assert (one.has_alternative, one.has_reason, one.has_loss, one.has_condition) == (True, True, True, True)


@pytest.mark.parametrize(
    "text",
    [
        "Hourly instead of continuous training, since bad data cannot reach the prices at once.",
        "Trees rather than a network because reasons are due.",
        "We drop old work, not new work, since nobody waits for the old any more.",
    ],
)
def test_reasoned_choices_outside_the_pairs(look, text):
    (one,) = choices(look, text)
    assert one.is_reasoned


@pytest.mark.parametrize(
    "text",
    [
        "We do not use a queue because nothing waits there.",
        "We use GPUs.",
        "Should we use GPUs instead of CPUs because they are fast?",
        "The p99 over the last hour is 40 ms.",
    ],
)
def test_no_choice(look, text):
    assert not choices(look, text)


def test_a_pair_of_nouns_has_no_reason(look):
    (one,) = choices(look, "There is the trade-off of GPU versus CPU.")
    assert not one.is_reasoned
