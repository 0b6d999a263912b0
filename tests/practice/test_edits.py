"""Which edit of a section may replace which: nothing that is newer is ever lost to something older."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from practice.attempt import LONGEST_TEXT, Attempt, Draft, Edit, is_id, new_id
from practice.clock import ClockEvent
from practice.facts import Asked

EMPTY = Draft()
KEPT = Draft(text="kept", revision=5, writer="mine", sequence=3, saved_at=1.0)


def an_edit(text="new", writer="mine", sequence=1, base=0):
    return Edit(text=text, writer=writer, sequence=sequence, base=base)


def after(kept, edit):
    """What is kept once an edit has been offered."""
    if not edit.follows(kept):
        return kept
    return Draft(text=edit.text, revision=kept.revision + 1, writer=edit.writer, sequence=edit.sequence, saved_at=1.0)


@pytest.mark.parametrize(
    ("writer", "sequence", "base", "follows"),
    [
        ("mine", 4, 5, True),
        ("mine", 4, 0, True),  # typed before the answer to the edit before had come back
        ("mine", 99, 5, True),
        ("mine", 3, 5, False),
        ("mine", 2, 5, False),
        ("other", 1, 5, True),
        ("other", 99, 5, True),
        ("other", 1, 4, False),
        ("other", 99, 4, False),
        ("other", 1, 6, False),
        ("other", 4, 0, False),
    ],
    ids=[
        "the next one",
        "from an old base",
        "after lost ones",
        "repeated",
        "late",
        "another tab goes on",
        "another tab that has typed much goes on",
        "another tab from an older text",
        "many edits do not make an older text newer",
        "from a text that does not exist yet",
        "a tab that has seen nothing",
    ],
)
def test_an_edit_follows_only_what_it_knows(writer, sequence, base, follows):
    assert an_edit(writer=writer, sequence=sequence, base=base).follows(KEPT) == follows


@pytest.mark.parametrize(("base", "follows"), [(0, True), (1, False)])
def test_the_first_edit_starts_from_nothing(base, follows):
    assert an_edit(base=base).follows(EMPTY) == follows


def test_a_tab_that_was_overtaken_goes_on_once_it_has_read_the_other_text():
    mine = after(EMPTY, an_edit(writer="mine", sequence=1))
    theirs = after(mine, an_edit(writer="other", sequence=1, base=1))
    assert not an_edit(writer="mine", sequence=2, base=1).follows(theirs)
    assert an_edit(writer="mine", sequence=2, base=2).follows(theirs)


@given(order=st.permutations(range(1, 8)), repeated=st.lists(st.integers(1, 7), max_size=8))
def test_no_order_of_one_writers_edits_loses_the_newest(order, repeated):
    """Edits come late, doubled and out of order; whatever came first, the newest is kept, once."""
    first = an_edit("text 0", sequence=1)
    later = [an_edit(f"text {one}", sequence=one + 1) for one in [*order, *repeated]]
    kept = reduce(after, later, after(EMPTY, first))
    assert (kept.text, kept.sequence) == ("text 7", 8)


edits = st.builds(
    an_edit,
    text=st.text(max_size=3),
    writer=st.sampled_from(["one", "two", "three"]),
    sequence=st.integers(1, 6),
    base=st.integers(0, 6),
)


@given(st.lists(edits, max_size=30))
def test_offered_edits_only_move_forward(offered):
    kept = EMPTY
    for edit in offered:
        found = after(kept, edit)
        assert found.revision in (kept.revision, kept.revision + 1)
        if found.writer == kept.writer:
            assert found.sequence >= kept.sequence
        assert after(found, edit) == found or edit.base == found.revision
        kept = found


@given(st.lists(edits, max_size=30))
def test_a_writer_that_takes_over_has_seen_what_it_replaces(offered):
    kept = EMPTY
    for edit in offered:
        found = after(kept, edit)
        if found.writer != kept.writer:
            assert edit.base == kept.revision
        kept = found


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"text": "\ud800"},
        {"text": None},
        {"writer": ""},
        {"writer": "x" * 65},
        {"sequence": 0},
        {"sequence": 1.0},
        {"sequence": True},
        {"base": -1},
        {"revision": 1},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_edit_outside_its_limits_is_refused(changed):
    with pytest.raises(ValidationError):
        Edit.model_validate({"text": "x", "writer": "w", "sequence": 1, "base": 0, **changed})


def test_the_longest_text_is_accepted():
    assert len(an_edit("x" * LONGEST_TEXT).text) == LONGEST_TEXT
    assert an_edit("", writer="x" * 64).text == ""


def test_new_ids_are_ids_and_never_the_same():
    ids = [new_id() for _ in range(1000)]
    assert not any(one.startswith("-") for one in ids)
    assert all(map(is_id, ids))
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("text", ["abcdefgh", "x" * 40, "A-_9abcd"])
def test_an_id_has_8_to_40_letters_that_an_address_can_hold(text):
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abcdefg",
        "x" * 41,
        "abc defgh",
        "../../etc/passwd",
        "abcdefgh/",
        "' or 1=1 --",
        "\u00e4bcdefgh",
        "abcdefgh\x00",
        "\nabcdefgh",
        "abcdefgh\n",
    ],
)
def test_what_cannot_be_an_id_is_not_looked_up(text):
    assert not is_id(text)


def an_attempt(**more):
    moments = {"created_at": 0.0, "last_seen": 0.0}
    empty = {"sections": {}, "worksheet": {}, "own_levels": {}}
    return Attempt(**{"id": "abcdefgh", "question": "ads-ranking", **moments, **empty, **more})


def test_a_fact_that_is_asked_for_twice_is_known_once():
    asked = [Asked(text="?", fact=fact, at=1.0) for fact in ["users", None, "budget", "users", None, "latency"]]
    assert an_attempt(asked=tuple(asked)).known_facts() == ("users", "budget", "latency")
    assert an_attempt().known_facts() == ()


@pytest.mark.parametrize(
    ("entered", "has_left"),
    [
        ([], False),
        (["requirements"], False),
        (["requirements", "requirements"], False),
        (["requirements", "detailed_design"], True),
        (["requirements", "detailed_design", "requirements"], True),
    ],
)
def test_who_has_once_entered_another_phase_has_left_the_first(entered, has_left):
    events = tuple(ClockEvent(at=1.0, kind="enter", phase=phase) for phase in entered)
    assert an_attempt(events=events).has_left_first_phase() == has_left


def test_a_pause_is_no_way_out_of_the_first_phase():
    events = (
        ClockEvent(at=0.0, kind="enter", phase="requirements"),
        ClockEvent(at=1.0, kind="pause"),
        ClockEvent(at=2.0, kind="resume"),
    )
    assert not an_attempt(events=events).has_left_first_phase()


def test_an_unwritten_section_is_empty_and_has_no_revision():
    assert an_attempt().section("requirements") == Draft() == Draft(text="", revision=0)
