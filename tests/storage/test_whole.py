"""The whole database: copied while it is in use, put back, refused when it is not ours, and really emptied."""

import sqlite3
import time
from contextlib import closing

import pytest
import sqlite_utils

from storage import __main__ as command
from storage.attempts import delete_attempt, list_attempts, load_attempt, save_section
from storage.database import StorageProblem, database, path, writing
from storage.migrations import migrations
from storage.notes import load_note, save_note
from storage.practiced import add_review, reviews
from storage.whole import SAFETY, back_up, backup_bytes, delete_person, restore, size_bytes
from tests.storage.material import OTHER, OWNER, a_full_attempt, an_edit

SECRET = "a sentence that nobody else writes, 7319"


def everything(file=None):
    with closing(sqlite3.connect(file or path())) as connection:
        return list(connection.iterdump())


def test_a_backup_comes_back_whole_even_if_it_was_made_while_another_writes(tmp_path, capsys):
    attempt = a_full_attempt()
    before = load_attempt(OWNER, attempt)
    with writing():
        pass
    copy = tmp_path / "copy.db"
    assert command.main(["backup", str(copy)]) == 0
    save_section(OWNER, attempt, "requirements", an_edit("later words", sequence=2, base=1))
    other = a_full_attempt(OTHER)
    assert command.main(["restore", str(copy)]) == 0
    assert "1 attempts" in capsys.readouterr().out
    assert load_attempt(OWNER, attempt) == before
    assert list_attempts(OTHER) == []
    assert database().execute("pragma integrity_check").fetchone()[0] == "ok"
    assert command.main(["restore", str(path().with_name(SAFETY))]) == 0, "what was there before is kept"
    assert load_attempt(OTHER, other).id == other
    assert load_attempt(OWNER, attempt).sections["requirements"].text == "later words"


def test_a_backup_overwrites_nothing(tmp_path, capsys):
    target = tmp_path / "here.db"
    target.write_text("mine")
    assert command.main(["backup", str(target)]) == command.WRONG_USAGE
    assert "is there already" in capsys.readouterr().err
    assert target.read_text() == "mine"
    assert command.main(["backup", str(tmp_path / "no" / "folder.db")]) == command.WRONG_USAGE


def test_the_bytes_for_a_download_are_a_database(tmp_path):
    a_full_attempt()
    file = tmp_path / "bytes.db"
    file.write_bytes(backup_bytes())
    assert everything(file) == everything()


def test_an_older_backup_is_brought_up_to_date(tmp_path):
    old = tmp_path / "old.db"
    db = sqlite_utils.Database(old)
    migrations.apply(db, stop_before=["m003_assumptions"])
    db.execute("insert into attempts values ('oldattempt', 'ann', 'ads-ranking', 1000.0, 2000.0, null)")
    db.conn.commit()
    db.close()
    assert restore(old) == 1
    assert load_attempt(OWNER, "oldattempt").question == "ads-ranking"


def test_what_is_not_ours_is_refused_and_changes_nothing(tmp_path):
    attempt = a_full_attempt()
    before = everything()
    good = tmp_path / "good.db"
    back_up(good)
    cases = {
        "text": (b"not a database at all", "is not a backup"),
        "cut": (good.read_bytes()[: len(good.read_bytes()) // 2], "damaged|cannot be read"),
        "header": (b"SQLite format 3\0" + b"\xff" * 5000, "cannot be read|damaged"),
    }
    for name, (data, says) in cases.items():
        file = tmp_path / f"{name}.db"
        file.write_bytes(data)
        with pytest.raises(StorageProblem, match=says):
            restore(file)
    for name, statement, says in (
        ("trigger", "create trigger t after insert on notes begin delete from attempts; end", "triggers or views"),
        ("column", "alter table notes add column more text", "other tables than ours"),
        ("newer", "insert into _sqlite_migrations values ('windtunnel', 'm999_future', '2030-01-01')", "newer version"),
    ):
        file = tmp_path / f"{name}.db"
        file.write_bytes(good.read_bytes())
        with closing(sqlite3.connect(file)) as connection:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError:  # the table of steps has more columns
                names = [row[1] for row in connection.execute("pragma table_info(_sqlite_migrations)")]
                values = {"migration_set": "windtunnel", "name": "m999_future", "applied_at": "2030-01-01", "id": 999}
                marks = ", ".join("?" for _ in names)
                connection.execute(
                    f"insert into _sqlite_migrations values ({marks})", [values.get(one) for one in names]
                )
            connection.commit()
        with pytest.raises(StorageProblem, match=says):
            restore(file)
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as connection:
        connection.execute("create table x (y)")
        connection.commit()
    for name in ("foreign.db", "missing.db"):
        with pytest.raises(StorageProblem):
            restore(tmp_path / name)
    assert everything() == before
    assert load_attempt(OWNER, attempt).id == attempt


def test_deleted_data_is_in_no_byte_of_any_file_and_the_others_keep_theirs(data, tmp_path, capsys):
    mine, theirs = a_full_attempt(), a_full_attempt(OTHER)
    for i in range(40):
        text = f"{SECRET} {i} " * 60
        save_section(OWNER, mine, "detailed_design", an_edit(text, sequence=i + 2, base=i))
    save_note(OWNER, "setting", "plan", {"text": SECRET})
    add_review(OWNER, SECRET, "good", 1.0)
    restore_point = tmp_path / "copy.db"
    back_up(restore_point)
    restore(restore_point)
    assert SECRET.encode() in b"".join(file.read_bytes() for file in data.iterdir() if file.is_file())
    assert command.main(["--owner", OWNER, "delete"]) == command.WRONG_USAGE
    assert "say --yes" in capsys.readouterr().err
    assert load_attempt(OWNER, mine).id == mine
    size = size_bytes()
    assert command.main(["--owner", OWNER, "delete", "--yes"]) == 0
    left = b"".join(file.read_bytes() for file in data.iterdir() if file.is_file())
    assert SECRET.encode() not in left
    assert mine.encode() not in left
    assert (list_attempts(OWNER), reviews(OWNER), load_note(OWNER, "setting", "plan")) == ([], [], None)
    assert load_attempt(OTHER, theirs).id == theirs
    assert size_bytes() < size
    assert database().execute("pragma freelist_count").fetchone()[0] == 0


def test_one_deleted_attempt_leaves_no_byte_of_its_text_in_the_file():
    gone = a_full_attempt()
    save_section(OWNER, gone, "detailed_design", an_edit(f"{SECRET} " * 300))
    delete_attempt(OWNER, gone)
    database().execute("pragma wal_checkpoint(truncate)").fetchone()
    assert database().execute("pragma freelist_count").fetchone()[0] > 0, "the file was not compacted"
    assert SECRET.encode() not in path().read_bytes()


def test_a_reader_that_stands_in_the_way_is_said(data):
    a_full_attempt()
    with closing(sqlite3.connect(path())) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from attempts").fetchone()
        database().execute("pragma busy_timeout = 50")
        begun = time.monotonic()
        with pytest.raises(StorageProblem, match=r"close it and delete once more|could not be compacted"):
            delete_person(OWNER)
        assert time.monotonic() - begun < 5
    database().execute("pragma busy_timeout = 10000")
    delete_person(OWNER)
    assert list_attempts(OWNER) == []
