"""Notes: what a person has set outside an attempt is kept, replaced, and hers alone."""

import pytest

from storage.notes import forget_note, load_note, noted, save_note

ANN, BOB = "ann", "bob"


@pytest.mark.parametrize("held", [{"p99_ms": 41.5, "text": "\u202e it's"}, [1, None], "words", 0, False])
def test_a_note_comes_back_as_it_was_kept(held):
    save_note(ANN, "lab", "drift", held)
    assert load_note(ANN, "lab", "drift") == held


def test_a_later_note_replaces_the_earlier_one_and_nothing_else():
    save_note(ANN, "lab", "drift", 1)
    save_note(ANN, "lab", "canary", 2)
    save_note(ANN, "card", "drift", 3)
    save_note(ANN, "lab", "drift", 4)
    assert [load_note(ANN, *place) for place in (("lab", "drift"), ("lab", "canary"), ("card", "drift"))] == [4, 2, 3]
    assert noted(ANN, "lab") == ["drift", "canary"]


def test_nobody_reads_or_forgets_the_notes_of_another():
    save_note(ANN, "lab", "drift", 1)
    forget_note(BOB, "lab", "drift")
    assert load_note(BOB, "lab", "drift") is None
    assert noted(BOB, "lab") == []
    assert load_note(ANN, "lab", "drift") == 1


def test_a_forgotten_note_is_gone():
    save_note(ANN, "exercise", "weak", {"levels": {}})
    forget_note(ANN, "exercise", "weak")
    assert load_note(ANN, "exercise", "weak") is None
