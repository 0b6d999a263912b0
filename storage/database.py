"""The database file: where it is, how to connect, how its tables came to be.

Every thread has a connection of its own (a Streamlit script run is a thread). Writers take the write lock first
(`BEGIN IMMEDIATE`), so that reading before writing cannot fail with "database is locked".
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import sqlite_utils
from filelock import FileLock

from storage.migrations import migrations

WAIT_FOR_LOCK_S = 10.0

_local = threading.local()
_migrated: set[tuple[Path, int]] = set()  # with the inode: a file may be replaced by an older one


class StorageProblem(Exception):
    """What was to be kept could not be written or read; the message says where and what to do."""


def folder() -> Path:
    """Where the data lies: `WINDTUNNEL_DATA` or the platform's folder for user data."""
    chosen = os.environ.get("WINDTUNNEL_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("windtunnel", appauthor=False))


def path() -> Path:
    """The database file."""
    return folder() / "windtunnel.db"


def database() -> sqlite_utils.Database:
    """This thread's connection to the migrated database. Raise StorageProblem if there can be none."""
    file = path()
    found: tuple[Path, int, sqlite_utils.Database] | None = getattr(_local, "database", None)
    if found is None or found[:2] != (file, _inode(file)):
        _migrate(file)
        found = _local.database = (file, _inode(file), _connect(file))
    return found[2]


def _inode(file: Path) -> int:
    """Which file stands under this name; 0 if none does. A connection to a file that was replaced writes to nobody."""
    try:
        return file.stat().st_ino
    except OSError:
        return 0


@contextmanager
def writing() -> Iterator[sqlite_utils.Database]:
    """A transaction that holds the write lock from its first statement; all of it is kept, or nothing."""
    db = database()
    try:
        db.conn.execute("begin immediate")
        try:
            yield db
            db.conn.execute("commit")
        except BaseException:
            if db.conn.in_transaction:  # where the disk was full, SQLite has rolled back by itself
                db.conn.execute("rollback")
            raise
    except sqlite3.OperationalError as error:
        raise StorageProblem(_said(error)) from error
    except UnicodeEncodeError as error:
        raise StorageProblem("the text holds half of a character (a lone surrogate); delete it and write on") from error


def _said(error: sqlite3.Error) -> str:
    return f"{path()} cannot be written: {error}; check that the disk has room and that the folder may be written to"


def _connect(file: Path) -> sqlite_utils.Database:
    connection = sqlite3.connect(file, timeout=WAIT_FOR_LOCK_S, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma secure_delete = on")  # what is deleted is overwritten, not only unlinked
    return sqlite_utils.Database(connection)


def _refuse_newer(db: sqlite_utils.Database) -> None:
    """Raise StorageProblem if the file has been migrated by steps that this version does not know."""
    empty = sqlite_utils.Database(memory=True)
    known = {step.name for step in migrations.pending(empty)}
    empty.close()
    if unknown := [step.name for step in migrations.applied(db) if step.name not in known]:
        advice = "update Windtunnel, or set WINDTUNNEL_DATA to another folder"
        raise StorageProblem(f"{path()} was written by a newer version (step {unknown[-1]}); {advice}")


def _migrate(file: Path) -> None:
    """Bring the file up to date, once a process; other processes that start meanwhile wait."""
    if (file, _inode(file)) in _migrated:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock"), timeout=60):
            db = _connect(file)
            _refuse_newer(db)
            migrations.apply(db)
            db.close()
    except (OSError, sqlite3.OperationalError) as error:
        advice = "set WINDTUNNEL_DATA to a folder that can be written"
        raise StorageProblem(f"{file} cannot be opened: {error}; {advice}") from error
    except sqlite3.DatabaseError as error:
        raise StorageProblem(
            f"{file} is not a database of ours: {error}; move it away, and a new one is made"
        ) from error
    _migrated.add((file, _inode(file)))
