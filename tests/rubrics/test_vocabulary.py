"""Synonyms widen families of words, and no word does for two groups of one family."""

import pytest

from rubrics.places import is_adopted, stems_of
from rubrics.vocabulary import SYNONYMS, synonyms, widened
from simulator.yaml_text import read_yaml

FAMILY = ((("drop", "shed"), ("queue",), ("old",)),)


def test_other_words_of_a_class_are_found():
    sentence = "Refuse what is outdated in the backlog."
    assert not is_adopted(sentence, (), FAMILY)
    assert is_adopted(sentence, (), widened(FAMILY))


def test_synonyms_know_inflections():
    assert "backlog" in synonyms("queues")
    assert synonyms("zebra") == ()


def test_groups_stay_apart():
    for groups in widened(((("late", "slow"), ("drop",), ("missing",)), (("limit",), ("line", "queue")))):
        stems = [{stems_of(word) for word in group} for group in groups]
        assert not any(one & other for number, one in enumerate(stems) for other in stems[number + 1 :])


def test_every_class_has_two_words():
    for words in read_yaml(SYNONYMS.read_text(encoding="utf-8"))["classes"]:
        assert len({stems_of(word) for word in words}) >= 2, words


@pytest.mark.parametrize("word", ["queue", "drop", "fallback", "late"])
def test_a_word_is_no_synonym_of_itself(word):
    assert word not in synonyms(word)
