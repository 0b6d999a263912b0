"""The database file: where it is, one connection for each thread, and a sentence when it cannot be used."""

import sqlite3
from pathlib import Path
from threading import Barrier, Thread

import platformdirs
import pytest

from storage.attempts import list_attempts, start_attempt
from storage.database import StorageProblem, database, folder, path, writing
from tests.storage.material import OWNER


def pragma(name):
    return database().execute(f"pragma {name}").fetchone()[0]


def in_thread(function):
    """What a function returns or raises in a thread of its own."""
    found = []

    def run():
        try:
            found.append(function())
        except Exception as error:  # noqa: BLE001 - handed to the test
            found.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def questions_of(attempts):
    return [one.question for one in attempts]


def test_the_file_lies_where_the_environment_says(data):
    assert path() == data / "windtunnel.db"


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_choice_the_file_lies_with_the_data_of_the_user(monkeypatch, value):
    monkeypatch.delenv("WINDTUNNEL_DATA")
    if value is not None:
        monkeypatch.setenv("WINDTUNNEL_DATA", value)
    assert folder() == Path(platformdirs.user_data_dir("windtunnel", appauthor=False))


def test_the_file_and_its_folders_are_made_when_they_are_needed(data, monkeypatch):
    deep = data / "not" / "there \u00e4 '#?"
    monkeypatch.setenv("WINDTUNNEL_DATA", str(deep))
    assert not data.exists()
    assert list_attempts(OWNER) == []
    assert (deep / "windtunnel.db").is_file()


def test_another_folder_is_another_database(data, monkeypatch):
    start_attempt(OWNER, "first")
    monkeypatch.setenv("WINDTUNNEL_DATA", str(data / "second"))
    assert list_attempts(OWNER) == []
    start_attempt(OWNER, "second")
    monkeypatch.setenv("WINDTUNNEL_DATA", str(data))
    assert questions_of(list_attempts(OWNER)) == ["first"]


def test_an_empty_file_becomes_a_database(data):
    data.mkdir()
    path().touch()
    start_attempt(OWNER, "ads-ranking")
    assert questions_of(list_attempts(OWNER)) == ["ads-ranking"]


def test_one_thread_has_one_connection_and_another_thread_another():
    assert database() is database()
    assert in_thread(database) is not database()


def test_a_thread_sees_what_another_has_kept():
    assert list_attempts(OWNER) == []
    in_thread(lambda: start_attempt(OWNER, "ads-ranking"))
    assert questions_of(list_attempts(OWNER)) == ["ads-ranking"]


def test_threads_that_begin_together_all_find_the_tables():
    ready, found = Barrier(8), []

    def begin():
        ready.wait()
        found.append(start_attempt(OWNER, "ads-ranking"))

    threads = [Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.id for one in list_attempts(OWNER)) == sorted(found)
    assert len(set(found)) == 8


def test_readers_do_not_wait_for_a_writer_and_rows_cannot_be_orphans():
    assert pragma("journal_mode") == "wal"
    assert pragma("foreign_keys") == 1
    with pytest.raises(sqlite3.IntegrityError), writing() as db:
        db["asked"].insert({"attempt": "nobody", "text": "?", "fact": None, "at": 0.0})


def test_a_reader_sees_the_old_state_until_a_writer_is_done():
    start_attempt(OWNER, "before")
    with writing() as db:
        db.execute("update attempts set question = 'after'")
        assert questions_of(in_thread(lambda: list_attempts(OWNER))) == ["before"]
    assert questions_of(in_thread(lambda: list_attempts(OWNER))) == ["after"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, sqlite3.IntegrityError])
def test_what_fails_half_way_leaves_nothing(error):
    start_attempt(OWNER, "before")

    def fail():
        with writing() as db:
            db.execute("update attempts set question = 'half'")
            db["clock"].delete_where()
            raise error

    with pytest.raises(error):
        fail()
    assert questions_of(list_attempts(OWNER)) == ["before"]
    assert database()["clock"].count == 1
    start_attempt(OWNER, "goes on")
    assert len(list_attempts(OWNER)) == 2


def test_a_writer_that_waits_too_long_says_where_and_what_to_do(monkeypatch):
    monkeypatch.setattr("storage.database.WAIT_FOR_LOCK_S", 0.05)

    def write():
        return start_attempt(OWNER, "ads-ranking")

    with writing():
        problem = in_thread(write)
    assert isinstance(problem, StorageProblem)
    assert str(problem).startswith(f"{path()} cannot be written: database is locked; check that")
    assert isinstance(in_thread(write), str)


@pytest.fixture
def no_folder(data):
    data.write_text("a file where the folder should be")


@pytest.fixture
def folder_for_file(data):
    path().mkdir(parents=True)


@pytest.fixture
def other_file(data):
    data.mkdir()
    path().write_text("This is a letter, and no database at all. " * 100)


@pytest.fixture
def torn_file(data):
    data.mkdir()
    path().write_bytes(b"SQLite format 3\0" + b"\xff" * 4080)


@pytest.fixture
def newer_file(data):
    """What a later version of the program would leave: a step that this one does not know."""
    start_attempt(OWNER, "ads-ranking")
    database()["_sqlite_migrations"].insert(
        {"migration_set": "windtunnel", "name": "m999_from_the_future", "applied_at": "2100-01-01"}
    )


@pytest.mark.parametrize("broken", ["no_folder", "folder_for_file"])
def test_a_database_that_cannot_be_opened_is_named_with_what_to_do(request, broken):
    request.getfixturevalue(broken)
    with pytest.raises(StorageProblem, match=r"cannot be opened: .*; set WINDTUNNEL_DATA to a folder") as caught:
        database()
    assert str(path()) in str(caught.value)


@pytest.mark.parametrize("broken", ["other_file", "torn_file"])
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(request, broken):
    request.getfixturevalue(broken)
    before = path().read_bytes()
    with pytest.raises(StorageProblem, match=r"windtunnel.db is not a database of ours: .*; move it away"):
        database()
    assert path().read_bytes() == before


def test_a_database_of_a_newer_version_is_refused(newer_file, monkeypatch):
    monkeypatch.setattr("storage.database._migrated", set())  # as in a process that starts later
    problem = in_thread(database)
    assert isinstance(problem, StorageProblem)


def test_a_folder_that_is_mended_can_be_used_without_a_restart(no_folder, data):
    with pytest.raises(StorageProblem):
        database()
    data.unlink()
    start_attempt(OWNER, "ads-ranking")
    assert questions_of(list_attempts(OWNER)) == ["ads-ranking"]


def test_a_file_that_was_replaced_while_we_ran_is_written_to(data):
    start_attempt(OWNER, "ads-ranking")
    path().rename(path().with_suffix(".old"))
    for left in path().parent.glob("windtunnel.db-*"):
        left.unlink()
    attempt = start_attempt(OWNER, "ads-ranking")
    assert [one.id for one in list_attempts(OWNER)] == [attempt]
    assert path().exists()
