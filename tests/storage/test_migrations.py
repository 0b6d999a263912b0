"""The tables come to be step by step, once, and an old database keeps its rows on the way."""

import re
import sqlite3

import pytest
import sqlite_utils
from sqlite_utils import Migrations

from practice.forensics import Mark
from storage.attempts import list_attempts, load_attempt
from storage.database import database, path
from storage.migrations import _execute_all, migrations
from storage.rounds import add_marks, load_marks, load_round, load_said, load_trials
from tests.storage.material import OWNER, a_full_attempt

OLD_ATTEMPT = """
    insert into attempts values ('oldattempt', 'ann', 'ads-ranking', 1000.0, 2000.0, null);
    insert into sections values ('oldattempt', 'requirements', 7, 'tab', 9, 'It''s kept; really.', 1500.0);
    insert into worksheet values ('oldattempt', 'gpus', '481', 'gpu', 1500.0);
    insert into asked values (1, 'oldattempt', 'How many?', 'users', 1100.0);
    insert into clock values (1, 'oldattempt', 1000.0, 'enter', 'requirements');
    insert into own_levels values ('oldattempt', 'capacity', 2, 'a quote', '', 1900.0)
"""

OF_A_PERSON = ("attempts", "notes", "practiced")  # all other tables belong to an attempt


@pytest.fixture
def empty():
    db = sqlite_utils.Database(memory=True)
    yield db
    db.close()


def steps():
    db = sqlite_utils.Database(memory=True)
    names = [step.name for step in migrations.pending(db)]
    db.close()
    return names


def tables(db):
    return [name for name in db.table_names() if not name.startswith(("_", "sqlite_"))]


def test_a_fresh_database_has_every_table_and_every_step(empty):
    migrations.apply(empty)
    assert tables(empty) == [
        "attempts", "sections", "worksheet", "asked", "clock", "designs", "predictions", "runs", "own_levels", "cards",
        "notes", "assumptions", "first_levels", "rounds", "said", "replies", "marks", "trials", "practiced",
    ]  # fmt: skip
    assert [step.name for step in migrations.applied(empty)] == steps()
    assert migrations.pending(empty) == []


def test_migrating_twice_changes_nothing(empty):
    migrations.apply(empty)
    before = list(empty.conn.iterdump())
    migrations.apply(empty)
    assert list(empty.conn.iterdump()) == before


def test_a_second_process_finds_everything_done(monkeypatch):
    a_full_attempt()
    before = list(database().conn.iterdump())
    monkeypatch.setattr("storage.database._migrated", set())  # as in a process that starts later
    monkeypatch.delattr("storage.database._local.database")
    assert list(database().conn.iterdump()) == before


@pytest.mark.parametrize("last", steps())
def test_a_database_of_any_earlier_step_keeps_its_rows(data, last):
    """The rows are those that the first step can hold, written as its own SQL."""
    data.mkdir()
    old = sqlite_utils.Database(path())
    _apply_up_to(old, last)
    old.conn.executescript(OLD_ATTEMPT)
    old.close()
    found = load_attempt(OWNER, "oldattempt")
    assert (found.created_at, found.last_seen, found.finished_at) == (1000.0, 2000.0, None)
    draft = found.section("requirements")
    assert (draft.text, draft.revision, draft.writer, draft.sequence) == ("It's kept; really.", 7, "tab", 9)
    assert (found.worksheet["gpus"].value, found.asked[0].fact, found.own_levels["capacity"].level) == (
        "481",
        "users",
        2,
    )
    assert [one.kind for one in found.events] == ["enter"]
    assert [one.id for one in list_attempts(OWNER)] == ["oldattempt"]


def test_levels_of_an_attempt_that_had_a_card_become_its_first_levels(data):
    data.mkdir()
    old = sqlite_utils.Database(path())
    _apply_up_to(old, "m003_assumptions")
    old.conn.executescript(OLD_ATTEMPT + "; insert into cards values ('oldattempt', 1950.0, '{}');")
    old.conn.executescript(OLD_ATTEMPT.replace("oldattempt", "ungraded").replace("values (1,", "values (2,"))
    old.close()
    first = load_attempt(OWNER, "oldattempt").first_levels
    assert {name: (one.level, one.quote, one.at) for name, one in first.items()} == {"capacity": (2, "a quote", 1900.0)}
    assert load_attempt(OWNER, "ungraded").first_levels == {}


def test_an_attempt_from_before_there_were_rounds_has_none_and_can_be_given_what_a_round_keeps(data):
    data.mkdir()
    old = sqlite_utils.Database(path())
    _apply_up_to(old, "m004_first_levels")
    old.conn.executescript(OLD_ATTEMPT)
    old.close()
    assert (load_round(OWNER, "oldattempt"), load_said(OWNER, "oldattempt"), load_trials(OWNER, "oldattempt")) == (
        None,
        (),
        (),
    )
    add_marks(OWNER, "oldattempt", [Mark(kind="number", at=1500.0, phase="requirements", sentence="5 ms.")])
    assert [one.sentence for one in load_marks(OWNER, "oldattempt")] == ["5 ms."]


def _apply_up_to(db, last):
    following = steps()[steps().index(last) + 1 :]
    migrations.apply(db, stop_before=following[:1])


def test_steps_are_numbered_in_their_order():
    numbers = [int(re.match(r"m(\d{3})_", name)[1]) for name in steps()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_table_checks_its_types_and_goes_with_its_attempt(empty):
    migrations.apply(empty)
    for name in tables(empty):
        assert empty[name].strict, name
        if name not in OF_A_PERSON:
            keys = empty.execute(f"pragma foreign_key_list({name})").fetchall()
            assert ("attempts", "attempt", "id", "CASCADE") in [(key[2], key[3], key[4], key[6]) for key in keys]


def test_every_table_is_found_by_its_attempt_without_reading_all_of_it(empty):
    migrations.apply(empty)
    for name in tables(empty):
        column = {"attempts": "id", "notes": "owner", "practiced": "owner"}.get(name, "attempt")
        [step] = empty.execute(f"explain query plan select * from {name} where {column} = 'x'").fetchall()
        assert step[3].startswith("SEARCH"), step


def test_a_step_that_fails_half_way_leaves_nothing_and_can_be_tried_again(empty):
    statements = ["create table one (x integer)", "this is no SQL"]
    step = Migrations("windtunnel")
    step(name="m001")(lambda db: _execute_all(db, ";".join(statements)))
    with pytest.raises(sqlite3.OperationalError):
        step.apply(empty)
    assert (tables(empty), step.applied(empty)) == ([], [])
    statements.pop()
    step.apply(empty)
    assert tables(empty) == ["one"]
